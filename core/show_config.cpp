#include <taper/core/blas.h>
#include <taper/core/blas_bf16.h>
#include <taper/core/error.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/parallel.h>
#include <taper/core/show_config.h>
#include <taper/version.h>

#include <fstream>

namespace taper {
namespace {

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

// Its name, as Linux has it of x86 processors.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string instruction_set() {
  const kernels::Isa used = kernels::isa(), best = kernels::machine();
  return used == best ? kernels::name(used)
                      : detail::str(kernels::name(used), ", by TAPER_ISA; the machine has ", kernels::name(best));
}

// Where there is no OpenBLAS to ask, that is the answer.
std::string products() {
  try {
    const std::string advice = blas::advice();
    return blas::backend() + (advice.empty() ? "" : "\n  - note: " + advice);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

std::string show_config() {
  return detail::str("taper ", kVersion, "\n  - compiler: ", compiler(), "\n  - processor: ", processor(),
                     "\n  - instruction set: ", instruction_set(), "\n  - matrix products: ", products(),
                     "\n  - products of bfloat16: ", blas::bf16_backend(), "\n  - threads: ", get_num_threads(), "\n");
}

}  // namespace taper
