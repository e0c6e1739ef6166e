// Products of tensors, summed over dimensions that they share; each two operands are multiplied by one bmm.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

// Einstein's summation: a letter for each dimension of each operand; y is the product summed over the letters that the
// right side leaves out (without `->`: those that occur more than once; the rest stand in alphabetical order). A letter
// twice in one operand is its diagonal, `...` the dimensions that broadcast. Operands are contracted from left to
// right.
//
//   einsum("ij,jk->ik", {a, b})   einsum("...ij->...ji", {a})   einsum("i,j,ij", {x, y, a})
//
// ValueError for an equation that does not fit the operands, and for sizes that differ under one letter.
TAPER_API Tensor einsum(std::string_view equation, TensorList operands);

// The product summed over dims_a of a, paired with dims_b of b: y has the remaining dimensions of a, then those of b.
// ValueError unless the lists have the same length, name each dimension once, and paired sizes agree or one is 1.
TAPER_API Tensor tensordot(const Tensor& a, const Tensor& b, IntArrayRef dims_a, IntArrayRef dims_b);

// The product summed over the last dimensions of both: [..., k] [..., k] -> [..., ...]; with a zero-dim tensor the
// product. An Error unless the last sizes agree.
TAPER_API Tensor inner(const Tensor& a, const Tensor& b);

}  // namespace taper
