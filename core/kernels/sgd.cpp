#include <taper/core/kernels/sgd.h>
#include <taper/core/parallel.h>

namespace taper::kernels {
namespace {

constexpr int64_t kLine = 16;          // items begin at multiples, so that threads share no cache line
constexpr int64_t kPiece = 16 * 1024;  // elements; some 20 us
constexpr int64_t kSerial = 64 * 1024;

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
  // All items in a row; a piece is a part of that row, so small items share one and large ones have several.
  std::vector<int64_t> ends(items.size());
  total = 0;
  for (size_t i = 0; i < items.size(); ++i) ends[i] = total += padded(items[i].n);
  parallel_for(0, total, kPiece, [&](int64_t begin, int64_t end) {
    size_t i = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin());
    while (begin < end) {
      const int64_t start = ends[i] - padded(items[i].n);
      update(items[i], begin - start, std::min(end - start, items[i].n));
      begin = ends[i++];
    }
  });
}

}  // namespace taper::kernels
