#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>
#include <taper/autograd/autograd_meta.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/optim/sgd.h>

#include <cmath>

using namespace taper;
using namespace taper::nn;
using namespace support;
using taper::nn::utils::describe;
using taper::nn::utils::Record;
using taper::nn::utils::Recorder;
using taper::nn::utils::RecorderOptions;
using taper::nn::utils::Side;

namespace {

// fc is called twice; body is a Sequential in a module of one's own.
struct NetImpl : Cloneable<NetImpl> {
  NetImpl() { reset(); }
  void reset() override {
    body = register_module("body", Sequential({{"fc", Linear(LinearOptions(4, 6).bias(false))},
                                               {"bn", BatchNorm1d(6)},
                                               {"act", ReLU(ReLUOptions().inplace(true))},
                                               {"drop", Dropout(0.3)}}));
    fc = register_module("fc", Linear(6, 6));
    out = register_module("out", Linear(6, 3));
  }
  Tensor forward(const Tensor& x) {
    h = body->forward(x);
    first = fc(h);
    if (fails) throw std::runtime_error("forward fails");
    second = fc(first);
    return out(second);
  }
  Sequential body{nullptr};
  Linear fc{nullptr}, out{nullptr};
  Tensor h, first, second;
  bool fails = false;
};
TAPER_MODULE(Net);

struct Training {
  Training()
      : net(), optimizer((manual_seed(7), net = Net(), net->parameters()), optim::SGDOptions(0.1).momentum(0.9)) {}
  void step(Recorder* recorder = nullptr) {
    optimizer.zero_grad();
    net(randn({16, 4})).square().mean().backward();
    optimizer.step();
    if (recorder) recorder->step();
  }
  Net net;
  optim::SGD optimizer;
};

}  // namespace

TEST_CASE("Recorder: what is recorded of a layer's input and output is what describe() says of them") {
  manual_seed(1);
  Net net;
  Recorder recorder(net, {"out"}, RecorderOptions().input(true).percentiles({10, 90}).saturation(-0.5, 0.5));
  const Tensor y = net(randn({16, 4}));
  REQUIRE(recorder.records().size() == 2);
  const Record &in = recorder.records()[0], &out = recorder.records()[1];
  CHECK(in.side == Side::Input);
  CHECK(out.side == Side::Output);
  for (const auto& [record, values] : {std::pair<const Record&, Tensor>{in, net->second}, {out, y}}) {
    const auto expected = describe(values, {10, 90}, std::make_pair(-0.5, 0.5));
    CHECK(record.layer == "out");
    CHECK(record.step == 0);
    CHECK(record.count == values.numel());
    CHECK(record.mean == expected.mean);
    CHECK(record.deviation == expected.deviation);
    CHECK(record.percentiles == expected.percentiles);
    CHECK(record.dead == expected.dead);
    CHECK(record.saturated == expected.saturated);
    CHECK(record.training);
    CHECK(std::isnan(record.gradient_norm));  // no backward yet
  }
}

TEST_CASE("Recorder: gradient norms are those of the tensors, for each call of a layer") {
  manual_seed(2);
  Net net;
  Recorder recorder(net, {"fc", "body.act"}, RecorderOptions().input(true));
  const Tensor y = net(randn({16, 4}));
  for (const Tensor& t : {net->h, net->first, net->second}) t.retain_grad();
  y.square().sum().backward();
  const auto norm = [](const Tensor& t) { return t.grad().to(kFloat64).norm().item<double>(); };
  const auto& r = recorder.records();
  REQUIRE(r.size() == 6);  // act in, act out, fc in, fc out, fc in, fc out
  CHECK(r[0].layer == "body.act");
  CHECK(r[0].gradient_norm > 0);  // the input of a layer that works in place
  CHECK(r[0].percentiles[0] < 0);
  CHECK(r[1].percentiles[0] >= 0);
  CHECK(r[2].gradient_norm == Approx(norm(net->h)));
  CHECK(r[3].gradient_norm == Approx(norm(net->first)));
  CHECK(r[4].gradient_norm == Approx(norm(net->first)));
  CHECK(r[5].gradient_norm == Approx(norm(net->second)));
  CHECK((r[2].call == 0 && r[3].call == 0 && r[4].call == 1 && r[5].call == 1));
}

TEST_CASE("Recorder: every k-th step, and a call count that begins anew with each") {
  Training t;
  Recorder recorder(t.net, {"fc"}, RecorderOptions().every(3));
  for (int i = 0; i < 8; ++i) t.step(&recorder);
  CHECK(recorder.steps() == 8);
  std::vector<int64_t> steps, calls;
  for (const Record& r : recorder.records()) steps.push_back(r.step), calls.push_back(r.call);
  CHECK(steps == std::vector<int64_t>{0, 0, 3, 3, 6, 6});
  CHECK(calls == std::vector<int64_t>{0, 1, 0, 1, 0, 1});
  for (const Record& r : recorder.records()) CHECK(r.gradient_norm > 0);
}

TEST_CASE("Recorder: training goes the same way to the last bit, Dropout and running statistics included") {
  Training plain, recorded;
  Recorder recorder(recorded.net, {}, RecorderOptions().input(true).evaluation(true));
  manual_seed(3);
  for (int i = 0; i < 5; ++i) plain.step();
  manual_seed(3);
  for (int i = 0; i < 5; ++i) recorded.step(&recorder);
  CHECK(recorder.records().size() == 5 * 2 * 7);  // fc, bn, act, drop, fc twice, out
  const auto a = plain.net->state_dict(), b = recorded.net->state_dict();
  for (const auto& item : a) CHECK(same_bits(item.value(), b[item.key()]));
  CHECK(!recorder.first_non_finite());
}

TEST_CASE("Recorder: only training, unless it is told otherwise") {
  manual_seed(4);
  Net net;
  Recorder recorder(net, {"out", "body.bn"}), all(net, {"out"}, RecorderOptions().evaluation(true));
  net->eval();
  net(randn({16, 4}));
  net->train();
  {
    const NoGradGuard no_grad;
    net(randn({16, 4}));
  }
  utils::update_bn(std::vector<Tensor>{randn({16, 4})}, net);  // BatchNorm trains, the rest does not
  CHECK(recorder.records().empty());
  REQUIRE(all.records().size() == 3);
  CHECK(!all.records()[0].training);
  CHECK(all.records()[1].training);
}

TEST_CASE("Recorder: without names, all modules that have none below them; tied ones by any of their names") {
  manual_seed(5);
  Linear shared(3, 3);
  Sequential model({{"a", shared}, {"inner", Sequential(ReLU())}, {"b", shared}});
  Recorder all(model), second(model.ptr(), {"b", "inner", ""}), by_reference(*model, {"inner.0"});
  model->forward(randn({2, 3}));
  const auto names = [](const Recorder& r) {
    std::string text;
    for (const Record& record : r.records()) text += record.layer + " ";
    return text;
  };
  CHECK(names(all) == "a inner.0 a ");
  CHECK(names(second) == "b inner b  ");
  CHECK(names(by_reference) == "inner.0 ");
}

TEST_CASE("Recorder: summary and other recorders go on beside it") {
  manual_seed(6);
  Net net;
  Recorder first(net, {"out"});
  auto second = std::make_unique<Recorder>(net, std::vector<std::string>{"out"});
  Recorder third(net, {"out"});
  const std::string text = summary(net, {16, 4});
  CHECK_THAT(text, ContainsSubstring("fc: Linear") && ContainsSubstring("[16, 6] x2"));
  CHECK(first.records().empty());
  net(randn({16, 4}));
  second.reset();  // the one in the middle
  net(randn({16, 4}));
  CHECK(first.records().size() == 2);
  CHECK(third.records().size() == 2);
}

TEST_CASE("Recorder: the first NaN in the values is named, also between recorded steps") {
  const CatchWarnings quiet;  // BatchNorm has something to say too
  Training t;
  Recorder recorder(t.net, {"out", "body.fc", "fc"}, RecorderOptions().every(100));
  Recorder recorded_only(t.net, {}, RecorderOptions().every(2).watch(false));
  for (int i = 0; i < 3; ++i) t.step(&recorder), recorded_only.step();
  {
    const NoGradGuard no_grad;
    t.net->fc->bias[2] = INFINITY;
  }
  CHECK(!recorder.first_non_finite());
  for (int i = 0; i < 3; ++i) t.step(&recorder), recorded_only.step();
  REQUIRE(recorder.first_non_finite());
  CHECK(to_string(*recorder.first_non_finite()) == "the output of fc, step 3");
  REQUIRE(recorded_only.first_non_finite());  // by then everything is NaN
  CHECK(recorded_only.first_non_finite()->step == 4);
  CHECK(recorder.records().size() == 4);
}

TEST_CASE("Recorder: the first NaN in a gradient is named, the layer nearest to the loss first") {
  for (int64_t every : {1, 10}) {
    Training t;
    Recorder recorder(t.net, {"out", "body.fc"}, RecorderOptions().every(every));
    t.step(&recorder);
    const Tensor y = t.net(randn({16, 4}));
    y.register_hook([](const Tensor& dy) { return dy / 0; });
    CHECK(!recorder.first_non_finite());
    (y * 0).abs().sqrt().sum().backward();
    REQUIRE(recorder.first_non_finite());
    CHECK(recorder.first_non_finite()->gradient);
    CHECK(to_string(*recorder.first_non_finite()) == "the gradient of the output of out, step 1");
  }
}

TEST_CASE("Recorder: one unit of [N, C], of [N, C, L] and of [N]") {
  manual_seed(8);
  Sequential model{Identity()};
  Recorder recorder(model, {"0"}, RecorderOptions().unit(1));
  const Tensor a = randn({8, 3}), b = randn({8, 3, 5}), y = randn({8, 3});
  const Tensor x = a.clone().requires_grad_();
  const Tensor out = model->forward(x * 1);
  (out * y).sum().backward();
  model->forward(b);
  REQUIRE(recorder.records().size() == 2);
  CHECK(recorder.records()[0].mean == describe(a.select(1, 1)).mean);
  CHECK(recorder.records()[0].gradient_norm == Approx(y.select(1, 1).norm().item<double>()));
  CHECK(recorder.records()[1].percentiles == describe(b.select(1, 1)).percentiles);
  CHECK(recorder.records()[1].count == 40);
  CHECK(recorder.records()[1].dead == 0);
  REQUIRE_THROWS_WITH(model->forward(randn({8})),
                      ContainsSubstring("Recorder: the unit must be below the number of units; got unit 1 and values "
                                        "of sizes [8]"));
  REQUIRE_THROWS_WITH(model->forward(randn({8, 1})), ContainsSubstring("in module"));
  CHECK(recorder.records().size() == 2);
}

TEST_CASE("Recorder: the table reads back, number for number") {
  Training t;
  t.net->register_module("odd, \"name\"", Identity());
  Recorder recorder(t.net, {"body.act", "odd, \"name\"", "out"}, RecorderOptions().percentiles({2.5, 50}));
  t.step(&recorder);
  t.net->named_children()["odd, \"name\""]->as<Identity>()->forward(full({2}, NAN));
  const std::string csv = recorder.csv();
  std::vector<std::vector<std::string>> rows(1);
  bool quoted = false;
  std::string field;
  for (size_t i = 0; i < csv.size(); ++i) {
    if (csv[i] == '"' && quoted && i + 1 < csv.size() && csv[i + 1] == '"') {
      field += csv[i++];
    } else if (csv[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (csv[i] == ',' || csv[i] == '\n')) {
      rows.back().push_back(field);
      field.clear();
      if (csv[i] == '\n') rows.emplace_back();
    } else {
      field += csv[i];
    }
  }
  rows.pop_back();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == std::vector<std::string>{"step", "call", "layer", "side", "training", "count", "non_finite", "mean",
                                            "deviation", "p2.5", "p50", "dead", "saturated", "gradient_norm"});
  for (size_t i = 0; i < 3; ++i) {
    const Record& r = recorder.records()[i];
    const auto& row = rows[i + 1];
    REQUIRE(row.size() == rows[0].size());
    CHECK(std::stoll(row[0]) == r.step);
    CHECK(row[2] == r.layer);
    CHECK(row[3] == "output");
    CHECK(std::stoll(row[5]) == r.count);
    CHECK(std::stoll(row[6]) == r.non_finite);
    const double numbers[] = {r.mean, r.deviation, r.percentiles[0], r.percentiles[1],
                              r.dead, r.saturated, r.gradient_norm};
    for (size_t k = 0; k < 7; ++k) {
      const std::string& text = row[7 + k];
      CHECK((std::isnan(numbers[k]) ? text.empty() : std::stod(text) == numbers[k]));
    }
  }
  CHECK(rows[3][2] == "odd, \"name\"");
  CHECK(rows[3][6] == "2");
}

TEST_CASE("Recorder: the picture has a row for every layer and side, gaps for NaN, and no number that is none") {
  Training t;
  t.net->register_module("<a&b>", Identity());
  Recorder recorder(t.net, {"<a&b>", "out"}, RecorderOptions().input(true).percentiles({85, 15, 50}));
  for (int i = 0; i < 2100; ++i) {
    auto* odd = t.net->named_children()["<a&b>"]->as<Identity>();
    odd->forward(i % 7 == 0 ? full({2}, NAN) : ones({2}) * i);
    if (i < 20) t.net(randn({16, 4})).sum().backward();
    recorder.step();
  }
  const std::string svg = recorder.svg();
  const auto count = [&](const std::string& text) {
    size_t n = 0;
    for (size_t at = svg.find(text); at != std::string::npos; at = svg.find(text, at + 1)) ++n;
    return n;
  };
  CHECK(svg.starts_with("<svg xmlns="));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count("&lt;a&amp;b&gt;, input: percentiles 15, 50, 85<") == 1);
  CHECK(count("&lt;a&amp;b&gt;, output") == 1);
  CHECK(count("out, input") == 1);
  CHECK(count("gradient norm") == 4);
  CHECK(count("nothing recorded") == 2);  // the gradient of the other one
  CHECK(count("nan") + count("inf") == 0);
  CHECK(count("L") < 4 * 2 * 5 * 1000);  // thinned
  Recorder empty(t.net, {"out"}, RecorderOptions().percentiles({}));
  CHECK_THAT(empty.svg(), ContainsSubstring("nothing recorded"));
  t.step(&empty);
  CHECK_THAT(empty.svg(), ContainsSubstring("out, output: mean and standard deviation"));
}

TEST_CASE("Recorder: the picture is well-formed XML whatever the layers are called and whatever they hold") {
  const std::pair<std::string, std::string> names[] = {
      {"\"x\" & <y>", "\"x\" &amp; &lt;y&gt;"},
      {"\u00e4 \u6df1 \U0001f600", "\u00e4 \u6df1 \U0001f600"},
      {"a\nb\tc", "a\nb\tc"},
      {"\x01\x1b", "??"},
      {"\xff|\xc3|\xe6\xb7|\xc0\xaf|\xed\xa0\x80|\xf5\x80\x80\x80|\xef\xbf\xbf", "?|?|??|??|???|????|???"}};
  for (const auto& [name, shown] : names) {
    Sequential model;
    model->push_back(name, Identity());
    Recorder recorder(model, {name});
    model->forward(full({3}, 5e-324, kFloat64));
    const std::string svg = recorder.svg();
    CHECK_THAT(svg, ContainsSubstring(">" + shown + ", output"));
    CHECK_THAT(svg, !ContainsSubstring("nan"));
  }
}

TEST_CASE("Recorder: a forward that fails leaves nothing behind") {
  Training t;
  Recorder recorder(t.net, {"fc", "out"});
  t.net->fails = true;
  CHECK_THROWS(t.net(randn({16, 4})));
  t.net->fails = false;
  recorder.step();
  t.step(&recorder);
  std::vector<std::pair<std::string, int64_t>> seen;
  for (const Record& r : recorder.records()) seen.emplace_back(r.layer, r.step);
  CHECK(seen == std::vector<std::pair<std::string, int64_t>>{{"fc", 0}, {"fc", 1}, {"fc", 1}, {"out", 1}});
}

TEST_CASE("Recorder: model, recorder and graph may go in any order") {
  manual_seed(9);
  const Tensor x = randn({16, 4});
  {
    auto net = std::make_unique<Net>();
    Recorder recorder(*net);
    (*net)(x);
    const size_t n = recorder.records().size();
    net.reset();
    for (int i = 0; i < 100; ++i) Net()(x);  // some of them where the first one was
    CHECK(recorder.records().size() == n);
  }
  Net net;
  Tensor y;
  {
    Recorder recorder(net);
    y = net(x);
  }
  y.sum().backward();  // its hooks find it gone
  Recorder recorder(net, {"out"});
  y = net(x);
  recorder.clear();
  y.sum().backward();
  CHECK(recorder.records().empty());
  net(x).sum().backward();
  REQUIRE(recorder.records().size() == 1);
  CHECK(recorder.records()[0].gradient_norm > 0);
}

TEST_CASE("Recorder: a module that has come to the address of one that is gone is another one") {
  alignas(ReLUImpl) static char room[sizeof(ReLUImpl)];
  const auto make = [] { return std::shared_ptr<ReLUImpl>(new (room) ReLUImpl, [](ReLUImpl* m) { m->~ReLUImpl(); }); };
  auto model = std::make_unique<Sequential>(ReLU(make()));
  Recorder recorder(*model, {"0"});
  (*model)->forward(ones({2, 2}));
  model.reset();
  make()->forward(ones({2, 2}));
  CHECK(recorder.records().size() == 1);
}

TEST_CASE("Recorder: hooks on a leaf do not pile up") {
  manual_seed(10);
  Sequential model(Linear(3, 2));
  const Tensor x = randn({4, 3}, requires_grad());
  {
    Recorder recorder(model, {"0"}, RecorderOptions().input(true).output(false));
    for (int i = 0; i < 5; ++i) {
      model->forward(x).sum().backward();
      CHECK(x.impl()->meta->hooks.size() == 1);
      recorder.step();
    }
    CHECK(recorder.records()[0].gradient_norm == Approx(recorder.records()[4].gradient_norm));
    model->forward(x);
  }
  CHECK(x.impl()->meta->hooks.empty());
}

TEST_CASE("Recorder: empty batches, integer inputs and modules without a tensor") {
  struct CountImpl : Module {
    int forward(const std::string& text) { return static_cast<int>(text.size()); }
  };
  ModuleHolder<CountImpl> counter(std::make_shared<CountImpl>());
  Recorder odd(counter, {""}, RecorderOptions().input(true));
  CHECK(counter(std::string("three")) == 5);
  CHECK(odd.records().empty());
  Sequential model{Identity()};
  Recorder recorder(model, {"0"});
  model->forward(zeros({0, 3}));
  model->forward(arange(4));
  REQUIRE(recorder.records().size() == 2);
  CHECK(recorder.records()[0].count == 0);
  CHECK(recorder.records()[1].mean == 1.5);
}

TEST_CASE("Recorder: mistakes are told, with what there is") {
  Net net;
  REQUIRE_THROWS_WITH(Recorder(std::shared_ptr<NetImpl>()),
                      "the model must be a module; got a null pointer or an empty holder");
  CHECK_THROWS_AS(Recorder(Net{nullptr}), ValueError);
  REQUIRE_THROWS_WITH(
      Recorder(net, {"out", "act3"}),
      ContainsSubstring("Recorder: every layer must be a module of") &&
          ContainsSubstring("got 'act3'; there are body, body.fc, body.bn, body.act, body.drop, fc, out"));
  CHECK_THROWS_AS(Recorder(net, {"body."}), ValueError);
  CHECK_THROWS_AS(Recorder(net, {"body..fc"}), ValueError);
  REQUIRE_THROWS_WITH(Recorder(net, {"out", "out"}),
                      "Recorder: every layer must be named once; got one module as 'out' and 'out'");
  REQUIRE_THROWS_WITH(Recorder(net, {}, RecorderOptions().every(0)), "Recorder: every must be at least 1; got 0");
  REQUIRE_THROWS_WITH(Recorder(net, {}, RecorderOptions().percentiles({50, 100.5})),
                      "Recorder: percentiles must be from 0 to 100; got 100.5");
  REQUIRE_THROWS_WITH(Recorder(net, {}, RecorderOptions().unit(-1)), "Recorder: the unit must not be negative; got -1");
  CHECK_THROWS_AS(Recorder(net, {}, RecorderOptions().output(false)), ValueError);
  CHECK_THROWS_AS(Recorder(net, {}, RecorderOptions().saturation(1, 0)), ValueError);
  CHECK_THROWS_AS(Recorder(net, {}, RecorderOptions().saturation(NAN, 0)), ValueError);
  CHECK(taper::nn::detail::call_observer == nullptr);  // those that failed are not installed
}
