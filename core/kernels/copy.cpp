// Copies between any strides and dtypes.
#include <taper/core/kernels/copy.h>

#include <taper/core/float_types.h>
#include <taper/core/kernels/convert.h>
#include <taper/core/kernels/isa/bfloat16.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/kernels/loop_nest.h>
#include <taper/core/kernels/operands.h>
#include <taper/core/kernels/promotion.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cstring>

namespace taper::kernels {
namespace {

template <class To, class From>
To convert(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else if constexpr (is_half_type<From>) {
    return convert<To>(static_cast<float>(x));
  } else if constexpr (is_half_type<To>) {
    return static_cast<float>(x);
  } else if constexpr (std::is_same_v<To, bool>) {
    return x != 0;
  } else if constexpr (is_float_type<From> && std::is_integral_v<To>) {
    constexpr From kEnd = 9223372036854775808.0;  // 2^63
    const int64_t wide = x >= kEnd ? INT64_MAX : x >= -kEnd ? static_cast<int64_t>(x) : x < 0 ? INT64_MIN : 0;
    return static_cast<To>(wide);
  } else {
    return static_cast<To>(x);
  }
}

// Floats of which all are in the range of W, by the instruction that converts those.
template <class W, class To, class From>
bool convert_in_range(To* to, const From* from, int64_t n) {
  constexpr From kEnd = sizeof(W) == 4 ? From(2147483648.0) : From(9223372036854775808.0);
  int outside = 0;
  for (int64_t i = 0; i < n; ++i) outside |= !((from[i] < kEnd) & (from[i] > -kEnd));
  if (outside) return false;
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<To>(static_cast<W>(from[i]));
  return true;
}

template <class To, class From>
void convert_neighbours(To* to, const From* from, int64_t n) {
  if constexpr (is_float_type<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
    constexpr int64_t kBlock = 256;
    for (; n > 0; n -= kBlock, to += kBlock, from += kBlock) {
      const int64_t count = std::min(n, kBlock);
      if (sizeof(To) < 8 && convert_in_range<int32_t>(to, from, count)) continue;
      if (sizeof(To) == 8 && convert_in_range<int64_t>(to, from, count)) continue;
      for (int64_t i = 0; i < count; ++i) to[i] = convert<To>(from[i]);
    }
  } else if constexpr (std::is_same_v<To, BFloat16> && std::is_same_v<From, float>) {
    loops<Bfloat16Loops<float>>().round(from, reinterpret_cast<uint16_t*>(to), n);
  } else if constexpr (std::is_same_v<To, float> && std::is_same_v<From, BFloat16>) {
    loops<Bfloat16Loops<float>>().widen(reinterpret_cast<const uint16_t*>(from), to, n);
  } else {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i]);
  }
}

// from[0], from[kStep], ...: with a step that the compiler knows it moves whole registers.
template <int64_t kStep, class T>
void copy_stepping(T* to, const T* from, int64_t n) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) to[i] = from[i * kStep];
}

template <class T>
void fill_neighbours(T* to, T value, int64_t n) {
  // A block again and again: the C library's copy uses the widest registers there are.
  constexpr int64_t kBlock = 8192 / sizeof(T);
  std::fill(to, to + std::min(n, kBlock), value);
  for (int64_t i = kBlock; i < n; i += kBlock) {
    std::memcpy(static_cast<void*>(to + i), to, static_cast<size_t>(std::min(n - i, kBlock)) * sizeof(T));
  }
}

template <class To, class From>
void convert_rows(int64_t n, char* const* data, const int64_t* strides, const void*) {
  To* to = reinterpret_cast<To*>(data[0]);
  const From* from = reinterpret_cast<const From*>(data[1]);
  if (strides[0] == sizeof(To) && strides[1] == sizeof(From)) {
    if constexpr (std::is_same_v<To, From>) {
      std::memcpy(to, from, static_cast<size_t>(n) * sizeof(To));
    } else {
      convert_neighbours(to, from, n);
    }
  } else if (strides[0] == sizeof(To) && strides[1] == 0) {
    const To value = convert<To>(*from), zero{};
    // All bits, for -0 is no 0; half the time, and what zero_grad() does.
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison)
    if (std::memcmp(&value, &zero, sizeof(To)) == 0) {
      std::memset(static_cast<void*>(to), 0, static_cast<size_t>(n) * sizeof(To));
    } else {
      fill_neighbours(to, value, n);
    }
  } else if (std::is_same_v<To, From> && strides[0] == sizeof(To) && strides[1] == -int64_t{sizeof(From)}) {
    copy_stepping<-1>(to, reinterpret_cast<const To*>(from), n);
  } else if (std::is_same_v<To, From> && strides[0] == sizeof(To) && strides[1] == 2 * sizeof(From)) {
    copy_stepping<2>(to, reinterpret_cast<const To*>(from), n);
  } else {
    for (int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<To*>(data[0] + i * strides[0]) =
          convert<To>(*reinterpret_cast<const From*>(data[1] + i * strides[1]));
    }
  }
}

// ---- transposition --------------------------------------------------------------------------------------------------

constexpr int64_t kTile = 32;

// dst[r * dst_stride + c] = src[c * src_stride + r] for r < rows, c < columns (at most kTile each; strides in bytes).
// Both sides are touched in whole runs: a tile goes through a buffer, so that no row of 4 KB evicts its neighbours.
template <class T>
void transpose_tile(char* dst, int64_t dst_stride, const char* src, int64_t src_stride, int64_t rows, int64_t columns) {
  T buffer[kTile][kTile];
  for (int64_t c = 0; c < columns; ++c) {
    const T* line = reinterpret_cast<const T*>(src + c * src_stride);
    for (int64_t r = 0; r < rows; ++r) buffer[r][c] = line[r];
  }
  for (int64_t r = 0; r < rows; ++r)
    std::memcpy(dst + r * dst_stride, buffer[r], static_cast<size_t>(columns) * sizeof(T));
}

// The dimension along which the source is contiguous while the destination is so along dimension 0; 0 for none.
size_t transposed_dim(const Grid& grid, int64_t itemsize) {
  if (grid.strides[0][0] != itemsize || grid.strides[1][0] == itemsize || grid.strides[1][0] == 0) return 0;
  for (size_t d = 1; d < grid.rank; ++d) {
    if (grid.strides[1][d] == itemsize && grid.sizes[d] >= 4 && grid.sizes[0] >= 4) return d;
  }
  return 0;
}

// For all positions in the other dimensions: a matrix of grid.sizes[dim] rows and grid.sizes[0] columns, tile by tile.
template <class T>
void transpose_copy(const Grid& grid, size_t dim, char* dst, const char* src) {
  const int64_t rows = grid.sizes[dim], columns = grid.sizes[0];
  int64_t matrices = 1;
  for (size_t d = 1; d < grid.rank; ++d) matrices *= d == dim ? 1 : grid.sizes[d];
  const int64_t strips = (rows - 1) / kTile + 1;  // of kTile rows
  parallel_for(0, matrices * strips, std::max<int64_t>(1, kCheapGrain / (kTile * columns)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   const int64_t r = i % strips * kTile;
                   char* to = dst + r * grid.strides[0][dim];
                   const char* from = src + r * grid.strides[1][dim];
                   int64_t rest = i / strips;
                   for (size_t d = 1; d < grid.rank; ++d) {
                     if (d == dim) continue;
                     to += rest % grid.sizes[d] * grid.strides[0][d];
                     from += rest % grid.sizes[d] * grid.strides[1][d];
                     rest /= grid.sizes[d];
                   }
                   for (int64_t c = 0; c < columns; c += kTile) {
                     transpose_tile<T>(to + c * grid.strides[0][0], grid.strides[0][dim], from + c * grid.strides[1][0],
                                       grid.strides[1][0], std::min(kTile, rows - r), std::min(kTile, columns - c));
                   }
                 }
               });
}

// False when the two are not each other's transposes in some pair of dimensions.
bool copy_transposed(const Tensor& dst, const Tensor& src) {
  const Operand operands[] = {dst, src};
  const Grid grid = make_grid(operands, 2);
  const size_t dim = transposed_dim(grid, operands[0].itemsize);
  if (dim == 0) return false;
  dispatch_size(dst.dtype(), [&]<class U>(U) { transpose_copy<U>(grid, dim, operands[0].data, operands[1].data); });
  return true;
}

// Into a tensor of which elements share memory: one after the other in its own order, so that the last one stays.
// Slices whose elements are apart are copied as a whole.
void copy_in_order(const Tensor& dst, const Tensor& src) {
  const Tensor from = make_tensor("copy_", dst.sizes(), dst.dtype());
  copy(from, src);
  const auto slice = [](const Tensor& t, int64_t i) {
    return view_of(t, t.sizes().slice(1), t.strides().slice(1), i * t.strides()[0]);
  };
  for (int64_t i = 0; i < dst.sizes()[0]; ++i) copy(slice(dst, i), slice(from, i));
}

}  // namespace

Loop conversion(ScalarType from, ScalarType to) {
  return dispatch_stored(to, [from]<class To>(To) {
    return dispatch_stored(from, []<class From>(From) -> Loop { return convert_rows<To, From>; });
  });
}

void copy(const Tensor& dst, const Tensor& src) {
  const bool same_sizes = dst.sizes().equals(src.sizes());
  if (!same_sizes) {
    const DimVector sizes = broadcast_sizes("copy_", dst.sizes(), src.sizes());
    TAPER_CHECK(dst.sizes().equals(sizes), "copy_: the source must broadcast to the destination; got source ",
                src.sizes(), " and destination ", dst.sizes());
  }
  if (dst.numel() == 0) return;
  if (!dst.is_contiguous() && may_overlap(dst.sizes(), dst.strides())) return copy_in_order(dst, src);
  if (overlaps_partially(dst, src)) return copy(dst, to_dtype(src, dst.dtype()));
  if (dst.dtype() == src.dtype()) {
    if (dst.data_ptr() == src.data_ptr() && same_sizes)
      return;  // overlaps_partially() has found every element its own source
    const bool rows = same_sizes && dst.is_contiguous() && src.is_contiguous();
    if (!rows && dst.numel() >= 64 && copy_transposed(dst, src)) return;
  }
  const Loop loop = conversion(src.dtype(), dst.dtype());
  if (dst.dtype() == src.dtype()) return run_loop(loop, {dst, src}, nullptr, kCheapGrain);
  run_loop(loop, {dst, CastOperand(src, src.dtype(), dst.is_contiguous()).operand()}, nullptr, kCheapGrain);
}

void fill(const Tensor& dst, const Scalar& value) {
  if (!dst.is_contiguous() && may_overlap(dst.sizes(), dst.strides())) {  // threads must not share elements
    const Tensor one = make_tensor("fill_", {}, dst.dtype());
    fill(one, value);
    return copy_in_order(dst, one);
  }
  dispatch_stored(dst.dtype(), [&]<class T>(T) {
    const T converted = value.to<T>();
    run_loop(convert_rows<T, T>, {dst, Operand(&converted)}, nullptr, kCheapGrain);
  });
}

Tensor to_dtype(const Tensor& x, ScalarType dtype) {
  Tensor y = make_tensor("to", x.sizes(), dtype);
  copy(y, x);
  return y;
}

Tensor contiguous(const Tensor& x) { return x.is_contiguous() ? x : to_dtype(x, x.dtype()); }

}  // namespace taper::kernels
