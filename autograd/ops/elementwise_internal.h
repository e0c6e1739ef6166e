// What the elementwise families of operations share. Internal.
#pragma once

#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/elementwise.h>

#include <type_traits>

namespace taper::autograd {

inline void check_floating(const char* op, const Tensor& x) {
  TAPER_CHECK_TYPE(x.is_floating_point(), op, ": the input must be " TAPER_FLOATS "; got ", x.dtype(),
                   "; convert it first, for example with .to(taper::kFloat32)");
}

// Keeps the result of an operation on x for its derivative, if there will be one.
inline SavedTensor save_result_of(const Tensor& x, const Tensor& y) {
  return x.requires_grad() ? save_result(y) : SavedTensor();
}

// A number beside a tensor, as a zero-dim tensor of the dtype they promote to.
inline Tensor scalar_like(const Tensor& tensor, const Scalar& value) {
  Tensor t = empty({}, kernels::result_type(tensor, value));
  kernels::fill(t, value);
  return t;
}

inline bool is_one(const Scalar& s) { return s.toDouble() == 1; }
inline Tensor scaled(const Tensor& x, const Scalar& factor) { return is_one(factor) ? x : x * factor; }

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

// The same where no kernel writes into x: the result of `function` is copied.
template <class Function>
void change_by_copy(const char* op, const Tensor& x, Inputs operands, bool saves_old, Function function) {
  change(
      op, x, operands, saves_old,
      [&] {
        const NoGradGuard no_grad;
        const Tensor y = function(x);
        kernels::check_result_fits(op, x, y.sizes(), y.dtype());
        kernels::copy(x, y);
      },
      function);
}

// In place with one operand, a tensor or a number: a.name_(other) by the kernel `op`; `function` is the differentiable
// form.
template <class Other>
void binary_in_place(const char* name, const Tensor& a, kernels::BinaryOp op, const Other& other, bool saves_old,
                     Tensor (*function)(const Tensor&, const Other&)) {
  const auto kernel = [&] { kernels::binary_out(a, op, a, other); };
  const auto recorded = [&](const Tensor& old) { return function(old, other); };
  if constexpr (std::is_same_v<Other, Tensor>) {
    change(name, a, {other}, saves_old, kernel, recorded);
  } else {
    change(name, a, {}, saves_old, kernel, recorded);
  }
}
// The same by a copy of what `function` gives.
template <class Other>
void binary_by_copy(const char* name, const Tensor& a, const Other& other, bool saves_old,
                    Tensor (*function)(const Tensor&, const Other&)) {
  const auto recorded = [&](const Tensor& old) { return function(old, other); };
  if constexpr (std::is_same_v<Other, Tensor>) {
    change_by_copy(name, a, {other}, saves_old, recorded);
  } else {
    change_by_copy(name, a, {}, saves_old, recorded);
  }
}

}  // namespace taper::autograd
