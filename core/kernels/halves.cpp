#include <taper/core/kernels/halves.h>

#include <taper/core/kernels/convert.h>

#include <algorithm>

namespace taper::kernels {
namespace {

constexpr int64_t kBlock = 512, kFloat = sizeof(float);

struct Wrapped {
  Loop loop;
  const void* param;
  size_t operands;  // result included
  bool half_result;
  Loop widen, round;  // conversions from the type of 16 bits and to it
};

void convert(Loop loop, char* to, int64_t to_stride, char* from, int64_t from_stride, int64_t n) {
  char* const rows[] = {to, from};
  const int64_t strides[] = {to_stride, from_stride};
  loop(n, rows, strides, nullptr);
}

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
      steps[k] = in_place ? strides[0] : k > 0 && strides[k] == 0 ? 0 : kFloat;
      if (k == 0) continue;
      convert(w.widen, rows[k], kFloat, data[k] + begin * strides[k], strides[k], strides[k] == 0 ? 1 : count);
    }
    w.loop(count, rows, steps, w.param);
    if (w.half_result) convert(w.round, data[0] + begin * strides[0], strides[0], rows[0], kFloat, count);
  }
}

}  // namespace

void run_typed(Loop loop, ScalarType dtype, std::initializer_list<Operand> operands, const void* param, int64_t grain) {
  if (!isReducedFloatingType(dtype)) return run_loop(loop, operands, param, grain);
  const bool half_result = operands.begin()->itemsize == 2;
  const Wrapped wrapped{
      loop, param, operands.size(), half_result, conversion(dtype, kFloat32), conversion(kFloat32, dtype)};
  run_loop(half_rows, operands, &wrapped, grain);
}

}  // namespace taper::kernels
