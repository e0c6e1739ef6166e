// Register tiles of vdpbf16ps (AVX512_BF16).
//
// An element of C is, for each block of k, one chain over the words of k: the product of a word's second values is
// added to the sum and rounded, then that of the first values. Values and sums that are subnormal count as 0.
#include <taper/core/kernels/isa/bf16/bf16.h>
#include <taper/core/kernels/isa/bf16/pack.h>
#include <taper/core/kernels/isa/gemm_tiles.h>

#if !defined(TAPER_BF16_EMULATED)
#include <immintrin.h>
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

constexpr int kTileRows = 12, kTileColumns = 32;

// sum[j] += a . b[j]
__attribute__((always_inline)) inline Vector<float> add_pairs(Vector<float> sum, uint32_t a, const uint32_t* b) {
#if defined(TAPER_BF16_EMULATED)
  const auto value = [](uint32_t bits) {
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
  };
  for (int j = 0; j < kWords; ++j) {
    sum[j] = __builtin_fmaf(value(a & 0xFFFF0000u), value(b[j] & 0xFFFF0000u), sum[j]);
    sum[j] = __builtin_fmaf(value(a << 16), value(b[j] << 16), sum[j]);
  }
  return sum;
#else
  __m512i words;
  __builtin_memcpy(&words, b, sizeof words);
  return (Vector<float>)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32(static_cast<int>(a)),
                                         (__m512bh)words);
#endif
}

template <int R, int N>
void tile_of(const Bf16Tile& x) {
  Vector<float> sum[R][N] = {};
  const uint32_t *a = x.a, *b = x.b;
  for (int64_t w = x.words; w > 0; --w) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] = add_pairs(sum[r][n], a[r * x.a_row], b + n * kWords);
    }
    ++a;
    b += kTileColumns;
  }
  Tile<float> t = {};
  t.c = x.c;
  t.c_row = x.c_row;
  t.c_col = x.c_col;
  t.add = x.add;
  t.add_row = x.add_row;
  t.add_col = x.add_col;
  t.last = x.columns;
  t.alpha = 1;
  store_tile(t, sum);
}

template <int N, int... R>
void tile_of(const Bf16Tile& x, Indices<R...>) {
  using Function = void(const Bf16Tile&);
  static constexpr Function* kTiles[] = {tile_of<R + 1, N>...};
  kTiles[x.rows - 1](x);
}

void tile(const Bf16Tile& x) {
  using Rows = MakeIndices<kTileRows>::type;
  constexpr int kHalf = kTileColumns / kWords / 2;
  if (x.columns > kHalf * kWords) return tile_of<2 * kHalf>(x, Rows());
  tile_of<kHalf>(x, Rows());
}

void nothing() {}

}  // namespace

const Bf16Loops bf16_loops{kTileRows, kTileColumns, 256, pack<true>, pack<false>, nothing, nothing, tile};

}  // namespace taper::kernels::TAPER_ISA
