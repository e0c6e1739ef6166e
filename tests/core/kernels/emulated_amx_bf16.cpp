// The loops of AMX, plain arithmetic in place of the instructions: test_gemm_bf16.cpp runs them.
#define TAPER_ISA emulated_amx_bf16
#define TAPER_BF16_EMULATED
#include <taper/core/kernels/isa/bf16/amx_bf16.cpp>
