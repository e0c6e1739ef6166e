// Gathering and scattering along one dimension. Moves (index_select, gather) depend on the element size alone; only
// loops that combine know the dtype.
#include <taper/core/kernels/index.h>

#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/indices.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/kernels/wrapping.h>
#include <taper/core/parallel.h>

#include <cstring>

namespace taper::kernels {

Tensor as_int64(const char* op, const Tensor& index) {
  TAPER_CHECK_TYPE(index.dtype() == kInt64 || index.dtype() == kInt32, op, ": the index must be int64 or int32; got ",
                   index.dtype());
  return index.dtype() == kInt64 ? index : to_dtype(index, kInt64);
}

DimVector at_least_1d(IntArrayRef values) {
  DimVector result(values.begin(), values.end());
  if (result.empty()) result.push_back(1);
  return result;
}

void out_of_range(const char* op, int64_t index, size_t dim, const Tensor& x) {
  throw IndexError(detail::str(op, ": the index must be within the dimension; got index ", index, " for dimension ",
                               dim, " of size ", at_least_1d(x.sizes())[dim], " of a tensor of sizes ", x.sizes()));
}

namespace {
// n indices at once: a branch for each would cost as much as what they are for.
void check_row(const char* op, const int64_t* index, int64_t n, size_t dim, const Tensor& x, int64_t size) {
  const uint64_t last = static_cast<uint64_t>(size) - 1;
  uint64_t signs = 0;  // of indices below 0, and of what is left to the last one
  for (int64_t i = 0; i < n; ++i) signs |= static_cast<uint64_t>(index[i]) | (last - static_cast<uint64_t>(index[i]));
  if (signs >> 63 == 0) return;
  while (*index >= 0 && *index < size) ++index;
  out_of_range(op, *index, dim, x);
}
}  // namespace

void check_indices(const char* op, const Tensor& indices, size_t dim, const Tensor& x) {
  check_row(op, indices.data_ptr<int64_t>(), indices.numel(), dim, x, at_least_1d(x.sizes())[dim]);
}

namespace {

// `in`, or a copy when it shares memory with what is written while it is read.
Tensor unless_alias(const Tensor& out, const Tensor& in) { return in.is_alias_of(out) ? to_dtype(in, in.dtype()) : in; }

// Calls f(offsets) for every row: every position of dims [0, last), with the offset of each tensor there.
template <int kTensors, class F>
void for_each_row(IntArrayRef sizes, const DimVector* const (&strides)[kTensors], const F& f) {
  const size_t last = sizes.size() - 1;
  DimVector at(last, 0);
  int64_t offsets[kTensors] = {};
  for (;;) {
    f(offsets);
    size_t d = last;
    for (; d-- > 0;) {
      for (int t = 0; t < kTensors; ++t) offsets[t] += (*strides[t])[d];
      if (++at[d] < sizes[d]) break;
      for (int t = 0; t < kTensors; ++t) offsets[t] -= (*strides[t])[d] * sizes[d];
      at[d] = 0;
    }
    if (d == static_cast<size_t>(-1)) return;
  }
}

// The same with the row's number, f(offsets, row), in pieces along the first dim, which must not be the last.
template <int kTensors, class F>
void for_each_row_parallel(IntArrayRef sizes, const DimVector* const (&strides)[kTensors], const F& f) {
  if (sizes.size() < 2) {
    return for_each_row<kTensors>(sizes, strides, [&](const int64_t* offsets) { f(offsets, 0); });
  }
  int64_t rows = 1;  // of each position of the first dim
  for (size_t d = 1; d + 1 < sizes.size(); ++d) rows *= sizes[d];
  parallel_for(0, sizes[0], move_grain(4 * rows * sizes.back()), [&](int64_t first, int64_t last) {
    DimVector piece(sizes.begin(), sizes.end());
    piece[0] = last - first;
    int64_t row = first * rows, start[kTensors];
    for (int t = 0; t < kTensors; ++t) start[t] = first * (*strides[t])[0];
    for_each_row<kTensors>(piece, strides, [&](const int64_t* from) {
      int64_t offsets[kTensors];
      for (int t = 0; t < kTensors; ++t) offsets[t] = start[t] + from[t];
      f(offsets, row++);
    });
  });
}

void check_gather(const char* op, const Tensor& x, const Tensor& index, const DimVector& x_sizes,
                  const DimVector& index_sizes, size_t dim) {
  TAPER_CHECK(x_sizes.size() == index_sizes.size(), op, ": the index must have as many dimensions as the tensor; got ",
              index.sizes(), " for ", x.sizes());
  for (size_t d = 0; d < x_sizes.size(); ++d) {
    TAPER_CHECK(d == dim || index_sizes[d] <= x_sizes[d], op,
                ": the index must not exceed the tensor except along dimension ", dim, "; got ", index.sizes(), " for ",
                x.sizes());
  }
}

}  // namespace

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  const size_t d = static_cast<size_t>(wrap_dim("index_select", dim, x.dim()));
  TAPER_CHECK_INDEX(index.dim() <= 1, "index_select: the index must be a vector; got sizes ", index.sizes());
  const Tensor list = contiguous(as_int64("index_select", index)), c = contiguous(x);
  const int64_t *at = list.data_ptr<int64_t>(), n = list.numel();
  check_indices("index_select", list, d, x);
  DimVector sizes(x.sizes().begin(), x.sizes().end());
  if (!sizes.empty()) sizes[d] = n;
  TAPER_CHECK(x.dim() > 0 || n == 1, "index_select: one index is needed for a zero-dim tensor; got ", n);
  Tensor y = empty(sizes, x.dtype());
  if (y.numel() == 0) return y;
  const Lines lines(x.sizes(), static_cast<int64_t>(d));
  const int64_t inner = lines.inner;
  dispatch_size(x.dtype(), [&]<class T>(T) {
    const T* from = static_cast<const T*>(c.data_ptr());
    T* to = static_cast<T*>(y.data_ptr());
    parallel_for(0, lines.outer * n, move_grain(inner), [&](int64_t first, int64_t last) {
      while (first < last) {  // along one line
        const int64_t o = first / n, i = first - o * n, count = std::min(n - i, last - first);
        const T* line = from + o * lines.n * inner;
        T* out = to + first * inner;
        if (inner == 1) {
          for (int64_t j = 0; j < count; ++j) out[j] = line[at[i + j]];
        } else {
          for (int64_t j = 0; j < count; ++j) {
            std::memcpy(out + j * inner, line + at[i + j] * inner, static_cast<size_t>(inner) * sizeof(T));
          }
        }
        first += count;
      }
    });
  });
  return y;
}

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) {
  const size_t d = static_cast<size_t>(wrap_dim("gather", dim, x.dim()));
  const DimVector x_sizes = at_least_1d(x.sizes()), sizes = at_least_1d(index.sizes()),
                  x_strides = at_least_1d(x.strides());
  Tensor y = empty(index.sizes(), x.dtype());
  const Tensor list = contiguous(as_int64("gather", index));
  if (y.numel() == 0) return y;  // as in PyTorch, whatever the sizes
  check_gather("gather", x, index, x_sizes, sizes, d);
  const int64_t* at = list.data_ptr<int64_t>();
  const int64_t size = x_sizes[d], along = x_strides[d];
  DimVector strides = x_strides, walked = sizes;
  strides[d] = 0;
  if (walked.size() > 1 && walked.back() == 1) {  // one of each row: the rows are the line
    walked.erase(walked.size() - 1);
    strides.erase(strides.size() - 1);
  }
  const int64_t step = strides.back(), n = walked.back();
  dispatch_size(x.dtype(), [&]<class T>(T) {
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(y.data_ptr());
    const auto gather_row = [&](const T* row, int64_t first, int64_t count) {
      const int64_t* places = at + first;
      T* out = to + first;
      check_row("gather", places, count, d, x, size);
      if (step == 0 && along == 1) {
        for (int64_t j = 0; j < count; ++j) out[j] = row[places[j]];
      } else {
        for (int64_t j = 0; j < count; ++j) out[j] = row[j * step + places[j] * along];
      }
    };
    if (walked.size() == 1) {
      return parallel_for(0, n, kMoveGrain,
                          [&](int64_t first, int64_t last) { gather_row(from + first * step, first, last - first); });
    }
    for_each_row_parallel<1>(walked, {&strides},
                             [&](const int64_t* offset, int64_t r) { gather_row(from + offset[0], r * n, n); });
  });
  return y;
}

void scatter_out(const char* op, const Tensor& out, int64_t dim, const Tensor& index, const Tensor& src, Combine how) {
  if (is_half(out)) {
    return change_in_float32(out, [&](const Tensor& y) { scatter_out(op, y, dim, index, in_compute_type(src), how); });
  }
  const size_t d = static_cast<size_t>(wrap_dim(op, dim, out.dim()));
  TAPER_CHECK_TYPE(out.dtype() == src.dtype(), op, ": tensor and source must have the same dtype; got ", out.dtype(),
                   " and ", src.dtype());
  const Tensor list = contiguous(unless_alias(out, as_int64(op, index)));
  if (list.numel() == 0) return;
  const DimVector out_sizes = at_least_1d(out.sizes()), sizes = at_least_1d(index.sizes()),
                  src_sizes = at_least_1d(src.sizes());
  check_gather(op, out, index, out_sizes, sizes, d);
  TAPER_CHECK(src_sizes.size() == sizes.size(), op, ": the source must have as many dimensions as the index; got ",
              src.sizes(), " and ", index.sizes());
  for (size_t i = 0; i < sizes.size(); ++i) {
    TAPER_CHECK(sizes[i] <= src_sizes[i], op, ": the index must not exceed the source; got ", index.sizes(), " and ",
                src.sizes());
  }
  const int64_t* at = list.data_ptr<int64_t>();
  const size_t last = sizes.size() - 1;
  const Tensor source = unless_alias(out, src);
  const DimVector out_strides = at_least_1d(out.strides()), src_strides = at_least_1d(source.strides());
  const int64_t along = out_strides[d], step = d == last ? 0 : out_strides[last], n = sizes[last];
  check_indices(op, list, d, out);
  DimVector strides = out_strides;
  strides[d] = 0;
  dispatch(out.dtype(), [&]<class T>(T) {
    T* to = out.data_ptr<T>();
    const T* from = source.data_ptr<T>();
    const int64_t src_step = src_strides[last];
    const auto run = [&](const auto& combine) {
      const auto scatter_row = [&](const int64_t* offset, int64_t row) {
        T* const line = to + offset[0];
        const T* const values = from + offset[1];
        const int64_t* const places = at + row * n;
        if (step == 0 && along == 1 && src_step == 1) {
          for (int64_t j = 0; j < n; ++j) line[places[j]] = static_cast<T>(combine(line[places[j]], values[j]));
        } else {
          for (int64_t j = 0; j < n; ++j) {
            T& y = line[j * step + places[j] * along];
            y = static_cast<T>(combine(y, values[j * src_step]));
          }
        }
      };
      // Positions of the first dim write to places of their own, unless it is the one that is indexed.
      if (d > 0) return for_each_row_parallel<2>(sizes, {&strides, &src_strides}, scatter_row);
      int64_t row = 0;
      for_each_row<2>(sizes, {&strides, &src_strides}, [&](const int64_t* offset) { scatter_row(offset, row++); });
    };
    switch (how) {
      case Combine::Replace: return run([](T, T x) { return x; });
      case Combine::Add: return run([](T y, T x) { return wrapping_sum(y, x); });
      case Combine::Multiply: return run([](T y, T x) { return wrapping_product(y, x); });
      case Combine::Max: return run([](T y, T x) { return x > y || x != x ? x : y; });  // NaN wins
      case Combine::Min: return run([](T y, T x) { return x < y || x != x ? x : y; });
    }
  });
}

void index_add_out(const Tensor& out, int64_t dim, const Tensor& index, const Tensor& source) {
  if (is_half(out)) {
    return change_in_float32(out, [&](const Tensor& y) { index_add_out(y, dim, index, in_compute_type(source)); });
  }
  const size_t d = static_cast<size_t>(wrap_dim("index_add", dim, out.dim()));
  TAPER_CHECK_INDEX(index.dim() <= 1, "index_add: the index must be a vector; got sizes ", index.sizes());
  TAPER_CHECK_TYPE(out.dtype() == source.dtype(), "index_add: tensor and source must have the same dtype; got ",
                   out.dtype(), " and ", source.dtype());
  const Tensor list = contiguous(unless_alias(out, as_int64("index_add", index))), src = unless_alias(out, source);
  const int64_t n = list.numel();
  DimVector wanted = at_least_1d(out.sizes());
  wanted[d] = n;
  TAPER_CHECK(at_least_1d(source.sizes()) == wanted, "index_add: the source must have the sizes ", wanted,
              ", those of the tensor with ", n, " indices in dimension ", d, "; got ", source.sizes());
  const int64_t* at = list.data_ptr<int64_t>();
  check_indices("index_add", list, d, out);
  if (source.numel() == 0) return;
  // The indexed dim last: then every other position is one row of n additions.
  DimVector sizes = wanted, out_strides = at_least_1d(out.strides()), src_strides = at_least_1d(src.strides());
  const int64_t along = out_strides[d], step = src_strides[d];
  const bool rows = sizes.size() > 1;
  for (DimVector* v : {&sizes, &out_strides, &src_strides}) {
    v->erase(d);
    if (!rows) v->push_back(1);
  }
  const size_t last = sizes.size() - 1;
  const int64_t width = sizes[last], out_step = out_strides[last], src_step = src_strides[last];
  dispatch(out.dtype(), [&]<class T>(T) {
    T* to = out.data_ptr<T>();
    const T* from = src.data_ptr<T>();
    for_each_row<2>(sizes, {&out_strides, &src_strides}, [&](const int64_t* offset) {
      for (int64_t i = 0; i < n; ++i) {
        T* y = to + offset[0] + at[i] * along;
        const T* x = from + offset[1] + i * step;
        for (int64_t j = 0; j < width; ++j) y[j * out_step] = wrapping_sum(y[j * out_step], x[j * src_step]);
      }
    });
  });
}

}  // namespace taper::kernels
