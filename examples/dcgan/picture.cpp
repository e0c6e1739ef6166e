#include "picture.h"

#include <taper/taper.h>

namespace examples::dcgan {

taper::Tensor grid(const taper::Tensor& images, int64_t columns) {
  constexpr int64_t kGap = 2;
  const int64_t n = images.size(0), h = images.size(2), w = images.size(3), rows = (n + columns - 1) / columns;
  const taper::Tensor bytes = ((images + 1) * 127.5).round().clamp(0, 255).to(taper::kUInt8);
  taper::Tensor picture = taper::full({rows * (h + kGap) + kGap, columns * (w + kGap) + kGap}, 64, taper::kUInt8);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t y = kGap + i / columns * (h + kGap), x = kGap + i % columns * (w + kGap);
    picture.narrow(0, y, h).narrow(1, x, w).copy_(bytes[i][0]);
  }
  return picture;
}

}  // namespace examples::dcgan
