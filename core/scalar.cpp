#include <taper/core/scalar.h>

namespace taper {

Scalar Scalar::operator-() const {
  TAPER_CHECK_TYPE(kind_ != kBool, "neg: a bool has no negative; use !value");
  if (kind_ == kFloat64) return Scalar(-d_);
  return Scalar(static_cast<int64_t>(uint64_t{0} - static_cast<uint64_t>(i_)));
}

// As PyTorch, an unsigned type also takes the negative of what it holds (-1 becomes 255), an idiom for masks.
int64_t Scalar::to_integer(size_t bytes, bool is_signed) const {
  const auto fail = [&] {
    throw ValueError(detail::str("scalar: the value must fit the integer dtype asked for (",
                                 is_signed ? "signed" : "unsigned", ", ", 8 * bytes, " bits); got ", *this,
                                 "; choose a wider dtype"));
  };
  int64_t value = i_;
  if (kind_ == kFloat64) {
    // The bounds are powers of two, exact in double; NaN fails both comparisons.
    if (!(d_ >= -9223372036854775808.0 && d_ < 9223372036854775808.0)) fail();
    value = static_cast<int64_t>(d_);
  }
  if (bytes < 8) {
    const int64_t high = int64_t{1} << (8 * bytes - (is_signed ? 1 : 0));
    if (is_signed ? (value < -high || value >= high) : (value <= -high || value >= high)) fail();
  }
  return value;
}

void append_to(std::string& out, const Scalar& value) {
  if (value.isBoolean()) {
    append_to(out, value.toBool());
  } else if (value.isFloatingPoint()) {
    append_to(out, value.toDouble());
  } else {
    append_to(out, static_cast<long long>(value.toLong()));
  }
}

}  // namespace taper
