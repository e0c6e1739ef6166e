// Vectors of bfloat16, which is the upper half of a float's bits. Only for files in core/kernels/isa/: everything here
// is local to the including file, and so are intrinsics, which leave no symbol.
#pragma once

#include <taper/core/kernels/isa/vectors.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

// W elements of memory, each in the lower half of a lane.
template <int W>
__attribute__((always_inline)) inline Vector<uint32_t, W> load_halves(const uint16_t* x) {
  // GCC 12 makes several instructions of the conversion.
#if defined(__AVX512F__)
  if constexpr (W == 16) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
    return (Vector<uint32_t, W>)_mm512_maskz_cvtepu16_epi32(0xFFFF, halves);
  } else
#elif defined(__AVX2__)
  if constexpr (W == 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
    return (Vector<uint32_t, W>)_mm256_cvtepu16_epi32(halves);
  } else
#endif
    return load<uint32_t, W>(x);
}

// W elements of memory as values of T, whose bits they are where S is uint16_t.
template <class T, int W = kVectorLanes<T>, class S>
__attribute__((always_inline)) inline Vector<T, W> widen(const S* x) {
  if constexpr (__is_same(S, T)) {
    return load<T, W>(x);
  } else {
    static_assert(__is_same(S, uint16_t) && sizeof(T) == 4);
    const Vector<uint32_t, W> bits = load_halves<W>(x) << 16;
    Vector<T, W> values;
    __builtin_memcpy(&values, &bits, sizeof values);
    return values;
  }
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
