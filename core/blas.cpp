// Products over OpenBLAS, cut into tiles that are each one single-threaded call.
//
// Two kinds of tile. OpenBLAS has, for processors with AVX-512, kernels that read A and B where they lie; it takes them
// for m n k <= 100^3. Cut into such tiles a large product runs 5 to 15 % faster than in one call, which first packs
// both matrices, and a product of few columns up to twice as fast. On other processors every tile packs its share of A
// and B again, so tiles are as large as the number of threads allows.
#include <taper/core/blas.h>
#include <taper/core/error.h>
#include <taper/core/kernels/openblas_gemm.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <climits>

namespace taper::blas {
namespace {

using std::int64_t;

struct Tile {
  int64_t m, n, k;
};

int64_t divide_up(int64_t a, int64_t b) { return (a - 1) / b + 1; }

// The size of the tiles of a product, from its own sizes alone. A tile's k is a part of it; the parts of one tile are
// summed in order. The figures are the best of a sweep over the products of MLP training, batches of 60 to 1000.
Tile choose_tile(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k) {
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const bool rows_by_rows = !trans_a && trans_b;  // A and B are read along k: a short or split k costs most
  if (openblas::has_unpacked_kernels() &&
      (!rows_by_rows || work <= openblas::kUnpackedMax || n < 32 || (k >= 200 && k <= 960))) {
    if (rows_by_rows && work > openblas::kUnpackedMax && n >= 32) return {std::min<int64_t>(m, 32), 32, k};
    if (rows_by_rows && k <= 4096) return {std::min<int64_t>(m, n < 32 ? 64 : work < 0.5e6 ? m : 32), n, k};
    const double target = work < 0.5e6 ? openblas::kUnpackedMax : std::clamp(work / 16, 0.25e6, openblas::kUnpackedMax);
    const int64_t tile_k = divide_up(k, divide_up(k, 384));
    const auto area = static_cast<int64_t>(target / static_cast<double>(tile_k));
    int64_t tile_n = std::min<int64_t>(n, 64);
    const int64_t tile_m = std::clamp<int64_t>(area / tile_n, 1, m);
    if (tile_m == m) tile_n = std::clamp<int64_t>(area / m / 16 * 16, tile_n, n);
    // Tiles of about one height, in steps the kernels like, none above the limit.
    const int64_t even = (divide_up(m, divide_up(m, tile_m)) + 3) / 4 * 4;
    return {std::min(m, even * tile_n <= area ? even : tile_m), tile_n, tile_k};
  }
  // Long rows, so that packing the rows of A and B costs little beside the product: C is cut between its rows first.
  const int64_t tile_k = divide_up(k, divide_up(k, 1 << 20));  // so that it fits an int
  const auto area = static_cast<int64_t>(std::clamp(work / 4, 0.5e6, 16e6) / static_cast<double>(tile_k));
  int64_t tile_n = divide_up(n, divide_up(n, 1024));
  const int64_t tile_m = std::clamp(area / tile_n, std::min<int64_t>(m, 128), m);
  if (tile_m == m) tile_n = std::clamp(area / m / 64 * 64, std::min<int64_t>(n, 128), n);
  return {std::min(m, (divide_up(m, divide_up(m, tile_m)) + 3) / 4 * 4), tile_n, tile_k};
}

template <class T>
void scale(int64_t m, int64_t n, T beta, T* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    T* row = c + i * ldc;
    if (beta == T(0)) {
      std::fill(row, row + n, T(0));
    } else if (beta != T(1)) {
      for (int64_t j = 0; j < n; ++j) row[j] *= beta;
    }
  }
}

template <class T>
void product(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
             int64_t ldb, T beta, T* c, int64_t ldc) {
  const Tile tile = choose_tile(trans_a, trans_b, m, n, k);
  const int64_t down = divide_up(m, tile.m), across = divide_up(n, tile.n);
  // Threads take tiles in runs: of columns where B is the largest of the three matrices, so that each reads only its
  // part of it, else of rows. For the weight of a layer, in forward as B and in backward as C, that is the same part.
  const bool by_columns = n > m && k > m;
  parallel_for(0, down * across, 1, [&](int64_t index, int64_t) {
    const int64_t i = (by_columns ? index % down : index / across) * tile.m;
    const int64_t j = (by_columns ? index / down : index % across) * tile.n;
    const openblas::SingleThreadedHere guard;
    for (int64_t p = 0; p < k; p += tile.k) {
      openblas::gemm(trans_a, trans_b, std::min(tile.m, m - i), std::min(tile.n, n - j), std::min(tile.k, k - p), alpha,
                     trans_a ? a + p * lda + i : a + i * lda + p, lda, trans_b ? b + j * ldb + p : b + p * ldb + j, ldb,
                     p == 0 ? beta : T(1), c + i * ldc + j, ldc);
    }
  });
}

template <class T>
void any_gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
              int64_t ldb, T beta, T* c, int64_t ldc) {
  TAPER_CHECK_VALUE(m >= 0 && n >= 0 && k >= 0, "gemm: sizes must not be negative; got m = ", m, ", n = ", n,
                    ", k = ", k);
  if (m == 0 || n == 0) return;
  TAPER_CHECK_VALUE(ldc >= n, "gemm: ldc must be at least n = ", n, "; got ", ldc);
  if (k == 0 || alpha == T(0)) return scale(m, n, beta, c, ldc);
  const int64_t lda_min = trans_a ? m : k, ldb_min = trans_b ? k : n;
  TAPER_CHECK_VALUE(lda >= lda_min && ldb >= ldb_min, "gemm: lda must be at least ", lda_min, " and ldb at least ",
                    ldb_min, "; got ", lda, " and ", ldb);
  // A leading dimension counts only where there is a second row; a vector may have any.
  if ((trans_a ? k : m) == 1) lda = std::min<int64_t>(lda_min, INT_MAX);
  if ((trans_b ? n : k) == 1) ldb = std::min<int64_t>(ldb_min, INT_MAX);
  if (m == 1) ldc = std::min<int64_t>(n, INT_MAX);
  TAPER_CHECK_VALUE(std::max({lda, ldb, ldc}) <= INT_MAX, "gemm: rows must be at most 2147483647 elements apart; got ",
                    std::max({lda, ldb, ldc}), "; split the product");
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const openblas::Inside inside;
  if (work <= openblas::kNeverThreaded) {
    return openblas::gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
  const openblas::SingleThreaded guard;
  product(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace

void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  any_gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda,
          const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  any_gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

std::string backend() {
  const openblas::Inside inside;
  return openblas::name();
}

std::string advice() {
  const openblas::Inside inside;
  return openblas::advice();
}

}  // namespace taper::blas
