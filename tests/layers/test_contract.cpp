// What every layer must do, whatever it computes. A layer that is missing in layers() fails the first test.
#include "catch.h"
#include "support/text.h"

#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace taper;

namespace {

struct Case {
  std::string name;                                   // as in TAPER_MODULE
  std::function<std::shared_ptr<nn::Module>()> make;  // a new one
  std::function<Tensor(nn::Module&, const Tensor&)> forward;
  std::vector<int64_t> input = {4, 6};
  // Which clauses apply: gradients reach the input; an empty batch gives an empty result.
  bool is_differentiable = true, keeps_batch = true;
};

// call(module, x), for what takes more than x.
template <class Holder, class Make, class Call>
Case called(std::string name, Make make, Call call, std::vector<int64_t> input = {4, 6}) {
  using Impl = typename Holder::ContainedType;
  return {name, [=] { return std::shared_ptr<nn::Module>(make().ptr()); },
          [=](nn::Module& m, const Tensor& x) { return call(dynamic_cast<Impl&>(m), x); }, input};
}

// LAYER(Linear, (6, 3)): nn::Linear(6, 3) of one input; its sizes follow where they are others than the usual.
#define LAYER(Name, arguments, ...) CALLED(Name, arguments, (x)__VA_OPT__(, ) __VA_ARGS__)
// The same with what forward takes, made of x.
#define CALLED(Name, arguments, inputs, ...)    \
  called<nn::Name>(                             \
      #Name, [] { return nn::Name arguments; }, \
      [](auto& m, const Tensor& x) { return m.forward inputs; } __VA_OPT__(, ) __VA_ARGS__)
// Of several results the first.
#define FIRST_OF(Name, arguments, ...)          \
  called<nn::Name>(                             \
      #Name, [] { return nn::Name arguments; }, \
      [](auto& m, const Tensor& x) { return std::get<0>(m.forward(x)); } __VA_OPT__(, ) __VA_ARGS__)
// A loss, which is one number.
#define LOSS(Name, arguments, inputs) without_batch(CALLED(Name, arguments, inputs))

Case without_batch(Case c) {
  c.keeps_batch = false;
  return c;
}

// What has no forward: the sum of all parameters stands for it.
template <class Holder, class Make>
Case container(std::string name, Make make) {
  return without_batch(called<Holder>(name, make, [](nn::Module& m, const Tensor& x) {
    Tensor y = x.sum();
    for (const Tensor& p : m.parameters()) y = y + p.sum();
    return y;
  }));
}

Tensor other(const Tensor& x) { return x.detach().flip({0}); }  // a second input or a target of x's sizes
Tensor probabilities(const Tensor& x) { return other(x).sigmoid(); }
Tensor signs(const Tensor& x) { return other(x).sign(); }                  // 1 or -1
Tensor classes(const Tensor& x) { return arange(x.size(0)) % x.size(1); }  // [N]
Tensor indices(const Tensor& x) { return (x.detach().abs() * 2).to(kInt64).clamp_max(5); }

Case embedding() {
  Case c = CALLED(Embedding, (6, 3), (indices(x)));
  c.is_differentiable = false;
  return c;
}

const std::vector<Case>& layers() {
  static const std::vector<Case> kLayers = {
      LAYER(Linear, (6, 3)),
      LAYER(Linear, (nn::LinearOptions(6, 3).bias(false))),
      LAYER(Identity, ()),
      LAYER(Functional, (relu)),
      LAYER(Flatten, (), {4, 2, 3}),
      LAYER(ReLU, ()),
      LAYER(Sigmoid, ()),
      LAYER(Tanh, ()),
      LAYER(LeakyReLU, ()),
      LAYER(GELU, ()),
      LAYER(SiLU, ()),
      LAYER(Softmax, (1)),
      LAYER(LogSoftmax, (1)),
      LAYER(ELU, ()),
      LAYER(SELU, ()),
      LAYER(CELU, (nn::CELUOptions().alpha(0.5))),
      LAYER(Softplus, ()),
      LAYER(LogSigmoid, ()),
      LAYER(Mish, ()),
      LAYER(Softsign, ()),
      LAYER(Tanhshrink, ()),
      LAYER(Hardtanh, ()),
      LAYER(ReLU6, ()),
      LAYER(Threshold, (0.1, 2)),
      LAYER(Hardshrink, ()),
      LAYER(Softshrink, ()),
      LAYER(PReLU, ()),
      LAYER(PReLU, (nn::PReLUOptions().num_parameters(6))),
      LAYER(RReLU, ()),
      LAYER(Softmin, (1)),
      LAYER(Softmax2d, (), {4, 3, 2, 2}),
      LAYER(GLU, ()),
      LAYER(Dropout, (0.3)),
      LAYER(Dropout2d, (0.3), {4, 6, 2, 2}),
      LAYER(BatchNorm1d, (6)),
      LAYER(BatchNorm1d, (3), {4, 3, 5}),
      LAYER(BatchNorm2d, (3), {4, 3, 2, 2}),
      LAYER(BatchNorm3d, (3), {4, 3, 2, 2, 2}),
      LAYER(Conv1d, (nn::Conv1dOptions(4, 6, 3).groups(2)), {4, 4, 7}),
      LAYER(Conv2d, (3, 5, 3), {4, 3, 5, 6}),
      LAYER(Conv2d, (nn::Conv2dOptions(3, 2, 2).padding(kSame)), {4, 3, 4, 5}),
      LAYER(ConvTranspose1d, (3, 2, 3), {4, 3, 5}),
      LAYER(ConvTranspose2d, (4, 2, 3), {4, 4, 3, 2}),
      LAYER(LayerNorm, (nn::LayerNormOptions({6}))),
      LAYER(GroupNorm, (2, 6), {4, 6, 2}),
      LAYER(InstanceNorm1d, (3), {4, 3, 5}),
      LAYER(InstanceNorm2d, (nn::InstanceNormOptions(3).affine(true).track_running_stats(true)), {4, 3, 2, 3}),
      LAYER(MaxPool1d, (2), {4, 3, 5}),
      LAYER(MaxPool2d, (2), {4, 3, 4, 6}),
      LAYER(AvgPool1d, (2), {4, 3, 5}),
      LAYER(AvgPool2d, (2), {4, 3, 4, 6}),
      LAYER(AdaptiveMaxPool1d, (2), {4, 3, 5}),
      LAYER(AdaptiveMaxPool2d, (2), {4, 3, 5, 6}),
      LAYER(AdaptiveAvgPool1d, (2), {4, 3, 5}),
      LAYER(AdaptiveAvgPool2d, (2), {4, 3, 5, 6}),
      LAYER(ReflectionPad1d, (2), {4, 3, 5}),
      LAYER(ReflectionPad2d, (1), {4, 3, 4, 6}),
      LAYER(ReplicationPad1d, (2), {4, 3, 5}),
      LAYER(ReplicationPad2d, (1), {4, 3, 4, 6}),
      LAYER(ZeroPad2d, (1), {4, 3, 4, 6}),
      LAYER(ConstantPad1d, (1, 0.5), {4, 3, 5}),
      LAYER(ConstantPad2d, (1, 0.5), {4, 3, 4, 6}),
      LAYER(Sequential, (nn::Linear(6, 3), nn::ReLU())),
      embedding(),
      FIRST_OF(RNN, (nn::RNNOptions(6, 3).nonlinearity(kReLU).batch_first(true)), {4, 5, 6}),
      FIRST_OF(GRU, (nn::GRUOptions(6, 3).batch_first(true)), {4, 5, 6}),
      FIRST_OF(LSTM, (nn::LSTMOptions(6, 3).num_layers(2).bidirectional(true).proj_size(2).batch_first(true)),
               {4, 5, 6}),
      CALLED(RNNCell, (6, 3), (x)),
      CALLED(GRUCell, (6, 3), (x)),
      FIRST_OF(LSTMCell, (6, 3)),
      CALLED(CosineSimilarity, (), (x, other(x))),
      CALLED(PairwiseDistance, (), (x, other(x))),
      LOSS(MSELoss, (), (x, other(x))),
      LOSS(L1Loss, (), (x, other(x))),
      LOSS(SmoothL1Loss, (), (x, other(x))),
      LOSS(HuberLoss, (), (x, other(x))),
      LOSS(KLDivLoss, (), (x, probabilities(x))),
      LOSS(PoissonNLLLoss, (), (x, probabilities(x))),
      LOSS(BCELoss, (), (x.sigmoid(), probabilities(x))),
      LOSS(BCEWithLogitsLoss, (), (x, probabilities(x))),
      LOSS(NLLLoss, (), (x, classes(x))),
      LOSS(CrossEntropyLoss, (), (x, classes(x))),
      LOSS(CrossEntropyLoss, (nn::CrossEntropyLossOptions().weight(rand({6}))), (x, classes(x))),
      LOSS(SoftMarginLoss, (), (x, signs(x))),
      LOSS(HingeEmbeddingLoss, (), (x, signs(x))),
      LOSS(MarginRankingLoss, (), (x, other(x), signs(x))),
      LOSS(CosineEmbeddingLoss, (), (x, other(x), signs(x).select(1, 0))),
      LOSS(TripletMarginLoss, (), (x, other(x), x.detach() + 1)),
      container<nn::ModuleList>("ModuleList", [] { return nn::ModuleList(nn::Linear(6, 3), nn::ReLU()); }),
      container<nn::ModuleDict>("ModuleDict",
                                [] {
                                  nn::ModuleDict dict;
                                  dict->update({{"fc", nn::Linear(6, 3).ptr()}});
                                  return dict;
                                }),
      container<nn::ParameterList>(
          "ParameterList", [] { return nn::ParameterList(randn({2}, requires_grad()), randn({3}, requires_grad())); }),
      container<nn::ParameterDict>("ParameterDict",
                                   [] {
                                     nn::ParameterDict dict;
                                     dict->insert("scale", randn({2}, requires_grad()));
                                     return dict;
                                   }),
  };
  return kLayers;
}

// The names of all holders in the headers of taper::nn, however they are written.
std::set<std::string> holders() {
  const auto folder = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "layers";
  const std::regex made_by_macro(R"(^TAPER_\w+\((?!TAPER_)(\w+).*)"),
      by_hand(R"(.*: public ModuleHolder<(\w+)Impl>.*)");
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".h") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (std::regex_match(line, match, made_by_macro) || std::regex_match(line, match, by_hand))
        names.insert(match[1]);
    }
  }
  return names;
}

Tensor run(const Case& c, nn::Module& m, const Tensor& x) {
  manual_seed(1);  // the same mask for Dropout
  return c.forward(m, x);
}

void check_same_state(const nn::Module& a, const nn::Module& b) {
  const auto x = a.state_dict(), y = b.state_dict();
  REQUIRE(x.keys() == y.keys());
  for (const auto& item : x) {
    CHECK(item.value().equal(y[item.key()]));
    CHECK(item.value().dtype() == y[item.key()].dtype());
    CHECK(!item.value().is_alias_of(y[item.key()]));
  }
}

template <class F>
void for_each_layer(F f) {
  for (const Case& c : layers()) {
    INFO(c.name << " of input sizes " << detail::str(c.input));
    manual_seed(0);
    f(c, c.make());
  }
}

}  // namespace

TEST_CASE("every layer of taper::nn is under contract") {
  std::set<std::string> under_contract;
  for (const Case& c : layers()) under_contract.insert(c.name);
  const std::set<std::string> all = holders();
  std::vector<std::string> missing;  // here or there
  std::set_symmetric_difference(all.begin(), all.end(), under_contract.begin(), under_contract.end(),
                                std::back_inserter(missing));
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("contract: a clone is equal, of the same type, and independent") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    run(c, *m, randn(c.input));  // gives BatchNorm statistics to copy
    const auto copy = m->clone();
    CHECK(copy->name() == m->name());
    check_same_state(*m, *copy);
    const Tensor x = randn(c.input);
    m->eval();
    CHECK(copy->is_training());
    copy->eval();
    const Tensor y = run(c, *m, x);
    CHECK(run(c, *copy, x).equal(y));
    NoGradGuard no_grad;
    for (Tensor p : copy->parameters()) p.add_(1);
    for (Tensor b : copy->buffers()) b.add_(1);
    CHECK(run(c, *m, x).equal(y));
  });
}

TEST_CASE("contract: a state dict goes round") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    run(c, *m, randn(c.input));
    const auto other = c.make();
    other->load_state_dict(m->state_dict());
    check_same_state(*m, *other);
    m->eval();
    other->eval();
    const Tensor x = randn(c.input);
    CHECK(run(c, *m, x).equal(run(c, *other, x)));
  });
}

TEST_CASE("contract: train and eval set the mode and nothing else") {
  for_each_layer([](const Case&, std::shared_ptr<nn::Module> m) {
    CHECK(m->is_training());
    for (Tensor p : m->parameters()) p.set_requires_grad(false);
    m->eval();
    CHECK(!m->is_training());
    m->train();
    CHECK(m->is_training());
    for (const Tensor& p : m->parameters()) CHECK(!p.requires_grad());
  });
}

TEST_CASE("contract: a layer prints its name") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    CHECK(support::printed(*m).starts_with("taper::nn::" + c.name));
  });
}

TEST_CASE("contract: float and double agree") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    const Tensor x = randn(c.input);
    m->eval();  // Dropout draws other masks in double
    const Tensor y = run(c, *m, x);
    CHECK(y.dtype() == kFloat32);
    m->to(kFloat64);
    const Tensor z = run(c, *m, x.to(kFloat64));
    CHECK(z.dtype() == kFloat64);
    CHECK(z.allclose(y.to(kFloat64), 1e-5, 1e-6));
  });
}

TEST_CASE("contract: the layout of the input does not matter") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    const Tensor x = randn(c.input);
    const Tensor strided = x.transpose(0, 1).contiguous().transpose(0, 1);
    REQUIRE(!strided.is_contiguous());
    const auto other = m->clone();
    m->eval();
    other->eval();
    CHECK(run(c, *m, x).allclose(run(c, *other, strided), 1e-5, 1e-6));
  });
}

TEST_CASE("contract: gradients reach every parameter and the input") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    const Tensor x = randn(c.input, requires_grad());
    const Tensor y = run(c, *m, x);
    REQUIRE(y.requires_grad());
    y.backward(randn(y.sizes()));
    CHECK(x.grad().defined() == c.is_differentiable);
    if (x.grad().defined()) CHECK(x.grad().sizes() == x.sizes());
    for (const Tensor& p : m->parameters()) {
      REQUIRE(p.grad().defined());
      CHECK(p.grad().sizes() == p.sizes());
    }
  });
}

TEST_CASE("contract: an empty batch gives an empty result in evaluation") {
  for_each_layer([](const Case& c, std::shared_ptr<nn::Module> m) {
    if (!c.keeps_batch) return;
    m->eval();
    std::vector<int64_t> sizes = c.input;
    sizes[0] = 0;
    const Tensor y = run(c, *m, randn(sizes));
    CHECK(y.numel() == 0);
    CHECK(y.size(0) == 0);
  });
}
