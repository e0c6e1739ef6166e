// update_bn and measure_bn: population statistics against sums over all values in elementary operations and in double.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/data/data.h>
#include <taper/layers/nn.h>
#include <taper/layers/scopes_internal.h>

#include <algorithm>
#include <cmath>

using namespace taper;
using namespace taper::nn;
using namespace support;
using taper::nn::utils::BatchNormStatistics;
using taper::nn::utils::measure_bn;
using taper::nn::utils::update_bn;

namespace {

// Linear, BatchNorm, ReLU, Dropout and, two levels down, Linear and BatchNorm again; another BatchNorm is never called.
struct NetImpl : Cloneable<NetImpl> {
  NetImpl() { reset(); }
  void reset() override {
    body = register_module(
        "body", Sequential(Linear(LinearOptions(4, 6).bias(false)), BatchNorm1d(6), ReLU(), Dropout(0.5),
                           Sequential(Linear(LinearOptions(6, 3).bias(false)), BatchNorm1d(BatchNormOptions(3)))));
    unused = register_module("unused", BatchNorm1d(2));
  }
  Tensor forward(const Tensor& x) {
    ++calls;
    recording = GradMode::is_enabled();
    if (calls == fail_at) throw std::runtime_error("forward fails");
    return body->forward(x);
  }
  BatchNorm1dImpl& first() { return body->at<BatchNorm1dImpl>(1); }
  BatchNorm1dImpl& second() { return body->at<SequentialImpl>(4).at<BatchNorm1dImpl>(1); }
  Sequential body{nullptr};
  BatchNorm1d unused{nullptr};
  int calls = 0, fail_at = -1;
  bool recording = false;
};
TAPER_MODULE(Net);

// Batches of 10, 10, 10 and 3 whose means and deviations differ.
std::vector<Tensor> batches() {
  std::vector<Tensor> all;
  double k = 0;
  for (int64_t n : {10, 10, 10, 3}) all.push_back(randn({n, 4}) * (1 + k) + 3 * k), ++k;
  return all;
}

// What reaches both layers of Net, in double, each batch normalised by itself.
std::vector<Tensor> reference_inputs(Net& net, const std::vector<Tensor>& data) {
  const NoGradGuard no_grad;
  std::vector<Tensor> first, second;
  for (const Tensor& x : data) {
    const Tensor z = x.to(kFloat64).matmul(net->body->at<LinearImpl>(0).weight.to(kFloat64).t());
    first.push_back(z);
    const Tensor xhat = (z - z.mean(0)) / (z.var({0}, false) + 1e-5).sqrt();
    const Tensor y = (xhat * net->first().weight + net->first().bias).relu();
    second.push_back(y.matmul(net->body->at<SequentialImpl>(4).at<LinearImpl>(0).weight.to(kFloat64).t()));
  }
  return {cat(first), cat(second)};
}

struct Snapshot {
  explicit Snapshot(Net& net) {
    for (const auto& item : net->state_dict()) values.push_back(item.value().clone());
    net->apply([this](Module& m) { modes.push_back(m.is_training()); });
  }
  bool same(Net& net) const {
    const Snapshot now(net);
    bool equal = modes == now.modes;
    for (size_t i = 0; i < values.size(); ++i) equal = equal && values[i].equal(now.values[i]);
    return equal;
  }
  std::vector<Tensor> values;
  std::vector<bool> modes;
};

}  // namespace

TEST_CASE("update_bn: mean and unbiased variance of all values, at any depth, short last batch included") {
  manual_seed(1);
  Net net;
  {
    const NoGradGuard no_grad;
    net->first().weight.copy_(rand({6}) + 0.5);
    net->first().bias.copy_(randn({6}));
  }
  const auto data = batches();
  const auto found = update_bn(data, net);
  const auto inputs = reference_inputs(net, data);

  REQUIRE(found.size() == 2);  // not the one that is never called
  CHECK(found[0].layer == "body.1");
  CHECK(found[1].layer == "body.4.1");
  for (size_t i = 0; i < 2; ++i) {
    BatchNorm1dImpl& bn = i == 0 ? net->first() : net->second();
    CHECK(found[i].values == 33);
    CHECK(found[i].batches == 4);
    CHECK(largest_difference(found[i].mean, inputs[i].mean(0)) < 1e-5);
    CHECK(largest_difference(found[i].var / inputs[i].var({0}, true), ones_like(found[i].var)) < 1e-5);
    CHECK(bn.running_mean.equal(found[i].mean.to(kFloat32)));
    CHECK(bn.running_var.equal(found[i].var.to(kFloat32)));
    CHECK(bn.num_batches_tracked.item<int64_t>() == 4);
    CHECK(bn.num_skipped_batches() == 0);
  }
  CHECK(net->unused->running_var.equal(ones({2})));
}

TEST_CASE("update_bn: double layers to the last digits, also far from zero") {
  manual_seed(2);
  BatchNorm2d bn(3);
  bn->to(kFloat64);
  std::vector<Tensor> data;
  for (int64_t n : {5, 7, 1}) data.push_back(randn({n, 3, 4, 5}, kFloat64) * 2 + 1e6);
  update_bn(data, bn);
  const Tensor all = cat(data);
  CHECK(largest_difference(bn->running_mean, all.mean({0, 2, 3})) < 1e-9);
  CHECK(largest_difference(bn->running_var, all.var({0, 2, 3}, true)) < 1e-9);
}

TEST_CASE("update_bn: the same values cut into batches another way, or in another order, give the same statistics") {
  manual_seed(3);
  const Tensor all = randn({97, 5}) * 3 + 2;
  const auto of = [&](const std::vector<int64_t>& cuts, bool reverse) {
    BatchNorm1d bn(5);
    bn->to(kFloat64);
    auto data = all.to(kFloat64).split_with_sizes(cuts);
    if (reverse) std::reverse(data.begin(), data.end());
    update_bn(data, bn);
    return cat({bn->running_mean, bn->running_var});
  };
  const Tensor whole = of({97}, false);
  CHECK(largest_difference(whole, of({32, 32, 32, 1}, false)) < 1e-13);
  CHECK(largest_difference(whole, of({50, 40, 7}, false)) < 1e-13);
  CHECK(largest_difference(whole, of({50, 40, 7}, true)) < 1e-13);
}

TEST_CASE("update_bn: the averages beside it: moving, and cumulative as algorithm 2 and a layer without momentum") {
  manual_seed(4);
  const std::vector<Tensor> data{randn({8, 2}), randn({8, 2}) * 2 + 5, randn({4, 2}) - 3};
  BatchNorm1d moving(2), cumulative(BatchNormOptions(2).momentum(nullopt));
  for (const Tensor& x : data) moving(x), cumulative(x);
  const Tensor moving_mean = moving->running_mean.clone(), moving_var = moving->running_var.clone();
  const auto found = update_bn(data, moving).at(0);
  CHECK(largest_difference(found.running_mean, moving_mean) == 0);
  CHECK(largest_difference(found.running_var, moving_var) == 0);
  CHECK(largest_difference(found.cumulative_mean, cumulative->running_mean) < 1e-6);
  CHECK(largest_difference(found.cumulative_var, cumulative->running_var) < 1e-6);
  // the spread of the batches' means is in the population's variance alone
  CHECK((found.var > found.cumulative_var * 1.5).all().item<bool>());

  const double eps = 1e-5;
  double mean = 0, deviation = 0;
  for (int64_t c = 0; c < 2; ++c) {
    const double m = moving_mean[c].item<double>(), v = moving_var[c].item<double>();
    const double population = found.mean[c].item<double>(), var = found.var[c].item<double>();
    mean = std::max(mean, std::fabs(m - population) / std::sqrt(var + eps));
    deviation = std::max(deviation, std::fabs(std::log(std::sqrt((v + eps) / (var + eps)))));
  }
  CHECK(found.running.mean == Approx(mean));
  CHECK(found.running.deviation == Approx(deviation));
  CHECK(found.cumulative.mean > 0);
  // a second measurement finds the running statistics where they belong
  const auto again = measure_bn(data, moving).at(0);
  CHECK(again.running.mean < 1e-6);
  CHECK(again.running.deviation < 1e-6);
}

TEST_CASE("measure_bn: the same numbers, and nothing changes") {
  manual_seed(5);
  Net net;
  const auto data = batches();
  for (const Tensor& x : data) net(x);
  const Snapshot before(net);
  const auto measured = measure_bn(data, net);
  CHECK(before.same(net));
  const auto updated = update_bn(data, net);
  REQUIRE(measured.size() == updated.size());
  for (size_t i = 0; i < measured.size(); ++i) {
    CHECK(measured[i].mean.equal(updated[i].mean));
    CHECK(measured[i].var.equal(updated[i].var));
  }
}

TEST_CASE("update_bn: every module is in its own mode afterwards, nothing is recorded, no random number drawn") {
  manual_seed(6);
  Net net;
  net->eval();
  net->second().train();
  net->body->ptr(3)->train();
  const Snapshot before(net);
  const Tensor random_state = default_generator().get_state();
  update_bn(batches(), net);
  CHECK(Snapshot(net).modes == before.modes);
  manual_seed(6);
  const auto data = batches();
  default_generator().set_state(random_state);
  update_bn(data, net);
  CHECK(default_generator().get_state().equal(random_state));  // Dropout is off
  CHECK_FALSE(net->recording);
  CHECK(GradMode::is_enabled());
}

TEST_CASE("update_bn: an error in the loader or in forward changes nothing") {
  manual_seed(7);
  Net net;
  const auto data = batches();
  net(data[0]);
  net->second().eval();
  const Snapshot before(net);
  net->calls = 0;
  net->fail_at = 3;
  CHECK_THROWS_WITH(update_bn(data, net), ContainsSubstring("forward fails"));
  CHECK(before.same(net));

  struct Failing {
    struct Iterator {
      int i;
      Tensor operator*() const {
        if (i == 2) throw std::runtime_error("loader fails");
        return ones({4, 4});
      }
      Iterator& operator++() { return ++i, *this; }
      bool operator!=(const Iterator& other) const { return i != other.i; }
    };
    Iterator begin() const { return {0}; }
    Iterator end() const { return {5}; }
  };
  net->fail_at = -1;
  CHECK_THROWS_WITH(update_bn(Failing(), net), ContainsSubstring("loader fails"));
  CHECK(before.same(net));
  CHECK_THROWS_WITH(update_bn(std::vector<Tensor>(), net), ContainsSubstring("update_bn: the loader must give"));
  CHECK(before.same(net));
  CHECK_THROWS_AS(update_bn(std::vector<Tensor>{randn({4, 5})}, net), Error);
  CHECK(before.same(net));
  // training goes on as usual
  net->train();
  net(data[0]);
  CHECK(net->first().num_batches_tracked.item<int64_t>() == 2);
}

TEST_CASE("update_bn: frozen layers stay and normalise by what they have") {
  manual_seed(8);
  Net net;
  net->first().freeze_statistics();
  const auto data = batches();
  const auto found = update_bn(data, net);
  REQUIRE(found.size() == 1);
  CHECK(found[0].layer == "body.4.1");
  CHECK(net->first().running_var.equal(ones({6})));
  net->eval();
  const Tensor input = net->body->at<SequentialImpl>(4).at<LinearImpl>(0).forward(
      (net->first().forward(net->body->at<LinearImpl>(0).forward(cat(data)))).relu());
  CHECK(largest_difference(found[0].mean, input.mean(0)) < 1e-5);
}

TEST_CASE("update_bn: batches with NaN are kept out, counted and told of once") {
  manual_seed(9);
  auto data = batches();
  Net net, clean;
  clean->load_state_dict(net->state_dict());
  update_bn(data, clean);
  Tensor bad = randn({10, 4});
  bad[3][1].fill_(std::nan(""));
  data.insert(data.begin() + 1, bad);
  data.push_back(full({10, 4}, HUGE_VAL, kFloat32));
  const CatchWarnings catcher;
  const auto found = update_bn(data, net);
  CHECK(found[0].skipped_batches == 2);
  CHECK(found[0].batches == 4);
  CHECK(net->first().num_skipped_batches() == 2);
  CHECK(net->first().running_mean.equal(clean->first().running_mean));
  CHECK(net->second().running_var.equal(clean->second().running_var));
  REQUIRE(catcher.messages.size() == 1);
  CHECK_THAT(catcher.messages[0], ContainsSubstring("2 of 6 batches") && ContainsSubstring("body.1"));

  const Snapshot before(net);
  CHECK_THROWS_WITH(update_bn(std::vector<Tensor>{bad}, net), ContainsSubstring("body.1"));
  CHECK(before.same(net));
  const autograd::DetectAnomalyGuard anomaly;
  CHECK_THROWS_WITH(update_bn(data, net), ContainsSubstring("(in module"));
  CHECK(before.same(net));
}

TEST_CASE("update_bn: what float32 cannot hold is kept out, or an error when it comes of all batches together") {
  BatchNorm1d bn(1);
  const CatchWarnings catcher;
  const Tensor fine = tensor({{1.f}, {3.f}});
  CHECK(update_bn(std::vector<Tensor>{fine, fine * 1e30}, bn).at(0).skipped_batches == 1);
  CHECK(bn->running_mean.item<double>() == 2);
  const Tensor mean = bn->running_mean.clone();
  CHECK_THROWS_WITH(update_bn(std::vector<Tensor>{fine, fine + 1e25, fine - 1e25}, bn), ContainsSubstring("can hold"));
  CHECK(bn->running_mean.equal(mean));
}

TEST_CASE("update_bn: a last batch of a single sample counts, and is normalised by the values before it") {
  manual_seed(10);
  Net net;
  auto data = batches();
  const auto without = measure_bn(data, net);
  data.push_back(randn({1, 4}));
  const auto found = update_bn(data, net);
  CHECK(found[0].values == 34);
  CHECK(found[1].values == 34);
  CHECK(found[1].var.isfinite().all().item<bool>());
  const Tensor all = cat(data).matmul(net->body->at<LinearImpl>(0).weight.detach().t());
  CHECK(largest_difference(found[0].mean, all.mean(0)) < 1e-5);
  // it has no variance for the averages over batches
  CHECK(found[0].cumulative_mean.equal(without[0].cumulative_mean));
  CHECK(found[0].cumulative_var.equal(without[0].cumulative_var));
  // alone it is as much of an error as in training
  CHECK_THROWS_WITH(update_bn(std::vector<Tensor>{randn({1, 4})}, net), ContainsSubstring("more than one value"));
}

TEST_CASE("update_bn: a layer used twice in one forward gathers both, layers without statistics are left out") {
  manual_seed(11);
  BatchNorm1d shared(2);
  Sequential twice(shared, shared, BatchNorm1d(BatchNormOptions(2).track_running_stats(false)));
  const auto found = update_bn(std::vector<Tensor>{randn({16, 2}) + 4}, twice);
  REQUIRE(found.size() == 1);
  CHECK(found[0].layer == "0");
  CHECK(found[0].values == 32);
  CHECK(found[0].mean.mean().item<double>() == Approx(2).margin(0.5));  // of values around 4 and around 0
}

TEST_CASE("update_bn, fold_batchnorm: no model is an error") {
  std::shared_ptr<NetImpl> null;
  CHECK_THROWS_AS(update_bn(batches(), null), ValueError);
  CHECK_THROWS_AS(utils::fold_batchnorm(null, ones({2, 4})), ValueError);
  CHECK_THROWS_AS(utils::fold_batchnorm(Net{nullptr}, ones({2, 4})), ValueError);
}

TEST_CASE("update_bn: loaders of all kinds, models by holder, pointer and reference") {
  manual_seed(12);
  const Tensor data = randn({10, 4}) + 2, target = zeros({10});
  const auto result = [&](auto&& loader) {
    BatchNorm1d bn(4);
    update_bn(loader, bn);
    return bn->running_mean.clone();
  };
  const Tensor wanted = data.mean(0);
  const auto is_right = [&](const Tensor& got) { return largest_difference(got, wanted) < 1e-6; };
  CHECK(is_right(result(std::vector<Tensor>{data})));
  CHECK(is_right(result(std::vector<std::pair<Tensor, Tensor>>{{data, target}})));
  CHECK(is_right(result(std::vector<std::tuple<Tensor, Tensor, int>>{{data, target, 1}})));
  CHECK(is_right(result(std::vector<data::Example<>>{{data, target}})));
  CHECK(is_right(result(std::vector<data::TensorExample>{data::TensorExample(data)})));
  CHECK(is_right(result(std::vector<std::vector<Tensor>>{data.unbind()})));
  std::vector<data::Example<>> samples;
  for (const Tensor& row : data.unbind()) samples.emplace_back(row, target[0]);
  CHECK(is_right(result(std::vector<std::vector<data::Example<>>>{samples})));

  auto lists =
      taper::data::make_data_loader(taper::data::datasets::TensorDataset(data), taper::data::DataLoaderOptions(3));
  CHECK(is_right(result(lists)));
  CHECK(is_right(result(*lists)));
  auto stacked = taper::data::make_data_loader(
      taper::data::datasets::TensorDataset(data).map(taper::data::transforms::Stack<taper::data::TensorExample>()),
      taper::data::DataLoaderOptions(4).workers(1));
  CHECK(is_right(result(*stacked)));

  BatchNorm1d bn(4);
  const std::vector<Tensor> list{data};
  update_bn(list, bn.ptr());
  CHECK(is_right(bn->running_mean));
  bn->reset_running_stats();
  update_bn(list, *bn);
  CHECK(is_right(bn->running_mean));
}

TEST_CASE("update_bn: evaluation with the new statistics is nearer to the truth than with the moving average") {
  manual_seed(13);
  BatchNorm1d bn(1);
  std::vector<Tensor> data;
  for (int i = 0; i < 200; ++i) data.push_back(randn({4, 1}) * 3 + 7);
  for (const Tensor& x : data) bn(x);
  const auto found = update_bn(data, bn).at(0);
  CHECK(found.running.mean > 0.02);
  bn->eval();
  const Tensor y = bn(cat(data));
  CHECK(std::fabs(y.mean().item<double>()) < 1e-5);
  CHECK(y.std().item<double>() == Approx(1).epsilon(1e-5));
}

TEST_CASE("update_bn: BatchNorm called outside the model goes on as usual") {
  struct OuterImpl : Module {
    OuterImpl() { inner = register_module("inner", BatchNorm1d(2)); }
    Tensor forward(const Tensor& x) { return inner(stranger(x)); }
    BatchNorm1d inner{nullptr}, stranger{2};
  };
  const auto outer = std::make_shared<OuterImpl>();
  update_bn(std::vector<Tensor>{randn({4, 2})}, outer);
  CHECK(outer->stranger->num_batches_tracked.item<int64_t>() == 1);
  CHECK(outer->inner->num_batches_tracked.item<int64_t>() == 1);
}

TEST_CASE("bn_report: a line a layer") {
  manual_seed(14);
  Net net;
  const std::string text = utils::bn_report(measure_bn(batches(), net));
  CHECK_THAT(text, ContainsSubstring("body.4.1") && ContainsSubstring("33") && ContainsSubstring("cumulative"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
}
