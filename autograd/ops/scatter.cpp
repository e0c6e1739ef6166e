// scatter, scatter_add and scatter_reduce: values put, added or reduced along one dimension, each at its own index.
#include <taper/autograd/ops/index_internal.h>
#include <taper/core/kernels/index.h>

#include <algorithm>
#include <limits>

namespace taper {

using namespace autograd;
using kernels::Combine;

namespace {

// A number as a source that is as large as the index.
Tensor spread(const Tensor& x, const Tensor& index, const Scalar& value) {
  return scalar_tensor(value, x.dtype()).expand(index.sizes());
}

// The part of src, of the sizes of the index, whose values are used; and back: 0 for the rest.
Tensor used_part(const Tensor& src, const Tensor& index) {
  if (src.numel() == index.numel()) return src.reshape(index.sizes());
  Tensor part = src;
  for (int64_t d = 0; d < index.dim(); ++d) part = part.narrow(d, 0, index.size(d));
  return part.dim() == index.dim() ? part : part.select(0, 0);
}
Tensor with_unused(const Tensor& part, const DimVector& sizes) {
  if (part.sizes() == IntArrayRef(sizes)) return part;
  Tensor whole = zeros(sizes, part.dtype());
  if (whole.numel() == part.numel()) return part.reshape(sizes);
  Tensor used = used_part(whole, part);
  used.copy_(part);
  return whole;
}

}  // namespace

// ---- scatter --------------------------------------------------------------------------------------------------------

// y = x, with src at the indices           dx = dy, 0 at the indices; dsrc = dy at the indices, 0 for values that a
// later one at the same index replaces
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  dim = wrap_dim("scatter", dim, x.dim());
  const Tensor y = copied(x);
  kernels::scatter_out("scatter", y, dim, index, src, Combine::Replace);
  return record("ScatterBackward0", {x, src}, y,
                [dim, index = save(index), sizes = src.impl()->sizes()](const Tensor& dy, const Needs& needs) {
                  const Tensor at = kernels::contiguous(index.get());  // once for the three that read it
                  Tensor dsrc;
                  if (needs[1]) {
                    const Tensor gathered = gather(dy, dim, at);  // checks the indices, which last_written does not
                    const Tensor stays = kernels::last_written(at, dim, size_along(dy, dim));
                    dsrc = with_unused(where_stays(stays, gathered), sizes);
                  }
                  return Grads{needs[0] ? scatter(dy, dim, at, 0) : Tensor(), dsrc};
                });
}

// y = x, with a number at the indices      dx = dy, 0 at the indices
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
  dim = wrap_dim("scatter", dim, x.dim());
  const Tensor y = copied(x);
  kernels::scatter_out("scatter", y, dim, index, spread(x, index, value), Combine::Replace);
  return record("ScatterBackward1", {x}, y,
                [dim, index = save(index)](const Tensor& dy) { return scatter(dy, dim, index.get(), 0); });
}

// y = x, with src added at the indices     dx = dy, dsrc = dy at the indices
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  dim = wrap_dim("scatter_add", dim, x.dim());
  const Tensor y = copied(x);
  kernels::scatter_out("scatter_add", y, dim, index, src, Combine::Add);
  return record("ScatterAddBackward0", {x, src}, y,
                [dim, index = save(index), sizes = src.impl()->sizes()](const Tensor& dy, const Needs& needs) {
                  return Grads{dy, needs[1] ? with_unused(gather(dy, dim, index.get()), sizes) : Tensor()};
                });
}

// ---- scatter_reduce -------------------------------------------------------------------------------------------------

namespace {

enum class Reduce { Sum, Prod, Mean, Amax, Amin };

Reduce reduce_named(std::string_view name) {
  if (name == "sum") return Reduce::Sum;
  if (name == "prod") return Reduce::Prod;
  if (name == "mean") return Reduce::Mean;
  if (name == "amax") return Reduce::Amax;
  TAPER_CHECK_VALUE(name == "amin", "scatter_reduce: reduce must be sum, prod, mean, amax or amin; got ", name);
  return Reduce::Amin;
}

Combine combine_of(Reduce reduce) {
  switch (reduce) {
    case Reduce::Prod: return Combine::Multiply;
    case Reduce::Amax: return Combine::Max;
    case Reduce::Amin: return Combine::Min;
    default: return Combine::Add;
  }
}

// What changes nothing when it is combined with other values.
Scalar neutral(Reduce reduce, ScalarType dtype) {
  if (reduce == Reduce::Prod) return 1;
  if (reduce == Reduce::Sum || reduce == Reduce::Mean) return 0;
  const bool largest = reduce == Reduce::Amin;
  return dispatch(compute_dtype(dtype), [&]<class T>(T) -> Scalar {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_floating_point_v<T>) return largest ? Limits::infinity() : -Limits::infinity();
    return largest ? Limits::max() : Limits::lowest();
  });
}

// How many values came together at each place, at least 1.
Tensor counted(const Tensor& x, int64_t dim, const Tensor& index, bool include_self) {
  const NoGradGuard no_grad;
  const Tensor one = ones({}, kFloat64).expand(index.sizes());
  const Tensor start = include_self ? ones(x.sizes(), kFloat64) : zeros(x.sizes(), kFloat64);
  return scatter_add(start, dim, index, one).clamp_min(1);
}

void reduce_into(const Tensor& y, int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce,
                 bool include_self) {
  const char* op = "scatter_reduce";
  if (!include_self) {
    kernels::scatter_out(op, y, dim, index, spread(y, index, neutral(reduce, y.dtype())), Combine::Replace);
  }
  kernels::scatter_out(op, y, dim, index, src, combine_of(reduce));
  if (reduce != Reduce::Mean || index.numel() == 0) return;
  const Tensor count = counted(y, dim, index, include_self);
  const Tensor mean = y.is_floating_point() ? y.detach() / count.to(y.dtype()) : (y.to(kFloat64) / count).floor();
  kernels::copy(y, mean);
}

// dx, and for each index what its value of src gets, of the index's sizes
using Shares = std::pair<Tensor, Tensor>;

Shares shares_of_extreme(const Tensor& dy, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                         const Tensor& y) {
  const Tensor mine = (x == y).to(dy.dtype()), theirs = (src == gather(y, dim, index)).to(dy.dtype());
  const Tensor each = dy / scatter_add(mine, dim, index, theirs).clamp_min(1);
  return {mine * each, theirs * gather(each, dim, index)};
}

// The product of all others. Where one factor is 0 that is not y divided by it: the zeros count as 1 and are counted.
Shares shares_of_product(const Tensor& dy, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                         bool include_self) {
  const Tensor own = include_self ? x : scatter(x, dim, index, 1);
  const Tensor x_zero = own == 0, src_zero = src == 0;
  const Tensor zeros_here = scatter_add(x_zero.to(kInt64), dim, index, src_zero.to(kInt64));
  const Tensor safe_x = masked_fill(own, x_zero, 1), safe_src = masked_fill(src, src_zero, 1);
  const Tensor rest = dy * scatter_reduce(safe_x, dim, index, safe_src, "prod");  // of the factors that are not 0
  const Tensor dx = where(zeros_here == x_zero.to(kInt64), rest / safe_x, 0);
  const Tensor dsrc =
      where(gather(zeros_here, dim, index) == src_zero.to(kInt64), gather(rest, dim, index) / safe_src, 0);
  return {dx, dsrc};
}

}  // namespace

// y = x and the values for each place, reduced
//   sum   dx = dy, dsrc = dy at the index
//   mean  the same of dy / how many came together
//   amax  the same of dy / how many are equal to y, 0 for those that are not
//   prod  the same of dy times the product of the others
// Without include_self dx is 0 at the indices.
Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, std::string_view name,
                      bool include_self) {
  dim = wrap_dim("scatter_reduce", dim, x.dim());
  const Reduce reduce = reduce_named(name);
  const Tensor y = copied(x);
  reduce_into(y, dim, index, src, reduce, include_self);
  const bool by_value = reduce == Reduce::Prod || reduce == Reduce::Amax || reduce == Reduce::Amin;
  return record("ScatterReduceBackward0", {x, src}, y,
                [=, index = save(index), x = save(x, by_value), src = save(src, by_value),
                 y = by_value ? save_result(y) : SavedTensor(),
                 sizes = src.impl()->sizes()](const Tensor& dy, const Needs& needs) {
                  const Tensor at = index.get();
                  Tensor dx = dy, dsrc;
                  if (by_value) {
                    const Tensor values = used_part(src.get(), at);
                    std::tie(dx, dsrc) = reduce == Reduce::Prod
                                             ? shares_of_product(dy, x.get(), dim, at, values, include_self)
                                             : shares_of_extreme(dy, x.get(), dim, at, values, y.get());
                  } else {
                    if (reduce == Reduce::Mean) dx = dy / counted(dy, dim, at, include_self).to(dy.dtype());
                    if (needs[1]) dsrc = gather(dx, dim, at);
                  }
                  return Grads{include_self || !needs[0] ? dx : scatter(dx, dim, at, 0),
                               needs[1] ? with_unused(dsrc, sizes) : Tensor()};
                });
}

// ---- scatter with "add" and "multiply" ------------------------------------------------------------------------------

static const char* reduction(std::string_view name) {
  TAPER_CHECK_VALUE(name == "add" || name == "multiply", "scatter: reduce must be add or multiply; got ", name);
  return name == "add" ? "sum" : "prod";
}

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce) {
  return scatter_reduce(x, dim, index, src, reduction(reduce));
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value, std::string_view reduce) {
  return scatter(x, dim, index, spread(x, index, value), reduce);
}

// ---- in place -------------------------------------------------------------------------------------------------------

Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src) const {
  return in_place(
      "scatter_", *this, {src}, [&] { kernels::scatter_out("scatter_", *this, dim, index, src, Combine::Replace); },
      [&](const Tensor& old) { return taper::scatter(old, dim, index, src); });
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Scalar& value) const {
  return in_place(
      "scatter_", *this, {},
      [&] { kernels::scatter_out("scatter_", *this, dim, index, spread(*this, index, value), Combine::Replace); },
      [&](const Tensor& old) { return taper::scatter(old, dim, index, value); });
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce) const {
  return scatter_reduce_(dim, index, src, reduction(reduce));
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Scalar& value, std::string_view reduce) const {
  return scatter_(dim, index, spread(*this, index, value), reduce);
}
Tensor& Tensor::scatter_add_(int64_t dim, const Tensor& index, const Tensor& src) const {
  return in_place(
      "scatter_add_", *this, {src}, [&] { kernels::scatter_out("scatter_add_", *this, dim, index, src, Combine::Add); },
      [&](const Tensor& old) { return taper::scatter_add(old, dim, index, src); });
}

}  // namespace taper
