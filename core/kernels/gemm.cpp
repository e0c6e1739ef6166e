// A product is cut into pieces of C, each computed by one thread; what a piece does not read where it lies it packs for
// itself. An element's bits depend on neither (isa/gemm.h), so all of this is a matter of time alone.
//
// The loops' vectors lie along the columns of C. Where they would have to be gathered from B, C's transpose may be
// computed instead: C^T = op(B)^T op(A)^T.
#include <taper/core/kernels/gemm.h>

#include <taper/core/kernels/gemm_pieces.h>
#include <taper/core/kernels/isa/gemm.h>
#include <taper/core/kernels/scratch.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace taper::blas::own {
namespace {

using std::int64_t;

// Part of what a result's bits are: the elements of C are sums of sums over so many values of k.
constexpr int64_t kBlock = 256;

// What pays, measured. Rows of C up to which B is read where it lies, which is better than packing it: where B is
// narrower than a tile, where its rows are near each other, and else. A block of B that leaves room for others in the
// first cache is never packed.
constexpr int64_t kNarrowRows = 64, kNearRows = 24, kFarRows = 11, kNearBytes = 1024, kSmallBytes = 44 << 10;
// Tiles of columns from which on A is packed, where it lies along k and across; rows up to which it is better to
// transpose C than to pack B.
constexpr int64_t kTilesAlongK = 32, kTilesAcross = 8, kTransposedRows = 32;
constexpr int64_t kKeptRows = 64;  // up to which all of A that lies across k is widened at once

int64_t block_of(int64_t k) { return round_up(divide_up(k, divide_up(k, kBlock)), 8); }

template <class T>
struct Matrix {
  T* data;
  int64_t row, col;  // steps
  T* at(int64_t i, int64_t j) const { return data + i * row + j * col; }
};

template <class T, class S>
void product(int64_t m, int64_t n, int64_t k, T alpha, Matrix<const S> a, Matrix<const S> b, bool b_packed,
             Matrix<const T> d, bool relu, Matrix<T> c) {
  const auto& loops = kernels::loops<kernels::GemmLoops<T, S>>();
  if (m == 1) a.row = 1;
  if (n == 1 && b.row == 1 && !b_packed) b.col = 1;
  if (k == 1 && b.col == 1 && !b_packed) b.row = n;
  if (!d.data) d = {nullptr, c.row, c.col};
  const int64_t block = block_of(k);
  const bool a_along_k = a.row != 1, b_along_k = b.row == 1 && b.col != 1;
  const int64_t row_bytes = b.row * static_cast<int64_t>(sizeof(S));
  const bool small = std::is_same_v<S, T> && row_bytes * block <= kSmallBytes;
  const int64_t rows_in_place = b_along_k                 ? kernels::kGemmDots
                                : n < loops.columns       ? kNarrowRows
                                : small                   ? m
                                : row_bytes <= kNearBytes ? kNearRows
                                                          : kFarRows;
  const bool pack_b = !b_packed && (m > rows_in_place || (n < loops.lanes && b.row > n && b.col == 1));
  const bool reorder_a = m > kernels::kGemmDots && n >= (a_along_k ? kTilesAlongK : kTilesAcross) * loops.columns;
  const bool pack_a = reorder_a || !std::is_same_v<S, T>, keep_a = !reorder_a && (a_along_k || m <= kKeptRows);
  const int64_t lines = static_cast<int64_t>(sizeof(T)) * block * loops.columns;
  const int64_t chunk = pack_b ? std::max<int64_t>(kChunkBytes / lines, 1) * loops.columns : n;
  const auto multiply = [&](int64_t i, int64_t j, int64_t m_piece, int64_t n_piece) {
    const int64_t room_a = keep_a && !a_along_k ? m_piece * block : loops.room_a(m_piece, n_piece, chunk, block);
    const kernels::Scratch<T> packed_a(pack_a ? room_a : 0);
    const kernels::Scratch<T> packed_b(pack_b ? loops.room_b(n_piece, chunk, block) : 0);
    const Matrix<const S> part =
        b_packed ? Matrix<const S>{b.data, b.row, j} : Matrix<const S>{b.at(0, j), b.row, b.col};
    loops.multiply({m_piece,        n_piece,        k,          block,    chunk,
                    alpha,          relu,           a.at(i, 0), a.row,    a.col,
                    part.data,      part.row,       part.col,   b_packed, d.data ? d.at(i, j) : nullptr,
                    d.row,          d.col,          c.at(i, j), c.row,    c.col,
                    packed_a.get(), packed_b.get(), keep_a});
  };

  for_each_piece(m, n, k, loops.rows, loops.columns, multiply);
}

}  // namespace

template <class T, class S>
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const S* a, int64_t lda, const S* b,
          int64_t ldb, const T* d, int64_t ldd, T* c, int64_t ldc) {
  Matrix<const S> ma{a, trans_a ? 1 : lda, trans_a ? lda : 1}, mb{b, trans_b ? 1 : ldb, trans_b ? ldb : 1};
  const bool few_columns = n <= kernels::kGemmDots && n < m;
  const bool gather_less = trans_b && m > kernels::kGemmDots && m <= kTransposedRows && m < n;
  if (few_columns || gather_less) {
    std::swap(ma.row, ma.col);
    std::swap(mb.row, mb.col);
    return product<T, S>(n, m, k, alpha, mb, ma, false, {d, 1, ldd}, false, {c, 1, ldc});
  }
  product<T, S>(m, n, k, alpha, ma, mb, false, {d, ldd, 1}, false, {c, ldc, 1});
}
template void gemm(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t,
                   const float*, int64_t, float*, int64_t);
template void gemm(bool, bool, int64_t, int64_t, int64_t, double, const double*, int64_t, const double*, int64_t,
                   const double*, int64_t, double*, int64_t);
template void gemm(bool, bool, int64_t, int64_t, int64_t, float, const uint16_t*, int64_t, const uint16_t*, int64_t,
                   const float*, int64_t, float*, int64_t);

template <class T>
int64_t packed_size(int64_t n, int64_t k) {
  const auto& loops = kernels::loops<kernels::GemmLoops<T>>();
  return k * loops.whole_tiles(n) + loops.slack;
}
template int64_t packed_size<float>(int64_t, int64_t);
template int64_t packed_size<double>(int64_t, int64_t);

template <class T>
void pack(bool trans_b, int64_t n, int64_t k, const T* b, int64_t ldb, T* packed) {
  const auto& loops = kernels::loops<kernels::GemmLoops<T>>();
  loops.pack(b, trans_b ? 1 : ldb, trans_b ? ldb : 1, n, k, block_of(k), packed, loops.whole_tiles(n));
}
template void pack(bool, int64_t, int64_t, const float*, int64_t, float*);
template void pack(bool, int64_t, int64_t, const double*, int64_t, double*);

template <class T>
void gemm_packed(int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* packed, const T* bias, bool relu,
                 T* c, int64_t ldc) {
  const int64_t step = kernels::loops<kernels::GemmLoops<T>>().whole_tiles(n);
  product<T, T>(m, n, k, T(1), {a, lda, 1}, {packed, step, 0}, true, {bias, 0, 1}, relu, {c, ldc, 1});
}
template void gemm_packed(int64_t, int64_t, int64_t, const float*, int64_t, const float*, const float*, bool, float*,
                          int64_t);
template void gemm_packed(int64_t, int64_t, int64_t, const double*, int64_t, const double*, const double*, bool,
                          double*, int64_t);

std::string name() {
#if defined(__aarch64__)
  return "taper (neon)";
#else
  return std::string("taper (") + kernels::name(kernels::isa()) + ")";
#endif
}

}  // namespace taper::blas::own
