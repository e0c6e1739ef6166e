// Reading and writing the place that a view has in its base, whatever the strides of both. Internal: what as_strided
// and in-place changes of views differentiate to. All three are linear and differentiable.
#pragma once

#include <taper/core/tensor.h>

#include <memory>

namespace taper::autograd {

struct Geometry {
  DimVector sizes, strides;
  int64_t offset = 0;
};
Geometry row_major(const DimVector& sizes);
// False when no two elements can share memory.
bool may_overlap(const Geometry& geometry);

// Where the elements of a view lie among those of its base. The base's own do not overlap.
struct Place {
  Geometry base, view;
};
Geometry geometry(const TensorImpl& tensor);
Place place_of(const Tensor& view);  // in the base it remembers

// y = x at the place: x has the base's sizes, y the view's.       dx = scatter_place(dy)
Tensor gather_place(const Tensor& x, const Place& place);
// y = x at the place and 0 elsewhere; elements that the view has twice add up.      dx = gather_place(dy)
Tensor scatter_place(const Tensor& x, const Place& place);
// y = x, but 0 at the place.                                       dx = clear_place(dy)
Tensor clear_place(const Tensor& x, const Place& place);

// The gradient of values that are written, in order, to all elements of x: where several of these share memory, the
// last one stays and gets what they have together. That of a view comes by way of its base, where it is together
// already.
class LastStays {
 public:
  explicit LastStays(const Tensor& x);
  Tensor operator()(const Tensor& dy) const;

 private:
  std::shared_ptr<const Place> place_;  // of x in its own memory; null when its elements are apart
  bool is_view_;
};

}  // namespace taper::autograd
