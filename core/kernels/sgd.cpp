#include <taper/core/kernels/sgd.h>
#include <taper/core/parallel.h>

#include <algorithm>

namespace taper::kernels {
namespace {

constexpr int64_t kLine = 16;          // elements; pieces begin at multiples, so that threads share no cache line
constexpr int64_t kPiece = 16 * 1024;  // elements; some 20 us
constexpr int64_t kSerial = 64 * 1024;
constexpr int64_t kMaxPieces = 256;  // each looks at every item

int64_t padded(int64_t n) { return (n + kLine - 1) / kLine * kLine; }

// Elements [begin, end) of one item.
void update(const SgdItem& item, int64_t begin, int64_t end) {
  dispatch_floating(item.dtype, "sgd_step", [&](auto zero) {
    using T = decltype(zero);
    T* const buffer = item.buffer ? static_cast<T*>(item.buffer) + begin : nullptr;
    const SgdLoops<T>& loops = []() -> const auto& {
      if constexpr (std::is_same_v<T, float>) {
        return sgd_f32();
      } else {
        return sgd_f64();
      }
    }
    ();
    loops.update(item.rule, static_cast<T*>(item.p) + begin, static_cast<const T*>(item.g) + begin, buffer,
                 end - begin);
  });
}

}  // namespace

void sgd_step(ArrayRef<SgdItem> items) {
  int64_t total = 0;
  for (const SgdItem& item : items) total += padded(item.n);
  if (total <= kSerial) {
    for (const SgdItem& item : items) update(item, 0, item.n);
    return;
  }
  // A piece is the same part of every item, not a part of all items in a row: it meets the thread that computed that
  // part of the gradient.
  const int64_t pieces = std::min(total / kPiece, kMaxPieces);
  parallel_for(0, pieces, 1, [&](int64_t piece, int64_t) {
    for (const SgdItem& item : items) {
      const int64_t lines = padded(item.n) / kLine;
      const int64_t begin = lines * piece / pieces * kLine, end = lines * (piece + 1) / pieces * kLine;
      if (begin < end) update(item, begin, std::min(end, item.n));
    }
  });
}

}  // namespace taper::kernels
