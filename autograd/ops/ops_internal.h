// What the sources of this folder share: the tape, kernels, checks, forms in place. Internal.
#pragma once

#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/elementwise.h>

#include <string>

namespace taper::autograd {

// ---- checks ---------------------------------------------------------------------------------------------------------

// Small enough to be inlined, what they throw apart from them.
[[noreturn]] inline void not_floating(const char* op, ScalarType dtype) {
  throw TypeError(taper::detail::str(op, ": the input must be " TAPER_FLOATS "; got ", dtype,
                                     "; convert it first, for example with .to(taper::kFloat32)"));
}
inline void check_floating(const char* op, const Tensor& x) {
  if (!x.is_floating_point()) [[unlikely]]
    not_floating(op, x.dtype());
}

[[noreturn]] inline void too_few_dims(const char* op, IntArrayRef sizes, int64_t dims) {
  throw Error(taper::detail::str(op, ": the tensor must have at least ",
                                 dims == 1 ? std::string("one") : std::to_string(dims),
                                 dims == 1 ? " dimension" : " dimensions", "; got sizes ", sizes));
}
inline void check_min_dims(const char* op, const Tensor& x, int64_t dims) {
  if (x.dim() < dims) [[unlikely]]
    too_few_dims(op, x.sizes(), dims);
}

// Of a value that is written to several elements.
inline void check_zero_dim(const char* op, const Tensor& value) {
  TAPER_CHECK(value.dim() == 0, op, ": the value must be a zero-dim tensor or a number; got sizes ", value.sizes());
}

inline void check_same_dtype(const char* op, const Tensor& x, const Tensor& source) {
  TAPER_CHECK_TYPE(x.dtype() == source.dtype(), op, ": tensor and source must have the same dtype; got ", x.dtype(),
                   " and ", source.dtype());
}

// ---- sizes and values -----------------------------------------------------------------------------------------------

inline int64_t numel_of(IntArrayRef sizes) {
  int64_t numel = 1;
  for (const int64_t size : sizes) numel *= size;
  return numel;
}

// The size of a dimension, where a zero-dim tensor counts as a vector of one element.
inline int64_t size_along(const Tensor& x, int64_t dim) { return x.dim() == 0 ? 1 : x.size(dim); }

// A vector in the sizes in which it broadcasts along a dimension of x.
inline Tensor broadcast_along(const Tensor& vector, const Tensor& x, int64_t dim) {
  DimVector sizes(x.sizes().size(), 1);
  sizes[static_cast<size_t>(dim)] = vector.numel();
  return vector.view(sizes);
}

// The values of x in a new tensor, without gradient.
inline Tensor copied(const Tensor& x) { return kernels::to_dtype(x, x.dtype()); }

// A number as a zero-dim tensor of the dtype that it and the tensor promote to.
inline Tensor scalar_like(const Tensor& tensor, const Scalar& value) {
  return scalar_tensor(value, kernels::result_type(tensor, value));
}

inline bool is_one(const Scalar& s) { return s.toDouble() == 1; }
inline Tensor scaled(const Tensor& x, const Scalar& factor) { return is_one(factor) ? x : x * factor; }

// ---- derivatives ----------------------------------------------------------------------------------------------------

// Keeps the result of an operation on x for its derivative, if there will be one.
inline SavedTensor save_result_of(const Tensor& x, const Tensor& y) {
  return x.requires_grad() ? save_result(y) : SavedTensor();
}

// The gradients of two operands that the result does not change with.
inline Grads zero_slopes(const Tensor& dy, const Needs& needs) {
  return {needs[0] ? zeros_like(dy) : Tensor(), needs[1] ? zeros_like(dy) : Tensor()};
}

// The gradient of x as it was before all of it was overwritten: zeros. The base of a view has them anyway: those of the
// view, one per write, would only be added to them.
class Overwritten {
 public:
  explicit Overwritten(const Tensor& x) : is_view_(x.is_view()) {}
  Tensor operator()(const Tensor& dy) const { return is_view_ ? Tensor() : zeros_like(dy); }

 private:
  bool is_view_;
};

// ---- in place -------------------------------------------------------------------------------------------------------

// in_place() for operations whose result may be of other sizes or of a kind that x cannot hold: those are errors.
// `function` must not save the old value, whose memory is overwritten, but may save a clone.
template <class Kernel, class Function>
Tensor& in_place_checked(const char* op, const Tensor& x, Inputs operands, Kernel kernel, Function function) {
  return in_place(op, x, operands, kernel, [&](const Tensor& old) {
    Tensor y = function(old);
    kernels::check_result_fits(op, x, y.sizes(), y.dtype());
    return y;
  });
}

inline Tensor clone_if(bool saves_old, const Tensor& old) { return saves_old ? clone(old) : old; }

// The same where no kernel writes into x: the result of `function` is copied. With `saves_old` it gets a clone.
template <class Function>
Tensor& in_place_by_copy(const char* op, const Tensor& x, Inputs operands, bool saves_old, Function function) {
  const auto kernel = [&] {
    const NoGradGuard no_grad;
    const Tensor y = function(x);
    kernels::check_result_fits(op, x, y.sizes(), y.dtype());
    kernels::copy(x, y);
  };
  return in_place_checked(op, x, operands, kernel,
                          [&](const Tensor& old) { return function(clone_if(saves_old, old)); });
}

}  // namespace taper::autograd
