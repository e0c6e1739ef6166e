#include <taper/core/kernels/operands.h>

#include <taper/core/kernels/convert.h>
#include <taper/core/kernels/copy.h>

namespace taper::kernels {
namespace {

// Below this a strided read costs less than a copy that puts the elements in order.
constexpr int64_t kWorthTransposing = 4096;

// Neighbours along the last dimension are far apart, those along another are not.
bool reads_across(const Tensor& t) {
  if (t.strides().back() <= 1) return false;
  for (const int64_t stride : t.strides()) {
    if (stride == 1) return true;
  }
  return false;
}

}  // namespace

ScalarOperand::ScalarOperand(const Scalar& value, ScalarType dtype) {
  dispatch_stored(dtype, [&]<class T>(T) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      *reinterpret_cast<T*>(bytes_) = static_cast<T>(value.toLong());
    } else {
      *reinterpret_cast<T*>(bytes_) = value.to<T>();
    }
  });
}

ScalarOperand::ScalarOperand(double a, double b, double c, ScalarType dtype) {
  dispatch(dtype, [&]<class T>(T) {
    *reinterpret_cast<Params<T>*>(bytes_) = {static_cast<T>(a), static_cast<T>(b), static_cast<T>(c)};
  });
}

CastOperand::CastOperand(const Tensor& t, ScalarType dtype, bool row_major) : operand_(t) {
  if (t.numel() == 1 && t.dim() <= 1) {
    char* data[] = {bytes_, operand_.data};
    const int64_t strides[] = {0, 0};
    conversion(t.dtype(), dtype)(1, data, strides, nullptr);
    operand_ = Operand(bytes_);
  } else if (t.dtype() != dtype) {
    copy_ = to_dtype(t, dtype);
    operand_ = Operand(copy_);
  } else if (row_major && !t.is_contiguous() && t.numel() >= kWorthTransposing && reads_across(t)) {
    copy_ = contiguous(t);
    operand_ = Operand(copy_);
  }
}

bool writes_directly(const Tensor& out, ScalarType dtype, std::initializer_list<const Tensor*> operands) {
  if (out.dtype() != dtype) return false;
  for (const Tensor* t : operands) {
    if (overlaps_partially(out, *t)) return false;
  }
  return true;
}

}  // namespace taper::kernels
