// Moves (index_select, gather, index) depend on the element size alone; only accumulating loops know the dtype.
#include <taper/core/kernels/index.h>

#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace taper::kernels {
namespace {

constexpr int64_t kGrain = 1 << 15;  // elements moved by a piece

int64_t grain_of(int64_t elements_each) { return kGrain / std::max<int64_t>(1, elements_each) + 1; }

// f(T{}) with T an unsigned integer as wide as the elements.
template <class F>
void dispatch_size(const Tensor& x, F&& f) {
  switch (x.element_size()) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    default: return f(uint64_t{});
  }
}

Tensor as_int64(const char* op, const Tensor& index) {
  TAPER_CHECK_TYPE(index.dtype() == kInt64 || index.dtype() == kInt32, op, ": the index must be int64 or int32; got ",
                   index.dtype());
  return index.dtype() == kInt64 ? index : to_dtype(index, kInt64);
}

// Integers wrap around, which only unsigned ones may.
template <class T>
T sum_of(T a, T b) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return static_cast<T>(a + b);
  }
}
template <class T>
T product_of(T a, T b) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else {
    return static_cast<T>(a * b);
  }
}

// `in`, or a copy when it shares memory with what is written while it is read.
Tensor unless_alias(const Tensor& out, const Tensor& in) { return in.is_alias_of(out) ? to_dtype(in, in.dtype()) : in; }

// A zero-dim tensor counts as one of size [1].
DimVector at_least_1d(const IntArrayRef values) {
  DimVector result(values.begin(), values.end());
  if (result.empty()) result.push_back(1);
  return result;
}

[[noreturn]] void out_of_range(const char* op, int64_t index, size_t dim, const Tensor& x) {
  throw IndexError(detail::str(op, ": the index must be within the dimension; got index ", index, " for dimension ",
                               dim, " of size ", at_least_1d(x.sizes())[dim], " of a tensor of sizes ", x.sizes()));
}

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
  parallel_for(0, sizes[0], grain_of(4 * rows * sizes.back()), [&](int64_t first, int64_t last) {
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

// The dim of x that each index tensor stands for is the one of its place in the list; the rest run along.
//   x[b, i_0, ..., a] -> y[b, p, a]  with b, a over the dims before and after, p over the broadcast index.
// When the indexed dims are not neighbours, all other dims count as "after", as in PyTorch.
struct IndexPlan {
  DimVector sizes;                     // of the result
  std::vector<int64_t> before, after;  // offsets of x by b and by a
  std::vector<int64_t> point;          // offsets of x by p
  bool after_is_run = true;            // after[a] == a

  IndexPlan(const char* op, const Tensor& x, const std::vector<Tensor>& indices) {
    const size_t rank = x.sizes().size();
    TAPER_CHECK_INDEX(indices.size() <= rank, op, ": at most one index a dimension; got ", indices.size(),
                      " for sizes ", x.sizes());
    DimVector common;
    size_t first = rank, last = 0, used = 0;
    for (size_t d = 0; d < indices.size(); ++d) {
      if (!indices[d].defined()) continue;
      common = used == 0 ? DimVector(indices[d].sizes().begin(), indices[d].sizes().end())
                         : broadcast_sizes(op, common, indices[d].sizes());
      first = std::min(first, d);
      last = d;
      ++used;
    }
    TAPER_CHECK(used > 0, op, ": at least one index tensor is needed");
    const bool together = last - first + 1 == used;

    std::vector<size_t> dims_before, dims_after;
    for (size_t d = 0; d < rank; ++d) {
      if (d < indices.size() && indices[d].defined()) continue;
      (together && d < first ? dims_before : dims_after).push_back(d);
    }
    for (size_t d : dims_before) sizes.push_back(x.sizes()[d]);
    for (int64_t size : common) sizes.push_back(size);
    for (size_t d : dims_after) sizes.push_back(x.sizes()[d]);
    before = offsets(x, dims_before);
    after = offsets(x, dims_after);
    for (size_t a = 0; a < after.size() && after_is_run; ++a) after_is_run = after[a] == static_cast<int64_t>(a);

    int64_t points = 1;
    for (int64_t size : common) points *= size;
    // Nothing is read where the result is empty; where a kept dim is empty, indices are not checked, as in PyTorch, but
    // there must be something that they can mean.
    point.assign(static_cast<size_t>(points), 0);
    for (size_t d = 0; d < indices.size() && points > 0; ++d) {
      TAPER_CHECK_INDEX(!indices[d].defined() || x.sizes()[d] > 0, op, ": there is nothing to index in dimension ", d,
                        " of sizes ", x.sizes());
    }
    if (before.empty() || after.empty()) return;
    for (size_t d = 0; d < indices.size(); ++d) {
      if (!indices[d].defined()) continue;
      Tensor spread = as_int64(op, indices[d]);
      if (!spread.sizes().equals(common) || !spread.is_contiguous()) {
        const Tensor from = spread;
        spread = empty(common, kInt64);
        copy(spread, from);
      }
      const int64_t* index = spread.data_ptr<int64_t>();
      const int64_t size = x.sizes()[d], stride = x.strides()[d];
      parallel_for(0, points, kGrain, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p) {
          const int64_t i = index[p];
          if (i < -size || i >= size) out_of_range(op, i, d, x);
          point[static_cast<size_t>(p)] += (i < 0 ? i + size : i) * stride;
        }
      });
    }
  }

  static std::vector<int64_t> offsets(const Tensor& x, const std::vector<size_t>& dims) {
    std::vector<int64_t> result{0};
    for (size_t d : dims) {
      std::vector<int64_t> next;
      next.reserve(result.size() * static_cast<size_t>(x.sizes()[d]));
      for (int64_t base : result) {
        for (int64_t i = 0; i < x.sizes()[d]; ++i) next.push_back(base + i * x.strides()[d]);
      }
      result = std::move(next);
    }
    return result;
  }
};

}  // namespace

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  const size_t d = static_cast<size_t>(wrap_dim("index_select", dim, x.dim()));
  TAPER_CHECK_INDEX(index.dim() <= 1, "index_select: the index must be a vector; got sizes ", index.sizes());
  const Tensor list = contiguous(as_int64("index_select", index)), c = contiguous(x);
  const int64_t* at = list.data_ptr<int64_t>();
  const int64_t n = list.numel(), size = at_least_1d(x.sizes())[d];
  for (int64_t i = 0; i < n; ++i) {
    if (at[i] < 0 || at[i] >= size) out_of_range("index_select", at[i], d, x);
  }
  DimVector sizes(x.sizes().begin(), x.sizes().end());
  if (!sizes.empty()) sizes[d] = n;
  TAPER_CHECK(x.dim() > 0 || n == 1, "index_select: one index is needed for a zero-dim tensor; got ", n);
  Tensor y = empty(sizes, x.dtype());
  if (y.numel() == 0) return y;
  int64_t outer = 1, inner = 1;
  for (size_t i = 0; i < sizes.size(); ++i) (i < d ? outer : inner) *= i == d ? 1 : sizes[i];
  dispatch_size(x, [&](auto zero) {
    using T = decltype(zero);
    const T* from = static_cast<const T*>(c.data_ptr());
    T* to = static_cast<T*>(y.data_ptr());
    parallel_for(0, outer * n, grain_of(inner), [&](int64_t first, int64_t last) {
      while (first < last) {  // along one line
        const int64_t o = first / n, i = first - o * n, count = std::min(n - i, last - first);
        const T* line = from + o * size * inner;
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
  const size_t last = sizes.size() - 1;
  const int64_t size = x_sizes[d], along = x_strides[d], step = d == last ? 0 : x_strides[last], n = sizes[last];
  DimVector strides = x_strides;
  strides[d] = 0;
  dispatch_size(x, [&](auto zero) {
    using T = decltype(zero);
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(y.data_ptr());
    for_each_row_parallel<1>(sizes, {&strides}, [&](const int64_t* offset, int64_t r) {
      const T* row = from + offset[0];
      for (int64_t j = r * n; j < (r + 1) * n; ++j) {
        const int64_t i = at[j];
        if (i < 0 || i >= size) out_of_range("gather", i, d, x);
        to[j] = row[(j - r * n) * step + i * along];
      }
    });
  });
  return y;
}

void scatter_out(const char* op, const Tensor& out, int64_t dim, const Tensor& index, const Tensor& src, Combine how) {
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
  const int64_t size = out_sizes[d], along = out_strides[d], step = d == last ? 0 : out_strides[last], n = sizes[last];
  // Checked before anything is written: a bad index changes nothing.
  for (int64_t i = 0; i < list.numel(); ++i) {
    if (at[i] < 0 || at[i] >= size) out_of_range(op, at[i], d, out);
  }
  DimVector strides = out_strides;
  strides[d] = 0;
  dispatch(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = out.data_ptr<T>();
    const T* from = source.data_ptr<T>();
    const int64_t src_step = src_strides[last];
    const auto run = [&](const auto& combine) {
      const auto scatter_row = [&](const int64_t* offset, int64_t row) {
        for (int64_t j = 0; j < n; ++j) {
          T& y = to[offset[0] + j * step + at[row * n + j] * along];
          y = static_cast<T>(combine(y, from[offset[1] + j * src_step]));
        }
      };
      // Positions of the first dim write to places of their own, unless it is the one that is indexed.
      if (d > 0) return for_each_row_parallel<2>(sizes, {&strides, &src_strides}, scatter_row);
      int64_t row = 0;
      for_each_row<2>(sizes, {&strides, &src_strides}, [&](const int64_t* offset) { scatter_row(offset, row++); });
    };
    switch (how) {
      case Combine::Replace: return run([](T, T x) { return x; });
      case Combine::Add: return run([](T y, T x) { return sum_of(y, x); });
      case Combine::Multiply: return run([](T y, T x) { return product_of(y, x); });
      case Combine::Max: return run([](T y, T x) { return x > y || x != x ? x : y; });  // NaN wins
      case Combine::Min: return run([](T y, T x) { return x < y || x != x ? x : y; });
    }
  });
}

void index_add_out(const Tensor& out, int64_t dim, const Tensor& index, const Tensor& source) {
  const size_t d = static_cast<size_t>(wrap_dim("index_add", dim, out.dim()));
  TAPER_CHECK_INDEX(index.dim() <= 1, "index_add: the index must be a vector; got sizes ", index.sizes());
  TAPER_CHECK_TYPE(out.dtype() == source.dtype(), "index_add: tensor and source must have the same dtype; got ",
                   out.dtype(), " and ", source.dtype());
  const Tensor list = contiguous(unless_alias(out, as_int64("index_add", index))), src = unless_alias(out, source);
  const int64_t n = list.numel();
  DimVector wanted = at_least_1d(out.sizes());
  const int64_t size = wanted[d];
  wanted[d] = n;
  TAPER_CHECK(at_least_1d(source.sizes()) == wanted, "index_add: the source must have the sizes ", wanted,
              ", those of the tensor with ", n, " indices in dimension ", d, "; got ", source.sizes());
  const int64_t* at = list.data_ptr<int64_t>();
  for (int64_t i = 0; i < n; ++i) {
    if (at[i] < 0 || at[i] >= size) out_of_range("index_add", at[i], d, out);
  }
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
  dispatch(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = out.data_ptr<T>();
    const T* from = src.data_ptr<T>();
    for_each_row<2>(sizes, {&out_strides, &src_strides}, [&](const int64_t* offset) {
      for (int64_t i = 0; i < n; ++i) {
        T* y = to + offset[0] + at[i] * along;
        const T* x = from + offset[1] + i * step;
        for (int64_t j = 0; j < width; ++j) y[j * out_step] = sum_of(y[j * out_step], x[j * src_step]);
      }
    });
  });
}

Tensor nonzero(const Tensor& x) {
  const Tensor c = contiguous(x);
  const int64_t n = c.numel(), rank = x.dim();
  return dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* values = c.data_ptr<T>();
    int64_t count = 0;
    for (int64_t i = 0; i < n; ++i) count += values[i] != T(0);
    Tensor result = empty({count, rank}, kInt64);
    int64_t* out = result.data_ptr<int64_t>();
    if (rank == 0) return result;
    for (int64_t i = 0; i < n; ++i) {
      if (values[i] == T(0)) continue;
      int64_t rest = i;
      for (int64_t d = rank - 1; d > 0; --d) {
        const int64_t size = x.sizes()[static_cast<size_t>(d)];
        out[d] = rest % size;
        rest /= size;
      }
      out[0] = rest;
      out += rank;
    }
    return result;
  });
}

Tensor index(const Tensor& x, const std::vector<Tensor>& indices) {
  const IndexPlan plan("index", x, indices);
  Tensor y = empty(plan.sizes, x.dtype());
  if (y.numel() == 0) return y;
  const int64_t points = static_cast<int64_t>(plan.point.size()), run = static_cast<int64_t>(plan.after.size());
  dispatch_size(x, [&](auto zero) {
    using T = decltype(zero);
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(y.data_ptr());
    parallel_for(0, static_cast<int64_t>(plan.before.size()) * points, grain_of(run), [&](int64_t first, int64_t last) {
      for (int64_t r = first; r < last; ++r) {
        const T* source =
            from + plan.before[static_cast<size_t>(r / points)] + plan.point[static_cast<size_t>(r % points)];
        T* out = to + r * run;
        if (run == 1) {
          *out = *source;
        } else if (plan.after_is_run) {
          std::memcpy(out, source, static_cast<size_t>(run) * sizeof(T));
        } else {
          for (int64_t a = 0; a < run; ++a) out[a] = source[plan.after[static_cast<size_t>(a)]];
        }
      }
    });
  });
  return y;
}

void index_put(const Tensor& x, const std::vector<Tensor>& indices, const Tensor& value, bool accumulate) {
  TAPER_CHECK_TYPE(x.dtype() == value.dtype() || value.dim() == 0,
                   "index_put_: tensor and value must have the same dtype; got ", x.dtype(), " and ", value.dtype());
  const IndexPlan plan("index_put_", x, indices);
  const Tensor spread = empty(plan.sizes, x.dtype());
  copy(spread, value);
  if (spread.numel() == 0) return;
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = x.data_ptr<T>();
    const T* from = spread.data_ptr<T>();
    // In order and on one thread: indices may repeat.
    for (int64_t b : plan.before) {
      for (int64_t p : plan.point) {
        T* out = to + b + p;
        for (int64_t a : plan.after) {
          out[a] = accumulate ? sum_of(out[a], *from) : *from;
          ++from;
        }
      }
    }
  });
}

}  // namespace taper::kernels
