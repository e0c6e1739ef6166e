// Views of some elements: select, slice, narrow, diagonal, unfold, as_strided.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/autograd/view_geometry.h>

#include <algorithm>

namespace taper {

using namespace autograd;

// x cut by `cut(Geometry&)`.                               dx = dy at the part, 0 elsewhere
// dx is row-major: its part is the same cut of a row-major tensor of x's sizes, whatever the strides of x.
template <class Cut>
static Tensor part(const char* name, const Tensor& x, Cut cut) {
  Geometry y = geometry(*x.impl());
  cut(y);
  return record_view(name, x, alias(x, y, y.offset), [sizes = x.impl()->sizes(), cut](const Tensor& dy) {
    ViewGeometry g{row_major(sizes), row_major(sizes)};
    cut(g.view);
    return scatter_view(dy, g);
  });
}

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  TAPER_CHECK_INDEX(x.dim() > 0, "select: a zero-dim tensor has nothing to index; use item()");
  dim = wrap_dim("select", dim, x.dim());
  const int64_t size = x.impl()->sizes()[at(dim)];
  TAPER_CHECK_INDEX(index >= -size && index < size, "select: the index must be in [", -size, ", ", size - 1,
                    "] for dimension ", dim, " of sizes ", x.sizes(), "; got ", index);
  if (index < 0) index += size;
  return part("SelectBackward0", x, [dim, index](Geometry& g) {
    g.offset += index * g.strides[at(dim)];
    g.sizes.erase(at(dim));
    g.strides.erase(at(dim));
  });
}

Tensor slice(const Tensor& x, int64_t dim, optional<int64_t> start, optional<int64_t> end, int64_t step) {
  TAPER_CHECK_INDEX(x.dim() > 0, "slice: a zero-dim tensor has nothing to cut");
  TAPER_CHECK_VALUE(step > 0, "slice: the step must be positive; got ", step);
  dim = wrap_dim("slice", dim, x.dim());
  const int64_t size = x.impl()->sizes()[at(dim)];
  // Out-of-range bounds are cut to the range, as everywhere in Python.
  const auto bound = [size](int64_t i, int64_t low) { return std::clamp(i < 0 ? i + size : i, low, size); };
  const int64_t first = bound(start.value_or(0), 0), last = bound(end.value_or(size), first);
  const int64_t length = (last - first) / step + ((last - first) % step != 0);
  return part("SliceBackward0", x, [dim, first, length, step](Geometry& g) {
    g.offset += first * g.strides[at(dim)];
    g.sizes[at(dim)] = length;
    if (length > 1) g.strides[at(dim)] *= step;  // fewer never take a step, and a huge one would overflow
  });
}

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  TAPER_CHECK_INDEX(x.dim() > 0, "narrow: a zero-dim tensor has nothing to cut");
  const int64_t size = x.size(dim), from = start < 0 ? start + size : start;
  TAPER_CHECK_INDEX(length >= 0 && from >= 0 && from <= size && length <= size - from, "narrow: start ", start,
                    " and length ", length, " must lie within dimension ", dim, " of sizes ", x.sizes());
  return slice(x, dim, from, from + length);
}

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const int64_t a = wrap_dim("diagonal", dim1, x.dim()), b = wrap_dim("diagonal", dim2, x.dim());
  TAPER_CHECK_VALUE(x.dim() >= 2 && a != b, "diagonal: two different dimensions are needed; got ", dim1, " and ", dim2,
                    " for sizes ", x.sizes());
  const int64_t rows = x.impl()->sizes()[at(a)], cols = x.impl()->sizes()[at(b)];
  const int64_t down = offset < 0 ? -std::max(offset, -rows) : 0, right = std::clamp<int64_t>(offset, 0, cols);
  const int64_t length = std::min(rows - down, cols - right);
  return part("DiagonalBackward0", x, [=](Geometry& g) {
    const int64_t stride = g.strides[at(a)] + g.strides[at(b)];
    if (length > 0) g.offset += down * g.strides[at(a)] + right * g.strides[at(b)];
    for (const int64_t d : {std::max(a, b), std::min(a, b)}) {
      g.sizes.erase(at(d));
      g.strides.erase(at(d));
    }
    g.sizes.push_back(length);
    g.strides.push_back(stride);
  });
}

// y[..., w, ..., i] = x[..., w step + i, ...]: windows that may overlap; their gradients then add up.
Tensor Tensor::unfold(int64_t dimension, int64_t size, int64_t step) const {
  const int64_t dim = wrap_dim("unfold", dimension, this->dim()), n = this->dim() == 0 ? 1 : this->size(dim);
  TAPER_CHECK_VALUE(size >= 0 && size <= n, "unfold: the size must be in [0, ", n, "], the size of dimension ", dim,
                    "; got ", size);
  TAPER_CHECK_VALUE(step > 0, "unfold: the step must be positive; got ", step);
  const int64_t windows = (n - size) / step + 1;
  return part("UnfoldBackward0", *this, [dim, size, step, windows](Geometry& g) {
    const bool is_number = g.sizes.empty();
    g.sizes.push_back(size);
    g.strides.push_back(is_number ? 1 : g.strides[at(dim)]);
    if (is_number) return;
    g.sizes[at(dim)] = windows;
    if (windows > 1) g.strides[at(dim)] *= step;
  });
}

// Any sizes and strides within the storage; elements may repeat, their gradients then add up.
Tensor Tensor::as_strided(IntArrayRef sizes, IntArrayRef strides, optional<int64_t> storage_offset) const {
  const int64_t offset = storage_offset.value_or(this->storage_offset());
  TAPER_CHECK_VALUE(sizes.size() == strides.size(), "as_strided: one stride per size is needed; got sizes ", sizes,
                    " and strides ", strides);
  const int64_t numel = checked_numel("as_strided", sizes);
  const int64_t room = static_cast<int64_t>(impl()->storage()->nbytes() / element_size());
  bool fits = offset >= 0 && offset <= room;
  int64_t last = offset;
  for (size_t d = 0; d < sizes.size() && numel > 0; ++d) {
    int64_t reach = 0;
    fits = fits && strides[d] >= 0 && !__builtin_mul_overflow(sizes[d] - 1, strides[d], &reach) &&
           !__builtin_add_overflow(last, reach, &last);
  }
  TAPER_CHECK_VALUE(fits && (numel == 0 || last < room), "as_strided: sizes ", sizes, ", strides ", strides,
                    " and offset ", offset, " must stay within the ", room, " elements of the storage");
  TAPER_CHECK(!requires_grad() || !may_overlap(geometry(*impl())), "as_strided: the gradient needs a tensor whose ",
              "elements are apart in memory; got sizes ", this->sizes(), " and strides ", this->strides(),
              "; clone() it");
  Tensor y = alias(*this, sizes, strides, offset);
  return record_view(
      "AsStridedBackward0", *this, y,
      [g = ViewGeometry{geometry(*impl()), geometry(*y.impl())}](const Tensor& dy) { return scatter_view(dy, g); });
}

}  // namespace taper
