// cdist against its formula: sizes around those of a strip, norms, numbers that a float's square cannot hold, threads.
#include <taper/core/indexing.h>
#include <taper/core/parallel.h>
#include <taper/taper.h>

#include <array>
#include <cmath>
#include <limits>

#include "catch.h"
#include "support/scopes.h"

using namespace taper;
using namespace support;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// |a_i - b_j|_p and its gradients for the cotangent dy, in double, from the differences of the dtype.
struct Distances {
  Tensor y, da, db;
  Distances(const Tensor& a, const Tensor& b, const Tensor& dy, double p) {
    const Tensor d = (a.unsqueeze(2) - b.unsqueeze(1)).to(kFloat64), size = abs(d), g = dy.to(kFloat64).unsqueeze(-1);
    const Tensor any = (d != 0).to(kFloat64);
    y = p == 0 ? sum(any, 3) : std::isinf(p) ? size.amax({3}) : pow(sum(pow(size, p), 3), 1 / p);
    // sign(d) (|d| / y)^(p-1), where d is 0 nothing
    const Tensor ratio = where(any != 0, size / where(y == 0, 1, y).unsqueeze(-1), 1);
    Tensor slope = p == 0 ? zeros_like(d) : sign(d) * (std::isinf(p) ? (ratio == 1).to(kFloat64) : pow(ratio, p - 1));
    slope = slope * any * g;
    da = sum(slope, 2);
    db = -sum(slope, 1);
  }
};

void check_distances(const Tensor& a, const Tensor& b, double p, double scale = 1) {
  INFO(a.dtype() << " " << a.sizes() << b.sizes() << " p = " << p << ", times " << scale);
  const Tensor u = (a.detach() * scale).requires_grad_(), v = (b.detach() * scale).requires_grad_();
  const Tensor y = cdist(u, v, p), dy = randn(y.sizes(), a.dtype());
  y.backward(dy);
  const Distances right(u.detach(), v.detach(), dy, p);
  const double rtol = a.dtype() == kFloat32 ? 1e-6 : 1e-14, atol = a.dtype() == kFloat32 ? 1e-5 : 1e-12;
  CHECK(allclose(y.detach().to(kFloat64), right.y, rtol, 0));
  CHECK(allclose(u.grad().to(kFloat64), right.da, rtol, atol));
  CHECK(allclose(v.grad().to(kFloat64), right.db, rtol, atol));
}

}  // namespace

TEST_CASE("cdist and its gradient equal the formula for sizes around those of a strip, and numbers of all sizes") {
  manual_seed(8);
  const double norms[] = {0, 1, 1.5, 2, 3, kInf};
  for (const auto dtype : {kFloat32, kFloat64}) {
    for (const double p : norms) {
      for (const auto& [n, m, k] :
           std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {3, 32, 65}, {9, 33, 31}, {70, 5, 3}}) {
        check_distances(randn({1, n, k}, dtype), randn({1, m, k}, dtype), p);
      }
      check_distances(randn({3, 4, 16}, dtype), randn({3, 7, 16}, dtype), p);
      const Tensor x = randint(0, 2, {1, 40, 3}, dtype);  // many equal rows
      check_distances(x, x.flip(1), p);
    }
    // Squares that a float cannot hold.
    for (const double scale : {1e-30, 1e-18, 1e18, 1e30})
      check_distances(randn({1, 9, 40}, dtype), randn({1, 5, 40}, dtype), 2, scale);
  }
  // A distance of rows far from 0 has all its digits.
  check_distances(randn({1, 30, 8}) + 4096, randn({1, 30, 8}) + 4096, 2);
}

TEST_CASE("distances of infinities and NaN are theirs, and stay in their rows") {
  for (const double p : {1., 2., 3., kInf}) {
    const Tensor x = zeros({40, 3});
    x[3][1] = kInf;
    x[5][2] = std::nan("");
    const Tensor y = cdist(x, x, p);
    CHECK(y[3][0].item<float>() == INFINITY);
    CHECK(y[5].isnan().all().item<bool>());
    CHECK(y[3][3].isnan().item<bool>());
    CHECK(y.isnan().sum().item<int64_t>() == 80);
    if (p == kInf) continue;
    x.requires_grad_();
    CHECK(autograd::grad({cdist(x, zeros({1, 3}), p)}, {x}, {ones({40, 1})})[0][5][2].isnan().item<bool>());
  }
}

TEST_CASE("the second derivative of cdist is 0 for equal points, by them and by the cotangent") {
  for (const double p : {1., 1.5, 2., 3., kInf}) {
    const Tensor a = tensor({{1., 2.}}).requires_grad_(), dy = ones({1, 1}).requires_grad_();
    const Tensor da = autograd::grad({cdist(a, a.detach(), p)}, {a}, {dy}, true, true)[0];
    for (const Tensor& second : autograd::grad({da.sum()}, {a, dy})) CHECK(second.eq(0).all().item<bool>());
  }
}

TEST_CASE("cdist gives the same bits for any number of threads") {
  manual_seed(9);
  const Tensor a = randn({2, 30, 40}), b = randn({2, 35, 40});
  check_threads([&] {
    std::vector<Tensor> results;
    for (const double p : {0., 1., 2., 3., kInf}) {
      const Tensor u = a.clone().requires_grad_(), v = b.clone().requires_grad_();
      const Tensor y = cdist(u, v, p);
      y.square().sum().backward();
      for (const Tensor& t : {y.detach(), u.grad(), v.grad()}) results.push_back(t);
    }
    return results;
  });
}
