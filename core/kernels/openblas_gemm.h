// Products by OpenBLAS (openblas.h has its functions), each one call on the calling thread: what stands behind
// core/blas.h.
#pragma once

#include <cstdint>
#include <string>

namespace taper::blas::openblas {

// For as long as it lives its thread is at a product and may call the functions below; fork waits until nobody is, for
// OpenBLAS has locks of its own, which it does not free in the child.
class Inside {
 public:
  Inside();
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

// Below this m n k OpenBLAS does not start threads (its SMP_THRESHOLD_MIN times GEMM_MULTITHREAD_THRESHOLD is 4 times
// as much; the margin is for builds that chose otherwise).
constexpr double kNeverThreaded = 65536;

// For as long as one lives OpenBLAS computes on the calling thread alone: on all threads of this process, ...
class SingleThreaded {
 public:
  SingleThreaded();
  ~SingleThreaded();
  SingleThreaded(const SingleThreaded&) = delete;
  SingleThreaded& operator=(const SingleThreaded&) = delete;
};
// ... and on this thread, for the build on OpenMP, whose setting belongs to each thread.
class SingleThreadedHere {
 public:
  SingleThreadedHere();
  ~SingleThreadedHere();
  SingleThreadedHere(const SingleThreadedHere&) = delete;
  SingleThreadedHere& operator=(const SingleThreadedHere&) = delete;

 private:
  int host_setting_;
};

// C[m x n] = alpha op(A) op(B) + beta C, row-major; sizes and leading dimensions fit an int.
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha, const float* a,
          std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, double alpha, const double* a,
          std::int64_t lda, const double* b, std::int64_t ldb, double beta, double* c, std::int64_t ldc);

// Whether it has kernels that read A and B where they lie. It takes them up to m n k = kUnpackedMax.
bool has_unpacked_kernels();
constexpr double kUnpackedMax = 1e6;

// blas::backend() and blas::advice()
std::string name();
std::string advice();

}  // namespace taper::blas::openblas
