// Cumulative sums and products along a dimension, and the product of a dimension. Their derivatives run in reverse.
#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/cumulative.h>
#include <taper/core/kernels/reduce.h>

#include <limits>

namespace taper {

using namespace autograd;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// y_i = x_(i-1), with `edge` in the first place; in reverse y_i = x_(i+1), with it in the last.
Tensor shifted(const Tensor& x, int64_t dim, double edge, bool reverse) {
  if (x.dim() == 0) return full_like(x, edge);
  const int64_t n = x.size(dim);
  if (n == 0) return x;
  const Tensor rest = narrow(x, dim, reverse ? 1 : 0, n - 1), border = full_like(narrow(x.detach(), dim, 0, 1), edge);
  return reverse ? cat({rest, border}, dim) : cat({border, rest}, dim);
}

// y_i = b_i + a_i y_(i-1)                     db: the recurrence backwards, with a_(i+1); da_i = db_i y_(i-1)
Tensor recurrence(const Tensor& a, const Tensor& b, int64_t dim, bool reverse) {
  Tensor y = kernels::recurrence(a, b, dim, reverse);
  return record("RecurrenceBackward0", {a, b}, y,
                [=, sa = save(a), sy = save_result_of(a, y)](const Tensor& dy, const Needs& needs) {
                  const Tensor db = recurrence(shifted(sa.get(), dim, 0, !reverse), dy, dim, !reverse);
                  return Grads{needs[0] ? db * shifted(sy.get(), dim, 0, reverse) : Tensor(), db};
                });
}

// Of integers the result is int64, unless asked for otherwise.
ScalarType cumulative_dtype(const Tensor& x, optional<ScalarType> dtype) {
  return dtype ? *dtype : is_floating_point(x.dtype()) ? x.dtype() : kInt64;
}
// x as its derivative sees it: converted on the tape.
Tensor converted(const Tensor& x, ScalarType dtype) {
  return x.dtype() != dtype && is_floating_point(dtype) ? x.to(dtype) : x;
}

// y_i = x_0 + ... + x_i                                    dx_i = dy_i + dy_(i+1) + ...
Tensor cumulative_sum(const Tensor& x, int64_t dim, ScalarType dtype, bool reverse) {
  return record("CumsumBackward0", {x}, kernels::cumsum(x, dim, dtype, reverse),
                [=](const Tensor& dy) { return cumulative_sum(dy, dim, dy.dtype(), !reverse); });
}

// y_i = x_0 ... x_i                                        dx_i = y_(i-1) g_i, g_i = dy_i + x_(i+1) g_(i+1)
// Nothing is divided, so zeros need no special case.
Tensor cumulative_product(const Tensor& x, int64_t dim, ScalarType dtype, bool reverse) {
  Tensor y = kernels::cumprod(x, dim, dtype, reverse);
  return record("CumprodBackward0", {x}, y, [=, sx = save(x), sy = save_result(y)](const Tensor& dy) {
    return shifted(sy.get(), dim, 1, reverse) * recurrence(shifted(sx.get(), dim, 0, !reverse), dy, dim, !reverse);
  });
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim, optional<ScalarType> dtype) {
  const ScalarType type = cumulative_dtype(x, dtype);
  return cumulative_sum(converted(x, type), dim, type, false);
}

Tensor cumprod(const Tensor& x, int64_t dim, optional<ScalarType> dtype) {
  const ScalarType type = cumulative_dtype(x, dtype);
  return cumulative_product(converted(x, type), dim, type, false);
}

// y_i = ln(e^x_0 + ... + e^x_i)          dx_i = exp(x_i - y_i) h_i, h_i = dy_i + exp(y_i - y_(i+1)) h_(i+1)
// No exponent is positive. Where y is -inf there is nothing yet to give a gradient to.
Tensor logcumsumexp(const Tensor& x, int64_t dim) {
  Tensor y = kernels::logcumsumexp(x, dim);
  return record("LogcumsumexpBackward0", {x}, y, [=, sx = save(x), sy = save_result(y)](const Tensor& dy) {
    const Tensor total = sy.get(), nothing = total == -kInfinity;
    const Tensor next = shifted(total, dim, kInfinity, true);
    const Tensor decay = exp(masked_fill(total, nothing, 0) - masked_fill(next, nothing, kInfinity));
    const Tensor h = recurrence(decay, dy, dim, true);
    return exp(sx.get() - masked_fill(total, nothing, kInfinity)) * h;
  });
}

// y = prod x along dim                                     dx_i = dy (product before i) (product after i)
Tensor prod(const Tensor& x, int64_t dim, bool keepdim, optional<ScalarType> dtype) {
  if (autocast::is_cpu_enabled()) {
    return autocast::in_float32([&](const Tensor& y) { return taper::prod(y, dim, keepdim, dtype); }, x);
  }
  const ScalarType type = cumulative_dtype(x, dtype);
  const Tensor operand = converted(x, type);
  const int64_t d = wrap_dim("prod", dim, x.dim());
  return record("ProdBackward1", {operand}, kernels::prod(operand, d, keepdim, type),
                [=, sx = save(operand)](const Tensor& dy) {
                  const Tensor v = sx.get();
                  const Tensor before = shifted(cumulative_product(v, d, v.dtype(), false), d, 1, false);
                  const Tensor after = shifted(cumulative_product(v, d, v.dtype(), true), d, 1, true);
                  return (keepdim || v.dim() == 0 ? dy : dy.unsqueeze(d)) * (before * after);
                });
}

// ---- in place -------------------------------------------------------------------------------------------------------

template <class Function>
static Tensor& cumulative_in_place(const char* op, const Tensor& x, optional<ScalarType> dtype, Function function) {
  TAPER_CHECK_TYPE(!dtype || *dtype == x.dtype(), op, ": in place, dtype must be the tensor's own; got ",
                   dtype.value_or(x.dtype()), " for a tensor of type ", x.dtype());
  return in_place_by_copy(op, x, {}, true, function);
}

Tensor& Tensor::cumsum_(int64_t dim, optional<ScalarType> type) const {
  return cumulative_in_place("cumsum_", *this, type, [&](const Tensor& x) { return taper::cumsum(x, dim, x.dtype()); });
}
Tensor& Tensor::cumprod_(int64_t dim, optional<ScalarType> type) const {
  return cumulative_in_place("cumprod_", *this, type,
                             [&](const Tensor& x) { return taper::cumprod(x, dim, x.dtype()); });
}

}  // namespace taper
