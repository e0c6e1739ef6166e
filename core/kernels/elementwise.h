// Elementwise kernels on tensors, without autograd: they broadcast, promote, allocate the result and run the inner
// loops of core/elementwise.def over it, in parallel where it pays. Any strides; empty tensors are fine.
#pragma once

#include <taper/core/kernels/clamp_where.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/kernels/promotion.h>
#include <taper/core/tensor.h>

namespace taper::kernels {

// a, b, c of an operation that has parameters.
struct Parameters {
  double a = 0, b = 0, c = 0;
};

TAPER_API Tensor unary(UnaryOp op, const Tensor& x);
TAPER_API Tensor unary(UnaryOp op, const Tensor& x, const Parameters& parameters);
// The gradient of an activation, for a cotangent of its sizes and dtype: x, or for some y, as
// core/elementwise.def says.
TAPER_API Tensor derivative(UnaryOp op, const Tensor& dy, const Tensor& x, const Parameters& parameters = {});
TAPER_API Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b);
TAPER_API Tensor binary(BinaryOp op, const Tensor& a, const Scalar& b);
TAPER_API Tensor binary(BinaryOp op, const Scalar& a, const Tensor& b);
TAPER_API Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b, const Scalar& parameter);
TAPER_API Tensor ternary(TernaryOp op, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& parameter = 0);
TAPER_API Tensor compare(CompareOp op, const Tensor& a, const Tensor& b);
TAPER_API Tensor compare(CompareOp op, const Tensor& a, const Scalar& b);
TAPER_API Tensor predicate(PredicateOp op, const Tensor& x);
// The derivative of order n >= 1 of digamma.
TAPER_API Tensor polygamma(int64_t n, const Tensor& x);

// Throws, naming `op`, when a result of these sizes and dtype cannot be stored in `out`: other sizes, or a kind that it
// does not hold (float into int, anything but bool into bool).
TAPER_API void check_result_fits(const char* op, const Tensor& out, IntArrayRef sizes, ScalarType dtype);

// The same into a tensor that exists (of the broadcast sizes, any strides and dtype; it may be one of the operands).
// They do not touch the version counter. A result that the dtype of `out` cannot hold (float into int) is an error.
TAPER_API void unary_out(const Tensor& out, UnaryOp op, const Tensor& x);
TAPER_API void unary_out(const Tensor& out, UnaryOp op, const Tensor& x, const Parameters& parameters);
TAPER_API void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Tensor& b);
TAPER_API void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Scalar& b);
TAPER_API void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Tensor& b, const Scalar& parameter);
TAPER_API void ternary_out(const Tensor& out, TernaryOp op, const Tensor& x, const Tensor& a, const Tensor& b,
                           const Scalar& parameter = 0);

}  // namespace taper::kernels
