// OpenBLAS's functions, as openblas_gemm.cpp calls them, and how they are found.
//
// It is loaded at the first product, because what it does when it is loaded can only be told it before: how many
// threads to start, of which we use none, and which kernels to take where it does not know the processor. A program
// that has OpenBLAS in it already keeps it as it is. With TAPER_STATIC it is linked as libraries usually are.
#pragma once

#include <taper/core/kernels/isa/isa.h>
#include <taper/core/macros.h>

#include <cblas.h>

#include <string>
#include <string_view>

namespace taper::blas {

struct TAPER_API OpenBlas {
  decltype(&::cblas_sgemm) sgemm = nullptr;
  decltype(&::cblas_dgemm) dgemm = nullptr;
  decltype(&::openblas_get_num_threads) get_num_threads = nullptr;
  decltype(&::openblas_set_num_threads) set_num_threads = nullptr;
  decltype(&::openblas_get_parallel) get_parallel = nullptr;
  decltype(&::openblas_get_config) get_config = nullptr;
  decltype(&::openblas_get_corename) get_corename = nullptr;
  int (*omp_get_max_threads)() = nullptr;  // both null unless OpenMP is there
  void (*omp_set_num_threads)(int) = nullptr;
  std::string advice;  // see blas::advice()

  std::string version() const;  // "OpenBLAS 0.3.21"
};

// What OPENBLAS_CORETYPE should say where OpenBLAS has taken the kernels `chosen` on a machine of these instruction
// sets; empty where its choice is good. For a processor newer than itself it takes those of the first 64-bit ones. The
// names are such as every version since 0.3.0 knows.
TAPER_API std::string_view better_core(std::string_view chosen, kernels::Isa machine);

// Throws Error if there is no OpenBLAS. `better` is another better_core for tests.
TAPER_API OpenBlas load_openblas(std::string_view (*better)(std::string_view, kernels::Isa) = better_core);

}  // namespace taper::blas
