// Which instructions multiply matrices of bfloat16, and the products by those that are made for it: a piece of C
// (gemm_pieces.h) packs what it needs of A and B as words of two values (isa/bf16/bf16.h), a block of k at a time.
#include <taper/core/kernels/gemm_bf16.h>

#include <taper/core/error.h>
#include <taper/core/kernels/gemm.h>
#include <taper/core/kernels/gemm_pieces.h>
#include <taper/core/kernels/isa/bf16/bf16.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/kernels/scratch.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>
#include <utility>

#if defined(TAPER_X86_DISPATCH)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace taper::blas::bf16 {
namespace {

using own::divide_up;
using own::round_up;
using std::int64_t;
using std::int8_t;
using std::uint16_t;
using std::uint32_t;

#if defined(TAPER_X86_DISPATCH)
// What CPUID says in leaf 7.
struct Leaf7 {
  bool avx512_bf16 = false, avx512_fp16 = false, amx = false;
};
Leaf7 leaf7() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  Leaf7 found;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
  found.avx512_fp16 = d >> 23 & 1;
  found.amx = (d >> 22 & 1) && (d >> 24 & 1);  // AMX-BF16, AMX-TILE
  if (a > 0 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) found.avx512_bf16 = a >> 5 & 1;
  return found;
}

// The tile registers are 8 KB that the system keeps for a thread only if the process asks for it.
bool allowed_tiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

// Intel's cores with AVX512_FP16 take two cycles for a vdpbf16ps, in which they do four times as many float
// instructions of half as many multiplications: half the speed of widened values. Others double it.
bool fast_avx512_bf16() { return leaf7().avx512_bf16 && (!leaf7().avx512_fp16 || __builtin_cpu_is("amd")); }

const kernels::Bf16Loops& loops_of(Path path) {
  return path == Path::Amx ? kernels::amx_bf16::bf16_loops : kernels::avx512_bf16::bf16_loops;
}
#else
bool fast_avx512_bf16() { return false; }
#endif

Path choose_path() {
  const Path best = has(Path::Amx) ? Path::Amx : has(Path::Avx512) && fast_avx512_bf16() ? Path::Avx512 : Path::Widen;
  const char* const text = std::getenv("TAPER_BF16");
  const std::string_view wanted = text ? text : "";
  for (const Path path : {Path::Widen, Path::Avx512, Path::Amx}) {
    if (wanted == name(path) && has(path)) return path;
  }
  if (!wanted.empty()) {
    warn(taper::detail::str("TAPER_BF16 must be widen, or avx512 or amx where the processor has it; got ", wanted,
                            "; ignored"));
  }
  return best;
}

struct Operand {
  const uint16_t* data;
  int64_t row, col;  // steps
  const uint16_t* at(int64_t i, int64_t j) const { return data + i * row + j * col; }
};

// Columns up to which C's transpose is computed: B is what tiles are wide in.
constexpr int64_t kFewColumns = 4;

}  // namespace

const char* name(Path path) {
  constexpr const char* kNames[] = {"widen", "avx512", "amx"};
  return kNames[static_cast<int>(path)];
}

bool has(Path path) {
  if (path == Path::Widen) return true;
#if defined(TAPER_X86_DISPATCH)
  if (kernels::isa() != kernels::Isa::Avx512) return false;  // which TAPER_ISA may forbid
  if (path == Path::Avx512) return leaf7().avx512_bf16;
  static constinit std::atomic<int8_t> tiles{-1};
  if (tiles.load(std::memory_order_relaxed) < 0) tiles.store(leaf7().amx && allowed_tiles());
  return tiles.load(std::memory_order_relaxed) > 0;
#else
  return false;
#endif
}

Path path() {
  static constinit std::atomic<int8_t> chosen{-1};
  int8_t value = chosen.load(std::memory_order_relaxed);
  if (value < 0) [[unlikely]] {
    value = static_cast<int8_t>(choose_path());
    chosen.store(value, std::memory_order_relaxed);
  }
  return static_cast<Path>(value);
}

void gemm(const kernels::Bf16Loops& loops, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
          const uint16_t* a, int64_t lda, const uint16_t* b, int64_t ldb, const float* d, int64_t ldd, float* c,
          int64_t ldc) {
  Operand x{a, trans_a ? 1 : lda, trans_a ? lda : 1}, y{b, trans_b ? 1 : ldb, trans_b ? ldb : 1};
  int64_t c_row = ldc, c_col = 1, d_row = ldd, d_col = 1;
  if (n <= kFewColumns && n < m) {
    std::swap(m, n);
    std::swap(x, y);
    std::swap(x.row, x.col);
    std::swap(y.row, y.col);
    std::swap(c_row, c_col);
    std::swap(d_row, d_col);
  }
  const int64_t block = round_up(divide_up(k, divide_up(k, loops.block)), 2 * kernels::kBf16Words);
  const int64_t most_words = block / 2;
  const int64_t panel = most_words * loops.columns, panels = std::max<int64_t>(own::kChunkBytes / (4 * panel), 1);
  own::for_each_piece(m, n, k, loops.rows, loops.columns, [&](int64_t i0, int64_t j0, int64_t rows, int64_t columns) {
    const int64_t chunk = std::min(panels, divide_up(columns, loops.columns)) * loops.columns;
    const kernels::Scratch<uint32_t> packed_a(round_up(rows, kernels::kBf16Lines) * most_words);
    const kernels::Scratch<uint32_t> packed_b(most_words * chunk);
    loops.begin();
    for (int64_t p = 0; p < k; p += block) {
      const int64_t values = std::min(block, k - p);
      const int64_t words = round_up(divide_up(values, 2), kernels::kBf16Words);
      loops.pack_a(x.at(i0, p), x.row, x.col, rows, values, packed_a.get(), words);
      for (int64_t j1 = 0; j1 < columns; j1 += chunk) {
        const int64_t end = std::min(columns, j1 + chunk);
        for (int64_t j = j1; j < end; j += loops.columns) {
          loops.pack_b(y.at(p, j0 + j), y.col, y.row, std::min(loops.columns, end - j), values,
                       packed_b.get() + (j - j1) * words, loops.columns);
        }
        for (int64_t i = 0; i < rows; i += loops.rows) {
          for (int64_t j = j1; j < end; j += loops.columns) {
            float* const to = c + (i0 + i) * c_row + (j0 + j) * c_col;
            const float* const add = p > 0 ? to : d ? d + (i0 + i) * d_row + (j0 + j) * d_col : nullptr;
            const bool from_d = p == 0 && d;
            loops.tile({divide_up(values, 2), packed_a.get() + i * words, words, packed_b.get() + (j - j1) * words,
                        std::min(loops.rows, rows - i), std::min(loops.columns, end - j), add, from_d ? d_row : c_row,
                        from_d ? d_col : c_col, to, c_row, c_col});
          }
        }
      }
    }
    loops.end();
  });
}

void gemm(Path path, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const uint16_t* a, int64_t lda,
          const uint16_t* b, int64_t ldb, const float* d, int64_t ldd, float* c, int64_t ldc) {
#if defined(TAPER_X86_DISPATCH)
  if (path != Path::Widen) return gemm(loops_of(path), trans_a, trans_b, m, n, k, a, lda, b, ldb, d, ldd, c, ldc);
#endif
  (void)path;
  own::gemm(trans_a, trans_b, m, n, k, 1.0f, a, lda, b, ldb, d, ldd, c, ldc);
}

}  // namespace taper::blas::bf16
