// Values put, added or combined at places that an index names.
#include <taper/autograd/functions.h>
#include <taper/autograd/ops/elementwise.h>
#include <taper/autograd/ops/index.h>
#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/index.h>

#include <algorithm>
#include <limits>

namespace taper {

using namespace autograd;
using kernels::Combine;

namespace {

Tensor copied(const Tensor& x) { return kernels::to_dtype(x, x.dtype()); }

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

// y = x, with src at the indices           dx = dy, 0 at the indices; dsrc = dy at the indices
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  dim = wrap_dim("scatter", dim, x.dim());
  const Tensor y = copied(x);
  kernels::scatter_out("scatter", y, dim, index, src, Combine::Replace);
  return record("ScatterBackward0", {x, src}, y,
                [dim, index = save(index), sizes = src.impl()->sizes()](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? scatter(dy, dim, index.get(), 0) : Tensor(),
                               needs[1] ? with_unused(gather(dy, dim, index.get()), sizes) : Tensor()};
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
  return dispatch(dtype, [&]<class T>(T) -> Scalar {
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

namespace {

const char* reduction(std::string_view name) {
  TAPER_CHECK_VALUE(name == "add" || name == "multiply", "scatter: reduce must be add or multiply; got ", name);
  return name == "add" ? "sum" : "prod";
}

}  // namespace

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce) {
  return scatter_reduce(x, dim, index, src, reduction(reduce));
}
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value, std::string_view reduce) {
  return scatter(x, dim, index, spread(x, index, value), reduce);
}

// ---- slices at the indices of a vector ------------------------------------------------------------------------------

namespace {

Tensor times_alpha(const Tensor& source, const Scalar& alpha) {
  if (alpha.isFloatingPoint() ? alpha.toDouble() == 1 : alpha.toLong() == 1) return source;
  TAPER_CHECK_TYPE(source.is_floating_point() || !alpha.isFloatingPoint(),
                   "index_add: alpha must be an integer for integers; got ", alpha, " for ", source.dtype());
  return (source * alpha).to(source.dtype());
}

}  // namespace

// y = x, with alpha source[..., i, ...] added at index[i]          dx = dy, dsource = alpha dy at the indices
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) {
  dim = wrap_dim("index_add", dim, x.dim());
  const Tensor y = copied(x), added = times_alpha(source, alpha);
  kernels::index_add_out(y, dim, index, added);
  return record("IndexAddBackward0", {x, added}, y,
                [dim, index = save(index), sizes = added.impl()->sizes()](const Tensor& dy, const Needs& needs) {
                  return Grads{dy, needs[1] ? index_select(dy, dim, index.get()).reshape(sizes) : Tensor()};
                });
}

namespace {

Tensor as_vector(const Tensor& x) { return x.dim() == 0 ? x.reshape({1}) : x; }

// Where index_copy and index_fill write, in as_vector(x).
Indices places(const char* op, const Tensor& x, int64_t dim, const Tensor& index, bool negative) {
  dim = wrap_dim(op, dim, x.dim());
  TAPER_CHECK_TYPE(index.dtype() == kInt64, op, ": the index must be int64; got ", index.dtype());
  TAPER_CHECK_INDEX(index.dim() <= 1, op, ": the index must be a vector; got sizes ", index.sizes());
  const int64_t size = x.dim() == 0 ? 1 : x.size(dim), low = negative ? -size : 0;
  const Tensor list = kernels::contiguous(index);
  for (int64_t i = 0; i < list.numel(); ++i) {
    const int64_t at = list.data_ptr<int64_t>()[i];
    TAPER_CHECK_INDEX(at >= low && at < size, op, ": the index must be in [", low, ", ", size - 1, "] for dimension ",
                      dim, " of sizes ", x.sizes(), "; got ", at);
  }
  return along(dim, as_vector(index));
}

// The source of index_copy as it stands in as_vector(x).
Tensor fitted_source(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  TAPER_CHECK_TYPE(x.dtype() == source.dtype(), "index_copy: tensor and source must have the same dtype; got ",
                   x.dtype(), " and ", source.dtype());
  DimVector sizes = as_vector(x.detach()).impl()->sizes();
  sizes[static_cast<size_t>(wrap_dim("index_copy", dim, x.dim()))] = index.numel();
  const bool one = source.dim() == 0 && sizes.size() == 1 && sizes[0] == 1;
  TAPER_CHECK(one || source.sizes().equals(sizes), "index_copy: the source must have the sizes ", sizes,
              ", those of the tensor with ", index.numel(), " indices in dimension ", dim, "; got ", source.sizes());
  return source.reshape(sizes);
}

void check_fill_value(const Tensor& value) {
  TAPER_CHECK(value.dim() == 0, "index_fill: the value must be a zero-dim tensor or a number; got sizes ",
              value.sizes());
}

// The values of x, which is changed, flattened; the same memory where that is possible.
template <class Write>
void write_flat(const Tensor& x, const Write& write) {
  if (x.is_contiguous()) return write(x.detach().view({x.numel()}));
  const Tensor flat = copied(x).view({x.numel()});
  write(flat);
  kernels::copy(x, flat.view(x.sizes()));
}

void check_put(const Tensor& x, const Tensor& index, const Tensor& source) {
  TAPER_CHECK_TYPE(index.dtype() == kInt64, "put_: the index must be int64; got ", index.dtype());
  TAPER_CHECK_TYPE(x.dtype() == source.dtype(), "put_: tensor and source must have the same dtype; got ", x.dtype(),
                   " and ", source.dtype());
  TAPER_CHECK(index.numel() == source.numel(), "put_: one value an index is needed; got indices ", index.sizes(),
              " and values ", source.sizes());
  TAPER_CHECK_INDEX(x.numel() > 0 || index.numel() == 0, "put_: there is no place in a tensor of sizes ", x.sizes());
}

}  // namespace

// dx = dy, 0 at the indices; dsource = dy at the indices
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  const Indices at = places("index_copy", x, dim, index, false);
  return index_put_points(as_vector(x), at, fitted_source(x, dim, index, source), false).reshape(x.sizes());
}
// dx = dy, 0 at the indices; dvalue = sum of dy there
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  check_fill_value(value);
  return index_put_points(as_vector(x), places("index_fill", x, dim, index, true), value.to(x.dtype()), false)
      .reshape(x.sizes());
}
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
  return index_fill(x, dim, index, scalar_tensor(value, x.dtype()));
}

// dx = dy, 0 at the indices unless added; dsource = dy at the indices
Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
  check_put(x, index, source);
  return index_put_points(x.reshape({x.numel()}), {index}, source.reshape(index.sizes()), accumulate)
      .reshape(x.sizes());
}

// dx = dy, 0 where mask; dsource = dy where mask, in order
Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source) {
  TAPER_CHECK_TYPE(mask.dtype() == kBool, "masked_scatter: the mask must be bool; got ", mask.dtype());
  TAPER_CHECK_TYPE(x.dtype() == source.dtype(), "masked_scatter: tensor and source must have the same dtype; got ",
                   x.dtype(), " and ", source.dtype());
  const DimVector sizes = kernels::broadcast_sizes("masked_scatter", x.sizes(), mask.sizes());
  const Tensor whole = x.expand(sizes);
  const Tensor points = kernels::nonzero(mask.expand(sizes).reshape({whole.numel()})).select(1, 0);
  TAPER_CHECK(points.numel() <= source.numel(), "masked_scatter: the source must have a value for each of the ",
              points.numel(), " places where the mask is true; got sizes ", source.sizes());
  const Tensor values = source.reshape({source.numel()}).narrow(0, 0, points.numel());
  return index_put_points(whole.reshape({whole.numel()}), {points}, values, false).reshape(sizes);
}

// ---- a view of the copy, written ------------------------------------------------------------------------------------

namespace {

Tensor with_part(const char* op, const Tensor& y, const Tensor& part, const Tensor& src) {
  TAPER_CHECK(src.sizes() == part.sizes(), op, ": the source must have the sizes of the place; got ", src.sizes(),
              " and ", part.sizes());
  part.copy_(src);
  return y;
}

}  // namespace

Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index) {
  const Tensor y = x.clone();
  return with_part("select_scatter", y, y.select(dim, index), src);
}
Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim, optional<int64_t> start, optional<int64_t> end,
                     int64_t step) {
  const Tensor y = x.clone();
  return with_part("slice_scatter", y, y.slice(dim, start, end, step), src);
}
Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) {
  const Tensor y = x.clone();
  return with_part("diagonal_scatter", y, y.diagonal(offset, dim1, dim2), src);
}

// ---- in place -------------------------------------------------------------------------------------------------------

Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src) const {
  in_place(
      "scatter_", *this, {src}, [&] { kernels::scatter_out("scatter_", *this, dim, index, src, Combine::Replace); },
      [&](const Tensor& old) { return taper::scatter(old, dim, index, src); });
  return self();
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Scalar& value) const {
  in_place(
      "scatter_", *this, {},
      [&] { kernels::scatter_out("scatter_", *this, dim, index, spread(*this, index, value), Combine::Replace); },
      [&](const Tensor& old) { return taper::scatter(old, dim, index, value); });
  return self();
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce) const {
  return scatter_reduce_(dim, index, src, reduction(reduce));
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Scalar& value, std::string_view reduce) const {
  return scatter_(dim, index, spread(*this, index, value), reduce);
}
Tensor& Tensor::scatter_add_(int64_t dim, const Tensor& index, const Tensor& src) const {
  in_place(
      "scatter_add_", *this, {src}, [&] { kernels::scatter_out("scatter_add_", *this, dim, index, src, Combine::Add); },
      [&](const Tensor& old) { return taper::scatter_add(old, dim, index, src); });
  return self();
}
Tensor& Tensor::scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce,
                                bool include_self) const {
  const auto reduced = [&](const Tensor& x) { return taper::scatter_reduce(x, dim, index, src, reduce, include_self); };
  change(
      "scatter_reduce_", *this, {src}, true, [&] { kernels::copy(*this, reduced(*this)); }, reduced);
  return self();
}
Tensor& Tensor::index_add_(int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) const {
  in_place(
      "index_add_", *this, {source}, [&] { kernels::index_add_out(*this, dim, index, times_alpha(source, alpha)); },
      [&](const Tensor& old) { return taper::index_add(old, dim, index, source, alpha); });
  return self();
}
Tensor& Tensor::index_copy_(int64_t dim, const Tensor& index, const Tensor& source) const {
  in_place(
      "index_copy_", *this, {source},
      [&] {
        const Tensor value = fitted_source(*this, dim, index, source);
        kernels::index_put(as_vector(detach()), places("index_copy_", *this, dim, index, false), value, false);
      },
      [&](const Tensor& old) { return taper::index_copy(old, dim, index, source); });
  return self();
}
Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, const Tensor& value) const {
  check_fill_value(value);
  in_place(
      "index_fill_", *this, {value},
      [&] {
        kernels::index_put(as_vector(detach()), places("index_fill_", *this, dim, index, true), value.to(dtype()),
                           false);
      },
      [&](const Tensor& old) { return taper::index_fill(old, dim, index, value); });
  return self();
}
Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, const Scalar& value) const {
  return index_fill_(dim, index, scalar_tensor(value, dtype()));
}
Tensor& Tensor::put_(const Tensor& index, const Tensor& source, bool accumulate) const {
  check_put(*this, index, source);
  in_place(
      "put_", *this, {source},
      [&] {
        write_flat(*this, [&](const Tensor& flat) {
          kernels::index_put(flat, {index}, source.detach().reshape(index.sizes()), accumulate);
        });
      },
      [&](const Tensor& old) { return taper::put(old, index, source, accumulate); });
  return self();
}
Tensor& Tensor::masked_scatter_(const Tensor& mask, const Tensor& source) const {
  const auto scattered = [&](const Tensor& x) { return taper::masked_scatter(x, mask, source); };
  change(
      "masked_scatter_", *this, {source}, false,
      [&] {
        const Tensor y = scattered(*this);
        kernels::check_result_fits("masked_scatter_", *this, y.sizes(), y.dtype());
        kernels::copy(*this, y);
      },
      scattered);
  return self();
}

// Of a matrix of more rows than columns, with wrap, the diagonal begins anew one row below its end.
Tensor& Tensor::fill_diagonal_(const Scalar& fill_value, bool wrap) const {
  TAPER_CHECK(dim() >= 2, "fill_diagonal_: the tensor must have at least 2 dimensions; got sizes ", sizes());
  if (dim() == 2) {
    const int64_t rows = size(0), columns = size(1);
    for (int64_t row = 0; row == 0 || (wrap && row < rows); row += columns + 1) {
      narrow(0, row, std::min(columns, rows - row)).diagonal().fill_(fill_value);
    }
    return self();
  }
  int64_t stride = 0;
  for (int64_t d = 0; d < dim(); ++d) {
    TAPER_CHECK(size(d) == size(0), "fill_diagonal_: a tensor of more than 2 dimensions must have equal sizes; got ",
                sizes());
    stride += this->stride(d);
  }
  as_strided({size(0)}, {stride}, storage_offset()).fill_(fill_value);
  return self();
}

// ---- the other methods ----------------------------------------------------------------------------------------------

Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src) const {
  return taper::scatter(*this, dim, index, src);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Scalar& value) const {
  return taper::scatter(*this, dim, index, value);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce) const {
  return taper::scatter(*this, dim, index, src, reduce);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Scalar& value, std::string_view reduce) const {
  return taper::scatter(*this, dim, index, value, reduce);
}
Tensor Tensor::scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const {
  return taper::scatter_add(*this, dim, index, src);
}
Tensor Tensor::scatter_reduce(int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce,
                              bool include_self) const {
  return taper::scatter_reduce(*this, dim, index, src, reduce, include_self);
}
Tensor Tensor::index_add(int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) const {
  return taper::index_add(*this, dim, index, source, alpha);
}
Tensor Tensor::index_copy(int64_t dim, const Tensor& index, const Tensor& source) const {
  return taper::index_copy(*this, dim, index, source);
}
Tensor Tensor::index_fill(int64_t dim, const Tensor& index, const Tensor& value) const {
  return taper::index_fill(*this, dim, index, value);
}
Tensor Tensor::index_fill(int64_t dim, const Tensor& index, const Scalar& value) const {
  return taper::index_fill(*this, dim, index, value);
}
Tensor Tensor::put(const Tensor& index, const Tensor& source, bool accumulate) const {
  return taper::put(*this, index, source, accumulate);
}
Tensor Tensor::masked_scatter(const Tensor& mask, const Tensor& source) const {
  return taper::masked_scatter(*this, mask, source);
}
Tensor Tensor::select_scatter(const Tensor& src, int64_t dim, int64_t index) const {
  return taper::select_scatter(*this, src, dim, index);
}
Tensor Tensor::slice_scatter(const Tensor& src, int64_t dim, optional<int64_t> start, optional<int64_t> end,
                             int64_t step) const {
  return taper::slice_scatter(*this, src, dim, start, end, step);
}
Tensor Tensor::diagonal_scatter(const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) const {
  return taper::diagonal_scatter(*this, src, offset, dim1, dim2);
}

}  // namespace taper
