// Values written to slices, elements and views: index_add, index_copy, index_fill, put, masked_scatter, and copies into
// a view of which something is written.
#include <taper/autograd/ops/index_internal.h>
#include <taper/core/kernels/index.h>

#include <algorithm>

namespace taper {

using namespace autograd;

// ---- slices at the indices of a vector ------------------------------------------------------------------------------

static Tensor times_alpha(const Tensor& source, const Scalar& alpha) {
  if (alpha.isFloatingPoint() ? alpha.toDouble() == 1 : alpha.toLong() == 1) return source;
  TAPER_CHECK_TYPE(source.is_floating_point() || !alpha.isFloatingPoint(),
                   "index_add: alpha must be an integer for integers; got ", alpha, " for ", source.dtype());
  return (source * alpha).to(source.dtype());
}

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

// Where index_copy and index_fill write, in atleast_1d(x).
Indices positions_along(const char* op, const Tensor& x, int64_t dim, const Tensor& index, bool negative) {
  dim = wrap_dim(op, dim, x.dim());
  TAPER_CHECK_TYPE(index.dtype() == kInt64, op, ": the index must be int64; got ", index.dtype());
  TAPER_CHECK_INDEX(index.dim() <= 1, op, ": the index must be a vector; got sizes ", index.sizes());
  const int64_t size = size_along(x, dim), low = negative ? -size : 0;
  const Tensor list = kernels::contiguous(index);
  for (int64_t i = 0; i < list.numel(); ++i) {
    const int64_t at = list.data_ptr<int64_t>()[i];
    TAPER_CHECK_INDEX(at >= low && at < size, op, ": the index must be in [", low, ", ", size - 1, "] for dimension ",
                      dim, " of sizes ", x.sizes(), "; got ", at);
  }
  return along(dim, atleast_1d(index));
}

// The source of index_copy in the sizes that it has in atleast_1d(x).
Tensor shaped_source(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  check_same_dtype("index_copy", x, source);
  DimVector sizes = atleast_1d(x.detach()).impl()->sizes();
  sizes[static_cast<size_t>(wrap_dim("index_copy", dim, x.dim()))] = index.numel();
  const bool one = source.dim() == 0 && sizes.size() == 1 && sizes[0] == 1;
  TAPER_CHECK(one || source.sizes().equals(sizes), "index_copy: the source must have the sizes ", sizes,
              ", those of the tensor with ", index.numel(), " indices in dimension ", dim, "; got ", source.sizes());
  return source.reshape(sizes);
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
  check_same_dtype("put_", x, source);
  TAPER_CHECK(index.numel() == source.numel(), "put_: one value per index is needed; got indices ", index.sizes(),
              " and values ", source.sizes());
  TAPER_CHECK_INDEX(x.numel() > 0 || index.numel() == 0, "put_: there is no place in a tensor of sizes ", x.sizes());
}

}  // namespace

// dx = dy, 0 at the indices; dsource = dy at the indices, 0 for what a later slice of the same index replaces
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  const Indices at = positions_along("index_copy", x, dim, index, false);
  return index_put_points(atleast_1d(x), at, shaped_source(x, dim, index, source), false).reshape(x.sizes());
}
// dx = dy, 0 at the indices; dvalue = sum of dy there, once for each place
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  check_zero_dim("index_fill", value);
  const Indices at = positions_along("index_fill", x, dim, index, true);
  return index_put_points(atleast_1d(x), at, value.to(x.dtype()), false).reshape(x.sizes());
}
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
  return index_fill(x, dim, index, scalar_tensor(value, x.dtype()));
}

// dx = dy, 0 at the indices unless added; dsource = dy at the indices, 0 for values that did not stay
Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
  check_put(x, index, source);
  return with_flat_index("put", x, index, true, [&] {
    return index_put_points(x.reshape({x.numel()}), {index}, source.reshape(index.sizes()), accumulate)
        .reshape(x.sizes());
  });
}

// dx = dy, 0 where mask; dsource = dy where mask, in order
Tensor masked_scatter(const Tensor& x, const Tensor& where_true, const Tensor& source) {
  const Tensor mask = bool_mask("masked_scatter", where_true);
  check_same_dtype("masked_scatter", x, source);
  const DimVector sizes = kernels::broadcast_sizes("masked_scatter", x.sizes(), mask.sizes());
  const Tensor whole = x.expand(sizes);
  const Tensor points = kernels::nonzero(mask.expand(sizes).reshape({whole.numel()})).select(1, 0);
  TAPER_CHECK(points.numel() <= source.numel(), "masked_scatter: the source must have a value for each of the ",
              points.numel(), " places where the mask is true; got sizes ", source.sizes());
  const Tensor values = source.reshape({source.numel()}).narrow(0, 0, points.numel());
  return index_put_points(whole.reshape({whole.numel()}), {points}, values, false).reshape(sizes);
}

// ---- a view of the copy, written ------------------------------------------------------------------------------------

static Tensor with_part(const char* op, const Tensor& y, const Tensor& part, const Tensor& src) {
  TAPER_CHECK(src.sizes() == part.sizes(), op, ": the source must have the sizes of the place; got ", src.sizes(),
              " and ", part.sizes());
  part.copy_(src);
  return y;
}

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

Tensor& Tensor::index_add_(int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) const {
  return in_place(
      "index_add_", *this, {source}, [&] { kernels::index_add_out(*this, dim, index, times_alpha(source, alpha)); },
      [&](const Tensor& old) { return taper::index_add(old, dim, index, source, alpha); });
}
Tensor& Tensor::index_copy_(int64_t dim, const Tensor& index, const Tensor& source) const {
  const auto kernel = [&] {
    const Tensor value = shaped_source(*this, dim, index, source);
    kernels::index_put(atleast_1d(detach()), positions_along("index_copy_", *this, dim, index, false), value, false);
  };
  return in_place("index_copy_", *this, {source}, kernel,
                  [&](const Tensor& old) { return taper::index_copy(old, dim, index, source); });
}
Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, const Tensor& value) const {
  check_zero_dim("index_fill_", value);
  const auto kernel = [&] {
    const Indices at = positions_along("index_fill_", *this, dim, index, true);
    kernels::index_put(atleast_1d(detach()), at, value.to(dtype()), false);
  };
  return in_place("index_fill_", *this, {value}, kernel,
                  [&](const Tensor& old) { return taper::index_fill(old, dim, index, value); });
}
Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, const Scalar& value) const {
  return index_fill_(dim, index, scalar_tensor(value, dtype()));
}
Tensor& Tensor::put_(const Tensor& index, const Tensor& source, bool accumulate) const {
  check_put(*this, index, source);
  const auto write = [&](const Tensor& flat) {
    kernels::index_put(flat, {index}, source.detach().reshape(index.sizes()), accumulate);
  };
  return in_place(
      "put_", *this, {source}, [&] { with_flat_index("put_", *this, index, true, [&] { write_flat(*this, write); }); },
      [&](const Tensor& old) { return taper::put(old, index, source, accumulate); });
}
Tensor& Tensor::masked_scatter_(const Tensor& where_true, const Tensor& source) const {
  const Tensor mask = bool_mask("masked_scatter_", where_true);
  return in_place_by_copy("masked_scatter_", *this, {source}, false,
                          [&](const Tensor& x) { return taper::masked_scatter(x, mask, source); });
}

// Of a matrix of more rows than columns, with wrap, the diagonal begins anew one row below its end.
Tensor& Tensor::fill_diagonal_(const Scalar& fill_value, bool wrap) const {
  check_min_dims("fill_diagonal_", *this, 2);
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

}  // namespace taper
