// How C is cut into pieces, each computed by one thread. Internal.
#pragma once

#include <taper/core/parallel.h>

#include <algorithm>
#include <cstdint>

namespace taper::blas::own {

constexpr double kPieceWork = 1 << 19;           // of a piece, at least: multiplications; some 10 us
constexpr std::int64_t kPieceRows = 2048;        // at most, so that packed A does not grow without end
constexpr std::int64_t kChunkBytes = 256 << 10;  // of packed B, which stays in the second cache

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a - 1) / b + 1; }
constexpr std::int64_t round_up(std::int64_t a, std::int64_t b) { return divide_up(a, b) * b; }

// multiply(i, j, rows, columns) for pieces of C, m x n, from element (i, j) on.
template <class F>
void for_each_piece(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t tile_rows, std::int64_t tile_columns,
                    const F& multiply) {
  using std::int64_t;
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const int threads = taper::detail::in_parallel_region() ? 1 : get_num_threads();
  const int64_t pieces = threads == 1 ? 1 : static_cast<int64_t>(std::clamp(work / kPieceWork, 1.0, 2.0 * threads));
  if (pieces == 1 && m <= kPieceRows) return multiply(0, 0, m, n);
  const int64_t tiles = std::max<int64_t>(1, n / tile_columns);  // the last takes what is left
  const int64_t columns = divide_up(tiles, std::clamp<int64_t>(tiles / 4, 1, pieces)) * tile_columns;
  const int64_t across = divide_up(tiles * tile_columns, columns);
  const int64_t least = (across < threads ? 2 : 4) * tile_rows;
  const int64_t cuts = std::clamp<int64_t>(m / least, 1, divide_up(pieces, across));
  const int64_t rows = std::min(divide_up(m, cuts), kPieceRows);
  const int64_t down = divide_up(m, rows);
  // Threads take pieces in runs: of columns where B is the larger matrix, so that each reads only its part of it.
  const bool by_columns = n > m;
  parallel_for(0, down * across, 1, [&](int64_t first, int64_t last) {
    for (int64_t index = first; index < last; ++index) {
      const int64_t i = (by_columns ? index % down : index / across) * rows;
      const int64_t j = (by_columns ? index / down : index % across) * columns;
      multiply(i, j, std::min(rows, m - i), j + columns < across * columns ? columns : n - j);
    }
  });
}

}  // namespace taper::blas::own
