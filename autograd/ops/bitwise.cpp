// and, or, exclusive or, not: of the bits of integers and bool, and of truth values. Without derivative.
#include <taper/autograd/ops/elementwise_internal.h>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::UnaryOp;

#define TAPER_BITWISE(name, Op)                                                                           \
  Tensor name(const Tensor& a, const Tensor& b) { return kernels::binary(BinaryOp::Op, a, b); }           \
  Tensor name(const Tensor& a, const Scalar& b) { return kernels::binary(BinaryOp::Op, a, b); }           \
  Tensor& Tensor::name##_(const Tensor& other) const {                                                    \
    change(                                                                                               \
        #name "_", *this, {other}, true, [&] { kernels::binary_out(*this, BinaryOp::Op, *this, other); }, \
        [&](const Tensor& x) { return taper::name(x, other); });                                          \
    return self();                                                                                        \
  }                                                                                                       \
  Tensor& Tensor::name##_(const Scalar& other) const {                                                    \
    change(                                                                                               \
        #name "_", *this, {}, true, [&] { kernels::binary_out(*this, BinaryOp::Op, *this, other); },      \
        [&](const Tensor& x) { return taper::name(x, other); });                                          \
    return self();                                                                                        \
  }
TAPER_BITWISE(bitwise_and, BitAnd)
TAPER_BITWISE(bitwise_or, BitOr)
TAPER_BITWISE(bitwise_xor, BitXor)
#undef TAPER_BITWISE

Tensor bitwise_not(const Tensor& x) { return kernels::unary(UnaryOp::BitNot, x); }
Tensor& Tensor::bitwise_not_() const {
  change(
      "bitwise_not_", *this, {}, true, [&] { kernels::unary_out(*this, UnaryOp::BitNot, *this); },
      [](const Tensor& x) { return taper::bitwise_not(x); });
  return self();
}

// ---- truth values in place: written as 0 and 1 ----------------------------------------------------------------------

#define TAPER_LOGICAL(name)                                             \
  Tensor& Tensor::name##_(const Tensor& other) const {                  \
    const Tensor y = taper::name(*this, other);                         \
    kernels::check_result_fits(#name "_", *this, y.sizes(), y.dtype()); \
    return copy_(y);                                                    \
  }
TAPER_LOGICAL(logical_and)
TAPER_LOGICAL(logical_or)
TAPER_LOGICAL(logical_xor)
#undef TAPER_LOGICAL
Tensor& Tensor::logical_not_() const { return copy_(taper::logical_not(*this)); }

}  // namespace taper
