// The operands of an elementwise operation, brought to its dtype. Internal.
#pragma once

#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/loop_nest.h>

#include <initializer_list>

namespace taper::kernels {

// A number in the dtype of the operation, wrapped around if that is a narrow integer, as the operation itself does: as
// an operand, or, also three of them, as the operation's parameters (Params in elementwise_ops.h).
class ScalarOperand {
 public:
  ScalarOperand(const Scalar& value, ScalarType dtype);
  ScalarOperand(double a, double b, double c, ScalarType dtype);
  const void* data() const { return bytes_; }
  Operand operand() const { return Operand(bytes_); }

 private:
  alignas(8) char bytes_[3 * sizeof(int64_t)] = {};
};

// A tensor: as it is, as one converted number, or converted as a whole.
class CastOperand {
 public:
  // `row_major`: the result is written in row-major order, so an operand stored across it is worth transposing first.
  CastOperand(const Tensor& t, ScalarType dtype, bool row_major = true);
  CastOperand(const CastOperand&) = delete;
  CastOperand& operator=(const CastOperand&) = delete;
  const Operand& operand() const { return operand_; }

 private:
  Operand operand_;
  Tensor copy_;
  alignas(8) char bytes_[8];
};

// Whether the loop may write its results, of type `dtype`, into `out`: not if that has another dtype or overlaps an
// operand other than element on element; then the results go through a new tensor.
bool writes_directly(const Tensor& out, ScalarType dtype, std::initializer_list<const Tensor*> operands);

// Calls compute(y) for y = out, or where that cannot be for a new tensor, of the sizes and dtype of the result, which
// is then copied. Throws, naming `op`, when `out` cannot hold the result (check_result_fits).
template <class Compute>
void write_result(const char* op, const Tensor& out, IntArrayRef sizes, ScalarType dtype,
                  std::initializer_list<const Tensor*> operands, const Compute& compute) {
  check_result_fits(op, out, sizes, dtype);
  if (writes_directly(out, dtype, operands)) return compute(out);
  const Tensor y = make_tensor(op, sizes, dtype);
  compute(y);
  copy(out, y);
}

}  // namespace taper::kernels
