// Floats to bfloat16, which is the upper half of a float's bits, and back.
#include <taper/core/kernels/isa/bfloat16.h>

namespace taper::kernels::TAPER_ISA {
namespace {

void round(const float* x, uint16_t* y, int64_t n) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, &x[i], sizeof bits);
    const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    y[i] = static_cast<uint16_t>((bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC0 : rounded);
  }
}

void widen(const uint16_t* x, float* y, int64_t n) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = static_cast<uint32_t>(x[i]) << 16;
    __builtin_memcpy(&y[i], &bits, sizeof bits);
  }
}

template <class T>
constexpr Bfloat16Loops<T> kLoops{round, widen};

}  // namespace

TAPER_DEFINE_TABLE(float, Float, Bfloat16Loops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
