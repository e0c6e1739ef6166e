// What an elementwise operation is called and which loop it runs. Op is one of the enumerations of elementwise_ops.h.
// Internal.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/kernels/elementwise_ops.h>

namespace taper::kernels {

// A row of core/elementwise.def.
struct OpInfo {
  const char* name;
  bool is_real;   // integers give the default floating-point dtype
  int64_t grain;  // elements a piece of a parallel loop takes
  int64_t derivative_grain = 0;
};
template <class Op>
const OpInfo& info(Op op);

// The loop over elements of compute_dtype(dtype); an error that names the operation where it has none.
template <class Op>
Loop loop_for(Op op, ScalarType dtype);
// The loop dx = g(dy, x) of an activation.
Loop derivative_loop(UnaryOp op, ScalarType dtype);
// The derivative of order n of digamma, with n >= 1 as a double in `param`.
Loop polygamma_loop(ScalarType dtype);

// Loops that gain nothing from wider instructions: functions of the C++ library and special functions, of float32 and
// float64 (elementwise_libm.cpp); integers, which wrap around (two's complement), and bool (elementwise_int.cpp).
const ElementwiseLoops& libm_loops(ScalarType dtype);
const ElementwiseLoops& integer_loops(ScalarType dtype);

[[noreturn]] void no_loop(const char* op, ScalarType dtype);

}  // namespace taper::kernels
