// The hostile inputs of tests/layers/hostile_bn.h through both libraries. taper is held to 1e-6; what libtorch makes of
// them is printed beside it. Where taper keeps a batch out of the running statistics (float32 cannot hold its variance)
// those stay 0 and 1.
#include "../layers/hostile_bn.h"
#include "bridge.h"
#include "catch.h"
#include "support/scopes.h"

#include <taper/autograd/autograd.h>
#include <taper/layers/batchnorm.h>

#include <cstdio>

namespace {

using bridge::to_taper;
using bridge::to_torch;

hostile::Result ours(const hostile::Case& c, const hostile::Step& step, bool& kept_out) {
  taper::nn::BatchNorm1d bn(taper::nn::BatchNormOptions(c.sizes[1]).eps(c.eps));
  bn->weight.set_data(step.weight);
  bn->bias.set_data(step.bias);
  const taper::Tensor x = step.x.detach().requires_grad_();
  const taper::Tensor y = bn(x);
  y.backward(step.dy);
  kept_out = bn->num_skipped_batches() > 0;
  return {y.detach(), x.grad(), bn->weight.grad(), bn->bias.grad(), bn->running_mean, bn->running_var};
}

hostile::Result theirs(const hostile::Case& c, const hostile::Step& step) {
  torch::nn::BatchNorm1d bn(torch::nn::BatchNormOptions(c.sizes[1]).eps(c.eps));
  bn->weight.set_data(to_torch(step.weight));
  bn->bias.set_data(to_torch(step.bias));
  const torch::Tensor x = to_torch(step.x).requires_grad_();
  const torch::Tensor y = bn(x);
  y.backward(to_torch(step.dy));
  return {to_taper(y),
          to_taper(x.grad()),
          to_taper(bn->weight.grad()),
          to_taper(bn->bias.grad()),
          to_taper(bn->running_mean),
          to_taper(bn->running_var)};
}

void print_row(const char* who, const hostile::Errors& e, bool kept_out) {
  std::printf("  %-9s y %-8.1g dx %-8.1g dweight %-8.1g dbias %-8.1g ", who, e.y, e.dx, e.dweight, e.dbias);
  if (kept_out) {
    std::printf("kept out of the running statistics\n");
  } else {
    std::printf("running_mean %-8.1g running_var %-8.1g\n", e.running_mean, e.running_var);
  }
}

void compare(const hostile::Case& c) {
  INFO(c.name);
  const hostile::Step step = hostile::make(c);
  bool kept_out = false;
  const hostile::Errors us = hostile::errors(c, step, ours(c, step, kept_out));
  const hostile::Errors them = hostile::errors(c, step, theirs(c, step));
  std::printf("%s\n", c.name.c_str());
  print_row("taper", us, kept_out);
  print_row("libtorch", them, false);
  CHECK(us.y < 1e-6);
  CHECK(us.dx < 1e-6);
  CHECK(us.dweight < 1e-6);
  CHECK(us.dbias < 1e-6);
}

}  // namespace

TEST_CASE("BatchNorm: hostile inputs, errors relative to long double beside libtorch's") {
  taper::manual_seed(1);
  const support::CatchWarnings of_batches;
  for (const hostile::Case& c : hostile::cases()) compare(c);
  compare(hostile::forty_million());
}

TEST_CASE("BatchNorm: after a batch with NaN taper evaluates as before, libtorch does not any more") {
  taper::manual_seed(2);
  const support::CatchWarnings of_batches;
  taper::nn::BatchNorm1d us(3);
  torch::nn::BatchNorm1d them(3);
  const taper::Tensor x = taper::randn({8, 3}), bad = x.clone();
  bad[1][2].fill_(std::nan(""));
  for (const taper::Tensor& batch : {x, bad, x}) {
    us(batch);
    them(to_torch(batch));
  }
  us->eval();
  them->eval();
  CHECK(us->num_skipped_batches() == 1);
  CHECK(us(x).isfinite().all().item<bool>());
  std::printf("evaluation after one NaN batch: taper finite, libtorch %s\n",
              them(to_torch(x)).isfinite().all().item<bool>() ? "finite" : "NaN");
}
