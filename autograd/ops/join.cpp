#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/core/dims.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/index.h>

#include <algorithm>

namespace taper {

using autograd::Grads;
using autograd::Needs;

// y = the tensors one after the other      dx_i = dy at the place of x_i
Tensor cat(TensorList tensors, int64_t dim) {
  const Tensor y = kernels::cat(tensors, dim);
  dim = wrap_dim("cat", dim, y.dim());
  DimVector lengths;
  // A skipped tensor, of sizes [0], has no place and gets no gradient: length -1.
  for (const Tensor& t : tensors) lengths.push_back(t.dim() == y.dim() ? t.size(dim) : -1);
  return autograd::record_list("CatBackward0", tensors, y, [lengths, dim](const Tensor& dy, const Needs& needs) {
    Grads dx(lengths.size());
    int64_t at = 0;
    for (size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] < 0) continue;
      if (needs[i]) dx[i] = narrow(dy, dim, at, lengths[i]);
      at += lengths[i];
    }
    return dx;
  });
}

// y = the tensors along a new dimension    dx_i = dy[i]
Tensor stack(TensorList tensors, int64_t dim) {
  TAPER_CHECK(!tensors.empty(), "stack: at least one tensor is needed; got an empty list");
  dim = wrap_dim("stack", dim, tensors[0].dim() + 1);
  Tensor y;
  {
    const NoGradGuard no_grad;
    std::vector<Tensor> rows;
    rows.reserve(tensors.size());
    for (const Tensor& t : tensors) {
      TAPER_CHECK(t.sizes() == tensors[0].sizes(), "stack: all tensors must have the same sizes; got ",
                  tensors[0].sizes(), " and ", t.sizes());
      rows.push_back(t.unsqueeze(dim));
    }
    y = kernels::cat(rows, dim);
  }
  return autograd::record_list("StackBackward0", tensors, y,
                               [n = tensors.size(), dim](const Tensor& dy, const Needs& needs) {
                                 Grads dx(n);
                                 for (size_t i = 0; i < n; ++i) {
                                   if (needs[i]) dx[i] = select(dy, dim, static_cast<int64_t>(i));
                                 }
                                 return dx;
                               });
}

// ---- parts of a tensor: views ---------------------------------------------------------------------------------------
std::vector<Tensor> split_with_sizes(const Tensor& x, IntArrayRef split_sizes, int64_t dim) {
  TAPER_CHECK(x.dim() > 0, "split: the tensor must have at least one dimension; got sizes ", x.sizes());
  const int64_t size = x.size(dim);
  int64_t total = 0;
  for (int64_t length : split_sizes) {
    TAPER_CHECK_VALUE(length >= 0, "split: the sizes must not be negative; got ", split_sizes);
    // The sum stops above `size`, before it can overflow.
    total = length > size - total ? size + 1 : total + length;
    if (total > size) break;
  }
  TAPER_CHECK_VALUE(total == size, "split: the sizes must add up to the dimension; got ", split_sizes, " for ", size);
  std::vector<Tensor> parts;
  parts.reserve(split_sizes.size());
  int64_t at = 0;
  for (int64_t length : split_sizes) {
    parts.push_back(narrow(x, dim, at, length));
    at += length;
  }
  return parts;
}

std::vector<Tensor> split(const Tensor& x, int64_t split_size, int64_t dim) {
  TAPER_CHECK(x.dim() > 0, "split: the tensor must have at least one dimension; got sizes ", x.sizes());
  const int64_t size = x.size(dim);
  TAPER_CHECK_VALUE(split_size > 0 || (split_size == 0 && size == 0),
                    "split: the size of a part must be positive; got ", split_size);
  DimVector sizes;
  for (int64_t left = size; left > 0; left -= sizes.back()) sizes.push_back(std::min(split_size, left));
  if (sizes.empty()) sizes.push_back(0);
  return split_with_sizes(x, sizes, dim);
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  TAPER_CHECK(x.dim() > 0, "chunk: the tensor must have at least one dimension; got sizes ", x.sizes());
  TAPER_CHECK_VALUE(chunks > 0, "chunk: the number of chunks must be positive; got ", chunks);
  const int64_t size = x.size(dim);
  if (size == 0) return split_with_sizes(x, DimVector(static_cast<size_t>(chunks), 0), dim);
  return split(x, (size - 1) / chunks + 1, dim);
}

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  TAPER_CHECK(x.dim() > 0, "unbind: the tensor must have at least one dimension; got sizes ", x.sizes());
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < x.size(dim); ++i) parts.push_back(select(x, dim, i));
  return parts;
}

std::vector<Tensor> broadcast_tensors(TensorList tensors) {
  if (tensors.empty()) return {};
  DimVector sizes(tensors[0].sizes().begin(), tensors[0].sizes().end());
  for (const Tensor& t : tensors) sizes = kernels::broadcast_sizes("broadcast_tensors", sizes, t.sizes());
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const Tensor& t : tensors) result.push_back(t.expand(sizes));
  return result;
}

// ---- the methods ----------------------------------------------------------------------------------------------------
std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t dim) const { return taper::chunk(*this, chunks, dim); }
std::vector<Tensor> Tensor::split(int64_t split_size, int64_t dim) const {
  return taper::split(*this, split_size, dim);
}
std::vector<Tensor> Tensor::split(IntArrayRef split_sizes, int64_t dim) const {
  return taper::split_with_sizes(*this, split_sizes, dim);
}
std::vector<Tensor> Tensor::split_with_sizes(IntArrayRef split_sizes, int64_t dim) const {
  return taper::split_with_sizes(*this, split_sizes, dim);
}
std::vector<Tensor> Tensor::unbind(int64_t dim) const { return taper::unbind(*this, dim); }

}  // namespace taper
