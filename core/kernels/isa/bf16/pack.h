// Values of bfloat16 put together as words and in panels (bf16.h). Only for files in this folder: everything here is
// local to the including file.
#pragma once

#include <taper/core/kernels/isa/bf16/bf16.h>
#include <taper/core/kernels/isa/bfloat16_vectors.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Words in a register, which passes them on as if they were floats.
constexpr int kWords = kVectorLanes<float>;

// row[i]: kWords words of line i, for kWords lines x[i line + p], of which there are `lines`, with k values.
__attribute__((always_inline)) inline void load_along(const uint16_t* x, int64_t line, int64_t lines, int64_t k,
                                                      Vector<float>* row) {
  if (lines >= kWords && k >= 2 * kWords) {
#pragma GCC unroll 16
    for (int i = 0; i < kWords; ++i) __builtin_memcpy(&row[i], x + i * line, sizeof row[i]);
    return;
  }
  const int64_t values = k < 2 * kWords ? k : 2 * kWords;
  for (int i = 0; i < kWords; ++i) {
    uint16_t part[2 * kWords] = {};
    if (i < lines) __builtin_memcpy(part, x + i * line, 2 * static_cast<unsigned long>(values));
    __builtin_memcpy(&row[i], part, sizeof row[i]);
  }
}

// Word j of the result: elements j of two rows.
__attribute__((always_inline)) inline Vector<float> words_of(const uint16_t* first, const uint16_t* second) {
  const Vector<uint32_t> words = load_halves<kWords>(first) | load_halves<kWords>(second) << 16;
  Vector<float> row;
  __builtin_memcpy(&row, &words, sizeof row);
  return row;
}

// row[w]: word w of kWords lines x[i + p step], of which there are `lines`, with k values.
__attribute__((always_inline)) inline void load_across(const uint16_t* x, int64_t step, int64_t lines, int64_t k,
                                                       Vector<float>* row) {
  if (lines >= kWords && k >= 2 * kWords) {
#pragma GCC unroll 16
    for (int w = 0; w < kWords; ++w) row[w] = words_of(x + 2 * w * step, x + (2 * w + 1) * step);
    return;
  }
  const int64_t count = lines < kWords ? lines : kWords;
  for (int w = 0; w < kWords; ++w) {
    uint16_t part[2][kWords] = {};
    for (int half = 0; half < 2 && 2 * w + half < k; ++half) {
      __builtin_memcpy(part[half], x + (2 * w + half) * step, 2 * static_cast<unsigned long>(count));
    }
    row[w] = words_of(part[0], part[1]);
  }
}

// kLinesFirst: to[i to_row + w], else to[w to_row + i], for word w of line i.
template <bool kLinesFirst>
void pack(const uint16_t* x, int64_t line, int64_t step, int64_t lines, int64_t k, uint32_t* to, int64_t to_row) {
  static_assert(kBf16Lines % kWords == 0 && kBf16Words % kWords == 0);
  const int64_t line_step = kLinesFirst ? to_row : 1, word_step = kLinesFirst ? 1 : to_row;
  const int64_t all_lines = (lines + kBf16Lines - 1) / kBf16Lines * kBf16Lines;
  const int64_t all_words = (k + 2 * kBf16Words - 1) / (2 * kBf16Words) * kBf16Words;
  // In the order of memory: what lies side by side is read together.
  const bool along = step == 1;
  const int64_t most_outer = along ? all_lines : all_words, most_inner = along ? all_words : all_lines;
  for (int64_t outer = 0; outer < most_outer; outer += kWords) {
    for (int64_t inner = 0; inner < most_inner; inner += kWords) {
      const int64_t i = along ? outer : inner, w = along ? inner : outer;
      Vector<float> row[kWords] = {};
      const int64_t lines_left = lines - i, k_left = k - 2 * w;
      if (lines_left > 0 && k_left > 0) {
        const uint16_t* const from = x + i * line + 2 * w * step;
        if (along) {
          load_along(from, line, lines_left, k_left, row);
        } else {
          load_across(from, step, lines_left, k_left, row);
        }
        if (along != kLinesFirst) transpose_block<float>(row);
      }
      uint32_t* const block = to + i * line_step + w * word_step;
#pragma GCC unroll 16
      for (int r = 0; r < kWords; ++r) __builtin_memcpy(block + r * to_row, &row[r], sizeof row[r]);
    }
  }
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
