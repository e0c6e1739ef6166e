#include <taper/autograd/view_geometry.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/index.h>
#include <taper/core/kernels/loop_nest.h>

#include <algorithm>

namespace taper::autograd {
namespace {

// The elements of the storage from the lowest to the highest that either geometry reaches: [first, last).
struct Span {
  int64_t first, last;
};
Span span(const ViewGeometry& g) {
  Span s{g.base.offset, g.base.offset};
  for (const Geometry* part : {&g.base, &g.view}) {
    int64_t end = part->offset + 1;
    for (size_t d = 0; d < part->sizes.size(); ++d) {
      if (part->sizes[d] == 0)
        end = part->offset;
      else if (end > part->offset)
        end += (part->sizes[d] - 1) * part->strides[d];
    }
    if (end == part->offset) continue;
    s.first = std::min(s.first, part->offset);
    s.last = std::max(s.last, end);
  }
  return s;
}

// The positions of the view's elements, a vector, in memory of `length` elements in which the view begins at `offset`.
Tensor positions(const Geometry& view, int64_t length, int64_t offset) {
  const NoGradGuard no_grad;
  return alias(arange(length, kInt64), view, offset).reshape({-1});
}

// x with the strides of the base, in memory of its own; what the base does not cover is 0.
Tensor in_base_layout(const Tensor& x, const ViewGeometry& g, Span s) {
  const DimVector length{s.last - s.first};
  Tensor memory = x.numel() == s.last - s.first ? empty(length, x.dtype()) : zeros(length, x.dtype());
  kernels::copy(alias(memory, g.base, g.base.offset - s.first), x);
  return memory;
}

}  // namespace

Tensor alias(const Tensor& x, IntArrayRef sizes, IntArrayRef strides, int64_t offset) {
  return Tensor(intrusive_ptr<TensorImpl>::make(x.impl()->storage(), x.dtype(), sizes, strides, offset));
}

Geometry geometry(const TensorImpl& tensor) { return {tensor.sizes(), tensor.strides(), tensor.offset()}; }
bool may_overlap(const Geometry& g) { return kernels::may_overlap(g.sizes, g.strides); }
ViewGeometry geometry_in_base(const Tensor& view) { return {geometry(*view.impl()->base), geometry(*view.impl())}; }

Geometry row_major(const DimVector& sizes) {
  Geometry g{sizes, {}, 0};
  set_row_major(sizes, g.strides);
  return g;
}

Tensor gather_view(const Tensor& x, const ViewGeometry& g) {
  const Span s = span(g);
  const Tensor memory = in_base_layout(x, g, s);
  return record("GatherPlaceBackward0", {x}, alias(memory, g.view, g.view.offset - s.first),
                [g](const Tensor& dy) { return scatter_view(dy, g); });
}

Tensor scatter_view(const Tensor& x, const ViewGeometry& g) {
  const Span s = span(g);
  const int64_t length = s.last - s.first;
  Tensor memory = zeros({length}, x.dtype());
  if (may_overlap(g.view)) {
    NoGradGuard no_grad;
    memory = index_add(memory, 0, positions(g.view, length, g.view.offset - s.first), x.reshape({-1}));
  } else {
    kernels::copy(alias(memory, g.view, g.view.offset - s.first), x);
  }
  return record("ScatterPlaceBackward0", {x}, alias(memory, g.base, g.base.offset - s.first),
                [g](const Tensor& dy) { return gather_view(dy, g); });
}

Tensor zero_view(const Tensor& x, const ViewGeometry& g) {
  const Span s = span(g);
  const Tensor memory = in_base_layout(x, g, s);
  kernels::fill(alias(memory, g.view, g.view.offset - s.first), 0);
  return record("ClearPlaceBackward0", {x}, alias(memory, g.base, g.base.offset - s.first),
                [g](const Tensor& dy) { return zero_view(dy, g); });
}

// ---- elements that share memory -------------------------------------------------------------------------------------

namespace {

// Which elements stay when all are written in order; undefined: all.
Tensor last_in_memory(const Geometry& view, int64_t length) {
  const Tensor stays = kernels::last_written(positions(view, length, 0), 0, length);
  return stays.defined() ? stays.view(view.sizes) : stays;
}

Geometry memory_of(const Geometry& view) {
  int64_t length = 1;
  for (size_t d = 0; d < view.sizes.size(); ++d) length += (view.sizes[d] - 1) * view.strides[d];
  return row_major({length});
}

}  // namespace

void detail::check_apart(const Tensor& x, const char* op) {
  Geometry view = geometry(*x.impl());
  if (!may_overlap(view)) return;
  view.offset = 0;
  TAPER_CHECK(!last_in_memory(view, memory_of(view).sizes[0]).defined(), op,
              ": the elements of a tensor that is changed in place must be apart in memory; got sizes ", view.sizes,
              " and strides ", view.strides, "; only copy_, fill_ and zero_ write to such a tensor; clone() it first");
}

LastStays::LastStays(const Tensor& x) : is_view_(x.is_view()) {
  if (x.is_contiguous() || !may_overlap(geometry(*x.impl()))) return;
  Geometry view = geometry(*x.impl());
  view.offset = 0;
  geometry_ = std::make_shared<const ViewGeometry>(ViewGeometry{memory_of(view), view});
}

Tensor LastStays::operator()(const Tensor& dy) const {
  if (!geometry_) return dy;
  const Tensor stays = last_in_memory(geometry_->view, geometry_->base.sizes[0]);
  if (!stays.defined()) return dy;
  return where(stays, is_view_ ? dy : gather_view(scatter_view(dy, *geometry_), *geometry_), 0);
}

}  // namespace taper::autograd
