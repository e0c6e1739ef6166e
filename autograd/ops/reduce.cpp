#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/reduce.h>

#include <cmath>
#include <limits>

namespace taper {

using namespace autograd;

namespace {

// What a reduction of x did, for its derivative.
struct Slices {
  DimVector sizes;  // of x
  DimVector kept;   // of the result, with size 1 where x was reduced
  DimVector dims;   // that were reduced
  int64_t count;    // elements of one slice

  Slices(const char* op, const Tensor& x, IntArrayRef reduced) : sizes(x.sizes().begin(), x.sizes().end()), count(1) {
    const kernels::DimMask mask = kernels::dim_mask(op, reduced, x.dim());
    kept = kernels::reduced_sizes(sizes, mask, true);
    for (size_t d = 0; d < sizes.size(); ++d) {
      if (!mask[d]) continue;
      dims.push_back(static_cast<int64_t>(d));
      count *= sizes[d];
    }
  }
  // A value per slice, in the sizes that broadcast over x.
  Tensor restore(const Tensor& v) const { return v.dim() == static_cast<int64_t>(kept.size()) ? v : v.reshape(kept); }
};

}  // namespace

// y = sum x                                dx = dy, repeated
Tensor sum(const Tensor& x, optional<ScalarType> dtype) {
  return record("SumBackward0", {x}, kernels::sum(x, {}, false, dtype),
                [sizes = DimVector(x.sizes().begin(), x.sizes().end())](const Tensor& dy) { return dy.expand(sizes); });
}
Tensor sum(const Tensor& x, IntArrayRef dim, bool keepdim, optional<ScalarType> dtype) {
  return record("SumBackward1", {x}, kernels::sum(x, dim, keepdim, dtype),
                [s = Slices("sum", x, dim)](const Tensor& dy) { return s.restore(dy).expand(s.sizes); });
}

// y = sum x / n                            dx = dy / n, repeated
Tensor mean(const Tensor& x, optional<ScalarType> dtype) {
  if (dtype && *dtype != x.dtype()) return mean(x.to(*dtype));
  return record("MeanBackward0", {x}, kernels::mean(x, {}, false),
                [sizes = DimVector(x.sizes().begin(), x.sizes().end()), n = x.numel()](const Tensor& dy) {
                  return (dy / n).expand(sizes);
                });
}
Tensor mean(const Tensor& x, IntArrayRef dim, bool keepdim, optional<ScalarType> dtype) {
  if (dtype && *dtype != x.dtype()) return mean(x.to(*dtype), dim, keepdim);
  return record("MeanBackward1", {x}, kernels::mean(x, dim, keepdim),
                [s = Slices("mean", x, dim)](const Tensor& dy) { return (s.restore(dy) / s.count).expand(s.sizes); });
}

// y = sum (x - m)^2 / (n - c)              dx = dy 2 (x - m) / (n - c), with m = mean x
static Tensor var_gradient(const Tensor& x, const Slices& s, int64_t correction, const Tensor& dy) {
  const double scale = 2 / (static_cast<double>(s.count) - static_cast<double>(correction));
  return s.restore(dy) * scale * (x - mean(x, s.dims, true));
}
Tensor var(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim) {
  const int64_t c = correction.value_or(1);
  return record(
      "VarBackward0", {x}, kernels::var(x, dim, c, keepdim),
      [x = save(x), s = Slices("var", x, dim), c](const Tensor& dy) { return var_gradient(x.get(), s, c, dy); });
}

// y = sqrt(var x)                          dx = dvar(dy / (2 y)), 0 where y is 0
Tensor std(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim) {
  const int64_t c = correction.value_or(1);
  const Tensor y = kernels::var(x, dim, c, keepdim);
  kernels::unary_out(y, kernels::UnaryOp::Sqrt, y);
  return record("StdBackward0", {x}, y,
                [x = save(x), y = save_result(y), s = Slices("std", x, dim), c](const Tensor& dy) {
                  const Tensor std = y.get();
                  return var_gradient(x.get(), s, c, masked_fill(dy / (std * 2), std == 0, 0));
                });
}

// ---- composed of the others -----------------------------------------------------------------------------------------

#define TAPER_MOMENTS(name, spread)                                                                               \
  Tensor spread(const Tensor& x, bool unbiased) { return spread(x, IntArrayRef(), unbiased, false); }             \
  Tensor spread(const Tensor& x, IntArrayRef dim, bool unbiased, bool keepdim) {                                  \
    return spread(x, dim, optional<int64_t>(unbiased), keepdim);                                                  \
  }                                                                                                               \
  std::tuple<Tensor, Tensor> name(const Tensor& x, bool unbiased) { return {spread(x, unbiased), mean(x)}; }      \
  std::tuple<Tensor, Tensor> name(const Tensor& x, IntArrayRef dim, bool unbiased, bool keepdim) {                \
    return {spread(x, dim, unbiased, keepdim), mean(x, dim, keepdim)};                                            \
  }                                                                                                               \
  std::tuple<Tensor, Tensor> name(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim) { \
    return {spread(x, dim, correction, keepdim), mean(x, dim, keepdim)};                                          \
  }
TAPER_MOMENTS(std_mean, std)
TAPER_MOMENTS(var_mean, var)
#undef TAPER_MOMENTS

Tensor nansum(const Tensor& x, IntArrayRef dim, bool keepdim, optional<ScalarType> dtype) {
  return sum(x.is_floating_point() ? masked_fill(x, isnan(x), 0) : x, dim, keepdim, dtype);
}
Tensor count_nonzero(const Tensor& x, IntArrayRef dim) { return kernels::sum(x.detach() != 0, dim, false); }

std::tuple<Tensor, Tensor> aminmax(const Tensor& x, optional<int64_t> dim, bool keepdim) {
  if (dim) return {amin(x, *dim, keepdim), amax(x, *dim, keepdim)};
  return {amin(x, {}, keepdim), amax(x, {}, keepdim)};
}

Tensor trace(const Tensor& x) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::trace, x);
  TAPER_CHECK(x.dim() == 2, "trace: the tensor must be a matrix; got sizes ", x.sizes());
  return sum(diagonal(x));
}

// y = prod x                               dx_i = dy prod_{j != i} x_j
// Without zeros that is dy y / x_i. Zeros are multiplied apart from the rest; for more than three of them all
// derivatives up to the third vanish.
static Tensor prod_gradient(const Tensor& x, const Tensor& y, const Tensor& dy) {
  const Tensor flat = x.reshape({-1});
  const Tensor at_zero = nonzero(flat == 0).reshape({-1});
  const int64_t zeros_count = at_zero.numel();
  if (zeros_count == 0) return dy * (y / x);
  const Tensor elsewhere = nonzero(flat != 0).reshape({-1});
  const Tensor zero_part = index_select(flat, 0, at_zero), rest = index_select(flat, 0, elsewhere);
  const Tensor rest_product = prod(rest);
  Tensor others = zeros({zeros_count}, x.dtype());
  if (zeros_count <= 3) {
    std::vector<Tensor> products;
    for (int64_t i = 0; i < zeros_count; ++i) {
      products.push_back(prod(cat({narrow(zero_part, 0, 0, i), narrow(zero_part, 0, i + 1, zeros_count - i - 1)})));
    }
    others = stack(products);
  }
  const Tensor dx = zeros({flat.numel()}, x.dtype());
  return index_add(index_add(dx, 0, elsewhere, dy * prod(zero_part) * rest_product / rest), 0, at_zero,
                   dy * rest_product * others)
      .reshape(x.sizes());
}
Tensor prod(const Tensor& x, optional<ScalarType> dtype) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32([](const Tensor& y, const auto& to) { return taper::prod(y, to); }, x, dtype);
  if (dtype && *dtype != x.dtype() && x.is_floating_point()) return prod(x.to(*dtype));
  const Tensor y = kernels::prod(x, {}, false, dtype);
  return record("ProdBackward0", {x}, y,
                [x = save(x), y = save_result(y)](const Tensor& dy) { return prod_gradient(x.get(), y.get(), dy); });
}

// y = max x over some dims                 dx = dy where x = y, shared evenly between equal elements
static Tensor extreme(const char* name, const char* op, bool largest, const Tensor& x, IntArrayRef dim, bool keepdim) {
  const Tensor y = largest ? kernels::amax(x, dim, keepdim) : kernels::amin(x, dim, keepdim);
  return record(name, {x}, y, [x = save(x), y = save_result(y), s = Slices(op, x, dim)](const Tensor& dy) {
    const Tensor value = x.get(), best = s.restore(y.get());
    const Tensor winners = logical_or(value == best, logical_and(isnan(value), isnan(best)));
    return where(winners, s.restore(dy) / sum(winners, s.dims, true), 0);
  });
}
Tensor max(const Tensor& x) { return extreme("MaxBackward1", "max", true, x, {}, false); }
Tensor min(const Tensor& x) { return extreme("MinBackward1", "min", false, x, {}, false); }
Tensor amax(const Tensor& x, IntArrayRef dim, bool keepdim) {
  return extreme("AmaxBackward0", "amax", true, x, dim, keepdim);
}
Tensor amin(const Tensor& x, IntArrayRef dim, bool keepdim) {
  return extreme("AminBackward0", "amin", false, x, dim, keepdim);
}

// (y, i) = max x along dim                 dx = dy at i
static std::tuple<Tensor, Tensor> extreme_dim(const char* name, bool largest, const Tensor& x, int64_t dim,
                                              bool keepdim) {
  auto [y, index] = largest ? kernels::max_dim(x, dim, keepdim) : kernels::min_dim(x, dim, keepdim);
  y = record(name, {x}, y, [index = save(index), s = Slices(largest ? "max" : "min", x, dim)](const Tensor& dy) {
    const int64_t along = s.dims.empty() ? 0 : s.dims[0];
    return scatter_add(zeros(s.sizes, dy.dtype()), along, s.restore(index.get()), s.restore(dy));
  });
  return {y, index};
}
std::tuple<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme_dim("MaxBackward0", true, x, dim, keepdim);
}
std::tuple<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme_dim("MinBackward0", false, x, dim, keepdim);
}

static Tensor arg_extreme(bool largest, const Tensor& x, optional<int64_t> dim, bool keepdim) {
  const Tensor plain = x.detach();
  if (dim)
    return std::get<1>(largest ? kernels::max_dim(plain, *dim, keepdim) : kernels::min_dim(plain, *dim, keepdim));
  const Tensor flat = plain.reshape({x.numel()});
  const Tensor index = std::get<1>(largest ? kernels::max_dim(flat, 0, false) : kernels::min_dim(flat, 0, false));
  return keepdim ? index.reshape(DimVector(x.sizes().size(), 1)) : index;
}
Tensor argmax(const Tensor& x, optional<int64_t> dim, bool keepdim) { return arg_extreme(true, x, dim, keepdim); }
Tensor argmin(const Tensor& x, optional<int64_t> dim, bool keepdim) { return arg_extreme(false, x, dim, keepdim); }
Tensor all(const Tensor& x) { return kernels::all(x, {}, false); }
Tensor all(const Tensor& x, int64_t dim, bool keepdim) { return kernels::all(x, dim, keepdim); }
Tensor any(const Tensor& x) { return kernels::any(x, {}, false); }
Tensor any(const Tensor& x, int64_t dim, bool keepdim) { return kernels::any(x, dim, keepdim); }

// y = (sum |x|^p)^(1/p)                    dx = dy sign(x) (|x| / y)^(p - 1)
// p = 2: dy x / y, 0 where y is 0; p = 1: dy sign(x); p = 0: 0; p = inf: dy sign(x), shared between the largest.
static Tensor norm_gradient(const Tensor& x, const Tensor& y, double p, const Slices& s, const Tensor& dy) {
  if (p == 0) return zeros_like(x);
  if (p == 1) return dy * sign(x);
  const Tensor a = abs(x);
  if (std::isinf(p)) {
    const Tensor winners = a == y;
    return where(winners, dy * sign(x) / sum(winners, s.dims, true), 0);
  }
  if (p == 2) return x * masked_fill(dy / y, y == 0, 0);
  const Tensor zero = p < 1 ? x == 0 : logical_or(y == 0, p < 2 ? x == 0 : y == 0);
  // Elements at 0 are replaced by 1 first: their power may be infinite, and 0 times it NaN.
  return masked_fill(dy * sign(x) * pow(masked_fill(a, zero, 1) / masked_fill(y, y == 0, 1), p - 1), zero, 0);
}
static Tensor norm(const char* name, const Tensor& x, double p, IntArrayRef dim, bool keepdim) {
  const Tensor y = kernels::norm(x, p, dim, keepdim);
  return record(name, {x}, y, [x = save(x), y = save_result(y), s = Slices("norm", x, dim), p](const Tensor& dy) {
    return norm_gradient(x.get(), s.restore(y.get()), p, s, s.restore(dy));
  });
}
Tensor norm(const Tensor& x, const Scalar& p) { return norm("NormBackward0", x, p.toDouble(), {}, false); }
Tensor norm(const Tensor& x, const optional<Scalar>& p, IntArrayRef dim, bool keepdim) {
  return norm("NormBackward1", x, p ? p->toDouble() : 2, dim, keepdim);
}

// y = ln sum exp x                         dx = dy exp(x - y), 0 where a slice is all -inf
// Seen from the largest element, so that nothing overflows.
Tensor logsumexp(const Tensor& x, IntArrayRef dim, bool keepdim) {
  const Slices slices("logsumexp", x, dim);
  const double infinity = std::numeric_limits<double>::infinity();
  Tensor y;
  {
    const NoGradGuard no_grad;
    const Tensor plain = x.is_floating_point() ? x.detach() : x.to(get_default_dtype());
    const Tensor best = x.numel() == 0 ? zeros(slices.kept, plain.dtype()) : kernels::amax(plain, dim, true);
    const Tensor center = masked_fill(best, isinf(best), 0);
    y = log(sum(exp(plain - center), dim, true)) + center;
    if (!keepdim) {
      y = y.reshape(kernels::reduced_sizes(x.sizes(), kernels::dim_mask("logsumexp", dim, x.dim()), false));
    }
    y = y.detach();
  }
  return record("LogsumexpBackward0", {x}, y,
                [x = save(x), y = save_result(y), s = slices, infinity](const Tensor& dy) {
                  const Tensor total = s.restore(y.get());
                  return s.restore(dy) * exp(x.get() - masked_fill(total, total == -infinity, infinity));
                });
}

// y = x summed to the sizes                dx = dy, expanded
Tensor sum_to_size(const Tensor& x, IntArrayRef sizes) {
  if (x.sizes() == sizes) return x;
  const size_t rank = x.sizes().size(), extra = rank - sizes.size();
  bool fits = sizes.size() <= rank;
  DimVector dims;
  for (size_t d = 0; fits && d < rank; ++d) {
    if (d < extra || (sizes[d - extra] == 1 && x.sizes()[d] != 1)) {
      dims.push_back(static_cast<int64_t>(d));
    } else {
      fits = sizes[d - extra] == x.sizes()[d];
    }
  }
  TAPER_CHECK(fits, "sum_to_size: the wanted sizes must broadcast to those of the tensor; got ", sizes, " and ",
              x.sizes());
  if (extra == 0) return sum(x, dims, true);
  const Tensor y = sum(x, dims, false);
  return y.dim() == static_cast<int64_t>(sizes.size()) ? y : y.reshape(sizes);
}

}  // namespace taper
