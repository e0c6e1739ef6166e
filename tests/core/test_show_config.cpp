#include <taper/core/blas.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/parallel.h>
#include <taper/core/show_config.h>
#include <taper/version.h>

#include <cstdlib>
#include <string>

#if !defined(TAPER_LINK_OPENBLAS)
#include <dlfcn.h>
#endif

#include "catch.h"
#include "support/alone.h"
#include "support/scopes.h"

using support::alone;
using taper::show_config;
namespace kernels = taper::kernels;

TEST_CASE("show_config names version, compiler, instruction set, products and threads, a line each") {
  const support::Threads threads(3);
  const std::string text = show_config();
  INFO(text);
  CHECK(text.find(std::string("taper ") + taper::kVersion + "\n") == 0);
  CHECK_THAT(text, ContainsSubstring("\n  - compiler: GCC ") || ContainsSubstring("\n  - compiler: clang "));
  CHECK_THAT(text, ContainsSubstring("\n  - processor: "));
  CHECK_THAT(text, ContainsSubstring(std::string("\n  - instruction set: ") + kernels::name(kernels::isa())));
  CHECK_THAT(text, ContainsSubstring("\n  - matrix products: " + taper::blas::backend() + "\n"));
  CHECK_THAT(text, ContainsSubstring("\n  - threads: 3\n"));
  CHECK(text.back() == '\n');
}

TEST_CASE("show_config tells of an instruction set below the machine's, and of products by OpenBLAS") {
  CHECK(alone("[.config_own]", "TAPER_GEMM=taper TAPER_ISA=baseline") == 0);
  CHECK(alone("[.config_openblas]", "TAPER_GEMM=openblas") == 0);
}
TEST_CASE("show_config of the baseline", "[.config_own]") {
  const std::string text = show_config(), best = kernels::name(kernels::machine());
  INFO(text);
  CHECK_THAT(text,
             ContainsSubstring(best == "baseline"
                                   ? "- instruction set: baseline\n"
                                   : "- instruction set: baseline, by TAPER_ISA; the machine has " + best + "\n"));
#if defined(__x86_64__)
  CHECK_THAT(text, ContainsSubstring("- matrix products: taper (baseline)\n"));
#endif
#if !defined(TAPER_LINK_OPENBLAS)
  CHECK(dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_NOLOAD) == nullptr);  // nor was it loaded to say so
#endif
}
TEST_CASE("show_config of OpenBLAS", "[.config_openblas]") {
  const std::string text = show_config(), advice = taper::blas::advice();
  INFO(text);
  CHECK_THAT(text, ContainsSubstring("- matrix products: OpenBLAS "));
  CHECK((text.find("\n  - note: " + advice + "\n") != std::string::npos) == !advice.empty());
}
