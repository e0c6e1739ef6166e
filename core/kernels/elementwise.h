// Elementwise kernels on tensors, without autograd: they broadcast, promote, allocate the result and run the inner
// loops of core/kernels/isa/ over it, in parallel where it pays. Any strides; empty tensors are fine.
#pragma once

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/tensor.h>

namespace taper::kernels {

// The dtype of an operation on both: dimensions outrank zero-dim tensors, which outrank plain numbers, within a kind.
TAPER_API ScalarType result_type(const Tensor& a, const Tensor& b);
TAPER_API ScalarType result_type(const Tensor& a, const Scalar& b);
// The sizes both broadcast to; an error names `op` and both shapes.
TAPER_API DimVector broadcast_sizes(const char* op, IntArrayRef a, IntArrayRef b);

TAPER_API Tensor unary(UnaryOp op, const Tensor& x);
TAPER_API Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b);
TAPER_API Tensor binary(BinaryOp op, const Tensor& a, const Scalar& b);
TAPER_API Tensor binary(BinaryOp op, const Scalar& a, const Tensor& b);
TAPER_API Tensor compare(CompareOp op, const Tensor& a, const Tensor& b);
TAPER_API Tensor compare(CompareOp op, const Tensor& a, const Scalar& b);
TAPER_API Tensor test(TestOp op, const Tensor& x);
// y = x + alpha * (a * b) or, with `divide`, x + alpha * (a / b), in one pass.
TAPER_API Tensor addc(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& alpha, bool divide);
// y = a + alpha * b in one pass.
TAPER_API Tensor add_scaled(const Tensor& a, const Tensor& b, const Scalar& alpha);
// y = x + weight (end - x), all of one floating-point dtype.
TAPER_API Tensor lerp(const Tensor& x, const Tensor& end, const Scalar& weight);
TAPER_API Tensor lerp(const Tensor& x, const Tensor& end, const Tensor& weight);
// The derivative of order n >= 1 of digamma.
TAPER_API Tensor polygamma(int64_t n, const Tensor& x);
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
// An absent bound does not bind. NaN stays NaN; a bound that is NaN makes all of them so.
TAPER_API Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max);
TAPER_API Tensor leaky_relu(const Tensor& x, double slope);

// Throws, naming `op`, when a result of these sizes and dtype cannot be stored in `out`: other sizes, or a kind that it
// does not hold (float into int, anything but bool into bool).
TAPER_API void check_result_fits(const char* op, const Tensor& out, IntArrayRef sizes, ScalarType dtype);

// The same into a tensor that exists (of the broadcast sizes, any strides and dtype; it may be one of the operands).
// They do not touch the version counter. A result that the dtype of `out` cannot hold (float into int) is an error.
TAPER_API void unary_out(const Tensor& out, UnaryOp op, const Tensor& x);
TAPER_API void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Tensor& b);
TAPER_API void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Scalar& b);
TAPER_API void add_scaled_out(const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha);
TAPER_API void addc_out(const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& alpha,
                        bool divide);
TAPER_API void lerp_out(const Tensor& out, const Tensor& x, const Tensor& end, const Scalar& weight);
TAPER_API void lerp_out(const Tensor& out, const Tensor& x, const Tensor& end, const Tensor& weight);
TAPER_API void clamp_out(const Tensor& out, const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max);

// ---- copy.cpp -------------------------------------------------------------------------------------------------------
// dst := src, broadcast to dst's sizes and converted to its dtype; any strides, overlapping storage allowed.
TAPER_API void copy(const Tensor& dst, const Tensor& src);
TAPER_API void fill(const Tensor& dst, const Scalar& value);
// A new row-major tensor of the given dtype.
TAPER_API Tensor to_dtype(const Tensor& x, ScalarType dtype);
// x itself when it is row-major, else a copy that is.
TAPER_API Tensor contiguous(const Tensor& x);

}  // namespace taper::kernels
