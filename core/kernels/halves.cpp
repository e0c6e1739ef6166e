#include <taper/core/kernels/halves.h>

#include <algorithm>

namespace taper::kernels {
namespace {

constexpr int64_t kBlock = 512;

struct Wrapped {
  Loop loop;
  const void* param;
  size_t operands;  // result included
  bool half_result;
};

template <class T>
void widen(float* to, const char* from, int64_t stride, int64_t n) {
  if (stride == sizeof(T)) {
    const T* x = reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; ++i) to[i] = x[i];
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = *reinterpret_cast<const T*>(from + i * stride);
  }
}

template <class T>
void narrow(char* to, int64_t stride, const float* from, int64_t n) {
  if (stride == sizeof(T)) {
    T* y = reinterpret_cast<T*>(to);
    for (int64_t i = 0; i < n; ++i) y[i] = from[i];
  } else {
    for (int64_t i = 0; i < n; ++i) *reinterpret_cast<T*>(to + i * stride) = from[i];
  }
}

template <class T>
void half_rows(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const Wrapped& w = *static_cast<const Wrapped*>(param);
  float buffers[kMaxOperands][kBlock];
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t count = std::min(kBlock, n - begin);
    char* rows[kMaxOperands];
    int64_t steps[kMaxOperands];
    for (size_t k = 0; k < w.operands; ++k) {
      const bool in_place = k == 0 && !w.half_result;
      rows[k] = in_place ? data[0] + begin * strides[0] : reinterpret_cast<char*>(buffers[k]);
      steps[k] = in_place ? strides[0] : k > 0 && strides[k] == 0 ? 0 : static_cast<int64_t>(sizeof(float));
      if (k > 0) widen<T>(buffers[k], data[k] + begin * strides[k], strides[k], strides[k] == 0 ? 1 : count);
    }
    w.loop(count, rows, steps, w.param);
    if (w.half_result) narrow<T>(data[0] + begin * strides[0], strides[0], buffers[0], count);
  }
}

}  // namespace

void run_typed(Loop loop, ScalarType dtype, std::initializer_list<Operand> operands, const void* param, int64_t grain) {
  if (!isReducedFloatingType(dtype)) return run_loop(loop, operands, param, grain);
  const Wrapped wrapped{loop, param, operands.size(), operands.begin()->itemsize == 2};
  run_loop(dtype == kBFloat16 ? half_rows<BFloat16> : half_rows<Half>, operands, &wrapped, grain);
}

}  // namespace taper::kernels
