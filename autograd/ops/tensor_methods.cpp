// The bodies of the methods that core/tensor_methods.def and core/elementwise.def list, and the operators.
#include <taper/autograd/ops/ops_internal.h>

namespace taper {

namespace {

// The operand that an argument is, if it is one.
const Tensor kNoOperand;
autograd::Input operand(const Tensor& t) { return t; }
template <class T>
autograd::Input operand(const T&) {
  return kNoOperand;
}

// x.name_(args...) by the function that makes a new tensor.
template <class Function, class... Args>
Tensor& by_copy(const char* op, const Tensor& x, Function name, const Args&... args) {
  return autograd::in_place_by_copy(op, x, {operand(args)...}, true,
                                    [&](const Tensor& old) { return name(old, args...); });
}

}  // namespace

#define OR(...)
#define TAPER_METHOD(R, name, parameters, ...) \
  R Tensor::name parameters const { return taper::name(*this __VA_OPT__(, ) __VA_ARGS__); }
#define TAPER_METHODS(name, parameters, ...)                                                            \
  TAPER_METHOD(Tensor, name, parameters, __VA_ARGS__)                                                   \
  Tensor& Tensor::name##_ parameters const {                                                            \
    const auto function = [](const Tensor& x, const auto&... args) { return taper::name(x, args...); }; \
    return by_copy(#name "_", *this, function, __VA_ARGS__);                                            \
  }
#define TAPER_METHODS_OWN(name, parameters, ...) TAPER_METHOD(Tensor, name, parameters, __VA_ARGS__)
#include <taper/core/tensor_methods.def>

#define TAPER_UNARY(name) \
  Tensor Tensor::name() const { return taper::name(*this); }
#define TAPER_BINARY(name)                                                             \
  Tensor Tensor::name(const Tensor& other) const { return taper::name(*this, other); } \
  Tensor Tensor::name(const Scalar& other) const { return taper::name(*this, other); }
#define TAPER_COMPARE TAPER_BINARY
#include <taper/core/elementwise.def>

Tensor Tensor::where(const Tensor& condition, const Tensor& other) const {
  return taper::where(condition, *this, other);
}
Tensor Tensor::polygamma(int64_t n) const { return taper::polygamma(n, *this); }

// ---- operators ------------------------------------------------------------------------------------------------------

#define TAPER_OPERATOR(op, name)                                              \
  Tensor operator op(const Tensor& a, const Tensor& b) { return name(a, b); } \
  Tensor operator op(const Tensor& a, const Scalar& b) { return name(a, b); }
// `swapped` is the function with its operands exchanged.
#define TAPER_OPERATOR_OF_NUMBERS(op, name, swapped) \
  TAPER_OPERATOR(op, name)                           \
  Tensor operator op(const Scalar& a, const Tensor& b) { return swapped(b, a); }
TAPER_OPERATOR_OF_NUMBERS(+, add, add)
TAPER_OPERATOR_OF_NUMBERS(*, mul, mul)
TAPER_OPERATOR_OF_NUMBERS(&, bitwise_and, bitwise_and)
TAPER_OPERATOR_OF_NUMBERS(|, bitwise_or, bitwise_or)
TAPER_OPERATOR_OF_NUMBERS(^, bitwise_xor, bitwise_xor)
TAPER_OPERATOR_OF_NUMBERS(==, eq, eq)
TAPER_OPERATOR_OF_NUMBERS(!=, ne, ne)
TAPER_OPERATOR_OF_NUMBERS(<, lt, gt)
TAPER_OPERATOR_OF_NUMBERS(<=, le, ge)
TAPER_OPERATOR_OF_NUMBERS(>, gt, lt)
TAPER_OPERATOR_OF_NUMBERS(>=, ge, le)
// With a number on the left: binary.cpp.
TAPER_OPERATOR(-, sub)
TAPER_OPERATOR(/, div)
TAPER_OPERATOR(%, remainder)
#undef TAPER_OPERATOR_OF_NUMBERS
#undef TAPER_OPERATOR

}  // namespace taper
