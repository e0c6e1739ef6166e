// From tensors to inner loops: dtype, sizes, result, operands brought to one dtype, loop.
#include <taper/core/kernels/elementwise.h>

#include <taper/core/kernels/elementwise_select.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/operands.h>

namespace taper::kernels {
namespace {

template <class Op>
ScalarType dtype_for(Op op, ScalarType common) {
  return info(op).is_real && !is_floating_point(common) ? get_default_dtype() : common;
}

bool same_geometry(const Tensor& a, const Tensor& b) {
  return a.is_contiguous() && b.is_contiguous() && a.sizes().equals(b.sizes());
}

ScalarOperand typed(const Parameters& p, ScalarType dtype) {
  return ScalarOperand(p.a, p.b, p.c, compute_dtype(dtype));
}

}  // namespace

void check_result_fits(const char* op, const Tensor& out, IntArrayRef sizes, ScalarType dtype) {
  TAPER_CHECK(out.sizes().equals(sizes), op, ": the result must have the sizes of the tensor it is written to; got ",
              sizes, " for a tensor of sizes ", out.sizes());
  const ScalarType to = out.dtype();
  const bool loses_kind = (is_floating_point(dtype) && !is_floating_point(to)) || (dtype != kBool && to == kBool);
  TAPER_CHECK_TYPE(!loses_kind, op, ": a result of type ", dtype, " cannot be stored in a tensor of type ", to,
                   "; use the operation that returns a new tensor, or convert the tensor first");
}

// ---- unary ----------------------------------------------------------------------------------------------------------

namespace {

Tensor new_unary(UnaryOp op, const Tensor& x, ScalarType dtype, const void* param) {
  const Loop loop = loop_for(op, dtype);
  Tensor y = make_tensor(info(op).name, x.sizes(), dtype);
  if (x.dtype() == dtype && x.is_contiguous()) {
    run_typed(loop, dtype, {y, x}, param, info(op).grain);
  } else {
    run_typed(loop, dtype, {y, CastOperand(x, dtype).operand()}, param, info(op).grain);
  }
  return y;
}

void unary_into(const Tensor& out, UnaryOp op, const Tensor& x, ScalarType dtype, const void* param) {
  write_result(info(op).name, out, x.sizes(), dtype, {&x}, [&](const Tensor& y) {
    const Loop loop = loop_for(op, dtype);
    // A result that is the operand itself is read in its own order.
    if (x.dtype() == dtype) return run_typed(loop, dtype, {y, x}, param, info(op).grain);
    run_typed(loop, dtype, {y, CastOperand(x, dtype).operand()}, param, info(op).grain);
  });
}

}  // namespace

Tensor unary(UnaryOp op, const Tensor& x) { return new_unary(op, x, dtype_for(op, x.dtype()), nullptr); }
Tensor unary(UnaryOp op, const Tensor& x, const Parameters& parameters) {
  const ScalarType dtype = dtype_for(op, x.dtype());
  return new_unary(op, contiguous(x), dtype, typed(parameters, dtype).data());
}

void unary_out(const Tensor& out, UnaryOp op, const Tensor& x) {
  unary_into(out, op, x, dtype_for(op, x.dtype()), nullptr);
}
void unary_out(const Tensor& out, UnaryOp op, const Tensor& x, const Parameters& parameters) {
  const ScalarType dtype = dtype_for(op, x.dtype());
  unary_into(out, op, x, dtype, typed(parameters, dtype).data());
}

Tensor derivative(UnaryOp op, const Tensor& dy, const Tensor& x, const Parameters& parameters) {
  Tensor dx = make_tensor(info(op).name, x.sizes(), x.dtype());
  run_typed(derivative_loop(op, x.dtype()), x.dtype(), {dx, dy, contiguous(x)}, typed(parameters, x.dtype()).data(),
            info(op).derivative_grain);
  return dx;
}

Tensor predicate(PredicateOp op, const Tensor& x) {
  Tensor y = make_tensor(info(op).name, x.sizes(), kBool);
  run_typed(loop_for(op, x.dtype()), x.dtype(), {y, CastOperand(x, x.dtype()).operand()}, nullptr, info(op).grain);
  return y;
}

Tensor polygamma(int64_t n, const Tensor& x) {
  const ScalarType dtype = is_floating_point(x.dtype()) ? x.dtype() : get_default_dtype();
  if (!is_floating_point(dtype)) no_loop("polygamma", dtype);  // the default dtype may be one of integers
  Tensor y = make_tensor("polygamma", x.sizes(), dtype);
  const double order = static_cast<double>(n);
  run_typed(polygamma_loop(dtype), dtype, {y, CastOperand(x, dtype).operand()}, &order, kCostlyGrain);
  return y;
}

// ---- binary ---------------------------------------------------------------------------------------------------------

namespace {

template <class Op>
void run_binary(Op op, const Tensor& out, const Tensor& a, const Tensor& b, ScalarType dtype,
                const void* param = nullptr) {
  const bool row_major = out.is_contiguous();
  const CastOperand x(a, dtype, row_major), y(b, dtype, row_major);
  run_typed(loop_for(op, dtype), dtype, {out, x.operand(), y.operand()}, param, info(op).grain);
}

template <class Op>
DimVector binary_sizes(Op op, const Tensor& a, const Tensor& b) {
  return broadcast_sizes(info(op).name, a.sizes(), b.sizes());
}

}  // namespace

Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype() && same_geometry(a, b) && is_floating_point(a.dtype())) {
    Tensor y = make_tensor(info(op).name, a.sizes(), a.dtype());
    run_typed(loop_for(op, a.dtype()), a.dtype(), {y, a, b}, nullptr, info(op).grain);
    return y;
  }
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  loop_for(op, dtype);  // its error comes before one about sizes
  Tensor y = make_tensor(info(op).name, binary_sizes(op, a, b), dtype);
  run_binary(op, y, a, b, dtype);
  return y;
}

Tensor binary(BinaryOp op, const Tensor& a, const Scalar& b) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  const Loop loop = loop_for(op, dtype);
  const ScalarOperand number(b, dtype);
  Tensor y = make_tensor(info(op).name, a.sizes(), dtype);
  run_typed(loop, dtype, {y, CastOperand(a, dtype).operand(), number.operand()}, nullptr, info(op).grain);
  return y;
}

Tensor binary(BinaryOp op, const Scalar& a, const Tensor& b) {
  const ScalarType dtype = dtype_for(op, result_type(b, a));
  const Loop loop = loop_for(op, dtype);
  const ScalarOperand number(a, dtype);
  Tensor y = make_tensor(info(op).name, b.sizes(), dtype);
  run_typed(loop, dtype, {y, number.operand(), CastOperand(b, dtype).operand()}, nullptr, info(op).grain);
  return y;
}

void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Tensor& b) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  const auto run = [&](const Tensor& y) { run_binary(op, y, a, b, dtype); };
  if (same_geometry(a, b)) return write_result(info(op).name, out, a.sizes(), dtype, {&a, &b}, run);
  write_result(info(op).name, out, binary_sizes(op, a, b), dtype, {&a, &b}, run);
}

void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Scalar& b) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  write_result(info(op).name, out, a.sizes(), dtype, {&a}, [&](const Tensor& y) {
    const ScalarOperand number(b, dtype);
    const CastOperand x(a, dtype, y.is_contiguous());
    run_typed(loop_for(op, dtype), dtype, {y, x.operand(), number.operand()}, nullptr, info(op).grain);
  });
}

// ---- with a factor: addition, addcmul, addcdiv, lerp ----------------------------------------------------------------

namespace {

// A fraction has no place in an operation of integers.
template <class Op>
ScalarOperand factor(Op op, const Scalar& value, ScalarType dtype) {
  TAPER_CHECK_TYPE(is_floating_point(dtype) || value.isIntegral(true), info(op).name,
                   ": the factor must be an integer when all tensors are; got ", value, " for a result of type ",
                   dtype);
  return ScalarOperand(value, compute_dtype(dtype));
}

DimVector ternary_sizes(TernaryOp op, const Tensor& x, const Tensor& a, const Tensor& b) {
  return broadcast_sizes(info(op).name, x.sizes(), a.sizes(), b.sizes());
}

void run_ternary(TernaryOp op, const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b,
                 const Scalar& parameter, ScalarType dtype) {
  const Loop loop = loop_for(op, dtype);
  const ScalarOperand param = factor(op, parameter, dtype);
  const bool row_major = out.is_contiguous();
  const CastOperand cx(x, dtype, row_major), ca(a, dtype, row_major), cb(b, dtype, row_major);
  run_typed(loop, dtype, {out, cx.operand(), ca.operand(), cb.operand()}, param.data(), info(op).grain);
}

}  // namespace

Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b, const Scalar& parameter) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  Tensor y = make_tensor(info(op).name, binary_sizes(op, a, b), dtype);
  run_binary(op, y, a, b, dtype, factor(op, parameter, dtype).data());
  return y;
}

void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Tensor& b, const Scalar& parameter) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  write_result(info(op).name, out, binary_sizes(op, a, b), dtype, {&a, &b},
               [&](const Tensor& y) { run_binary(op, y, a, b, dtype, factor(op, parameter, dtype).data()); });
}

Tensor ternary(TernaryOp op, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& parameter) {
  const ScalarType dtype = result_type(x, a, b);
  Tensor y = make_tensor(info(op).name, ternary_sizes(op, x, a, b), dtype);
  run_ternary(op, y, x, a, b, parameter, dtype);
  return y;
}

void ternary_out(const Tensor& out, TernaryOp op, const Tensor& x, const Tensor& a, const Tensor& b,
                 const Scalar& parameter) {
  const ScalarType dtype = result_type(x, a, b);
  write_result(info(op).name, out, ternary_sizes(op, x, a, b), dtype, {&x, &a, &b},
               [&](const Tensor& y) { run_ternary(op, y, x, a, b, parameter, dtype); });
}

// ---- comparison -----------------------------------------------------------------------------------------------------

Tensor compare(CompareOp op, const Tensor& a, const Tensor& b) {
  const ScalarType dtype = result_type(a, b);
  Tensor y = make_tensor(info(op).name, binary_sizes(op, a, b), kBool);
  run_binary(op, y, a, b, dtype);
  return y;
}

namespace {
bool holds(ScalarType integer, int64_t value) {
  return dispatch(integer, [value]<class T>(T) { return static_cast<int64_t>(static_cast<T>(value)) == value; });
}
}  // namespace

Tensor compare(CompareOp op, const Tensor& a, const Scalar& b) {
  ScalarType dtype = result_type(a, b);
  // A number that the integers of the tensor cannot hold is compared as it is, not as what is left of it (300 as 44).
  if (is_integral(dtype, false) && !holds(dtype, b.toLong())) dtype = kInt64;
  const ScalarOperand number(b, dtype);
  Tensor y = make_tensor(info(op).name, a.sizes(), kBool);
  run_typed(loop_for(op, dtype), dtype, {y, CastOperand(a, dtype).operand(), number.operand()}, nullptr,
            info(op).grain);
  return y;
}

}  // namespace taper::kernels
