// Products of tensors, summed over dimensions that they share; each two operands meet in one bmm.
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

// The sum over dims_a of a, each beside one of dims_b of b: the remaining dimensions of a, then of b.
TAPER_API Tensor tensordot(const Tensor& a, const Tensor& b, IntArrayRef dims_a, IntArrayRef dims_b);

// The sum over the last dimensions of both: [..., k] [..., k] -> [..., ...]; with a zero-dim tensor the product.
TAPER_API Tensor inner(const Tensor& a, const Tensor& b);

}  // namespace taper
