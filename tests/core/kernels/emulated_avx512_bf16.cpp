// The loops of AVX512_BF16, plain arithmetic in place of the instruction: test_gemm_bf16.cpp runs them.
#define TAPER_ISA emulated_avx512_bf16
#define TAPER_BF16_EMULATED
#include <taper/core/kernels/isa/bf16/avx512_bf16.cpp>
