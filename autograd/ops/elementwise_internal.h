// What the elementwise families of operations share. Internal.
#pragma once

#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>

namespace taper::autograd {

inline void check_floating(const char* op, const Tensor& x) {
  TAPER_CHECK_TYPE(x.is_floating_point(), op, ": the input must be float32 or float64; got ", x.dtype(),
                   "; convert it first, for example with .to(taper::kFloat32)");
}

// Keeps the result of an operation on x for its derivative, if there will be one.
inline SavedTensor save_result_of(const Tensor& x, const Tensor& y) {
  return x.requires_grad() ? save_result(y) : SavedTensor();
}

// The gradient of x as it was before all of it was written over: zeros. The base of a view has them anyway: those of
// the view, one a write, would only be added to them.
class Overwritten {
 public:
  explicit Overwritten(const Tensor& x) : is_view_(x.is_view()) {}
  Tensor operator()(const Tensor& dy) const { return is_view_ ? Tensor() : zeros_like(dy); }

 private:
  bool is_view_;
};

// in_place() for operations whose result may be of other sizes or of a kind that x cannot hold: those are errors.
// `function` must not save the old value, whose memory is overwritten; with `saves_old` it gets a copy that stays.
template <class Kernel, class Function>
void change(const char* op, const Tensor& x, Inputs operands, bool saves_old, Kernel kernel, Function function) {
  in_place(op, x, operands, kernel, [&](const Tensor& old) {
    Tensor y = function(saves_old ? clone(old) : old);
    kernels::check_result_fits(op, x, y.sizes(), y.dtype());
    return y;
  });
}

}  // namespace taper::autograd
