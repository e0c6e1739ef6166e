// BatchNorm1d on inputs that break other implementations: output, gradients and running statistics of a training step,
// right to 1e-6 against the formulas in long double.
#include "catch.h"
#include "hostile_bn.h"
#include "support/scopes.h"

#include <taper/autograd/autograd.h>
#include <taper/layers/batchnorm.h>

using namespace taper;
using namespace support;

namespace {

hostile::Result run(const hostile::Case& c, const hostile::Step& step, int64_t& skipped) {
  nn::BatchNorm1d bn(nn::BatchNormOptions(c.sizes[1]).eps(c.eps));
  bn->weight.set_data(step.weight);
  bn->bias.set_data(step.bias);
  const Tensor x = step.x.detach().requires_grad_();
  const Tensor y = bn(x);
  y.backward(step.dy);
  skipped = bn->num_skipped_batches();
  return {y.detach(), x.grad(), bn->weight.grad(), bn->bias.grad(), bn->running_mean, bn->running_var};
}

void check(const hostile::Case& c) {
  INFO(c.name);
  const hostile::Step step = hostile::make(c);
  int64_t skipped = 0;
  const hostile::Result result = run(c, step, skipped);
  const hostile::Errors e = hostile::errors(c, step, result);
  CHECK(e.y < 1e-6);
  CHECK(e.dx < 1e-6);
  CHECK(e.dweight < 1e-6);
  CHECK(e.dbias < 1e-6);
  if (skipped == 0) {
    CHECK(e.running_mean < 1e-6);
    CHECK(e.running_var < 1e-6);
  } else {  // a variance that float cannot hold: no channel enters
    CHECK(result.running_mean.equal(zeros({c.sizes[1]})));
    CHECK(result.running_var.equal(ones({c.sizes[1]})));
  }
}

}  // namespace

TEST_CASE("hostile BatchNorm: constants, 1e7, 1e30, a mean a million times the deviation: right to 1e-6") {
  manual_seed(1);
  const CatchWarnings quiet;
  for (const hostile::Case& c : hostile::cases()) check(c);
}

TEST_CASE("hostile BatchNorm: 40 million values in a channel, forward and backward right to 1e-6") {
  manual_seed(2);
  check(hostile::forty_million());
}

TEST_CASE("hostile BatchNorm: which of them are kept out of the running statistics: what float32 cannot hold") {
  manual_seed(3);
  const CatchWarnings quiet;
  for (const hostile::Case& c : hostile::cases()) {
    INFO(c.name);
    const hostile::Step step = hostile::make(c);
    bool fits = true;
    for (int64_t channel = 0; channel < c.sizes[1]; ++channel) {
      fits = fits && hostile::moments(step.x, channel, c.eps).var < 3e38L;
    }
    int64_t skipped = 0;
    run(c, step, skipped);
    CHECK(skipped == (fits ? 0 : 1));
  }
}
