#include <taper/core/half_types.h>

namespace taper::detail {

uint16_t half_bits(float value) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  const auto of = [sign](uint32_t rest) { return static_cast<uint16_t>(sign | rest); };
  if (magnitude > 0x7f800000) return of(0x7e00);
  if (magnitude >= 0x477ff000) return of(0x7c00);  // 65520 and more, which is nearer to 65536
  if (magnitude >= 0x38800000) {                   // 2^-14, the least number with all bits
    return of((magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13);
  }
  // The sum's last place is 2^-24, that of the small numbers: the addition rounds.
  const float aligned = __builtin_bit_cast(float, magnitude) + 0.5f;
  return of(__builtin_bit_cast(uint32_t, aligned) - 0x3f000000);
}

float half_value(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00) return __builtin_bit_cast(float, sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude >= 0x0400) return __builtin_bit_cast(float, sign | ((magnitude << 13) + (112u << 23)));
  const float small = static_cast<float>(magnitude) * 0x1p-24f;
  return sign ? -small : small;
}

}  // namespace taper::detail
