// Floats to bfloat16 and back, by bits.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

template <class T>
struct Bfloat16Loops {
  // To the nearest, of two to the even one; NaN becomes 0x7FC0.
  void (*round)(const T* x, std::uint16_t* y, std::int64_t n);
  void (*widen)(const std::uint16_t* x, T* y, std::int64_t n);
};

}  // namespace taper::kernels

TAPER_DECLARE_TABLES(float, Float, Bfloat16Loops)
