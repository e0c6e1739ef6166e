// Sizes and strides of views: reading and writing the elements that a view has in its base, whatever the strides of
// both. as_strided and in-place changes of views differentiate to these. Internal.
#pragma once

#include <taper/core/tensor.h>

#include <memory>

namespace taper::autograd {

struct Geometry {
  DimVector sizes, strides;
  int64_t offset = 0;
};
Geometry geometry(const TensorImpl& tensor);
Geometry row_major(const DimVector& sizes);
// False when no two elements can share memory.
bool may_overlap(const Geometry& geometry);

inline size_t at(int64_t dim) { return static_cast<size_t>(dim); }

// The memory of x as a tensor of another geometry, without history.
Tensor alias(const Tensor& x, IntArrayRef sizes, IntArrayRef strides, int64_t offset);
inline Tensor alias(const Tensor& x, IntArrayRef sizes, IntArrayRef strides) {
  return alias(x, sizes, strides, x.storage_offset());
}
inline Tensor alias(const Tensor& x, const Geometry& g, int64_t offset) { return alias(x, g.sizes, g.strides, offset); }

// A view and its base in one storage. The elements of the base do not overlap.
struct ViewGeometry {
  Geometry base, view;
};
ViewGeometry geometry_in_base(const Tensor& view);  // the base that it remembers

// All three are linear and differentiable. x has the sizes of the base, for scatter_view those of the view.
//
// y = the elements of x that are the view's                                     dx = scatter_view(dy)
Tensor gather_view(const Tensor& x, const ViewGeometry& g);
// y = x at the view's elements of the base, 0 elsewhere; what the view has twice is added up    dx = gather_view(dy)
Tensor scatter_view(const Tensor& x, const ViewGeometry& g);
// y = x, but 0 at the view's elements                                           dx = zero_view(dy)
Tensor zero_view(const Tensor& x, const ViewGeometry& g);

// The gradient of values that are written, in order, to all elements of x: where several of these share memory, the
// last one stays and gets the sum of their cotangents. Those of a view come by way of its base, where they are summed
// already.
class LastStays {
 public:
  explicit LastStays(const Tensor& x);
  Tensor operator()(const Tensor& dy) const;

 private:
  std::shared_ptr<const ViewGeometry> geometry_;  // of x in its own memory; null when its elements are apart
  bool is_view_;
};

}  // namespace taper::autograd
