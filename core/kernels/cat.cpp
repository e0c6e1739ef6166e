#include <taper/core/kernels/cat.h>

#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>

namespace taper::kernels {
namespace {

// A view of `x` that starts `at` into dim `dim` and has `length` there.
Tensor part(const Tensor& x, size_t dim, int64_t at, int64_t length) {
  DimVector sizes(x.sizes().begin(), x.sizes().end());
  sizes[dim] = length;
  return view_of(x, sizes, x.strides(), at * x.strides()[dim]);
}

}  // namespace

Tensor cat(TensorList tensors, int64_t dim) {
  TAPER_CHECK(!tensors.empty(), "cat: at least one tensor is needed; got an empty list");
  // A one-dim tensor without elements fits everything, as in PyTorch.
  const auto skipped = [](const Tensor& t) { return t.dim() == 1 && t.numel() == 0; };
  const Tensor* like = nullptr;
  ScalarType dtype = tensors[0].dtype();
  for (const Tensor& t : tensors) {
    TAPER_CHECK(t.dim() > 0, "cat: zero-dim tensors cannot be joined; use stack");
    dtype = promote_types(dtype, t.dtype());
    if (!like && !skipped(t)) like = &t;
  }
  if (!like) return empty({0}, dtype);
  const size_t d = static_cast<size_t>(wrap_dim("cat", dim, like->dim()));
  DimVector sizes(like->sizes().begin(), like->sizes().end());
  sizes[d] = 0;
  for (const Tensor& t : tensors) {
    if (skipped(t)) continue;
    bool fits = t.dim() == like->dim();
    for (size_t i = 0; fits && i < sizes.size(); ++i) fits = i == d || t.sizes()[i] == sizes[i];
    TAPER_CHECK(fits, "cat: the sizes must agree except in dimension ", d, "; got ", like->sizes(), " and ", t.sizes());
    TAPER_CHECK_VALUE(!__builtin_add_overflow(sizes[d], t.sizes()[d], &sizes[d]), "cat: the sizes in dimension ", d,
                      " must add up to less than 2^63");
  }
  Tensor y = empty(sizes, dtype);
  int64_t at = 0;
  for (const Tensor& t : tensors) {
    if (skipped(t)) continue;
    const int64_t length = t.sizes()[d];
    if (t.numel() > 0) copy(part(y, d, at, length), t);
    at += length;
  }
  return y;
}

}  // namespace taper::kernels
