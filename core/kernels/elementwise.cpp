// From tensors to inner loops: dtype, sizes, result, operands brought to one dtype, loop.
#include <taper/core/kernels/elementwise.h>

#include <taper/core/kernels/convert.h>
#include <taper/core/kernels/elementwise_int.h>
#include <taper/core/kernels/elementwise_libm.h>
#include <taper/core/kernels/isa/elementwise.h>
#include <taper/core/kernels/loop_nest.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace taper::kernels {
namespace {

// ---- names, costs, loops --------------------------------------------------------------------------------------------

const char* name_of(UnaryOp op) {
  static constexpr const char* kNames[] = {
      "neg",   "abs",  "sign",        "square",     "relu", "floor",  "ceil",   "round",   "exp",  "expm1", "log",
      "log1p", "sqrt", "rsqrt",       "reciprocal", "sin",  "cos",    "tanh",   "sigmoid", "erf",  "gelu",  "silu",
      "trunc", "frac", "bitwise_not", "tan",        "asin", "acos",   "atan",   "sinh",    "cosh", "asinh", "acosh",
      "atanh", "exp2", "log2",        "log10",      "erfc", "erfinv", "lgamma", "digamma"};
  static_assert(std::size(kNames) == static_cast<size_t>(UnaryOp::Count));
  return kNames[static_cast<size_t>(op)];
}
const char* name_of(BinaryOp op) {
  static constexpr const char* kNames[] = {"add",           "sub",           "mul",
                                           "div",           "pow",           "maximum",
                                           "minimum",       "relu_backward", "sigmoid_backward",
                                           "tanh_backward", "gelu_backward", "silu_backward",
                                           "div",           "fmod",          "remainder",
                                           "floor_divide",  "fmax",          "fmin",
                                           "bitwise_and",   "bitwise_or",    "bitwise_xor",
                                           "atan2",         "hypot",         "logaddexp",
                                           "xlogy"};
  static_assert(std::size(kNames) == static_cast<size_t>(BinaryOp::Count));
  return kNames[static_cast<size_t>(op)];
}
const char* name_of(CompareOp op) {
  static constexpr const char* kNames[] = {"eq", "ne",          "lt",         "le",         "gt",
                                           "ge", "logical_and", "logical_or", "logical_xor"};
  static_assert(std::size(kNames) == static_cast<size_t>(CompareOp::Count));
  return kNames[static_cast<size_t>(op)];
}
const char* name_of(TestOp op) {
  static constexpr const char* kNames[] = {"logical_not", "isnan", "isinf", "isfinite", "signbit"};
  static_assert(std::size(kNames) == static_cast<size_t>(TestOp::Count));
  return kNames[static_cast<size_t>(op)];
}

bool keeps_dtype(UnaryOp op) {
  return op < UnaryOp::Exp || op == UnaryOp::Trunc || op == UnaryOp::Frac || op == UnaryOp::BitNot;
}

int64_t grain_of(UnaryOp op) { return keeps_dtype(op) ? kCheapGrain : kCostlyGrain; }
int64_t grain_of(BinaryOp op) { return op == BinaryOp::Pow || op >= BinaryOp::GeluGrad ? kCostlyGrain : kCheapGrain; }
int64_t grain_of(CompareOp) { return kCheapGrain; }
int64_t grain_of(TestOp) { return kCheapGrain; }

// The row of the tables for a floating-point dtype.
int row_of(ScalarType dtype) { return dtype == kFloat64; }
Loop float_loop(UnaryOp op, ScalarType t) {
  const int i = static_cast<int>(op);
  return i < kIsaUnaryOps ? elementwise_loops().unary[row_of(t)][i] : libm_loop(op, t);
}
Loop float_loop(BinaryOp op, ScalarType t) {
  const int i = static_cast<int>(op);
  return i < kIsaBinaryOps ? elementwise_loops().binary[row_of(t)][i] : libm_loop(op, t);
}
Loop float_loop(CompareOp op, ScalarType t) { return elementwise_loops().compare[row_of(t)][static_cast<int>(op)]; }
Loop float_loop(TestOp op, ScalarType t) { return elementwise_loops().test[row_of(t)][static_cast<int>(op)]; }

[[noreturn]] void no_loop(const char* op, ScalarType dtype) {
  throw TypeError(detail::str(op, ": the operation does not take ", dtype,
                              " tensors; convert them first, for example with .to(",
                              is_integral(dtype, false) ? "taper::kFloat32" : "taper::kInt64", ")"));
}

template <class Op>
Loop loop_for(Op op, ScalarType dtype) {
  const Loop loop = is_floating_point(dtype) ? float_loop(op, dtype) : integer_loop(op, dtype);
  if (!loop) [[unlikely]]
    no_loop(name_of(op), dtype);
  return loop;
}

// ---- operands -------------------------------------------------------------------------------------------------------

// Below this a strided read costs less than a copy that puts the elements in order.
constexpr int64_t kWorthTransposing = 4096;

// A number in the dtype of the operation; beside a narrow integer it wraps around, as the operation itself does.
struct Number {
  Number(const Scalar& value, ScalarType dtype) {
    dispatch(dtype, [&]<class T>(T) {
      if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
        *reinterpret_cast<T*>(bytes) = static_cast<T>(value.toLong());
      } else {
        *reinterpret_cast<T*>(bytes) = value.to<T>();
      }
    });
  }
  alignas(8) char bytes[8];
};

// A tensor as an operand of an operation of some dtype: as it is, as one converted number, or converted as a whole.
class Converted {
 public:
  // `row_major`: the result is written in row-major order, so an operand stored across it is worth turning first.
  Converted(const Tensor& t, ScalarType dtype, bool row_major = true) : operand_(t) {
    if (t.numel() == 1 && t.dim() <= 1) {
      char* data[] = {bytes_, operand_.data};
      const int64_t strides[] = {0, 0};
      conversion(t.dtype(), dtype)(1, data, strides, nullptr);
      operand_ = Operand(bytes_);
    } else if (t.dtype() != dtype) {
      copy_ = to_dtype(t, dtype);
      operand_ = Operand(copy_);
    } else if (row_major && !t.is_contiguous() && t.numel() >= kWorthTransposing && reads_across(t)) {
      copy_ = contiguous(t);
      operand_ = Operand(copy_);
    }
  }
  Converted(const Converted&) = delete;
  Converted& operator=(const Converted&) = delete;
  const Operand& operand() const { return operand_; }

 private:
  // Neighbours along the last dimension are far apart, those along another are not.
  static bool reads_across(const Tensor& t) {
    if (t.strides().back() <= 1) return false;
    for (const int64_t stride : t.strides()) {
      if (stride == 1) return true;
    }
    return false;
  }

  Operand operand_;
  Tensor copy_;
  alignas(8) char bytes_[8];
};

bool same_geometry(const Tensor& a, const Tensor& b) {
  return a.is_contiguous() && b.is_contiguous() && a.sizes().equals(b.sizes());
}

// Bools take part in no arithmetic but `or` and `and`; true division leaves the integers.
ScalarType dtype_for(BinaryOp op, ScalarType common) {
  const bool is_real = op == BinaryOp::Div || op == BinaryOp::Atan2 || op == BinaryOp::Xlogy;
  return is_real && !is_floating_point(common) ? get_default_dtype() : common;
}
ScalarType dtype_for(UnaryOp op, ScalarType x) {
  return !keeps_dtype(op) && !is_floating_point(x) ? get_default_dtype() : x;
}

// Writes through a new tensor when `out` has another dtype or overlaps an operand other than element on element.
bool direct(const Tensor& out, ScalarType dtype, std::initializer_list<const Tensor*> operands) {
  if (out.dtype() != dtype) return false;
  for (const Tensor* t : operands) {
    if (spoils(out, *t)) return false;
  }
  return true;
}

template <class Op>
void run_binary(Op op, const Tensor& out, const Tensor& a, const Tensor& b, ScalarType dtype) {
  const bool row_major = out.is_contiguous();
  const Converted x(a, dtype, row_major), y(b, dtype, row_major);
  run_loop(loop_for(op, dtype), {out, x.operand(), y.operand()}, nullptr, grain_of(op));
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

Tensor unary(UnaryOp op, const Tensor& x) {
  const ScalarType dtype = dtype_for(op, x.dtype());
  const Loop loop = loop_for(op, dtype);
  Tensor y = make_tensor(name_of(op), x.sizes(), dtype);
  if (x.dtype() == dtype && x.is_contiguous()) {
    run_loop(loop, {y, x}, nullptr, grain_of(op));
  } else {
    run_loop(loop, {y, Converted(x, dtype).operand()}, nullptr, grain_of(op));
  }
  return y;
}

void unary_out(const Tensor& out, UnaryOp op, const Tensor& x) {
  const ScalarType dtype = dtype_for(op, x.dtype());
  check_result_fits(name_of(op), out, x.sizes(), dtype);
  if (!direct(out, dtype, {&x})) return copy(out, unary(op, x));
  // A result that is the operand itself is read in its own order.
  if (x.dtype() == dtype) return run_loop(loop_for(op, dtype), {out, x}, nullptr, grain_of(op));
  run_loop(loop_for(op, dtype), {out, Converted(x, dtype).operand()}, nullptr, grain_of(op));
}

Tensor test(TestOp op, const Tensor& x) {
  Tensor y = make_tensor(name_of(op), x.sizes(), kBool);
  run_loop(loop_for(op, x.dtype()), {y, Converted(x, x.dtype()).operand()}, nullptr, grain_of(op));
  return y;
}

// ---- binary ---------------------------------------------------------------------------------------------------------

Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype() && same_geometry(a, b) && is_floating_point(a.dtype())) {
    Tensor y = make_tensor(name_of(op), a.sizes(), a.dtype());
    run_loop(loop_for(op, a.dtype()), {y, a, b}, nullptr, grain_of(op));
    return y;
  }
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  loop_for(op, dtype);  // its error comes before one about sizes
  Tensor y = make_tensor(name_of(op), broadcast_sizes(name_of(op), a.sizes(), b.sizes()), dtype);
  run_binary(op, y, a, b, dtype);
  return y;
}

Tensor binary(BinaryOp op, const Tensor& a, const Scalar& b) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  const Loop loop = loop_for(op, dtype);
  const Number number(b, dtype);
  Tensor y = make_tensor(name_of(op), a.sizes(), dtype);
  run_loop(loop, {y, Converted(a, dtype).operand(), Operand(number.bytes)}, nullptr, grain_of(op));
  return y;
}

Tensor binary(BinaryOp op, const Scalar& a, const Tensor& b) {
  const ScalarType dtype = dtype_for(op, result_type(b, a));
  const Loop loop = loop_for(op, dtype);
  const Number number(a, dtype);
  Tensor y = make_tensor(name_of(op), b.sizes(), dtype);
  run_loop(loop, {y, Operand(number.bytes), Converted(b, dtype).operand()}, nullptr, grain_of(op));
  return y;
}

void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Tensor& b) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  if (!same_geometry(a, b)) {
    check_result_fits(name_of(op), out, broadcast_sizes(name_of(op), a.sizes(), b.sizes()), dtype);
  } else {
    check_result_fits(name_of(op), out, a.sizes(), dtype);
  }
  if (!direct(out, dtype, {&a, &b})) return copy(out, binary(op, a, b));
  run_binary(op, out, a, b, dtype);
}

void binary_out(const Tensor& out, BinaryOp op, const Tensor& a, const Scalar& b) {
  const ScalarType dtype = dtype_for(op, result_type(a, b));
  check_result_fits(name_of(op), out, a.sizes(), dtype);
  if (!direct(out, dtype, {&a})) return copy(out, binary(op, a, b));
  const Number number(b, dtype);
  run_loop(loop_for(op, dtype), {out, Converted(a, dtype, out.is_contiguous()).operand(), Operand(number.bytes)},
           nullptr, grain_of(op));
}

// ---- comparison -----------------------------------------------------------------------------------------------------

Tensor compare(CompareOp op, const Tensor& a, const Tensor& b) {
  const ScalarType dtype = result_type(a, b);
  Tensor y = make_tensor(name_of(op), broadcast_sizes(name_of(op), a.sizes(), b.sizes()), kBool);
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
  const Number number(b, dtype);
  Tensor y = make_tensor(name_of(op), a.sizes(), kBool);
  run_loop(loop_for(op, dtype), {y, Converted(a, dtype).operand(), Operand(number.bytes)}, nullptr, grain_of(op));
  return y;
}

// ---- with a number besides ------------------------------------------------------------------------------------------

namespace {

Loop add_scaled_loop(ScalarType dtype) {
  const Loop loop =
      is_floating_point(dtype) ? elementwise_loops().add_scaled[row_of(dtype)] : integer_add_scaled(dtype);
  if (!loop) no_loop("add with alpha", dtype);
  return loop;
}

Loop addc_loop(bool divide, ScalarType dtype) {
  const ElementwiseLoops& loops = elementwise_loops();
  if (is_floating_point(dtype)) return (divide ? loops.addcdiv : loops.addcmul)[row_of(dtype)];
  const Loop loop = divide ? nullptr : integer_addcmul(dtype);
  if (!loop) no_loop(divide ? "addcdiv" : "addcmul", dtype);
  return loop;
}

// A fraction has no place in an operation of integers.
void check_alpha(const char* op, const Scalar& alpha, ScalarType dtype) {
  TAPER_CHECK_TYPE(is_floating_point(dtype) || alpha.isIntegral(true), op,
                   ": the factor must be an integer when all tensors are; got ", alpha, " for a result of type ",
                   dtype);
}

void run_add_scaled(const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha, ScalarType dtype) {
  check_alpha("add", alpha, dtype);
  const Loop loop = add_scaled_loop(dtype);
  const Number factor(alpha, dtype);
  const bool row_major = out.is_contiguous();
  const Converted x(a, dtype, row_major), y(b, dtype, row_major);
  run_loop(loop, {out, x.operand(), y.operand()}, factor.bytes, kCheapGrain);
}

ScalarType addc_dtype(const Tensor& x, const Tensor& a, const Tensor& b) {
  // Dimensions outrank zero-dim tensors over all three.
  const auto by_rank = [&](bool zero_dim) {
    ScalarType type = ScalarType::Undefined;
    for (const Tensor* t : {&x, &a, &b}) {
      if ((t->dim() == 0) == zero_dim)
        type = type == ScalarType::Undefined ? t->dtype() : promote_types(type, t->dtype());
    }
    return type;
  };
  const ScalarType with_dims = by_rank(false), zero_dim = by_rank(true);
  if (with_dims == ScalarType::Undefined) return zero_dim;
  if (zero_dim == ScalarType::Undefined) return with_dims;
  const auto kind = [](ScalarType t) { return is_floating_point(t) ? 2 : t == kBool ? 0 : 1; };
  return kind(zero_dim) > kind(with_dims) ? promote_types(with_dims, zero_dim) : with_dims;
}

DimVector addc_sizes(const char* op, const Tensor& x, const Tensor& a, const Tensor& b) {
  return broadcast_sizes(op, x.sizes(), broadcast_sizes(op, a.sizes(), b.sizes()));
}

void run_addc(const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& alpha, bool divide,
              ScalarType dtype) {
  const Loop loop = addc_loop(divide, dtype);
  check_alpha(divide ? "addcdiv" : "addcmul", alpha, dtype);
  const Number factor(alpha, dtype);
  const bool row_major = out.is_contiguous();
  const Converted cx(x, dtype, row_major), ca(a, dtype, row_major), cb(b, dtype, row_major);
  run_loop(loop, {out, cx.operand(), ca.operand(), cb.operand()}, factor.bytes, kCheapGrain);
}

// The two bounds as the loop wants them, and the dtype of the result.
struct Bounds {
  Bounds(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) : dtype(x.dtype()) {
    TAPER_CHECK_VALUE(min || max, "clamp: at least one of min and max must be given");
    if (min) dtype = promote_types(dtype, result_type(x, *min));
    if (max) dtype = promote_types(dtype, result_type(x, *max));
    nan = (min && min->toDouble() != min->toDouble()) || (max && max->toDouble() != max->toDouble());
    dispatch(dtype, [&]<class T>(T) {
      using Limits = std::numeric_limits<T>;
      T* values = reinterpret_cast<T*>(bytes);
      values[0] = min ? min->to<T>() : Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
      values[1] = max ? max->to<T>() : Limits::has_infinity ? Limits::infinity() : Limits::max();
    });
    loop = is_floating_point(dtype) ? elementwise_loops().clamp[row_of(dtype)] : integer_clamp(dtype);
    if (!loop) no_loop("clamp", dtype);
  }
  ScalarType dtype;
  Loop loop;
  bool nan;  // a bound is NaN: so is every result
  alignas(8) char bytes[16];
};

void run_clamp(const Tensor& out, const Tensor& x, const Bounds& bounds) {
  if (bounds.nan) return fill(out, std::numeric_limits<double>::quiet_NaN());
  const Converted operand(x, bounds.dtype, out.is_contiguous());
  run_loop(bounds.loop, {out, operand.operand()}, bounds.bytes, kCheapGrain);
}

}  // namespace

Tensor add_scaled(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  const ScalarType dtype = result_type(a, b);
  Tensor y = make_tensor("add", broadcast_sizes("add", a.sizes(), b.sizes()), dtype);
  run_add_scaled(y, a, b, alpha, dtype);
  return y;
}

void add_scaled_out(const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha) {
  const ScalarType dtype = result_type(a, b);
  check_result_fits("add", out, broadcast_sizes("add", a.sizes(), b.sizes()), dtype);
  if (!direct(out, dtype, {&a, &b})) return copy(out, add_scaled(a, b, alpha));
  run_add_scaled(out, a, b, alpha, dtype);
}

Tensor addc(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& alpha, bool divide) {
  const ScalarType dtype = addc_dtype(x, a, b);
  const char* op = divide ? "addcdiv" : "addcmul";
  Tensor y = make_tensor(op, addc_sizes(op, x, a, b), dtype);
  run_addc(y, x, a, b, alpha, divide, dtype);
  return y;
}

void addc_out(const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& alpha, bool divide) {
  const ScalarType dtype = addc_dtype(x, a, b);
  const char* op = divide ? "addcdiv" : "addcmul";
  check_result_fits(op, out, addc_sizes(op, x, a, b), dtype);
  if (!direct(out, dtype, {&x, &a, &b})) return copy(out, addc(x, a, b, alpha, divide));
  run_addc(out, x, a, b, alpha, divide, dtype);
}

namespace {
// The operands of lerp, all of one floating-point dtype.
void check_lerp(ScalarType x, ScalarType end, ScalarType weight) {
  TAPER_CHECK_TYPE(is_floating_point(x) && x == end && x == weight,
                   "lerp: start, end and weight must have the same floating-point dtype; got ", x, ", ", end, " and ",
                   weight);
}
}  // namespace

void lerp_out(const Tensor& out, const Tensor& x, const Tensor& end, const Scalar& weight) {
  check_lerp(x.dtype(), end.dtype(), x.dtype());
  check_result_fits("lerp", out, broadcast_sizes("lerp", x.sizes(), end.sizes()), x.dtype());
  if (!direct(out, x.dtype(), {&x, &end})) return copy(out, lerp(x, end, weight));
  const Number factor(weight, x.dtype());
  run_loop(elementwise_loops().lerp[row_of(x.dtype())], {out, x, end}, factor.bytes, kCheapGrain);
}

void lerp_out(const Tensor& out, const Tensor& x, const Tensor& end, const Tensor& weight) {
  check_lerp(x.dtype(), end.dtype(), weight.dtype());
  check_result_fits("lerp", out, addc_sizes("lerp", x, end, weight), x.dtype());
  if (!direct(out, x.dtype(), {&x, &end, &weight})) return copy(out, lerp(x, end, weight));
  constexpr double kNone = 0;
  run_loop(elementwise_loops().lerp_each[row_of(x.dtype())], {out, x, end, weight}, &kNone, kCheapGrain);
}

Tensor lerp(const Tensor& x, const Tensor& end, const Scalar& weight) {
  Tensor y = make_tensor("lerp", broadcast_sizes("lerp", x.sizes(), end.sizes()), x.dtype());
  lerp_out(y, x, end, weight);
  return y;
}

Tensor lerp(const Tensor& x, const Tensor& end, const Tensor& weight) {
  Tensor y = make_tensor("lerp", addc_sizes("lerp", x, end, weight), x.dtype());
  lerp_out(y, x, end, weight);
  return y;
}

Tensor polygamma(int64_t n, const Tensor& x) {
  const ScalarType dtype = is_floating_point(x.dtype()) ? x.dtype() : get_default_dtype();
  if (!is_floating_point(dtype)) no_loop("polygamma", dtype);  // the default dtype may be one of integers
  Tensor y = make_tensor("polygamma", x.sizes(), dtype);
  const double order = static_cast<double>(n);
  run_loop(polygamma_loop(dtype), {y, Converted(x, dtype).operand()}, &order, kCostlyGrain);
  return y;
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  TAPER_CHECK_TYPE(condition.dtype() == kBool || condition.dtype() == kUInt8,
                   "where: the condition must be a Bool tensor; got ", condition.dtype(), "; compare it with 0 first");
  if (condition.dtype() == kUInt8) {
    static std::atomic<bool> said{false};  // as libtorch, which says it once, but every time of other masks
    if (!said.exchange(true) || Warning::get_warnAlways())
      warn("where: a condition of uint8 is deprecated; use one of bool, for example mask.to(taper::kBool)");
  }
  const ScalarType dtype = result_type(a, b);
  Tensor y = make_tensor(
      "where", broadcast_sizes("where", condition.sizes(), broadcast_sizes("where", a.sizes(), b.sizes())), dtype);
  const Converted c(condition, kBool), x(a, dtype), z(b, dtype);
  run_loop(where_loop(dtype), {y, c.operand(), x.operand(), z.operand()}, nullptr, kCheapGrain);
  return y;
}

Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) {
  const Bounds bounds(x, min, max);
  Tensor y = make_tensor("clamp", x.sizes(), bounds.dtype);
  run_clamp(y, x, bounds);
  return y;
}

void clamp_out(const Tensor& out, const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) {
  const Bounds bounds(x, min, max);
  check_result_fits("clamp", out, x.sizes(), bounds.dtype);
  if (!direct(out, bounds.dtype, {&x})) return copy(out, clamp(x, min, max));
  run_clamp(out, x, bounds);
}

Tensor leaky_relu(const Tensor& x, double slope) {
  if (!is_floating_point(x.dtype())) no_loop("leaky_relu", x.dtype());
  const Number factor(slope, x.dtype());
  char bytes[16] = {};
  std::copy(factor.bytes, factor.bytes + 8, bytes);
  Tensor y = make_tensor("leaky_relu", x.sizes(), x.dtype());
  run_loop(elementwise_loops().leaky_relu[row_of(x.dtype())], {y, Converted(x, x.dtype()).operand()}, bytes,
           kCheapGrain);
  return y;
}

}  // namespace taper::kernels
