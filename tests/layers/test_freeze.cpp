// Frozen statistics of BatchNorm, and what a batch with NaN does to statistics that are not.
#include "catch.h"
#include "support/scopes.h"
#include "support/text.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/serialize/serialize.h>

#include <cmath>
#include <sstream>

using namespace taper;
using namespace taper::nn;
using namespace support;

namespace {

struct NetImpl : Cloneable<NetImpl> {
  NetImpl() { reset(); }
  void reset() override {
    body = register_module("body", Sequential(Linear(LinearOptions(4, 3).bias(false)), BatchNorm1d(3), ReLU()));
    norm = register_module("norm", BatchNorm1d(3));
  }
  Tensor forward(const Tensor& x) { return norm(body->forward(x)); }
  BatchNorm1dImpl& inner() { return body->at<BatchNorm1dImpl>(1); }
  Sequential body{nullptr};
  BatchNorm1d norm{nullptr};
};
TAPER_MODULE(Net);

}  // namespace

TEST_CASE("freeze: a frozen layer in training mode is the layer in evaluation mode, forward and backward") {
  manual_seed(1);
  BatchNorm1d bn(3);
  for (int i = 0; i < 5; ++i) bn(randn({16, 3}) * 2 + 1);
  const Tensor mean = bn->running_mean.clone(), var = bn->running_var.clone();
  const Tensor x = randn({7, 3}), dy = randn({7, 3});
  const auto run = [&] {
    const Tensor leaf = x.clone().requires_grad_();
    bn->zero_grad();
    const Tensor y = bn(leaf);
    y.backward(dy);
    return std::vector<Tensor>{y.detach(), leaf.grad(), bn->weight.grad().clone(), bn->bias.grad().clone()};
  };
  bn->eval();
  const auto evaluation = run();
  bn->train();
  bn->freeze_statistics();
  const auto frozen = run();
  for (size_t i = 0; i < evaluation.size(); ++i) CHECK(frozen[i].equal(evaluation[i]));
  CHECK(frozen[2].abs().sum().item<double>() > 0);  // gamma is trained on
  CHECK(bn->running_mean.equal(mean));
  CHECK(bn->running_var.equal(var));
  CHECK(bn->num_batches_tracked.item<int64_t>() == 5);
  CHECK_NOTHROW(bn(randn({1, 3})));  // one value a channel is fine
  bn->unfreeze_statistics();
  bn(x);
  CHECK_FALSE(bn->running_mean.equal(mean));
  CHECK(bn->num_batches_tracked.item<int64_t>() == 6);
}

TEST_CASE("freeze: train() and eval() of a parent do not undo it (fault: PyTorch 66073, 86590)") {
  Net net;
  net->inner().freeze_statistics();
  net->eval();
  net->train();
  CHECK(net->inner().is_training());
  CHECK(net->inner().statistics_frozen());
  net(randn({8, 4}));
  CHECK(net->inner().num_batches_tracked.item<int64_t>() == 0);
  CHECK(net->norm->num_batches_tracked.item<int64_t>() == 1);
}

TEST_CASE("freeze: a clone is frozen as the original is, and on its own") {
  Net net;
  net->inner().freeze_statistics();
  Net copy(std::dynamic_pointer_cast<NetImpl>(net->clone()));
  CHECK(copy->inner().statistics_frozen());
  CHECK_FALSE(copy->norm->statistics_frozen());
  copy->inner().unfreeze_statistics();
  CHECK(net->inner().statistics_frozen());
}

TEST_CASE("freeze: saved in the file's metadata, with PyTorch's keys for the tensors") {
  manual_seed(2);
  Net net, loaded;
  const std::string plain = saved(net);
  net->inner().freeze_statistics();
  const std::string file = saved(net);

  std::istringstream in(file);
  serialize::Metadata metadata;
  const auto tensors = serialize::load_safetensors(in, &metadata);
  CHECK(tensors.keys() == net->state_dict().keys());
  CHECK(metadata == serialize::Metadata{{"body.1._extra_state", "statistics=frozen"}});

  restore(loaded, file);
  CHECK(loaded->inner().statistics_frozen());
  CHECK_FALSE(loaded->norm->statistics_frozen());
  CHECK(loaded->norm->weight.equal(net->norm->weight));
  // a file that says nothing (PyTorch's own, or one of an earlier day) leaves the layers as they are
  restore(loaded, plain);
  CHECK(loaded->inner().statistics_frozen());
}

TEST_CASE("freeze: as part of a larger archive") {
  Net net, loaded;
  net->norm->freeze_statistics();
  serialize::OutputArchive part, whole;
  part << net;
  whole.write("net", part);
  whole.write("epoch", tensor(5));
  CHECK_THROWS_WITH(whole.write_metadata("net.norm._extra_state", ""), ContainsSubstring("net.norm._extra_state"));
  std::ostringstream out;
  whole.save_to(out);
  std::istringstream in(out.str());
  serialize::InputArchive read, net_part;
  read.load_from(in);
  read.read("net", net_part);
  net_part >> loaded;
  CHECK(loaded->norm->statistics_frozen());
}

TEST_CASE("freeze: loading fails as a whole: an unknown setting, or tensors that do not fit") {
  Net net;
  const auto file = [&](const std::string& text, bool complete) {
    auto tensors = net->state_dict();
    if (!complete) tensors.erase("norm.weight");
    return safetensors(tensors, {{"body.1._extra_state", "statistics=frozen"}, {"norm._extra_state", text}});
  };
  Net loaded;
  const Tensor before = loaded->norm->weight.clone();
  CHECK_THROWS_WITH(restore(loaded, file("statistics=molten", true)),
                    ContainsSubstring("the stream") && ContainsSubstring("statistics=molten"));
  CHECK_FALSE(loaded->inner().statistics_frozen());
  CHECK_THROWS_WITH(restore(loaded, file("statistics=frozen", false)), ContainsSubstring("norm.weight"));
  CHECK_FALSE(loaded->inner().statistics_frozen());
  CHECK_FALSE(loaded->norm->statistics_frozen());
  // a setting for a layer that has none
  CHECK_THROWS_WITH(restore(loaded, safetensors(net->state_dict(), {{"body.2._extra_state", "x"}})),
                    ContainsSubstring("ReLU"));
  restore(loaded, file("statistics=frozen", true));
  CHECK(loaded->norm->statistics_frozen());
}

TEST_CASE("freeze: shown in print") {
  Net net;
  const std::string before = printed(*net);
  net->norm->freeze_statistics();
  CHECK_THAT(printed(*net), ContainsSubstring("(norm): taper::nn::BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=true, "
                                              "track_running_stats=true, statistics=frozen)"));
  net->norm->unfreeze_statistics();
  CHECK(printed(*net) == before);
}

TEST_CASE("freeze: a layer without running statistics cannot be frozen") {
  BatchNorm2d bn(BatchNormOptions(3).track_running_stats(false));
  CHECK_THROWS_WITH(bn->freeze_statistics(), ContainsSubstring("BatchNorm2d") && ContainsSubstring("track_running"));
  CHECK_FALSE(bn->statistics_frozen());
}

TEST_CASE("freeze: reset_running_stats, as an explicit wish, resets a frozen layer, which stays frozen") {
  BatchNorm1d bn(3);
  bn(randn({8, 3}));
  bn->freeze_statistics();
  bn->reset_running_stats();
  CHECK(bn->running_var.equal(ones({3})));
  CHECK(bn->statistics_frozen());
}

// ---- statistics that survive ----------------------------------------------------------------------------------------

TEST_CASE("statistics that survive: a NaN batch is counted in every layer it reaches, each warns once by name") {
  manual_seed(3);
  Net net;
  for (int i = 0; i < 3; ++i) net(randn({8, 4}));
  const auto before = net->state_dict();
  std::vector<Tensor> values;
  for (const auto& item : before) values.push_back(item.value().clone());
  const Tensor x = randn({8, 4});
  x[3][2].fill_(std::nan(""));
  const CatchWarnings catcher;
  for (int i = 0; i < 4; ++i) net(x);
  for (size_t i = 0; i < values.size(); ++i) CHECK(before[i].value().equal(values[i]));
  CHECK(net->inner().num_skipped_batches() == 4);
  CHECK(net->norm->num_skipped_batches() == 4);
  REQUIRE(catcher.messages.size() == 2);
  CHECK_THAT(catcher.messages[0], ContainsSubstring("BatchNorm1d body.1:"));
  CHECK_THAT(catcher.messages[1], ContainsSubstring("BatchNorm1d norm:"));
  // training recovers, and so does evaluation
  net(randn({8, 4}));
  net->eval();
  CHECK(net(randn({8, 4})).isfinite().all().item<bool>());
}

TEST_CASE("statistics that survive: in anomaly mode such a batch is an error that names the layer") {
  Net net;
  const Tensor x = randn({8, 4});
  x[0][0].fill_(HUGE_VAL);
  const autograd::DetectAnomalyGuard guard;
  CHECK_THROWS_WITH(net(x), ContainsSubstring("batch_norm") && ContainsSubstring("(in module body.1)"));
  CHECK(net->inner().num_skipped_batches() == 0);
  CHECK(net->inner().running_mean.equal(zeros({3})));
}

TEST_CASE("statistics that survive: a clone keeps the count") {
  BatchNorm1d bn(2);
  const CatchWarnings catcher;
  bn(full({4, 2}, std::nan(""), kFloat32));
  const auto copy = std::dynamic_pointer_cast<BatchNorm1dImpl>(bn->clone());
  CHECK(copy->num_skipped_batches() == 1);
}
