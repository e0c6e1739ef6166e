// Indexing by tensors, x[i0, i1, ...], and the indices of what is not 0.
#include <taper/core/kernels/index.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/indices.h>
#include <taper/core/kernels/promotion.h>
#include <taper/core/kernels/wrapping.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace taper::kernels {

IndexedDims::IndexedDims(const char* op, const std::vector<Tensor>& indices) {
  for (size_t d = 0; d < indices.size(); ++d) {
    if (!indices[d].defined()) continue;
    sizes = broadcast_sizes(op, sizes, indices[d].sizes());
    dims.push_back(static_cast<int64_t>(d));
  }
  for (const int64_t size : sizes) points *= size;
  together = !dims.empty() && dims.back() - dims[0] + 1 == static_cast<int64_t>(dims.size());
}

namespace {

//   x[b, i_0, ..., a] -> y[b, p, a]  with b, a over the dims before and after, p over the broadcast index.
// When the indexed dims are not neighbours, all other dims count as "after", as in PyTorch.
struct IndexPlan {
  DimVector sizes;                     // of the result
  std::vector<int64_t> before, after;  // offsets of x by b and by a
  std::vector<int64_t> point;          // offsets of x by p
  bool after_is_run = true;            // after[a] == a

  IndexPlan(const char* op, const Tensor& x, const std::vector<Tensor>& indices) {
    const size_t rank = x.sizes().size();
    TAPER_CHECK_INDEX(indices.size() <= rank, op, ": at most one index per dimension; got ", indices.size(),
                      " for sizes ", x.sizes());
    const IndexedDims indexed(op, indices);
    TAPER_CHECK(!indexed.dims.empty(), op, ": at least one index tensor is needed");
    std::vector<size_t> dims_before, dims_after;
    for (size_t d = 0; d < rank; ++d) {
      if (d < indices.size() && indices[d].defined()) continue;
      (indexed.together && static_cast<int64_t>(d) < indexed.dims[0] ? dims_before : dims_after).push_back(d);
    }
    for (size_t d : dims_before) sizes.push_back(x.sizes()[d]);
    for (int64_t size : indexed.sizes) sizes.push_back(size);
    for (size_t d : dims_after) sizes.push_back(x.sizes()[d]);
    before = offsets(x, dims_before);
    after = offsets(x, dims_after);
    for (size_t a = 0; a < after.size() && after_is_run; ++a) after_is_run = after[a] == static_cast<int64_t>(a);

    // Nothing is read where the result is empty; where a kept dim is empty, indices are not checked, as in PyTorch, but
    // there must be something that they can mean.
    point.assign(static_cast<size_t>(indexed.points), 0);
    for (const int64_t d : indexed.dims) {
      TAPER_CHECK_INDEX(x.sizes()[static_cast<size_t>(d)] > 0 || indexed.points == 0, op,
                        ": there is nothing to index in dimension ", d, " of sizes ", x.sizes());
    }
    if (before.empty() || after.empty()) return;
    for (const int64_t dim : indexed.dims) {
      const auto d = static_cast<size_t>(dim);
      Tensor spread = as_int64(op, indices[d]);
      if (!spread.sizes().equals(indexed.sizes) || !spread.is_contiguous()) {
        const Tensor from = spread;
        spread = empty(indexed.sizes, kInt64);
        copy(spread, from);
      }
      const int64_t* index = spread.data_ptr<int64_t>();
      const int64_t size = x.sizes()[d], stride = x.strides()[d];
      parallel_for(0, indexed.points, kMoveGrain, [&](int64_t begin, int64_t end) {
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

Tensor nonzero(const Tensor& x) {
  if (is_half(x)) return nonzero(to_dtype(x, kFloat32));
  const Tensor c = contiguous(x);
  const int64_t n = c.numel(), rank = x.dim();
  return dispatch(x.dtype(), [&]<class T>(T) {
    const T* values = c.data_ptr<T>();
    int64_t count = 0;
    for (int64_t i = 0; i < n; ++i) count += values[i] != T(0);
    Tensor result = empty({count, rank}, kInt64);
    int64_t* out = result.data_ptr<int64_t>();
    if (rank == 0) return result;
    // Positions first, some at a time and without a branch, which a random mask would have go wrong half of the time.
    constexpr int64_t kBlock = 1024;
    int64_t places[kBlock];
    for (int64_t begin = 0; begin < n; begin += kBlock) {
      int64_t found = 0;
      for (int64_t i = begin; i < std::min(n, begin + kBlock); ++i) {
        places[found] = i;
        found += values[i] != T(0);
      }
      for (int64_t i = 0; i < found; ++i, out += rank) {
        int64_t rest = places[i];
        for (int64_t d = rank - 1; d > 0; --d) {
          const int64_t size = x.sizes()[static_cast<size_t>(d)];
          const bool small = ((rest | size) >> 32) == 0;  // a division of 32 bits takes half the time
          const int64_t above =
              small ? static_cast<int64_t>(static_cast<uint32_t>(rest) / static_cast<uint32_t>(size)) : rest / size;
          out[d] = rest - above * size;
          rest = above;
        }
        out[0] = rest;
      }
    }
    return result;
  });
}

Tensor index(const Tensor& x, const std::vector<Tensor>& indices) {
  const IndexPlan plan("index", x, indices);
  Tensor y = empty(plan.sizes, x.dtype());
  if (y.numel() == 0) return y;
  const int64_t points = static_cast<int64_t>(plan.point.size()), run = static_cast<int64_t>(plan.after.size());
  dispatch_size(x.dtype(), [&]<class T>(T) {
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(y.data_ptr());
    parallel_for(
        0, static_cast<int64_t>(plan.before.size()) * points, move_grain(run), [&](int64_t first, int64_t last) {
          while (run == 1 && first < last) {  // single elements of one b
            const int64_t p = first % points, count = std::min(points - p, last - first);
            const T* source = from + plan.before[static_cast<size_t>(first / points)];
            const int64_t* point = plan.point.data() + p;
            for (int64_t i = 0; i < count; ++i) to[first + i] = source[point[i]];
            first += count;
          }
          for (int64_t r = first; r < last; ++r) {
            const T* source =
                from + plan.before[static_cast<size_t>(r / points)] + plan.point[static_cast<size_t>(r % points)];
            T* out = to + r * run;
            if (plan.after_is_run) {
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
  if (is_half(x)) {
    return change_in_float32(x, [&](const Tensor& y) { index_put(y, indices, in_compute_type(value), accumulate); });
  }
  TAPER_CHECK_TYPE(x.dtype() == value.dtype() || value.dim() == 0,
                   "index_put_: tensor and value must have the same dtype; got ", x.dtype(), " and ", value.dtype());
  const IndexPlan plan("index_put_", x, indices);
  const bool is_there =
      value.dtype() == x.dtype() && value.is_contiguous() && value.sizes().equals(plan.sizes) && !value.is_alias_of(x);
  const Tensor spread = is_there ? value : empty(plan.sizes, x.dtype());
  if (!is_there) copy(spread, value);
  if (spread.numel() == 0) return;
  const auto run = static_cast<int64_t>(plan.after.size());
  dispatch(x.dtype(), [&]<class T>(T) {
    T* to = x.data_ptr<T>();
    const T* from = spread.data_ptr<T>();
    // In order and on one thread: indices may repeat.
    for (int64_t b : plan.before) {
      for (int64_t p : plan.point) {
        T* out = to + b + p;
        if (!plan.after_is_run) {
          for (int64_t a = 0; a < run; ++a) {
            T& y = out[plan.after[static_cast<size_t>(a)]];
            y = accumulate ? wrapping_sum(y, from[a]) : from[a];
          }
        } else if (accumulate) {
          for (int64_t a = 0; a < run; ++a) out[a] = wrapping_sum(out[a], from[a]);
        } else if (run == 1) {
          *out = *from;
        } else {
          std::memcpy(static_cast<void*>(out), from, static_cast<size_t>(run) * sizeof(T));
        }
        from += run;
      }
    }
  });
}

}  // namespace taper::kernels
