#include <taper/autograd/ops/strided.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>

#include <algorithm>

namespace taper::autograd {
namespace {

Tensor alias(const Tensor& x, const Geometry& g, int64_t offset) {
  return Tensor(intrusive_ptr<TensorImpl>::make(x.impl()->storage(), x.dtype(), g.sizes, g.strides, offset));
}

// The elements from the lowest to the highest that either geometry reaches: [first, last).
struct Span {
  int64_t first, last;
};
Span span(const Place& place) {
  Span s{place.base.offset, place.base.offset};
  for (const Geometry* g : {&place.base, &place.view}) {
    int64_t end = g->offset + 1;
    for (size_t d = 0; d < g->sizes.size(); ++d) {
      if (g->sizes[d] == 0)
        end = g->offset;
      else if (end > g->offset)
        end += (g->sizes[d] - 1) * g->strides[d];
    }
    if (end == g->offset) continue;
    s.first = std::min(s.first, g->offset);
    s.last = std::max(s.last, end);
  }
  return s;
}

// x as it would lie in the base's storage, in memory of its own; what the base does not cover is 0.
Tensor in_base_layout(const Tensor& x, const Place& place, Span s) {
  const DimVector length{s.last - s.first};
  Tensor memory = x.numel() == s.last - s.first ? empty(length, x.dtype()) : zeros(length, x.dtype());
  kernels::copy(alias(memory, place.base, place.base.offset - s.first), x);
  return memory;
}

}  // namespace

Geometry geometry(const TensorImpl& tensor) { return {tensor.sizes(), tensor.strides(), tensor.offset()}; }
Place place_of(const Tensor& view) { return {geometry(*view.impl()->base), geometry(*view.impl())}; }

Geometry row_major(const DimVector& sizes) {
  Geometry g{sizes, {}, 0};
  set_row_major(sizes, g.strides);
  return g;
}

// In order of stride, each dimension that steps over all of the smaller ones is apart from them.
bool may_overlap(const Geometry& g) {
  std::vector<std::pair<int64_t, int64_t>> dims;  // stride, size
  for (size_t d = 0; d < g.sizes.size(); ++d) {
    if (g.sizes[d] == 0) return false;
    if (g.sizes[d] > 1) dims.emplace_back(g.strides[d], g.sizes[d]);
  }
  std::sort(dims.begin(), dims.end());
  int64_t reach = 0;
  for (const auto& [stride, size] : dims) {
    if (stride <= reach) return true;
    reach += stride * (size - 1);
  }
  return false;
}

Tensor gather_place(const Tensor& x, const Place& place) {
  const Span s = span(place);
  const Tensor memory = in_base_layout(x, place, s);
  return record("GatherPlaceBackward0", {x}, alias(memory, place.view, place.view.offset - s.first),
                [place](const Tensor& dy) { return scatter_place(dy, place); });
}

Tensor scatter_place(const Tensor& x, const Place& place) {
  const Span s = span(place);
  const int64_t length = s.last - s.first;
  Tensor memory = zeros({length}, x.dtype());
  if (may_overlap(place.view)) {
    NoGradGuard no_grad;
    const Tensor index = alias(arange(length, kInt64), place.view, place.view.offset - s.first).reshape({-1});
    memory = index_add(memory, 0, index, x.reshape({-1}));
  } else {
    kernels::copy(alias(memory, place.view, place.view.offset - s.first), x);
  }
  return record("ScatterPlaceBackward0", {x}, alias(memory, place.base, place.base.offset - s.first),
                [place](const Tensor& dy) { return gather_place(dy, place); });
}

Tensor clear_place(const Tensor& x, const Place& place) {
  const Span s = span(place);
  const Tensor memory = in_base_layout(x, place, s);
  kernels::fill(alias(memory, place.view, place.view.offset - s.first), 0);
  return record("ClearPlaceBackward0", {x}, alias(memory, place.base, place.base.offset - s.first),
                [place](const Tensor& dy) { return clear_place(dy, place); });
}

}  // namespace taper::autograd
