// Pooling on tensors, without autograd. A pool takes one value of each window of the planes [..., H, W]: its largest,
// or its mean. A window is the product of a window of each axis. Bits do not depend on the number of threads.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// The input positions begin, begin + step, ... below end of one output, all of them in the input; in a mean they count
// as `count`.
struct PoolWindow {
  int64_t begin, end, count;
};

// The windows of an axis, one per output.
struct PoolAxis {
  int64_t in, out;
  // Output o looks at o stride - padding + k step for k < kernel. With stride 0, the adaptive kind, at
  // [floor(o in / out), ceil((o + 1) in / out)), at most `kernel` positions.
  int64_t kernel, stride, padding = 0, step = 1;
  bool counts_padding = false;  // means do, where it is within in + 2 padding

  // The first position of a window, even if it lies in the padding.
  int64_t start(int64_t o) const { return stride == 0 ? o * in / out : o * stride - padding; }

  PoolWindow window(int64_t o) const {
    if (stride == 0) {
      const int64_t from = start(o), to = ((o + 1) * in - 1) / out + 1;
      return {from, to, to - from};
    }
    int64_t begin = start(o), end = begin + (kernel - 1) * step + 1;
    const int64_t padded = (end < in + padding ? end : in + padding) - begin;
    if (begin < 0) begin += (step - 1 - begin) / step * step;
    if (end > in) end = in;
    return {begin, end, counts_padding ? padded : end - begin};
  }
};

struct PoolPlan {
  PoolAxis h, w;
  optional<int64_t> divisor = {};  // of every mean, instead of the product of the two counts
};

// y: [..., OH, OW]. `codes`, of the same sizes, say where each y stands: its place in its window (padding included),
// counted row by row, in uint8 where that is enough; else its place in the plane, h W + w, in int64. The first of equal
// values; NaN is larger than all, and the last NaN.
struct MaxPoolResult {
  Tensor y, codes;  // no codes unless asked for
};
TAPER_API MaxPoolResult max_pool(const Tensor& x, const PoolPlan& plan, bool with_codes);
// The codes as places in the planes, h W + w, int64: what MaxPool2d returns as indices.
TAPER_API Tensor max_pool_indices(const Tensor& codes, const PoolPlan& plan);
// y = x at the codes                       dx = dy added up at the codes, 0 elsewhere
TAPER_API Tensor max_pool_gather(const Tensor& x, const Tensor& codes, const PoolPlan& plan);
TAPER_API Tensor max_pool_scatter(const Tensor& dy, const Tensor& codes, const PoolPlan& plan);

// y = sum of each window / its count       dx = sum over the windows of dy / their count
TAPER_API Tensor avg_pool(const Tensor& x, const PoolPlan& plan);
TAPER_API Tensor avg_pool_backward(const Tensor& dy, const PoolPlan& plan);

}  // namespace taper::kernels
