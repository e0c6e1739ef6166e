#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "catch.h"

using namespace taper;
namespace F = taper::nn::functional;

TEST_CASE("Dropout2d drops whole channels and scales the others") {
  manual_seed(0);
  nn::Dropout2d drop(0.4);
  const Tensor x = (rand({50, 20, 3, 4}) + 1).requires_grad_();
  const Tensor y = drop(x);
  const Tensor factors = (y / x).view({1000, 12});
  CHECK(factors.allclose(factors.narrow(1, 0, 1).expand({1000, 12})));
  const Tensor kept = factors.select(1, 0) > 0;
  CHECK(factors.select(1, 0).allclose(kept.to(kFloat32) / 0.6));
  CHECK(kept.to(kFloat32).mean().item<double>() == Approx(0.6).margin(0.05));
  y.sum().backward();
  CHECK(x.grad().view({1000, 12}).allclose(factors));
  drop->eval();
  CHECK(drop(x).is_same(x));
}

TEST_CASE("dropout2d: a sample without a batch, in place, and the ends of p") {
  manual_seed(1);
  const auto options = F::Dropout2dFuncOptions().p(0.5).training(true);
  const Tensor x = ones({40, 2, 3});
  const Tensor y = F::dropout2d(x, options);
  CHECK(y.equal(y.narrow(1, 0, 1).narrow(2, 0, 1).expand({40, 2, 3})));
  CHECK(y.sum().item<double>() > 0);
  const Tensor z = ones({4, 5, 2, 2});
  CHECK(F::dropout2d(z, F::Dropout2dFuncOptions().p(1).training(true).inplace(true)).is_same(z));
  CHECK(z.equal(zeros({4, 5, 2, 2})));
  CHECK(F::dropout2d(x, F::Dropout2dFuncOptions().p(0).training(true)).is_same(x));
  CHECK_THROWS_WITH(F::dropout2d(x, F::Dropout2dFuncOptions().p(1.5)),
                    "dropout2d: p must be a probability, from 0 to 1; got 1.5");
  CHECK_THROWS_WITH(nn::Dropout2d(-0.1), "Dropout: p must be a probability, from 0 to 1; got -0.1");
}

TEST_CASE("BatchNorm3d is batch normalisation of [N, C, D, H, W]") {
  manual_seed(2);
  const Tensor x = randn({2, 3, 4, 5, 6});
  nn::BatchNorm3d volumes(3);
  nn::BatchNorm2d images(3);
  CHECK(volumes(x).equal(images(x.view({2, 3, 20, 6})).view(x.sizes())));
  CHECK(volumes->running_var.equal(images->running_var));
  CHECK_THROWS_WITH(volumes(x[0]),
                    "BatchNorm3d: the input must be [N, C, D, H, W]; got sizes [3, 4, 5, 6]; BatchNorm2d takes "
                    "[N, C, H, W] (in module BatchNorm3d)");
}
