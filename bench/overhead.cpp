// The overhead of operations: all tensors here have so few elements that the time is that of the framework. The same
// source for taper (overhead) and for libtorch (overhead_torch). With Google Benchmark it takes its options
// (--benchmark_filter=...); without it the shortest of several runs is printed.
#include <torch/torch.h>

#include "rows.h"

#ifdef TAPER_BENCH_GOOGLE
#include <benchmark/benchmark.h>
#endif

namespace {

namespace nn = torch::nn;

struct Case {
  const char* name;
  std::function<void()> run;
  int operations = 1;  // in one run; the time printed is that of one
};

constexpr int kChain = 20;

std::vector<Case> cases() {
  const auto x = torch::rand(8), w = torch::rand(8, torch::requires_grad());
  const auto matrix = torch::rand({8, 8}), one = torch::ones(1);
  const auto labels = torch::randint(8, {8}, torch::kLong);
  nn::Linear fc(8, 8);
  nn::BatchNorm1d bn(8);
  nn::Sequential net(nn::Linear(8, 8), nn::ReLU(), nn::Linear(8, 8));
  std::vector<torch::Tensor> parameters;
  for (int i = 0; i < 10; ++i) parameters.push_back(torch::rand(8, torch::requires_grad()));
  for (const auto& p : parameters) p.mutable_grad() = torch::rand(8);
  const auto sgd =
      std::make_shared<torch::optim::SGD>(parameters, torch::optim::SGDOptions(1e-9).momentum(0.9).weight_decay(1e-9));

  const auto no_grad = [](auto f) {
    return [f]() mutable {
      torch::NoGradGuard guard;
      f();
    };
  };
  return {
      {"x + x, no grad", no_grad([=] { x + x; })},
      {"x + 1, no grad", no_grad([=] { x + 1; })},
      {"x.mul_(0.5), no grad", no_grad([y = x.clone()]() mutable { y.mul_(0.5); })},
      {"x[0]", no_grad([=] { x[0]; })},
      {"matrix.t()", no_grad([=] { matrix.t(); })},
      {"x.sum(), no grad", no_grad([=] { x.sum(); })},
      {"one.item<float>()", no_grad([=] { one.item<float>(); })},
      {"matrix.mm(matrix), no grad", no_grad([=] { matrix.mm(matrix); })},
      {"empty({8})", [] { torch::empty({8}); }},
      {"empty({1 << 20})", [] { torch::empty({1 << 20}); }},
      {"zeros({8})", [] { torch::zeros({8}); }},
      {"w + w, recorded", [=] { w + w; }},
      {"chain of 20 adds and multiplications, forward and backward, per operation",
       [=] {
         auto y = w;
         for (int i = 0; i < kChain / 2; ++i) y = (y + x) * x;
         y.backward(x);
       },
       kChain},
      {"the same, no grad, per operation", no_grad([=] {
         auto y = x;
         for (int i = 0; i < kChain / 2; ++i) y = (y + x) * x;
       }),
       kChain},
      {"Linear(8, 8), no grad", no_grad([=]() mutable { fc(matrix); })},
      {"BatchNorm1d(8), training, no grad", no_grad([=]() mutable { bn(matrix); })},
      {"Linear-ReLU-Linear, no grad", no_grad([=]() mutable { net->forward(matrix); })},
      {"Linear-ReLU-Linear, cross-entropy, backward",
       [=]() mutable { nn::functional::cross_entropy(net->forward(matrix), labels).backward(); }},
      {"SGD step of 10 parameters, momentum and decay, per parameter", [=] { sgd->step(); }, 10},
      {"zero_grad of 10 parameters, per parameter", [=] { sgd->zero_grad(); }, 10},
  };
}

}  // namespace

int main(int argc, char* argv[]) {
  torch::manual_seed(1);
  torch::set_num_threads(1);
#ifdef TAPER_BENCH_GOOGLE
  for (const Case& c : cases()) {
    benchmark::RegisterBenchmark(c.name, [c](benchmark::State& state) {
      while (state.KeepRunningBatch(c.operations)) c.run();
    });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
#else
  if (argc > 1) {
    std::fprintf(stderr, "%s takes no options when built without Google Benchmark\n", argv[0]);
    return 2;
  }
  for (const Case& c : cases()) {
    std::printf("%-75s %9.1f ns\n", c.name, 1e9 * bench::time_of(c.run, 10, 0.01) / c.operations);
  }
#endif
}
