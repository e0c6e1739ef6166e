#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/cat.h>

#include <algorithm>

namespace taper {

using namespace autograd;

// ---- joined ---------------------------------------------------------------------------------------------------------

static void check_some(const char* op, TensorList tensors) {
  TAPER_CHECK(!tensors.empty(), op, ": at least one tensor is needed; got an empty list");
}

// y = the tensors one after the other      dx_i = dy where x_i is
Tensor cat(TensorList tensors, int64_t dim) {
  const Tensor y = kernels::cat(tensors, dim);
  dim = wrap_dim("cat", dim, y.dim());
  DimVector lengths;
  // A skipped tensor, of sizes [0]: length -1.
  for (const Tensor& t : tensors) lengths.push_back(t.dim() == y.dim() ? t.size(dim) : -1);
  return record_list("CatBackward0", tensors, y, [lengths, dim](const Tensor& dy, const Needs& needs) {
    Grads dx(lengths.size());
    int64_t at = 0;
    for (size_t i = 0; i < lengths.size(); ++i) {
      if (needs[i]) dx[i] = lengths[i] < 0 ? zeros({0}, dy.dtype()) : narrow(dy, dim, at, lengths[i]);
      at += std::max<int64_t>(0, lengths[i]);
    }
    return dx;
  });
}

// y = the tensors along a new dimension    dx_i = dy[i]
Tensor stack(TensorList tensors, int64_t dim) {
  check_some("stack", tensors);
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
  return record_list("StackBackward0", tensors, y, [n = tensors.size(), dim](const Tensor& dy, const Needs& needs) {
    Grads dx(n);
    for (size_t i = 0; i < n; ++i) {
      if (needs[i]) dx[i] = select(dy, dim, static_cast<int64_t>(i));
    }
    return dx;
  });
}

Tensor hstack(TensorList tensors) {
  check_some("hstack", tensors);
  const std::vector<Tensor> parts = atleast_1d(tensors);
  return cat(parts, parts[0].dim() == 1 ? 0 : 1);
}
Tensor vstack(TensorList tensors) { return check_some("vstack", tensors), cat(atleast_2d(tensors), 0); }
Tensor dstack(TensorList tensors) { return check_some("dstack", tensors), cat(atleast_3d(tensors), 2); }
Tensor column_stack(TensorList tensors) {
  check_some("column_stack", tensors);
  std::vector<Tensor> columns;
  for (const Tensor& t : tensors) columns.push_back(t.dim() <= 1 ? t.reshape({t.numel(), 1}) : t);
  return hstack(columns);
}

Tensor block_diag(TensorList tensors) {
  check_some("block_diag", tensors);
  int64_t rows = 0, columns = 0;
  ScalarType dtype = tensors[0].dtype();
  for (const Tensor& t : tensors) {
    TAPER_CHECK(t.dim() <= 2, "block_diag: the tensors must have at most 2 dimensions; got sizes ", t.sizes());
    const Tensor block = atleast_2d(t.detach());
    rows += block.size(0);
    columns += block.size(1);
    dtype = promote_types(dtype, t.dtype());
  }
  Tensor y = zeros({rows, columns}, dtype);
  int64_t row = 0, column = 0;
  for (const Tensor& t : tensors) {
    const Tensor block = atleast_2d(t);
    y.narrow(0, row, block.size(0)).narrow(1, column, block.size(1)).copy_(block);
    row += block.size(0);
    column += block.size(1);
  }
  return y;
}

// Axis i runs along dim i of the grid; for "xy" the first two are swapped.
std::vector<Tensor> meshgrid(TensorList tensors, std::string_view indexing) {
  TAPER_CHECK_VALUE(indexing == "ij" || indexing == "xy", "meshgrid: indexing must be ij or xy; got ", indexing);
  check_some("meshgrid", tensors);
  const size_t n = tensors.size();
  const bool swapped = indexing == "xy" && n >= 2;
  const auto axis = [swapped](size_t i) { return swapped && i < 2 ? 1 - i : i; };
  DimVector sizes(n);
  for (size_t i = 0; i < n; ++i) {
    TAPER_CHECK(tensors[i].dim() <= 1, "meshgrid: the tensors must be vectors; got sizes ", tensors[i].sizes());
    TAPER_CHECK_TYPE(tensors[i].dtype() == tensors[0].dtype(), "meshgrid: all tensors must have the same dtype; got ",
                     tensors[0].dtype(), " and ", tensors[i].dtype());
    sizes[axis(i)] = tensors[i].numel();
  }
  std::vector<Tensor> grids;
  for (size_t i = 0; i < n; ++i) {
    DimVector own(n, 1);
    own[axis(i)] = tensors[i].numel();
    grids.push_back(tensors[i].reshape(own).expand(sizes));
  }
  return grids;
}

Tensor cartesian_prod(TensorList tensors) {
  check_some("cartesian_prod", tensors);
  for (const Tensor& t : tensors) {
    TAPER_CHECK(t.dim() == 1, "cartesian_prod: the tensors must be vectors; got sizes ", t.sizes());
  }
  if (tensors.size() == 1) return tensors[0];
  std::vector<Tensor> columns = meshgrid(tensors);
  for (Tensor& column : columns) column = column.reshape({column.numel()});
  return stack(columns, 1);
}

Tensor combinations(const Tensor& x, int64_t r, bool with_replacement) {
  TAPER_CHECK(x.dim() == 1, "combinations: the tensor must be a vector; got sizes ", x.sizes());
  TAPER_CHECK_VALUE(r >= 0, "combinations: r must not be negative; got ", r);
  if (r == 0) return zeros({0}, x.dtype());
  const int64_t n = x.numel();
  if (n == 0 || (r > n && !with_replacement)) return take(x, empty({0, r}, kInt64));
  // Indices that grow from left to right (or stay, with replacement), counted like an odometer.
  std::vector<int64_t> index, at(static_cast<size_t>(r));
  const int64_t apart = with_replacement ? 0 : 1;
  const auto start_from = [&](size_t d, int64_t value) {
    for (; d < at.size(); ++d, value += apart) at[d] = value;
  };
  start_from(0, 0);
  while (n > 0 && at.back() < n) {
    index.insert(index.end(), at.begin(), at.end());
    size_t d = at.size() - 1;
    while (d > 0 && at[d] + 1 + (r - 1 - static_cast<int64_t>(d)) * apart >= n) --d;
    start_from(d, at[d] + 1);
  }
  const Tensor rows = empty({static_cast<int64_t>(index.size()) / r, r}, kInt64);
  std::copy(index.begin(), index.end(), rows.data_ptr<int64_t>());
  return take(x, rows);
}

// ---- cut into views -------------------------------------------------------------------------------------------------

std::vector<Tensor> split_with_sizes(const Tensor& x, IntArrayRef split_sizes, int64_t dim) {
  check_min_dims("split", x, 1);
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
  check_min_dims("split", x, 1);
  const int64_t size = x.size(dim);
  TAPER_CHECK_VALUE(split_size > 0 || (split_size == 0 && size == 0),
                    "split: the size of a part must be positive; got ", split_size);
  DimVector sizes;
  for (int64_t left = size; left > 0; left -= sizes.back()) sizes.push_back(std::min(split_size, left));
  if (sizes.empty()) sizes.push_back(0);
  return split_with_sizes(x, sizes, dim);
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  check_min_dims("chunk", x, 1);
  TAPER_CHECK_VALUE(chunks > 0, "chunk: the number of chunks must be positive; got ", chunks);
  const int64_t size = x.size(dim);
  if (size == 0) return split_with_sizes(x, DimVector(static_cast<size_t>(chunks), 0), dim);
  return split(x, (size - 1) / chunks + 1, dim);
}

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  check_min_dims("unbind", x, 1);
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < x.size(dim); ++i) parts.push_back(select(x, dim, i));
  return parts;
}

std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim) {
  check_min_dims("tensor_split", x, 1);
  TAPER_CHECK_VALUE(sections > 0, "tensor_split: the number of sections must be positive; got ", sections);
  const int64_t size = x.size(dim);
  DimVector sizes;
  for (int64_t i = 0; i < sections; ++i) sizes.push_back(size / sections + (i < size % sections));
  return split_with_sizes(x, sizes, dim);
}
std::vector<Tensor> tensor_split(const Tensor& x, IntArrayRef indices, int64_t dim) {
  check_min_dims("tensor_split", x, 1);
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (const int64_t end : indices) {
    parts.push_back(slice(x, dim, start, end));
    start = end;
  }
  parts.push_back(slice(x, dim, start));
  return parts;
}
std::vector<Tensor> tensor_split(const Tensor& x, const Tensor& indices_or_sections, int64_t dim) {
  const Tensor& at = indices_or_sections;
  TAPER_CHECK(at.dim() <= 1 && at.dtype() == kInt64,
              "tensor_split: indices or sections must be an int64 vector or number; got ", at.dtype(), " of sizes ",
              at.sizes());
  if (at.dim() == 0) return tensor_split(x, at.item<int64_t>(), dim);
  const Tensor list = kernels::contiguous(at);
  return tensor_split(x, IntArrayRef(list.data_ptr<int64_t>(), static_cast<size_t>(list.numel())), dim);
}

static std::vector<Tensor> split_evenly(const char* op, const Tensor& x, int64_t sections, int64_t dim) {
  TAPER_CHECK_VALUE(sections > 0 && x.size(dim) % sections == 0, op, ": the number of sections must divide dimension ",
                    dim, "; got ", sections, " for sizes ", x.sizes());
  return tensor_split(x, sections, dim);
}

// tensor_split along a dimension, of tensors that have at least `dims` of them.
#define TAPER_SPLIT(name, dim, dims)                                              \
  std::vector<Tensor> name(const Tensor& x, int64_t sections) {                   \
    return check_min_dims(#name, x, dims), split_evenly(#name, x, sections, dim); \
  }                                                                               \
  std::vector<Tensor> name(const Tensor& x, IntArrayRef indices) {                \
    return check_min_dims(#name, x, dims), tensor_split(x, indices, dim);         \
  }
TAPER_SPLIT(hsplit, (x.dim() == 1 ? 0 : 1), 1)
TAPER_SPLIT(vsplit, 0, 2)
TAPER_SPLIT(dsplit, 2, 3)
#undef TAPER_SPLIT

std::vector<Tensor> broadcast_tensors(TensorList tensors) {
  if (tensors.empty()) return {};
  DimVector sizes(tensors[0].sizes().begin(), tensors[0].sizes().end());
  for (const Tensor& t : tensors) sizes = kernels::broadcast_sizes("broadcast_tensors", sizes, t.sizes());
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const Tensor& t : tensors) result.push_back(t.expand(sizes));
  return result;
}

}  // namespace taper
