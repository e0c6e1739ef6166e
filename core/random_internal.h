// How draws become numbers of [0, 1). Internal.
#pragma once

#include <cstdint>

namespace taper::detail {

inline constexpr double kPi = 3.14159265358979323846;

// A float from the low 24 bits of a draw, a double from the low 53 of two: all that its significand holds.
inline float to_uniform24(uint32_t x) { return static_cast<float>(x & 0xffffffu) * 0x1p-24f; }
inline uint64_t low53(uint64_t x) { return x & ((uint64_t{1} << 53) - 1); }
inline double to_uniform53(uint64_t x) { return static_cast<double>(static_cast<int64_t>(low53(x))) * 0x1p-53; }

}  // namespace taper::detail
