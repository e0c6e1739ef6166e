// The same elements in another order, repeated, or in part.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/autograd/view_geometry.h>

#include <algorithm>
#include <cstring>

namespace taper {

using namespace autograd;

// ---- reversed -------------------------------------------------------------------------------------------------------

// y = x reversed along dims                                dx = dy reversed
Tensor flip(const Tensor& x, IntArrayRef dims) {
  // The same memory, read from the last element on.
  int64_t offset = x.storage_offset();
  DimVector strides = x.impl()->strides();
  std::vector<bool> reversed(strides.size() + 1);
  for (const int64_t dim : dims) {
    const auto d = static_cast<size_t>(wrap_dim("flip", dim, x.dim()));
    TAPER_CHECK_VALUE(!reversed[d], "flip: every dimension may be named once; got ", dims);
    reversed[d] = true;
    if (x.numel() == 0 || x.dim() == 0) continue;
    offset += (x.sizes()[d] - 1) * strides[d];
    strides[d] = -strides[d];
  }
  const Tensor y = empty(x.sizes(), x.dtype());
  kernels::copy(y, alias(x, x.sizes(), strides, offset));
  return record("FlipBackward0", {x}, y,
                [dims = DimVector(dims.begin(), dims.end())](const Tensor& dy) { return flip(dy, dims); });
}

Tensor fliplr(const Tensor& x) { return check_min_dims("fliplr", x, 2), flip(x, 1); }
Tensor flipud(const Tensor& x) { return check_min_dims("flipud", x, 1), flip(x, 0); }

Tensor rot90(const Tensor& x, int64_t k, IntArrayRef dims) {
  TAPER_CHECK_VALUE(dims.size() == 2 && x.dim() >= 2, "rot90: two dimensions of at least two are needed; got ", dims,
                    " for sizes ", x.sizes());
  const int64_t a = wrap_dim("rot90", dims[0], x.dim()), b = wrap_dim("rot90", dims[1], x.dim());
  TAPER_CHECK_VALUE(a != b, "rot90: two different dimensions are needed; got ", dims);
  switch ((k % 4 + 4) % 4) {
    case 1: return flip(x, b).transpose(a, b);
    case 2: return flip(x, {a, b});
    case 3: return flip(x, a).transpose(a, b);
    default: return x.clone();
  }
}

// ---- rolled ---------------------------------------------------------------------------------------------------------

// y[(i + shift) mod n] = x[i]                              dx = dy rolled back
Tensor roll(const Tensor& x, IntArrayRef shifts, IntArrayRef dims) {
  if (dims.empty() && shifts.size() == 1) return roll(x.reshape({x.numel()}), shifts, 0).reshape(x.sizes());
  TAPER_CHECK_VALUE(!shifts.empty() && shifts.size() == dims.size(),
                    "roll: one shift per dimension is needed, or one without dimensions; got shifts ", shifts,
                    " and dimensions ", dims);
  Tensor y = x.detach();
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t dim = wrap_dim("roll", dims[i], x.dim()), n = x.dim() == 0 ? 0 : x.size(dim);
    TAPER_CHECK_INDEX(x.dim() > 0, "roll: a zero-dim tensor has no dimension to name; leave dims out");
    if (y.numel() == 0) continue;
    const int64_t by = (shifts[i] % n + n) % n;
    const Tensor from = y;
    y = empty(x.sizes(), x.dtype());
    kernels::copy(y.narrow(dim, by, n - by), from.narrow(dim, 0, n - by));
    kernels::copy(y.narrow(dim, 0, by), from.narrow(dim, n - by, by));
  }
  if (y.is_alias_of(x)) y = copied(x);
  DimVector back;  // modulo the size, as INT64_MIN has no negative
  for (size_t i = 0; i < dims.size(); ++i) back.push_back(-(shifts[i] % std::max<int64_t>(1, x.size(dims[i]))));
  return record("RollBackward0", {x}, y,
                [back, dims = DimVector(dims.begin(), dims.end())](const Tensor& dy) { return roll(dy, back, dims); });
}

// ---- repeated -------------------------------------------------------------------------------------------------------

// x[1, s0, 1, s1] -> expand [r0, s0, r1, s1] -> [r0 s0, r1 s1]
Tensor Tensor::repeat(IntArrayRef repeats) const {
  TAPER_CHECK_VALUE(static_cast<int64_t>(repeats.size()) >= dim(),
                    "repeat: at least as many numbers as the tensor has dimensions are needed; got ", repeats,
                    " for sizes ", sizes());
  const size_t lead = repeats.size() - sizes().size();
  DimVector apart, stretched, result;
  for (size_t d = 0; d < repeats.size(); ++d) {
    const int64_t size = d < lead ? 1 : sizes()[d - lead];
    TAPER_CHECK_VALUE(repeats[d] >= 0, "repeat: the numbers must not be negative; got ", repeats);
    int64_t whole;
    TAPER_CHECK_VALUE(!__builtin_mul_overflow(repeats[d], size, &whole), "repeat: ", repeats, " times sizes ", sizes(),
                      " is more than memory can address");
    for (const int64_t n : {int64_t{1}, size}) apart.push_back(n);
    for (const int64_t n : {repeats[d], size}) stretched.push_back(n);
    result.push_back(whole);
  }
  return reshape(apart).expand(stretched).clone().view(result);
}

Tensor tile(const Tensor& x, IntArrayRef dims) {
  DimVector repeats(dims.begin(), dims.end());
  while (static_cast<int64_t>(repeats.size()) < x.dim()) repeats.insert(0, 1);
  return x.repeat(repeats);
}

Tensor repeat_interleave(const Tensor& repeats, optional<int64_t> output_size) {
  TAPER_CHECK(repeats.dim() == 1, "repeat_interleave: the numbers must be a vector; got sizes ", repeats.sizes());
  TAPER_CHECK_TYPE(repeats.dtype() == kInt64 || repeats.dtype() == kInt32,
                   "repeat_interleave: the numbers must be int64 or int32; got ", repeats.dtype());
  const Tensor list = kernels::contiguous(repeats.to(kInt64));
  const int64_t *times = list.data_ptr<int64_t>(), n = list.numel();
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i) {
    TAPER_CHECK_VALUE(times[i] >= 0, "repeat_interleave: the numbers must not be negative; got ", times[i]);
    TAPER_CHECK_VALUE(!__builtin_add_overflow(total, times[i], &total),
                      "repeat_interleave: the numbers must add up to less than 2^63");
  }
  TAPER_CHECK_VALUE(!output_size || *output_size == total, "repeat_interleave: output_size must be the sum of the ",
                    "numbers, ", total, "; got ", output_size.value_or(0));
  Tensor index = empty({total}, kInt64);
  int64_t* out = index.data_ptr<int64_t>();
  for (int64_t i = 0; i < n; ++i) out = std::fill_n(out, times[i], i);
  return index;
}

Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, optional<int64_t> dim, optional<int64_t> output_size) {
  const Tensor from = dim ? atleast_1d(x) : x.reshape({x.numel()});
  const int64_t d = dim ? wrap_dim("repeat_interleave", *dim, x.dim()) : 0, n = from.size(d);
  Tensor times = repeats;
  if (times.dim() == 0 || (times.dim() == 1 && times.numel() == 1)) times = times.reshape({1}).expand({n});
  TAPER_CHECK(times.dim() == 1 && times.numel() == n, "repeat_interleave: one number, or one for each of the ", n,
              " slices of dimension ", d, " is needed; got sizes ", repeats.sizes());
  return index_select(from, d, repeat_interleave(times, output_size));
}
Tensor repeat_interleave(const Tensor& x, int64_t repeats, optional<int64_t> dim, optional<int64_t> output_size) {
  return repeat_interleave(x, scalar_tensor(repeats, kInt64), dim, output_size);
}

// ---- triangles ------------------------------------------------------------------------------------------------------

namespace {

// Zero outside of the triangle: of row i the columns [i + diagonal + 1, columns) or, upper, [0, i + diagonal).
Tensor triangle(const char* op, const Tensor& x, int64_t diagonal, bool upper) {
  check_min_dims(op, x, 2);
  const int64_t rows = x.size(-2), columns = x.size(-1);
  // Beyond the edges all diagonals are alike.
  diagonal = std::clamp(diagonal, -rows, columns);
  Tensor y = copied(x);
  if (y.numel() == 0) return y;
  const int64_t itemsize = static_cast<int64_t>(y.element_size());
  char* row = static_cast<char*>(y.data_ptr());
  for (int64_t r = 0; r < y.numel() / columns; ++r, row += columns * itemsize) {
    const int64_t edge = std::clamp<int64_t>(r % rows + diagonal + (upper ? 0 : 1), 0, columns);
    const int64_t first = upper ? 0 : edge, last = upper ? edge : columns;
    std::memset(row + first * itemsize, 0, static_cast<size_t>((last - first) * itemsize));
  }
  return y;
}

Tensor triangle_indices(const char* op, int64_t rows, int64_t columns, int64_t offset, const TensorOptions& options,
                        bool upper) {
  TAPER_CHECK_VALUE(rows >= 0 && columns >= 0, op, ": the sizes must not be negative; got ", rows, " and ", columns);
  // Of row r the columns [first(r), last(r)): no matrix, which may be far larger than its triangle.
  offset = std::clamp(offset, -rows, columns);
  const auto first = [=](int64_t r) { return upper ? std::clamp<int64_t>(r + offset, 0, columns) : 0; };
  const auto last = [=](int64_t r) { return upper ? columns : std::clamp<int64_t>(r + offset + 1, 0, columns); };
  const int64_t begin = upper ? 0 : std::clamp<int64_t>(-offset - 1, 0, rows);  // rows before and after have none
  const int64_t end = columns == 0 ? begin : upper ? std::clamp<int64_t>(columns - offset, 0, rows) : rows;
  int64_t count = 0;
  for (int64_t r = begin; r < end; ++r) {
    TAPER_CHECK_VALUE(!__builtin_add_overflow(count, last(r) - first(r), &count) && count < INT64_MAX / 16, op,
                      ": the indices are more than memory can address; got sizes ", rows, " and ", columns);
  }
  const Tensor y = empty({2, count}, kInt64);
  int64_t *row = y.data_ptr<int64_t>(), *column = row + count;
  for (int64_t r = begin; r < end; ++r) {
    row = std::fill_n(row, last(r) - first(r), r);
    for (int64_t c = first(r); c < last(r); ++c) *column++ = c;
  }
  return y.to(options);
}

}  // namespace

// y = x in the triangle, 0 elsewhere                       dx = dy in the triangle
Tensor tril(const Tensor& x, int64_t diagonal) {
  return record("TrilBackward0", {x}, triangle("tril", x, diagonal, false),
                [diagonal](const Tensor& dy) { return tril(dy, diagonal); });
}
Tensor triu(const Tensor& x, int64_t diagonal) {
  return record("TriuBackward0", {x}, triangle("triu", x, diagonal, true),
                [diagonal](const Tensor& dy) { return triu(dy, diagonal); });
}
Tensor& Tensor::tril_(int64_t diagonal) const {
  check_min_dims("tril_", *this, 2);
  return in_place_by_copy("tril_", *this, {}, false, [&](const Tensor& x) { return taper::tril(x, diagonal); });
}
Tensor& Tensor::triu_(int64_t diagonal) const {
  check_min_dims("triu_", *this, 2);
  return in_place_by_copy("triu_", *this, {}, false, [&](const Tensor& x) { return taper::triu(x, diagonal); });
}

Tensor tril_indices(int64_t row, int64_t col, int64_t offset, const TensorOptions& options) {
  return triangle_indices("tril_indices", row, col, offset, options, false);
}
Tensor triu_indices(int64_t row, int64_t col, int64_t offset, const TensorOptions& options) {
  return triangle_indices("triu_indices", row, col, offset, options, true);
}

// ---- diagonals ------------------------------------------------------------------------------------------------------

Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  check_min_dims("diag_embed", x, 1);
  const int64_t rank = x.dim() + 1;
  const int64_t a = wrap_dim("diag_embed", dim1, rank), b = wrap_dim("diag_embed", dim2, rank);
  TAPER_CHECK_VALUE(a != b, "diag_embed: two different dimensions are needed; got ", dim1, " and ", dim2);
  int64_t size;
  TAPER_CHECK_VALUE(offset != INT64_MIN && !__builtin_add_overflow(std::abs(offset), x.size(-1), &size),
                    "diag_embed: a matrix with this diagonal is more than memory can address; got offset ", offset);
  DimVector sizes(x.sizes().begin(), x.sizes().end() - 1);
  sizes.insert(static_cast<size_t>(std::min(a, b)), size);
  sizes.insert(static_cast<size_t>(std::max(a, b)), size);
  Tensor y = zeros(sizes, x.dtype());
  y.diagonal(offset, a, b).copy_(x);
  return y;
}
Tensor diag(const Tensor& x, int64_t diagonal) {
  TAPER_CHECK(x.dim() == 1 || x.dim() == 2, "diag: the tensor must be a vector or a matrix; got sizes ", x.sizes());
  return x.dim() == 1 ? diag_embed(x, diagonal) : x.diagonal(diagonal).clone();
}
Tensor diagflat(const Tensor& x, int64_t offset) { return diag_embed(x.reshape({x.numel()}), offset); }

// ---- channels and pixels --------------------------------------------------------------------------------------------

namespace {

// The dims before the last three, then `last`.
DimVector with_last(const Tensor& x, std::initializer_list<int64_t> last) {
  DimVector sizes(x.sizes().begin(), x.sizes().end() - 3);
  for (const int64_t size : last) sizes.push_back(size);
  return sizes;
}

// 0 .. rank - 4, then rank - 3 + each of `last`.
Tensor permuted_last(const Tensor& x, int64_t rank, std::initializer_list<int64_t> last) {
  DimVector dims;
  for (int64_t d = 0; d < rank - 3; ++d) dims.push_back(d);
  for (const int64_t d : last) dims.push_back(rank - 3 + d);
  return x.permute(dims);
}

}  // namespace

Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor) {
  const int64_t r = upscale_factor;
  TAPER_CHECK_VALUE(x.dim() >= 3 && r > 0 && r < (1 << 24) && x.size(-3) % (r * r) == 0, "pixel_shuffle: at least 3 ",
                    "dimensions are needed and channels that are a multiple of the square of the positive factor; got ",
                    "sizes ", x.sizes(), " and factor ", r);
  const int64_t C = x.size(-3) / (r * r), H = x.size(-2), W = x.size(-1);
  return permuted_last(x.reshape(with_last(x, {C, r, r, H, W})), x.dim(), {0, 3, 1, 4, 2})
      .reshape(with_last(x, {C, H * r, W * r}));
}
Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor) {
  const int64_t r = downscale_factor;
  TAPER_CHECK_VALUE(x.dim() >= 3 && r > 0 && r < (1 << 24) && x.size(-2) % r == 0 && x.size(-1) % r == 0,
                    "pixel_unshuffle: at least 3 dimensions are needed and height and width that are multiples of ",
                    "the positive factor; got sizes ", x.sizes(), " and factor ", r);
  const int64_t C = x.size(-3), H = x.size(-2) / r, W = x.size(-1) / r;
  return permuted_last(x.reshape(with_last(x, {C, H, r, W, r})), x.dim(), {0, 2, 4, 1, 3})
      .reshape(with_last(x, {C * r * r, H, W}));
}
Tensor channel_shuffle(const Tensor& x, int64_t groups) {
  TAPER_CHECK_VALUE(x.dim() > 2 && groups > 0 && x.size(1) % groups == 0,
                    "channel_shuffle: at least 3 dimensions are needed and channels (dim 1) that are a multiple of ",
                    "the positive number of groups; got sizes ", x.sizes(), " and groups ", groups);
  return x.unflatten(1, {groups, x.size(1) / groups}).transpose(1, 2).reshape(x.sizes());
}

}  // namespace taper
