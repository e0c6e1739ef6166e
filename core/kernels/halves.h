// How the floating-point types of 16 bits are computed: in float32, by the loops and kernels of that type, rounded once
// at the end. Internal.
#pragma once

#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/loop_nest.h>

#include <tuple>

namespace taper::kernels {

// run_loop for an elementwise operation of `dtype`, with `loop` and `param` of compute_dtype(dtype): elements of 16
// bits are converted a few at a time, on the way into the loop and out of it. The result may also be of another type.
void run_typed(Loop loop, ScalarType dtype, std::initializer_list<Operand> operands, const void* param, int64_t grain);

inline bool is_half(const Tensor& x) { return isReducedFloatingType(x.dtype()); }

// An argument for a kernel that computes in float32: tensors of 16 bits become float32, others stay.
inline Tensor in_compute_type(const Tensor& x) { return x.defined() && is_half(x) ? to_dtype(x, kFloat32) : x; }
template <class T>
const T& in_compute_type(const T& other) {
  return other;
}

// What that kernel returns, with float32 as `dtype`.
inline Tensor rounded(const Tensor& y, ScalarType dtype) {
  return y.defined() && y.dtype() == kFloat32 ? to_dtype(y, dtype) : y;
}
template <class... Ts>
std::tuple<Ts...> rounded(const std::tuple<Ts...>& y, ScalarType dtype) {
  return std::apply([dtype](const Ts&... each) { return std::tuple<Ts...>(rounded(each, dtype)...); }, y);
}

// kernel(args...) computed in float32, as `dtype`. A kernel begins with
//   if (is_half(x)) return in_float32(x.dtype(), softmax, x, dim);
// if it has loops for other types only.
template <class Kernel, class... Args>
auto in_float32(ScalarType dtype, const Kernel& kernel, const Args&... args) {
  return rounded(kernel(in_compute_type(args)...), dtype);
}

// The same for a kernel that changes `out`: kernel(out in float32).
template <class Kernel>
void change_in_float32(const Tensor& out, const Kernel& kernel) {
  const Tensor wide = to_dtype(out, kFloat32);
  kernel(wide);
  copy(out, wide);
}

}  // namespace taper::kernels
