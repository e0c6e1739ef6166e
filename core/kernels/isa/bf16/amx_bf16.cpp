// Tiles of AMX: registers of 16 rows of 64 bytes, of which tdpbf16ps multiplies two and adds the product to a third.
//
//   A tile   16 rows of C, 16 words of k     row-major, as A is packed
//   B tile   16 words of k, 16 columns of C  row-major, half a panel of packed B
//   C tile   16 rows, 16 columns of float
//
// An element of C is, for each block of k, one chain over groups of 32 values of k: in a group the products of the
// words' first values are added up and rounded one after the other, and those of the second values; the two sums are
// added to each other, and that to the chain. Values and sums that are subnormal count as 0.
#include <taper/core/kernels/isa/bf16/bf16.h>
#include <taper/core/kernels/isa/bf16/pack.h>
#include <taper/core/kernels/isa/gemm_tiles.h>

#if !defined(TAPER_BF16_EMULATED)
#include <immintrin.h>
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

constexpr int kSide = 16;  // rows of a tile register, words in a row of it
constexpr int kTileRows = 2 * kSide, kTileColumns = 2 * kSide;

// The registers: 0 to 3 have the sums of a tile's quarters, 4 and 5 the halves of A, 6 and 7 those of B. A register's
// number is part of the instruction, hence the macros.
#define TAPER_A0 4
#define TAPER_A1 5
#define TAPER_B0 6
#define TAPER_B1 7

#if defined(TAPER_BF16_EMULATED)

struct Registers {
  uint32_t word[8][kSide][kSide];
};
thread_local Registers registers;

float value_of(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}
void emulated_zero(int to) { __builtin_memset(registers.word[to], 0, 1024); }
void emulated_load(int to, const void* from, int64_t stride) {
  for (int i = 0; i < kSide; ++i)
    __builtin_memcpy(registers.word[to][i], static_cast<const char*>(from) + i * stride, 64);
}
void emulated_store(int from, void* to, int64_t stride) {
  for (int i = 0; i < kSide; ++i) __builtin_memcpy(static_cast<char*>(to) + i * stride, registers.word[from][i], 64);
}
void emulated_multiply(int c, int a, int b) {
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      float first = 0, second = 0;
      for (int w = 0; w < kSide; ++w) {
        const uint32_t x = registers.word[a][i][w], y = registers.word[b][w][j];
        first = __builtin_fmaf(value_of(x << 16), value_of(y << 16), first);
        second = __builtin_fmaf(value_of(x & 0xFFFF0000u), value_of(y & 0xFFFF0000u), second);
      }
      const float sum = value_of(registers.word[c][i][j]) + (first + second);
      __builtin_memcpy(&registers.word[c][i][j], &sum, sizeof sum);
    }
  }
}
#define TAPER_TILE_ZERO(to) emulated_zero(to)
#define TAPER_TILE_LOAD(to, from, stride) emulated_load(to, from, stride)
#define TAPER_TILE_STORE(from, to, stride) emulated_store(from, to, stride)
#define TAPER_TILE_MULTIPLY(c, a, b) emulated_multiply(c, a, b)
void begin() { __builtin_memset(&registers, 0xFF, sizeof registers); }
void end() {}

#else

#define TAPER_TILE_ZERO(to) _tile_zero(to)
#define TAPER_TILE_LOAD(to, from, stride) _tile_loadd(to, from, stride)
#define TAPER_TILE_STORE(from, to, stride) _tile_stored(from, to, stride)
#define TAPER_TILE_MULTIPLY(c, a, b) _tile_dpbf16ps(c, a, b)

// What ldtilecfg reads: palette 1 has eight registers of up to 16 rows of 64 bytes, and all of them have all.
// A constant in memory: compilers believe that the instruction reads no more than its first bytes.
struct alignas(64) Configuration {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {kSide, kSide, kSide, kSide, kSide, kSide, kSide, kSide};
};
static_assert(sizeof(Configuration) == 64);
constexpr Configuration kConfiguration;

void begin() { _tile_loadconfig(&kConfiguration); }
void end() { _tile_release(); }

#endif

// Sums of a tile, [kTileRows, kTileColumns], of which the lower half and the right one may be wanting.
template <bool kLower, bool kRight>
void sums_of(const Bf16Tile& x, float* sums) {
  TAPER_TILE_ZERO(0);
  if (kRight) TAPER_TILE_ZERO(1);
  if (kLower) TAPER_TILE_ZERO(2);
  if (kLower && kRight) TAPER_TILE_ZERO(3);
  const int64_t a_stride = x.a_row * 4, b_stride = kTileColumns * 4;
  for (int64_t w = 0; w < x.words; w += kSide) {
    const uint32_t *a = x.a + w, *b = x.b + w * kTileColumns;
    TAPER_TILE_LOAD(TAPER_A0, a, a_stride);
    TAPER_TILE_LOAD(TAPER_B0, b, b_stride);
    TAPER_TILE_MULTIPLY(0, TAPER_A0, TAPER_B0);
    if (kRight) {
      TAPER_TILE_LOAD(TAPER_B1, b + kSide, b_stride);
      TAPER_TILE_MULTIPLY(1, TAPER_A0, TAPER_B1);
    }
    if (kLower) {
      TAPER_TILE_LOAD(TAPER_A1, a + kSide * x.a_row, a_stride);
      TAPER_TILE_MULTIPLY(2, TAPER_A1, TAPER_B0);
    }
    if (kLower && kRight) TAPER_TILE_MULTIPLY(3, TAPER_A1, TAPER_B1);
  }
  constexpr int64_t kStride = kTileColumns * 4;
  TAPER_TILE_STORE(0, sums, kStride);
  if (kRight) TAPER_TILE_STORE(1, sums + kSide, kStride);
  if (kLower) TAPER_TILE_STORE(2, sums + kSide * kTileColumns, kStride);
  if (kLower && kRight) TAPER_TILE_STORE(3, sums + kSide * kTileColumns + kSide, kStride);
}

void tile(const Bf16Tile& x) {
  alignas(64) float sums[kTileRows * kTileColumns];
  if (x.rows > kSide) {
    x.columns > kSide ? sums_of<true, true>(x, sums) : sums_of<true, false>(x, sums);
  } else {
    x.columns > kSide ? sums_of<false, true>(x, sums) : sums_of<false, false>(x, sums);
  }
  Tile<float> t = {};
  t.c = x.c;
  t.c_row = x.c_row;
  t.c_col = x.c_col;
  t.add = x.add;
  t.add_row = x.add_row;
  t.add_col = x.add_col;
  t.last = x.columns;
  store_sums(t, static_cast<int>(x.rows), kTileColumns, sums);
}

}  // namespace

const Bf16Loops bf16_loops{kTileRows, kTileColumns, 512, pack<true>, pack<false>, begin, end, tile};

}  // namespace taper::kernels::TAPER_ISA
