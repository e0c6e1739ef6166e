// Products added to a tensor, Kronecker and cross products, distances.
#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/index_internal.h>
#include <taper/core/kernels/distance.h>

#include <algorithm>
#include <cmath>

namespace taper {

using namespace autograd;

// y = beta x + alpha product; x is not looked at when beta is 0, but has the gradient 0
static Tensor add_product(const char* op, const Tensor& x, const Tensor& product, const Scalar& beta,
                          const Scalar& alpha) {
  TAPER_CHECK(kernels::broadcast_sizes(op, x.sizes(), product.sizes()) == product.impl()->sizes(), op,
              ": the summand must broadcast to the sizes of the product, ", product.sizes(), "; got ", x.sizes());
  const Tensor summand = scaled(product, alpha);
  if (beta.toDouble() != 0) return add(summand, x, beta);
  return record("AddBackward0", {summand, x}, summand.detach(), [](const Tensor& dy, const Needs& needs) {
    return Grads{dy, needs[1] ? zeros_like(dy) : Tensor()};
  });
}

Tensor addmv(const Tensor& x, const Tensor& a, const Tensor& v, const Scalar& beta, const Scalar& alpha) {
  TAPER_CHECK(a.dim() == 2 && v.dim() == 1 && a.sizes()[1] == v.sizes()[0],
              "addmv: a matrix and a vector whose sizes agree are needed; got ", a.sizes(), " and ", v.sizes());
  return add_product("addmv", x, mv(a, v), beta, alpha);
}
Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  TAPER_CHECK(a.dim() == 1 && b.dim() == 1, "addr: two vectors are needed; got ", a.sizes(), " and ", b.sizes());
  return add_product("addr", x, outer(a, b), beta, alpha);
}
Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::baddbmm, x, a, b, beta, alpha);
  return add_product("baddbmm", x, bmm(a, b), beta, alpha);
}
// The batch counts among the inner dims, so that it is one product.
Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::addbmm, x, a, b, beta, alpha);
  TAPER_CHECK(a.dim() == 3 && b.dim() == 3 && a.sizes()[0] == b.sizes()[0] && a.sizes()[2] == b.sizes()[1],
              "addbmm: the operands must be batches of matrices whose sizes agree; got ", a.sizes(), " and ",
              b.sizes());
  const int64_t batch = a.size(0), n = a.size(1), k = a.size(2), m = b.size(2);
  return add_product("addbmm", x, mm(a.transpose(0, 1).reshape({n, batch * k}), b.reshape({batch * k, m})), beta,
                     alpha);
}

// ---- kron, cross ----------------------------------------------------------------------------------------------------

Tensor kron(const Tensor& a, const Tensor& b) {
  const int64_t rank = std::max(a.dim(), b.dim());
  DimVector spread_a, spread_b, sizes;
  for (int64_t d = 0; d < rank; ++d) {
    const auto size_of = [&](const Tensor& t) { return d < rank - t.dim() ? 1 : t.size(d - rank + t.dim()); };
    const int64_t n = size_of(a), m = size_of(b);
    spread_a.push_back(n);
    spread_a.push_back(1);
    spread_b.push_back(1);
    spread_b.push_back(m);
    sizes.push_back(n * m);
  }
  return (a.reshape(spread_a) * b.reshape(spread_b)).reshape(sizes);
}

// y_0 = a_1 b_2 - a_2 b_1, and so on around
Tensor cross(const Tensor& a, const Tensor& b, optional<int64_t> dim) {
  int64_t d = 0;
  if (dim) {
    d = wrap_dim("cross", *dim, a.dim());
  } else {
    while (d < a.dim() && a.size(d) != 3) ++d;
  }
  TAPER_CHECK(a.dim() == b.dim() && d < a.dim() && a.size(d) == 3 && b.size(d) == 3,
              "cross: both must have as many dims, one of size 3; got ", a.sizes(), " and ", b.sizes(), " along dim ",
              d);
  const Tensor a0 = a.select(d, 0), a1 = a.select(d, 1), a2 = a.select(d, 2);
  const Tensor b0 = b.select(d, 0), b1 = b.select(d, 1), b2 = b.select(d, 2);
  return stack({a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0}, d);
}

// ---- cdist: y_ij = |a_i - b_j|_p          da_i = sum_j dy_ij sign(a_i - b_j) (|a_i - b_j| / y_ij)^(p-1)

// dy_ij sign(d) (|d| / y)^(p-1) for the differences d [..., n, m, k]; 0 where a and b are equal
static Tensor distance_slope(const Tensor& d, const Tensor& y, const Tensor& dy, double p) {
  if (p == 0) return zeros_like(d);
  if (p == 1) return dy * sign(d);
  if (std::isinf(p)) return dy * sign(d) * (abs(d) == y).to(d.dtype());
  const Tensor safe = masked_fill(y, y == 0, 1);
  if (p == 2) return masked_fill(dy / safe, y == 0, 0) * d;
  const Tensor zero = d == 0;  // whose power may be infinite, and 0 times it NaN
  return masked_fill(dy * sign(d) * pow(masked_fill(abs(d), zero, 1) / safe, p - 1), zero, 0);
}

static Tensor distances(const Tensor& a, const Tensor& b, double p) {
  const Tensor y = kernels::cdist(a, b, p);
  return record(
      "CdistBackward0", {a, b}, y,
      [p, sa = save(a), sb = save(b), sy = save_result(y)](const Tensor& dy, const Needs& needs) {
        const Tensor u = sa.get(), v = sb.get(), r = sy.get();
        if (!GradMode::is_enabled()) {
          return Grads{needs[0] ? kernels::cdist_backward(dy, u, v, r, p) : Tensor(),
                       needs[1] ? kernels::cdist_backward(dy.transpose(1, 2), v, u, r.transpose(1, 2), p) : Tensor()};
        }
        const Tensor slope = distance_slope(u.unsqueeze(2) - v.unsqueeze(1), r.unsqueeze(-1), dy.unsqueeze(-1), p);
        return Grads{needs[0] ? sum(slope, 2) : Tensor(), needs[1] ? -sum(slope, 1) : Tensor()};
      });
}

Tensor cdist(const Tensor& a, const Tensor& b, double p, optional<int64_t> compute_mode) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::cdist, a, b, p, compute_mode);
  TAPER_CHECK_VALUE(p >= 0, "cdist: p must be 0 or more; got ", p);
  TAPER_CHECK_VALUE(!compute_mode || (*compute_mode >= 0 && *compute_mode <= 2),
                    "cdist: compute_mode must be 0, 1 or 2; got ", compute_mode.value_or(0));
  TAPER_CHECK(a.dim() >= 2 && b.dim() >= 2 && a.sizes().back() == b.sizes().back(),
              "cdist: the operands must be matrices (or batches of them) with rows of one size; got ", a.sizes(),
              " and ", b.sizes());
  TAPER_CHECK_TYPE(a.is_floating_point() && a.dtype() == b.dtype(),
                   "cdist: the operands must have the same floating-point dtype; got ", a.dtype(), " and ", b.dtype());
  const int64_t n = a.size(-2), m = b.size(-2), k = a.size(-1);
  DimVector batch = kernels::broadcast_sizes("cdist", a.sizes().slice(0, a.sizes().size() - 2),
                                             b.sizes().slice(0, b.sizes().size() - 2));
  const auto as_batch = [&](const Tensor& t, int64_t rows) {
    DimVector sizes = batch;
    sizes.push_back(rows);
    sizes.push_back(k);
    return t.expand(sizes).reshape({numel_of(batch), rows, k});
  };
  const Tensor y = distances(as_batch(a, n), as_batch(b, m), p);
  batch.push_back(n);
  batch.push_back(m);
  return y.reshape(batch);
}

Tensor pdist(const Tensor& x, double p) {
  TAPER_CHECK(x.dim() == 2, "pdist: the operand must be a matrix; got sizes ", x.sizes());
  TAPER_CHECK_TYPE(x.is_floating_point(), "pdist: the operand must be of a floating-point dtype; got ", x.dtype());
  TAPER_CHECK_VALUE(p >= 0, "pdist: p must be 0 or more; got ", p);
  const int64_t n = x.size(0);
  const Tensor pairs = triu_indices(n, n, 1);
  return index_points("PdistBackward0", cdist(x, x, p), {pairs[0], pairs[1]});
}

}  // namespace taper
