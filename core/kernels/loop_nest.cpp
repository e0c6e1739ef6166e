#include <taper/core/kernels/loop_nest.h>

#include <taper/core/dims.h>
#include <taper/core/parallel.h>

#include <algorithm>

namespace taper::kernels {

Grid make_grid(const Operand* operands, size_t count) {
  const IntArrayRef sizes = operands[0].sizes;
  const size_t rank = sizes.size();
  DimVector order;  // innermost first
  for (size_t d = rank; d-- > 0;) {
    if (sizes[d] != 1) order.push_back(static_cast<int64_t>(d));
  }
  const IntArrayRef out_strides = operands[0].strides;
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return out_strides[static_cast<size_t>(a)] < out_strides[static_cast<size_t>(b)];
  });

  Grid grid;
  grid.count = count;
  for (const int64_t dim : order) {
    const size_t d = static_cast<size_t>(dim);
    int64_t step[kMaxOperands];
    bool joins = grid.rank > 0;
    for (size_t k = 0; k < count; ++k) {
      const Operand& o = operands[k];
      const size_t missing = rank - o.sizes.size();  // aligned at the right
      step[k] = d < missing || o.sizes[d - missing] == 1 ? 0 : o.strides[d - missing] * o.itemsize;
      joins = joins && step[k] == grid.strides[k].back() * grid.sizes.back();
    }
    if (joins) {
      grid.sizes.back() *= sizes[d];
    } else {
      grid.sizes.push_back(sizes[d]);
      for (size_t k = 0; k < count; ++k) grid.strides[k].push_back(step[k]);
      ++grid.rank;
    }
  }
  if (grid.rank == 0) {
    grid.sizes.push_back(1);
    for (size_t k = 0; k < count; ++k) grid.strides[k].push_back(0);
    grid.rank = 1;
  }
  return grid;
}

namespace {

// Elements [begin, end) of the grid, in its order.
void walk(const Grid& grid, Loop loop, const Operand* operands, const void* param, int64_t begin, int64_t end) {
  char* data[kMaxOperands];
  int64_t inner[kMaxOperands];
  for (size_t k = 0; k < grid.count; ++k) {
    data[k] = operands[k].data;
    inner[k] = grid.strides[k][0];
  }
  DimVector index(grid.rank);
  for (size_t d = 0, rest = static_cast<size_t>(begin); d < grid.rank; ++d) {
    const size_t size = static_cast<size_t>(grid.sizes[d]);
    index[d] = static_cast<int64_t>(rest % size);
    rest /= size;
    for (size_t k = 0; k < grid.count; ++k) data[k] += index[d] * grid.strides[k][d];
  }
  const int64_t row = grid.sizes[0];
  while (begin < end) {
    const int64_t n = std::min(row - index[0], end - begin);
    loop(n, data, inner, param);
    begin += n;
    if (begin >= end) break;
    // To the start of the next row.
    for (size_t k = 0; k < grid.count; ++k) data[k] -= index[0] * inner[k];
    index[0] = 0;
    for (size_t d = 1; d < grid.rank; ++d) {
      for (size_t k = 0; k < grid.count; ++k) data[k] += grid.strides[k][d];
      if (++index[d] < grid.sizes[d]) break;
      for (size_t k = 0; k < grid.count; ++k) data[k] -= grid.sizes[d] * grid.strides[k][d];
      index[d] = 0;
    }
  }
}

// ---- short rows: a loop over each would cost more than its elements -------------------------------------------------

constexpr int64_t kShortRow = 32;
constexpr int64_t kGathered = 512;  // elements of the rows that are put together

// `rows` rows of `n` elements, one behind the other.
template <class T>
void gather_rows(char* to, const char* from, int64_t n, int64_t stride, int64_t rows, int64_t row_stride) {
  T* out = reinterpret_cast<T*>(to);
  for (int64_t r = 0; r < rows; ++r, from += row_stride, out += n) {
    if (stride == 0) {
      const T value = *reinterpret_cast<const T*>(from);
      for (int64_t i = 0; i < n; ++i) out[i] = value;
    } else if (stride == sizeof(T)) {
      for (int64_t i = 0; i < n; ++i) out[i] = reinterpret_cast<const T*>(from)[i];
    } else {
      for (int64_t i = 0; i < n; ++i) out[i] = *reinterpret_cast<const T*>(from + i * stride);
    }
  }
}
void gather_rows(int64_t itemsize, char* to, const char* from, int64_t n, int64_t stride, int64_t rows,
                 int64_t row_stride) {
  switch (itemsize) {
    case 1: return gather_rows<uint8_t>(to, from, n, stride, rows, row_stride);
    case 2: return gather_rows<uint16_t>(to, from, n, stride, rows, row_stride);
    case 4: return gather_rows<uint32_t>(to, from, n, stride, rows, row_stride);
    default: return gather_rows<uint64_t>(to, from, n, stride, rows, row_stride);
  }
}

template <class T>
void scatter_rows(char* to, const char* from, int64_t n, int64_t stride, int64_t rows, int64_t row_stride) {
  const T* in = reinterpret_cast<const T*>(from);
  for (int64_t r = 0; r < rows; ++r, to += row_stride, in += n) {
    if (stride == sizeof(T)) {
      for (int64_t i = 0; i < n; ++i) reinterpret_cast<T*>(to)[i] = in[i];
    } else {
      for (int64_t i = 0; i < n; ++i) *reinterpret_cast<T*>(to + i * stride) = in[i];
    }
  }
}
void scatter_rows(int64_t itemsize, char* to, const char* from, int64_t n, int64_t stride, int64_t rows,
                  int64_t row_stride) {
  switch (itemsize) {
    case 1: return scatter_rows<uint8_t>(to, from, n, stride, rows, row_stride);
    case 2: return scatter_rows<uint16_t>(to, from, n, stride, rows, row_stride);
    case 4: return scatter_rows<uint32_t>(to, from, n, stride, rows, row_stride);
    default: return scatter_rows<uint64_t>(to, from, n, stride, rows, row_stride);
  }
}

// Whether rows of operand k follow each other in memory, or are all the same element.
bool rows_join(const Grid& grid, size_t k) { return grid.strides[k][1] == grid.strides[k][0] * grid.sizes[0]; }

// Rows [begin, end), some at a time as one: operands whose rows do not join are put together first, and results for
// such rows taken apart afterwards.
void walk_short_rows(const Grid& grid, Loop loop, const Operand* operands, const void* param, int64_t begin,
                     int64_t end) {
  alignas(64) char gathered[kMaxOperands][kGathered * 8];
  int64_t strides[kMaxOperands];
  bool joins[kMaxOperands];
  for (size_t k = 0; k < grid.count; ++k) {
    joins[k] = rows_join(grid, k);
    strides[k] = joins[k] ? grid.strides[k][0] : operands[k].itemsize;
  }
  const int64_t n = grid.sizes[0], at_once = kGathered / n;
  while (begin < end) {
    int64_t rest = begin / grid.sizes[1], offset[kMaxOperands];
    const int64_t first = begin % grid.sizes[1];
    for (size_t k = 0; k < grid.count; ++k) offset[k] = first * grid.strides[k][1];
    for (size_t d = 2; d < grid.rank; rest /= grid.sizes[d], ++d) {
      for (size_t k = 0; k < grid.count; ++k) offset[k] += rest % grid.sizes[d] * grid.strides[k][d];
    }
    const int64_t last = std::min(grid.sizes[1], first + end - begin);
    for (int64_t row = first; row < last; row += at_once) {
      const int64_t rows = std::min(at_once, last - row);
      char *data[kMaxOperands], *const out = operands[0].data + offset[0];
      for (size_t k = 0; k < grid.count; ++k) {
        char* const from = operands[k].data + offset[k];
        offset[k] += at_once * grid.strides[k][1];
        data[k] = joins[k] ? from : gathered[k];
        const bool is_there = grid.strides[k][1] == 0 && row > first;  // a row that is the same every time
        if (joins[k] || is_there || k == 0) continue;
        gather_rows(operands[k].itemsize, gathered[k], from, n, grid.strides[k][0], rows, grid.strides[k][1]);
      }
      loop(rows * n, data, strides, param);
      if (!joins[0]) {
        scatter_rows(operands[0].itemsize, out, gathered[0], n, grid.strides[0][0], rows, grid.strides[0][1]);
      }
    }
    begin += last - first;
  }
}

}  // namespace

void run_loop(Loop loop, std::initializer_list<Operand> list, const void* param, int64_t grain) {
  const Operand* operands = list.begin();
  const size_t count = list.size();
  const IntArrayRef sizes = operands[0].sizes;
  int64_t numel = 1;
  for (const int64_t size : sizes) numel *= size;
  if (numel == 0) return;

  bool flat = operands[0].contiguous;
  for (size_t k = 1; k < count && flat; ++k) {
    flat = operands[k].itemsize == 0 || (operands[k].contiguous && operands[k].sizes.equals(sizes));
  }
  if (flat) {
    int64_t strides[kMaxOperands];
    for (size_t k = 0; k < count; ++k) strides[k] = operands[k].itemsize;
    parallel_for(0, numel, grain, [&](int64_t begin, int64_t end) {
      char* data[kMaxOperands];
      for (size_t k = 0; k < count; ++k) data[k] = operands[k].data + begin * strides[k];
      loop(end - begin, data, strides, param);
    });
    return;
  }
  const Grid grid = make_grid(operands, count);
  if (grid.rank > 1 && grid.sizes[0] < kShortRow && grid.sizes[1] > 1) {
    const int64_t n = grid.sizes[0];
    return parallel_for(0, numel / n, grain / n,
                        [&](int64_t begin, int64_t end) { walk_short_rows(grid, loop, operands, param, begin, end); });
  }
  parallel_for(0, numel, grain, [&](int64_t begin, int64_t end) { walk(grid, loop, operands, param, begin, end); });
}

Tensor make_tensor(const char* op, IntArrayRef sizes, ScalarType dtype) {
  const size_t itemsize = element_size(dtype);
  size_t nbytes;
  TAPER_CHECK_VALUE(!__builtin_mul_overflow(static_cast<size_t>(checked_numel(op, sizes)), itemsize, &nbytes), op,
                    ": a result of sizes ", sizes, " does not fit into memory");
  return Tensor(intrusive_ptr<TensorImpl>::make(StorageImpl::allocate(nbytes), dtype, sizes));
}

// In order of stride, each dimension that steps over all of the smaller ones is apart from them.
bool may_overlap(IntArrayRef sizes, IntArrayRef strides) {
  DimVector order;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == 0) return false;
    if (sizes[d] > 1) order.push_back(static_cast<int64_t>(d));
  }
  const auto stride = [&](int64_t d) { return strides[static_cast<size_t>(d)]; };
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return stride(a) < stride(b); });
  int64_t reach = 0;
  for (const int64_t d : order) {
    if (stride(d) <= reach) return true;
    reach += stride(d) * (sizes[static_cast<size_t>(d)] - 1);
  }
  return false;
}

bool overlaps_partially(const Tensor& out, const Tensor& in) {
  if (out.numel() == 0 || in.numel() == 0) return false;
  // The bytes from the first to the last element.
  const auto range = [](const Tensor& t) {
    auto low = reinterpret_cast<uintptr_t>(t.data_ptr()), high = low + t.element_size();
    for (size_t d = 0; d < t.sizes().size(); ++d) {
      high += static_cast<uintptr_t>((t.sizes()[d] - 1) * t.strides()[d]) * t.element_size();
    }
    return std::pair(low, high);
  };
  const auto [out_low, out_high] = range(out);
  const auto [in_low, in_high] = range(in);
  if (out_low >= in_high || in_low >= out_high) return false;
  const bool same_elements = out_low == in_low && out.dtype() == in.dtype() && out.sizes().equals(in.sizes()) &&
                             ((out.is_contiguous() && in.is_contiguous()) || out.strides().equals(in.strides()));
  return !same_elements;
}

}  // namespace taper::kernels
