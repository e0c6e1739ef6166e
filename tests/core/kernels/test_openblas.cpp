// OpenBLAS is told what we want when a process loads it, and only then: such tests run in processes of their own, which
// are this program with one hidden test.
#include <taper/core/blas.h>
#include <taper/core/kernels/openblas.h>
#include <taper/core/parallel.h>
#include <taper/taper.h>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "catch.h"
#include "support/alone.h"

// The sanitizers' own memory does not fit a limited address space.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define TAPER_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TAPER_SANITIZED 1
#endif
#endif

namespace {

using support::alone;
using taper::Tensor;
using taper::blas::better_core;
using taper::blas::load_openblas;
using taper::kernels::Isa;

// A number out of /proc/self/status.
[[maybe_unused]] long status_of(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    long value = 0;
    if (word == name && file >> value) return value;
  }
  return -1;
}

[[maybe_unused]] bool product_is_right(int64_t n) {
  return (taper::matmul(taper::ones({n, n}), taper::ones({n, n})) == static_cast<double>(n)).all().item<bool>();
}

// Runs on every x86-64 that is in use.
[[maybe_unused]] std::string_view nehalem(std::string_view, Isa) { return "Nehalem"; }

}  // namespace

TEST_CASE("where OpenBLAS fell back to kernels of old processors, better ones have a name it knows", "[openblas]") {
  CHECK(better_core("Prescott", Isa::Avx512) == "SkylakeX");
  CHECK(better_core("Prescott", Isa::Avx2) == "Haswell");
  CHECK(better_core("Nehalem", Isa::Avx2) == "Haswell");
  CHECK(better_core("Sandybridge", Isa::Avx512) == "SkylakeX");
  for (const char* fits :
       {"Haswell", "Zen", "SkylakeX", "Cooperlake", "Excavator", "Sapphirerapids", "one of tomorrow"}) {
    for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512}) CHECK(better_core(fits, isa).empty());
  }
  for (const char* old : {"Prescott", "Core2", "Nehalem", "Sandybridge", "Barcelona"}) {
    CHECK(better_core(old, Isa::Baseline).empty());  // then it is no older than the processor
  }
}

#if !defined(TAPER_LINK_OPENBLAS) && defined(__x86_64__)

TEST_CASE("loaded for us, OpenBLAS has the kernels it is told, one thread, and leaves the environment", "[openblas]") {
  CHECK(alone("[.openblas_fresh]", "TAPER_GEMM=openblas") == 0);
}
TEST_CASE("OpenBLAS in a fresh process", "[.openblas_fresh]") {
  const taper::blas::OpenBlas library = load_openblas(nehalem);
  CHECK(std::string(library.get_corename()) == "Nehalem");
  CHECK_THAT(library.advice, ContainsSubstring("does not know this processor and took its kernels for ") &&
                                 ContainsSubstring("; taper made it take those for Nehalem"));
  CHECK(library.get_num_threads() == 1);
  CHECK(product_is_right(64));
  CHECK(taper::blas::backend().find("(Nehalem)") != std::string::npos);
  CHECK(status_of("Threads:") == 1);
  CHECK(std::getenv("OPENBLAS_CORETYPE") == nullptr);
  CHECK(std::getenv("OPENBLAS_NUM_THREADS") == nullptr);
  CHECK(std::getenv("PATH") != nullptr);
}

TEST_CASE("what the user has told OpenBLAS stays", "[openblas]") {
  CHECK(alone("[.openblas_told]", "TAPER_GEMM=openblas OPENBLAS_CORETYPE=Prescott OPENBLAS_NUM_THREADS=2") == 0);
}
TEST_CASE("OpenBLAS that the user has told something", "[.openblas_told]") {
  const taper::blas::OpenBlas library = load_openblas(nehalem);
  CHECK(std::string(library.get_corename()) == "Prescott");
  CHECK(library.get_num_threads() == 2);
  CHECK(library.advice.empty());
  CHECK(taper::blas::advice().empty());
}

TEST_CASE("an OpenBLAS that the program has already is not told anything, only its user is", "[openblas]") {
  const std::string before = load_openblas().get_corename();
  const taper::blas::OpenBlas library = load_openblas(nehalem);
  CHECK(library.get_corename() == before);
  CHECK_THAT(library.advice, ContainsSubstring("set OPENBLAS_CORETYPE=Nehalem in the environment"));
}

#if !defined(TAPER_SANITIZED)
TEST_CASE("with little address space a product is an error, and the program ends", "[openblas]") {
  CHECK(alone("[.little_memory]", "TAPER_GEMM=openblas") == 0);
}
TEST_CASE("products with little address space", "[.little_memory]") {
  taper::set_num_threads(2);
  // Both threads take memory once, for which the C library sets address space aside: part of what is used, not of what
  // is left.
  std::atomic<int> here{0};
  taper::parallel_for(0, 2, 1, [&](int64_t, int64_t) {
    delete new (std::nothrow) std::string(100, ' ');
    ++here;
    while (here < 2) std::this_thread::yield();
  });
  const auto limit_to = [used = status_of("VmSize:")](long more_mib) {
    rlimit limit = {};
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = (static_cast<rlim_t>(used) << 10) + (static_cast<rlim_t>(more_mib) << 20);
    return setrlimit(RLIMIT_AS, &limit) == 0;
  };
  REQUIRE(limit_to(8));
  CHECK_THROWS_WITH(product_is_right(64), ContainsSubstring("matmul: OpenBLAS must be there"));
  REQUIRE(limit_to(100));
  CHECK_THROWS_WITH(product_is_right(200), ContainsSubstring("matmul: OpenBLAS must have 129 MiB of address space"));
  CHECK_THROWS_WITH(product_is_right(8), ContainsSubstring("ulimit -v"));
  REQUIRE(limit_to(250));  // one buffer, which the threads share
  for (int i = 0; i < 20; ++i) CHECK(product_is_right(200));
}
#endif

#endif
