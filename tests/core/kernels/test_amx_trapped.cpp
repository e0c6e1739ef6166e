// The compiled loops of AMX on a processor that has AVX-512 but no AMX: it traps at each of the seven instructions that
// they use, and the handler of the signal does what the manual says of them. They run on one thread.
#include <taper/core/kernels/gemm_bf16.h>
#include <taper/core/kernels/isa/bf16/bf16.h>
#include <taper/core/kernels/isa/isa.h>

#include "catch.h"
#include "support/scopes.h"

#if defined(__x86_64__) && defined(__linux__)
#include <signal.h>
#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace taper::kernels::emulated_amx_bf16 {
extern const Bf16Loops bf16_loops;
}

namespace {

using std::int64_t;
using std::uint16_t;
using std::uint32_t;
using std::uint8_t;

// The processor's state.
bool configured = false;
uint16_t row_bytes[8];
uint8_t rows[8];
uint32_t tiles[8][16][16];
int executed = 0;

float value_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// What palette 1 allows.
bool load_configuration(const uint8_t* at) {
  if (at[0] != 1 || at[1] != 0) return false;
  for (int i = 2; i < 16; ++i) {
    if (at[i] != 0) return false;
  }
  std::memcpy(row_bytes, at + 16, sizeof row_bytes);
  std::memcpy(rows, at + 48, sizeof rows);
  for (int t = 0; t < 8; ++t) {
    if (row_bytes[t] > 64 || rows[t] > 16 || at[32 + 2 * t] != 0 || at[33 + 2 * t] != 0 || at[56 + t] != 0)
      return false;
  }
  std::memset(tiles, 0, sizeof tiles);
  return configured = true;
}

void multiply(int c, int a, int b) {
  const int words = row_bytes[a] / 4, columns = row_bytes[b] / 4;
  for (int i = 0; i < rows[a]; ++i) {
    float sums[2][16] = {};
    for (int w = 0; w < words; ++w) {
      for (int j = 0; j < columns; ++j) {
        sums[0][j] = std::fma(value_of(tiles[a][i][w] << 16), value_of(tiles[b][w][j] << 16), sums[0][j]);
        sums[1][j] =
            std::fma(value_of(tiles[a][i][w] & 0xFFFF0000u), value_of(tiles[b][w][j] & 0xFFFF0000u), sums[1][j]);
      }
    }
    for (int j = 0; j < columns; ++j) {
      const float sum = value_of(tiles[c][i][j]) + (sums[0][j] + sums[1][j]);
      std::memcpy(&tiles[c][i][j], &sum, sizeof sum);
    }
  }
}

// Executes the instruction at RIP, whose encoding is VEX.128.0F38.W0, and steps over it.
bool execute(greg_t* registers) {
  constexpr int kNumbers[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                              REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  const auto value = [&](int number) { return static_cast<int64_t>(registers[kNumbers[number]]); };
  const uint8_t* code = reinterpret_cast<const uint8_t*>(registers[REG_RIP]);
  if (code[0] != 0xC4 || (code[1] & 0x1F) != 2 || (code[2] & 0x84) != 0) return false;
  const int rex_x = code[1] & 0x40 ? 0 : 8, rex_b = code[1] & 0x20 ? 0 : 8;
  const int prefix = code[2] & 3, vvvv = ~code[2] >> 3 & 15, opcode = code[3];  // prefix: none, 66, F3, F2
  const int mode = code[4] >> 6, reg = code[4] >> 3 & 7, rm = code[4] & 7;
  code += 5;
  int64_t base = 0, stride = 0;
  if (mode != 3) {
    const bool relative = mode == 0 && rm == 5;
    if (rm == 4) {
      const int sib = *code++, index = (sib >> 3 & 7) + rex_x;
      if (mode == 0 && (sib & 7) == 5) return false;  // no base
      base = value((sib & 7) + rex_b);
      stride = index == 4 ? 0 : value(index) * (1 << (sib >> 6));
    } else if (!relative) {
      base = value(rm + rex_b);
    }
    if (mode == 1) {
      base += static_cast<std::int8_t>(*code++);
    } else if (mode == 2 || relative) {
      std::int32_t displacement;
      std::memcpy(&displacement, code, sizeof displacement);
      code += sizeof displacement;
      base += displacement + (relative ? reinterpret_cast<int64_t>(code) : 0);
    }
  }
  const auto row_at = [&](int i) { return reinterpret_cast<char*>(base + i * stride); };
  if (opcode == 0x49 && prefix == 0 && mode != 3) {  // ldtilecfg
    if (!load_configuration(reinterpret_cast<const uint8_t*>(base))) return false;
  } else if (!configured) {
    return false;
  } else if (opcode == 0x49 && prefix == 0 && reg == 0 && rm == 0) {  // tilerelease
    configured = false;
  } else if (opcode == 0x49 && prefix == 3 && mode == 3) {  // tilezero
    std::memset(tiles[reg], 0, sizeof tiles[reg]);
  } else if (opcode == 0x4B && prefix == 3 && mode != 3 && rm == 4) {  // tileloadd
    for (int i = 0; i < rows[reg]; ++i) std::memcpy(tiles[reg][i], row_at(i), row_bytes[reg]);
  } else if (opcode == 0x4B && prefix == 2 && mode != 3 && rm == 4) {  // tilestored
    for (int i = 0; i < rows[reg]; ++i) std::memcpy(row_at(i), tiles[reg][i], row_bytes[reg]);
  } else if (opcode == 0x5C && prefix == 2 && mode == 3) {  // tdpbf16ps
    if (reg == rm || reg == vvvv || rm == vvvv) return false;
    multiply(reg, rm, vvvv);
  } else {
    return false;
  }
  registers[REG_RIP] = reinterpret_cast<greg_t>(code);
  ++executed;
  return true;
}

void on_trap(int, siginfo_t*, void* context) {
  if (!execute(static_cast<ucontext_t*>(context)->uc_mcontext.gregs)) std::abort();
}

class Trap {
 public:
  Trap() {
    struct sigaction action = {};
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGILL, &action, &before_);
  }
  ~Trap() { sigaction(SIGILL, &before_, nullptr); }
  Trap(const Trap&) = delete;
  Trap& operator=(const Trap&) = delete;

 private:
  struct sigaction before_;
};

}  // namespace

TEST_CASE("the loops of AMX do what their emulation does, instruction by instruction", "[gemm_bf16]") {
  namespace kernels = taper::kernels;
  namespace bf16 = taper::blas::bf16;
  if (kernels::machine() != kernels::Isa::Avx512 || bf16::has(bf16::Path::Amx)) {
    WARN("not run: it needs a processor with AVX-512 and without AMX");
    return;
  }
  const support::Threads one(1);
  const int64_t sizes[][3] = {{1, 1, 1},     {16, 16, 32}, {17, 40, 33}, {40, 17, 65},
                              {32, 70, 600}, {5, 3, 1100}, {50, 2, 9}};
  for (const auto& [m, n, k] : sizes) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        INFO(m << " x " << n << " x " << k << (ta ? " T" : " N") << (tb ? "T" : "N"));
        std::mt19937 random(1);
        const auto values = [&](int64_t count) {
          std::vector<uint16_t> all(static_cast<size_t>(count));
          for (uint16_t& v : all) v = static_cast<uint16_t>((random() & 0x807F) | (124 + random() % 5) << 7);
          return all;
        };
        const auto a = values(m * k), b = values(k * n);
        std::vector<float> c(static_cast<size_t>(m * n), 1), want(c);
        const int64_t lda = ta ? m : k, ldb = tb ? k : n;
        executed = 0;
        {
          const Trap trap;
          bf16::gemm(kernels::amx_bf16::bf16_loops, ta, tb, m, n, k, a.data(), lda, b.data(), ldb, c.data(), n,
                     c.data(), n);
        }
        CHECK(executed > 0);
        CHECK_FALSE(configured);  // released
        bf16::gemm(kernels::emulated_amx_bf16::bf16_loops, ta, tb, m, n, k, a.data(), lda, b.data(), ldb, want.data(),
                   n, want.data(), n);
        CHECK(std::memcmp(c.data(), want.data(), c.size() * sizeof(float)) == 0);
      }
    }
  }
}
#endif
