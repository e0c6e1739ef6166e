#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/ops_internal.h>
#include <taper/autograd/view_geometry.h>
#include <taper/core/kernels/matmul.h>
#include <taper/core/kernels/reduce.h>

namespace taper {

using namespace autograd;

// op(a) op(b) with op the transpose where asked for; the views are made only when they go on the tape.
static Tensor product(const Tensor& a, bool trans_a, const Tensor& b, bool trans_b) {
  if (!GradMode::is_enabled()) return kernels::mm(a, trans_a, b, trans_b);
  return mm(trans_a ? a.t() : a, trans_b ? b.t() : b);
}

// y = a b                                  da = dy b^T, db = a^T dy
Tensor mm(const Tensor& a, const Tensor& b) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::mm, a, b);
  return record("MmBackward0", {a, b}, kernels::mm(a, b),
                [a = save(a, b.requires_grad()), b = save(b, a.requires_grad())](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? product(dy, false, b.get(), true) : Tensor(),
                               needs[1] ? product(a.get(), true, dy, false) : Tensor()};
                });
}

// y_i = a_i b_i for each matrix of the batch, whose dims broadcast; derivatives as of mm
static Tensor batched(const Tensor& a, const Tensor& b) {
  return record("BmmBackward0", {a, b}, kernels::bmm(a, b),
                [a = save(a, b.requires_grad()), b = save(b, a.requires_grad())](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? batched(dy, b.get().transpose(-2, -1)) : Tensor(),
                               needs[1] ? batched(a.get().transpose(-2, -1), dy) : Tensor()};
                });
}
Tensor bmm(const Tensor& a, const Tensor& b) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::bmm, a, b);
  TAPER_CHECK(a.dim() == 3 && b.dim() == 3, "bmm: the operands must have 3 dimensions; got ", a.sizes(), " and ",
              b.sizes(), "; matmul takes other shapes");
  TAPER_CHECK(a.sizes()[0] == b.sizes()[0], "bmm: the batches must have the same size; got ", a.sizes(), " and ",
              b.sizes());
  return batched(a, b);
}

// y_i = sum_j a_ij x_j                     da = dy x^T, dx = a^T dy
Tensor mv(const Tensor& a, const Tensor& x) {
  return record("MvBackward0", {a, x}, kernels::mv(a, x),
                [a = save(a, x.requires_grad()), x = save(x, a.requires_grad())](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? outer(dy, x.get()) : Tensor(), needs[1] ? mv(a.get().t(), dy) : Tensor()};
                });
}

// y = sum_i a_i b_i                        da = dy b, db = dy a
Tensor dot(const Tensor& a, const Tensor& b) {
  return record("DotBackward0", {a, b}, kernels::dot(a, b),
                [a = save(a, b.requires_grad()), b = save(b, a.requires_grad())](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? dy * b.get() : Tensor(), needs[1] ? dy * a.get() : Tensor()};
                });
}

Tensor outer(const Tensor& a, const Tensor& b) {
  TAPER_CHECK(a.dim() == 1 && b.dim() == 1, "outer: two vectors are needed; got ", a.sizes(), " and ", b.sizes());
  return a.unsqueeze(1) * b;
}

// 1-D operands become matrices of one row or column, whose dim the result loses; more than 2 dims are a batch. A batch
// times one matrix is one product of all its rows.
Tensor matmul(const Tensor& a, const Tensor& b) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::matmul, a, b);
  const int64_t ra = a.dim(), rb = b.dim();
  TAPER_CHECK(ra > 0 && rb > 0, "matmul: the operands must have at least one dimension; got ", a.sizes(), " and ",
              b.sizes());
  const int64_t k = a.sizes().back(), inner = b.size(rb == 1 ? 0 : -2);
  TAPER_CHECK(k == inner, "matmul: the last dimension of the first operand must agree with ",
              rb == 1 ? "the vector" : "the last but one of the second", "; got ", a.sizes(), " and ", b.sizes());
  if (ra == 1 && rb == 1) return dot(a, b);
  if (ra == 2 && rb == 1) return mv(a, b);
  if (ra == 2 && rb == 2) return mm(a, b);
  if (ra == 1) return matmul(a.unsqueeze(0), b).squeeze(-2);
  if (rb > 2) return batched(a, b);
  DimVector sizes(a.sizes().begin(), a.sizes().end() - 1);
  const int64_t rows = numel_of(sizes);
  if (rb == 1) return mv(a.reshape({rows, k}), b).reshape(sizes);
  sizes.push_back(b.size(1));
  return mm(a.reshape({rows, k}), b).reshape(sizes);
}

// y = beta x + alpha a b                   dx = beta dy, da = alpha dy b^T, db = alpha a^T dy
Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::addmm, x, a, b, beta, alpha);
  TAPER_CHECK(a.dim() == 2 && b.dim() == 2 && a.sizes()[1] == b.sizes()[0],
              "addmm: the operands must be matrices whose inner dimensions agree; got ", a.sizes(), " and ", b.sizes());
  TAPER_CHECK_TYPE(x.dtype() == a.dtype(), "addmm: the summand must have the dtype of the product; got ", x.dtype(),
                   " and ", a.dtype());
  const DimVector sizes{a.sizes()[0], b.sizes()[1]};
  TAPER_CHECK(kernels::broadcast_sizes("addmm", x.sizes(), sizes) == sizes, "addmm: the summand must broadcast to ",
              sizes, "; got ", x.sizes());
  const Tensor y = empty(sizes, a.dtype());
  if (beta.toDouble() != 0) kernels::copy(y, x);
  kernels::addmm_out(y, a, b, beta.toDouble(), alpha.toDouble());
  return record("AddmmBackward0", {x, a, b}, y,
                [a = save(a, b.requires_grad()), b = save(b, a.requires_grad()), beta, alpha](const Tensor& dy,
                                                                                              const Needs& needs) {
                  return Grads{needs[0] ? scaled(dy, beta) : Tensor(),
                               needs[1] ? scaled(product(dy, false, b.get(), true), alpha) : Tensor(),
                               needs[2] ? scaled(product(a.get(), true, dy, false), alpha) : Tensor()};
                });
}

// ---- linear: the hot operation --------------------------------------------------------------------------------------
namespace {

// x [..., cols] as [rows, cols]: itself when it is a matrix, else a view of it (of its copy, unless row-major).
Tensor as_matrix(const Tensor& x) {
  if (x.dim() == 2) return x;
  const DimVector sizes{numel_of(x.sizes().slice(0, x.sizes().size() - 1)), x.sizes().back()};
  if (GradMode::is_enabled()) return x.reshape(sizes);
  return alias(kernels::contiguous(x), sizes, {sizes[1], 1});
}

struct LinearBackward {
  SavedTensor x, weight;
  DimVector x_sizes;
  bool has_bias;

  // dx = dy W, dW = dy^T x, db = sum of dy's rows
  Grads operator()(const Tensor& dy, const Needs& needs) const {
    Grads d(has_bias ? 3 : 2);
    const Tensor rows = as_matrix(dy);
    if (needs[0]) {
      d[0] = product(rows, false, weight.get(), false);
      if (x_sizes.size() != 2) d[0] = d[0].reshape(x_sizes);
    }
    if (needs[1]) d[1] = product(rows, true, as_matrix(x.get()), false);
    if (has_bias && needs[2]) d[2] = GradMode::is_enabled() ? sum(rows, 0) : kernels::sum(rows, 0, false);
    return d;
  }
};

}  // namespace

// y = x W^T + b
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(taper::linear, x, weight, bias);
  const bool has_bias = bias.defined();
  TAPER_CHECK(weight.dim() == 2 && x.dim() >= 1 && x.sizes().back() == weight.sizes()[1], "linear: the last size of ",
              "the input must be the in_features of the weight, [out_features, in_features]; got input ", x.sizes(),
              " and weight ", weight.sizes());
  TAPER_CHECK_TYPE(x.dtype() == weight.dtype() && (!has_bias || bias.dtype() == x.dtype()),
                   "linear: input, weight and bias must have the same dtype; got ", x.dtype(), ", ", weight.dtype(),
                   " and ", has_bias ? to_string(bias.dtype()) : "no bias", "; convert the input with .to(dtype)");
  const int64_t out = weight.sizes()[0];
  TAPER_CHECK(!has_bias || (bias.dim() == 1 && bias.sizes()[0] == out), "linear: the bias must be [", out,
              "], as the weight ", weight.sizes(), " says; got ", bias.sizes());
  Tensor y;
  if (x.dim() == 2) {
    y = kernels::linear(x, weight, bias);
  } else {
    const NoGradGuard plain;
    DimVector sizes = x.impl()->sizes();
    sizes.back() = out;
    y = kernels::linear(as_matrix(x), weight, bias);
    y.impl()->set_contiguous(sizes);
  }
  const auto backward = [&] {
    return LinearBackward{save(x, weight.requires_grad()), save(weight, x.requires_grad()), x.impl()->sizes(),
                          has_bias};
  };
  if (!has_bias) return record("MmBackward0", {x, weight}, std::move(y), backward());
  return record("AddmmBackward0", {x, weight, bias}, std::move(y), backward());
}

}  // namespace taper
