// optimize_for_inference against the model's own forward.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/core/allocator.h>
#include <taper/core/blas.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <limits>
#include <thread>

using namespace taper;
using namespace taper::nn;
using taper::nn::utils::optimize_for_inference;

namespace {

// In evaluation mode, with parameters and statistics that are nothing special.
Sequential trained(Sequential net, ScalarType dtype = kFloat32) {
  const NoGradGuard no_grad;
  net->to(dtype);
  for (const auto& item : net->named_parameters()) {
    if (item.value().dim() == 1) item.value().copy_(randn(item.value().sizes()));
  }
  for (const auto& item : net->named_buffers()) {
    const Tensor& buffer = item.value();
    if (item.key().ends_with("running_mean")) buffer.copy_(randn(buffer.sizes()));
    if (item.key().ends_with("running_var")) buffer.copy_(rand(buffer.sizes()) + 0.5);
  }
  net->eval();
  return net;
}

Sequential mlp() {
  return Sequential(Linear(LinearOptions(20, 33).bias(false)), BatchNorm1d(33), ReLU(), Dropout(0.3),
                    Sequential(Linear(33, 17), Sigmoid(), BatchNorm1d(17)), Linear(17, 5), Softmax(1));
}
// 25 kB a sample and more, so that batches are cut.
Sequential cnn() {
  return Sequential(Conv2d(Conv2dOptions(1, 16, 3).padding(1).bias(false)), BatchNorm2d(16), ReLU(), MaxPool2d(2),
                    Conv2d(Conv2dOptions(16, 8, 3).bias(false)), BatchNorm2d(8), ReLU(ReLUOptions().inplace(true)),
                    AvgPool2d(2), Flatten(), Linear(8 * 6 * 6, 10));
}

Tensor forward(const Sequential& net, const Tensor& x) {
  const NoGradGuard no_grad;
  return Sequential(net)->forward(x.clone());
}

double difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return a.numel() == 0 ? 0 : (a - b).abs().max().item<double>();
}

}  // namespace

TEST_CASE("optimize_for_inference: a model's values within rounding, for any batch", "[inference]") {
  manual_seed(1);
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    const double tolerance = dtype == kFloat32 ? 1e-4 : 1e-12;
    const Sequential flat = trained(mlp(), dtype), images = trained(cnn(), dtype);
    const auto of_flat = optimize_for_inference(flat, randn({2, 20}, dtype));
    const auto of_images = optimize_for_inference(images, randn({2, 1, 28, 28}, dtype));
    CHECK(of_flat.splits_batches());
    CHECK(of_images.splits_batches());
    CHECK(of_flat.largest_difference() < tolerance);
    CHECK(of_images.largest_difference() < tolerance);
    for (const int64_t n : {0, 1, 7, 90}) {
      const Tensor x = randn({n, 20}, dtype), image = randn({n, 1, 28, 28}, dtype);
      CHECK(difference(of_flat(x), forward(flat, x)) < tolerance);
      CHECK(difference(of_images.forward(image), forward(images, image)) < tolerance);
    }
  }
}

TEST_CASE("optimize_for_inference: a sample has the same bits in any batch and with any number of threads",
          "[inference]") {
  manual_seed(2);
  const Tensor x = randn({70, 1, 28, 28});
  const auto predict = optimize_for_inference(trained(cnn()), x.narrow(0, 0, 1));
  const Tensor y = predict(x);
  const bool own_products = blas::backend().find("OpenBLAS") == std::string::npos;  // which promises no order of sums
  const auto same = [&](const Tensor& a, const Tensor& b) { return own_products ? a.equal(b) : a.allclose(b, 1e-4); };
  for (int64_t i = 0; i < 70; i += 9) CHECK(same(predict(x.narrow(0, i, 1)), y.narrow(0, i, 1)));
  for (const int threads : {1, 3, 5}) {
    const support::Threads scope(threads);
    CHECK(same(predict(x), y));
    CHECK(same(predict(x.narrow(0, 3, 40)), y.narrow(0, 3, 40)));
  }
}

TEST_CASE("optimize_for_inference: every known layer, alone and behind another, leaves its input alone",
          "[inference]") {
  manual_seed(3);
  struct Case {
    AnyModule layer;
    std::vector<int64_t> sizes;
    bool splits = true;
  };
  const std::vector<Case> cases = {
      {Linear(6, 3), {4, 5, 6}},
      {ReLU(ReLUOptions().inplace(true)), {4, 6}},
      {ReLU6(ReLU6Options().inplace(true)), {4, 6}},
      {LeakyReLU(LeakyReLUOptions().inplace(true)), {4, 6}},
      {Sigmoid(), {4}},
      {Tanh(), {4, 6}},
      {GELU(), {4, 6}},
      {SiLU(), {4, 6}},
      {ELU(ELUOptions().inplace(true)), {4, 6}},
      {SELU(), {4, 6}},
      {CELU(), {4, 6}},
      {Softplus(), {4, 6}},
      {LogSigmoid(), {4, 6}},
      {Mish(), {4, 6}},
      {Softsign(), {4, 6}},
      {Tanhshrink(), {4, 6}},
      {Hardtanh(HardtanhOptions().inplace(true)), {4, 6}},
      {Threshold(0.1, 2), {4, 6}},
      {Hardshrink(), {4, 6}},
      {Softshrink(), {4, 6}},
      {RReLU(), {4, 6}},
      {PReLU(), {4, 6}},
      {Softmax(1), {4, 6}},
      {Softmax(-2), {4, 6}, false},
      {LogSoftmax(-1), {4, 6}},
      {Softmin(0), {4, 6}, false},
      {Softmax2d(), {4, 3, 2, 2}},
      {GLU(), {4, 6}},
      {Dropout(0.5), {4, 6}},
      {Dropout2d(0.5), {4, 3, 2, 2}},
      {Identity(), {4, 6}},
      {Flatten(), {4, 2, 3}},
      {Flatten(FlattenOptions().start_dim(0)), {4, 2, 3}, false},
      {BatchNorm1d(6), {4, 6}},
      {BatchNorm1d(6), {4, 6, 3}},
      {BatchNorm2d(3), {4, 3, 2, 2}},
      {BatchNorm2d(BatchNormOptions(3).track_running_stats(false)), {4, 3, 2, 2}, false},
      {BatchNorm3d(3), {4, 3, 2, 2, 2}},
      {LayerNorm(LayerNormOptions({6})), {4, 6}},
      {LayerNorm(LayerNormOptions({4, 6})), {4, 6}, false},
      {GroupNorm(2, 6), {4, 6, 2}},
      {InstanceNorm1d(3), {4, 3, 5}},
      {InstanceNorm2d(3), {4, 3, 2, 5}},
      {Conv1d(4, 6, 3), {4, 4, 7}},
      {Conv1d(4, 6, 3), {4, 7}, false},
      {Conv2d(3, 5, 3), {4, 3, 5, 6}},
      {MaxPool1d(2), {4, 3, 6}},
      {MaxPool2d(2), {4, 3, 6, 6}},
      {AvgPool1d(2), {4, 3, 6}},
      {AvgPool2d(2), {4, 3, 6, 6}},
      {AdaptiveMaxPool1d(2), {4, 3, 5}},
      {AdaptiveMaxPool2d(2), {4, 3, 5, 5}},
      {AdaptiveAvgPool1d(2), {4, 3, 5}},
      {AdaptiveAvgPool2d(1), {4, 3, 5, 5}},
  };
  for (const Case& c : cases) {
    for (const bool behind : {false, true}) {
      Sequential net;
      if (behind) net->push_back(Tanh());
      net->push_back(c.layer);
      net->push_back(ReLU());
      net = trained(net);
      INFO(*net << " " << IntArrayRef(c.sizes));
      const Tensor x = randn(c.sizes), before = x.clone();
      const auto predict = optimize_for_inference(net, x);
      CHECK(predict.splits_batches() == c.splits);
      const Tensor y = predict(x);
      CHECK(x.equal(before));
      CHECK(difference(y, forward(net, x)) < 1e-5);
      CHECK((y.numel() == 0 || y.data_ptr() != x.data_ptr()));
      CHECK_FALSE(y.requires_grad());
    }
  }
}

TEST_CASE("optimize_for_inference: ReLU before and behind MaxPool are the same, with NaN and infinity too",
          "[inference]") {
  manual_seed(4);
  const double inf = std::numeric_limits<double>::infinity();
  const Sequential net = trained(Sequential(ReLU(), MaxPool1d(2), ReLU(), MaxPool1d(MaxPool1dOptions(3).padding(1))));
  Tensor x = randn({3, 2, 40});
  x[0][0][3] = std::nan("");
  x[1][1][7] = inf;
  x[1][1].narrow(0, 10, 20).fill_(-inf);
  const Tensor y = optimize_for_inference(net, x)(x);
  CHECK(y.isnan().any().item<bool>());
  CHECK(y.isinf().any().item<bool>());
  CHECK(y.allclose(forward(net, x), 0, 0, true));
}

TEST_CASE("optimize_for_inference: the function has its own weights, the model is left as it is", "[inference]") {
  manual_seed(5);
  Sequential net = trained(mlp());
  const Tensor x = randn({3, 20}), before = forward(net, x);
  const auto predict = optimize_for_inference(net, x);
  const Tensor y = predict(x);
  CHECK(forward(net, x).equal(before));
  {
    const NoGradGuard no_grad;
    for (const Tensor& p : net->parameters()) p.zero_();
  }
  net->train();
  CHECK(predict(x).equal(y));
  const auto copy = predict;
  CHECK(copy(x).equal(y));
}

TEST_CASE("optimize_for_inference: threads call one function at once", "[inference]") {
  manual_seed(6);
  const auto predict = optimize_for_inference(trained(cnn()), randn({1, 1, 28, 28}));
  std::vector<Tensor> inputs, want, got(6);
  for (int64_t n = 0; n < 6; ++n) {
    inputs.push_back(randn({1 + 20 * n, 1, 28, 28}));
    want.push_back(predict(inputs.back()));
  }
  std::vector<std::thread> threads;
  for (size_t i = 0; i < inputs.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int repeat = 0; repeat < 3; ++repeat) got[i] = predict(inputs[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < inputs.size(); ++i) CHECK(got[i].equal(want[i]));
}

TEST_CASE("optimize_for_inference: calls of one size need no more memory than the first", "[inference]") {
  const support::Threads scope(1);
  const Tensor x = randn({60, 1, 28, 28});
  const auto predict = optimize_for_inference(trained(cnn()), x);
  (void)predict(x);
  const MemoryStats before = memory_stats();
  for (int i = 0; i < 5; ++i) (void)predict(x);
  CHECK(memory_stats().in_use == before.in_use);
  CHECK(memory_stats().cached == before.cached);
}

namespace {
struct OddImpl : Module {
  Tensor forward(const Tensor& x) { return x + 1; }
};
TAPER_MODULE(Odd);
}  // namespace

TEST_CASE("optimize_for_inference: what it refuses", "[inference]") {
  manual_seed(7);
  const Tensor x = randn({3, 20});
  const Sequential odd(Linear(20, 20), Sequential(ReLU(), Odd()));
  odd.ptr()->eval();
  CHECK_THROWS_WITH(optimize_for_inference(odd, x), ContainsSubstring("Odd as '1.1'; fold_batchnorm takes any model"));
  const Odd alone;
  CHECK_THROWS_WITH(optimize_for_inference(alone, x), ContainsSubstring("must be a Sequential; got ") &&
                                                          ContainsSubstring("Odd, whose forward is not known"));
  CHECK_THROWS_WITH(optimize_for_inference(Sequential(Linear(20, 3)), x), ContainsSubstring("call eval() first"));
  const Sequential mixed = trained(mlp());
  mixed->children()[3]->train();
  CHECK_THROWS_WITH(optimize_for_inference(mixed, x), ContainsSubstring("'3' is not; call eval() first"));
  CHECK_THROWS_WITH(optimize_for_inference(trained(mlp()), zeros({0, 20})), ContainsSubstring("got sizes [0, 20]"));
  CHECK_THROWS_WITH(optimize_for_inference(trained(mlp()), zeros({1, 21})), ContainsSubstring("in_features = 20"));

  const auto predict = optimize_for_inference(trained(mlp()), x);
  CHECK_THROWS_WITH(predict(x.clone().set_requires_grad(true)), ContainsSubstring("has no derivative"));
  {
    const NoGradGuard no_grad;
    CHECK(predict(x.clone().set_requires_grad(true)).equal(predict(x)));
  }
  CHECK_THROWS_AS(predict(randn({20})), ValueError);
  CHECK_THROWS_WITH(predict(randn({20})),
                    ContainsSubstring("must have 2 dimensions, as the example has; got sizes [20]"));
  CHECK_THROWS_AS(predict(x.to(kFloat64)), TypeError);
  CHECK_THROWS_WITH(predict(randn({2, 19})), ContainsSubstring("in_features = 20"));
}
