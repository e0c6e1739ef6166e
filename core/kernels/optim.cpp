#include <taper/core/float_mode_internal.h>
#include <taper/core/kernels/optim.h>
#include <taper/core/parallel.h>

#include <algorithm>

namespace taper::kernels {
namespace {

constexpr int64_t kLine = 16;          // elements; pieces begin at multiples, so that threads share no cache line
constexpr int64_t kPiece = 16 * 1024;  // elements; some 20 us
constexpr int64_t kSerial = 64 * 1024;
constexpr int64_t kMaxPieces = 256;  // each looks at every item

int64_t padded(int64_t n) { return (n + kLine - 1) / kLine * kLine; }

}  // namespace

void optim_step(ArrayRef<OptimItem> items) {
  const taper::detail::FlushSubnormals scope;
  int64_t total = 0;
  for (const OptimItem& item : items) total += padded(item.n);
  if (total <= kSerial) {
    for (const OptimItem& item : items) item.update(item, 0, item.n);
    return;
  }
  // A piece is the same part of every item, not a part of all items in a row: it meets the thread that computed that
  // part of the gradient.
  const int64_t pieces = std::min(total / kPiece, kMaxPieces);
  parallel_for(0, pieces, 1, [&](int64_t piece, int64_t) {
    for (const OptimItem& item : items) {
      const int64_t lines = padded(item.n) / kLine;
      const int64_t begin = lines * piece / pieces * kLine, end = lines * (piece + 1) / pieces * kLine;
      if (begin < end) item.update(item, begin, std::min(end, item.n));
    }
  });
}

}  // namespace taper::kernels
