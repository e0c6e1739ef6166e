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
