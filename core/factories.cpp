#include <taper/core/factories.h>

#include <taper/core/dims.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/random.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace taper {
namespace {

Tensor with_options(Tensor t, const TensorOptions& options) {
  if (options.requires_grad()) t.set_requires_grad(true);
  return t;
}

size_t checked_nbytes(const char* op, IntArrayRef sizes, int64_t elements, ScalarType dtype) {
  const size_t item = element_size(dtype);
  TAPER_CHECK_TYPE(item > 0, op, ": no tensors of dtype ", dtype);
  size_t nbytes = 0;
  TAPER_CHECK_VALUE(!__builtin_mul_overflow(static_cast<size_t>(elements), item, &nbytes), op, ": the sizes ", sizes,
                    " ask for more bytes than memory can address");
  return nbytes;
}

// The number of elements from the first to the last in memory.
int64_t checked_reach(const char* op, IntArrayRef sizes, IntArrayRef strides) {
  if (checked_numel(op, sizes) == 0) return 0;
  int64_t reach = 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    TAPER_CHECK_VALUE(strides[i] >= 0, op, ": strides must not be negative; got ", strides);
    int64_t steps = 0;
    TAPER_CHECK_VALUE(
        !__builtin_mul_overflow(sizes[i] - 1, strides[i], &steps) && !__builtin_add_overflow(reach, steps, &reach), op,
        ": the strides ", strides, " reach beyond what memory can address");
  }
  return reach;
}

Tensor make(const char* op, IntArrayRef sizes, ScalarType dtype) {
  const int64_t numel = checked_numel(op, sizes);
  const size_t nbytes = checked_nbytes(op, sizes, numel, dtype);
  return Tensor(intrusive_ptr<TensorImpl>::adopt(new TensorImpl(StorageImpl::allocate(nbytes), dtype, sizes)));
}

TensorOptions like_options(const Tensor& like, const TensorOptions& options) {
  return options.has_dtype() ? options : options.dtype(like.dtype());
}

}  // namespace

Tensor empty(IntArrayRef sizes, const TensorOptions& options) {
  return with_options(make("empty", sizes, options.dtype()), options);
}

Tensor empty_like(const Tensor& like, const TensorOptions& options) {
  return empty(like.sizes(), like_options(like, options));
}

Tensor empty_strided(IntArrayRef sizes, IntArrayRef strides, const TensorOptions& options) {
  TAPER_CHECK(sizes.size() == strides.size(),
              "empty_strided: sizes and strides must have one entry per dimension; got ", sizes, " and ", strides);
  Tensor t = make("empty_strided", {checked_reach("empty_strided", sizes, strides)}, options.dtype());
  t.impl()->set_geometry(sizes, strides);
  return with_options(t, options);
}

Tensor zeros(IntArrayRef sizes, const TensorOptions& options) {
  Tensor t = make("zeros", sizes, options.dtype());
  std::memset(t.data_ptr(), 0, t.nbytes());
  return with_options(t, options);
}
Tensor zeros_like(const Tensor& like, const TensorOptions& options) {
  return zeros(like.sizes(), like_options(like, options));
}

Tensor ones(IntArrayRef sizes, const TensorOptions& options) { return full(sizes, 1, options.dtype(options.dtype())); }
Tensor ones_like(const Tensor& like, const TensorOptions& options) {
  return ones(like.sizes(), like_options(like, options));
}

Tensor full(IntArrayRef sizes, const Scalar& value, const TensorOptions& options) {
  const ScalarType inferred = value.isFloatingPoint() ? get_default_dtype() : value.type();
  Tensor t = make("full", sizes, options.dtype_opt().value_or(inferred));
  kernels::fill(t, value);
  return with_options(t, options);
}
Tensor full_like(const Tensor& like, const Scalar& value, const TensorOptions& options) {
  return full(like.sizes(), value, like_options(like, options));
}
Tensor scalar_tensor(const Scalar& value, const TensorOptions& options) {
  return full({}, value, options.dtype(options.dtype()));
}

Tensor arange(const Scalar& end, const TensorOptions& options) { return arange(0, end, 1, options); }
Tensor arange(const Scalar& start, const Scalar& end, const TensorOptions& options) {
  return arange(start, end, 1, options);
}

Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step, const TensorOptions& options) {
  const bool integers = start.isIntegral(true) && end.isIntegral(true) && step.isIntegral(true);
  const ScalarType dtype = options.dtype_opt().value_or(integers ? kInt64 : get_default_dtype());
  const double from = start.toDouble(), to = end.toDouble(), by = step.toDouble();
  TAPER_CHECK_VALUE(std::isfinite(from) && std::isfinite(to) && by != 0 && std::isfinite(by),
                    "arange: start and end must be finite and step not 0; got ", start, ", ", end, ", ", step);
  TAPER_CHECK_VALUE((to - from) / by >= 0 || to == from, "arange: the sign of step must lead from start to end; got ",
                    start, ", ", end, ", ", step);
  // Integers are counted exactly; beyond 2^53 a double could not.
  const double count = integers ? 0 : std::ceil((to - from) / by);
  bool fits = count < 0x1p63;
  int64_t n = fits ? static_cast<int64_t>(count) : 0;
  if (integers) {
    const int64_t s = step.toLong();
    const __int128 span = static_cast<__int128>(end.toLong()) - start.toLong();
    const __int128 exact = (span + s - (s > 0 ? 1 : -1)) / s;
    fits = exact <= INT64_MAX;
    n = static_cast<int64_t>(exact);
  }
  TAPER_CHECK_VALUE(fits, "arange: there must be fewer than 2^63 values; got ", start, ", ", end, ", ", step);
  Tensor t = make("arange", {n}, dtype);
  dispatch_stored(dtype, [&]<class T>(T) {
    T* out = static_cast<T*>(t.data_ptr());
    if (integers) {
      const auto first = static_cast<uint64_t>(start.toLong()), each = static_cast<uint64_t>(step.toLong());
      for (int64_t i = 0; i < n; ++i)
        out[i] = static_cast<T>(static_cast<int64_t>(first + static_cast<uint64_t>(i) * each));
    } else {
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(from + static_cast<double>(i) * by);
    }
  });
  return with_options(t, options);
}

Tensor linspace(const Scalar& start, const Scalar& end, int64_t steps, const TensorOptions& options) {
  if (isReducedFloatingType(options.dtype())) {
    return with_options(kernels::to_dtype(linspace(start, end, steps, kFloat32), options.dtype()), options);
  }
  TAPER_CHECK_VALUE(steps >= 0, "linspace: the number of steps must not be negative; got ", steps);
  Tensor t = make("linspace", {steps}, options.dtype());
  const double from = start.toDouble(), to = end.toDouble();
  const double by = steps > 1 ? (to - from) / static_cast<double>(steps - 1) : 0;
  dispatch(t.dtype(), [&]<class T>(T) {
    T* out = static_cast<T*>(t.data_ptr());
    // From both ends, so that the last value is exactly `end`.
    constexpr int32_t kBlock = 1 << 16;  // 32 bits become a double in vector registers, 64 do not
    const int64_t half = (steps + 1) / 2;
    for (int64_t begin = 0; begin < half; begin += kBlock) {
      const auto first = static_cast<double>(begin);
      const auto count = static_cast<int32_t>(std::min<int64_t>(kBlock, half - begin));
      for (int32_t i = 0; i < count; ++i) out[begin + i] = static_cast<T>(from + by * (first + i));
    }
    for (int64_t begin = half; begin < steps; begin += kBlock) {
      const auto last = static_cast<double>(steps - 1 - begin);
      const auto count = static_cast<int32_t>(std::min<int64_t>(kBlock, steps - begin));
      for (int32_t i = 0; i < count; ++i) out[begin + i] = static_cast<T>(to - by * (last - i));
    }
  });
  return with_options(t, options);
}

Tensor logspace(const Scalar& start, const Scalar& end, int64_t steps, double base, const TensorOptions& options) {
  TAPER_CHECK_VALUE(steps >= 0, "logspace: the number of steps must not be negative; got ", steps);
  const Tensor exponents = linspace(start, end, steps, kFloat64);
  double* p = exponents.data_ptr<double>();
  for (int64_t i = 0; i < steps; ++i) p[i] = std::pow(base, p[i]);
  const ScalarType dtype = options.dtype();
  return with_options(dtype == kFloat64 ? exponents : kernels::to_dtype(exponents, dtype), options);
}

Tensor eye(int64_t n, const TensorOptions& options) { return eye(n, n, options); }
Tensor eye(int64_t n, int64_t m, const TensorOptions& options) {
  Tensor t = zeros({n, m}, options.requires_grad(false));
  dispatch_stored(t.dtype(), [&]<class T>(T) {
    T* const row = t.data_ptr<T>();
    for (int64_t i = 0; i < std::min(n, m); ++i) row[i * m + i] = T(1);
  });
  return with_options(t, options);
}

Tensor rand(IntArrayRef sizes, const TensorOptions& options) {
  Tensor t = make("rand", sizes, options.dtype());
  detail::fill_uniform(t, 0, 1, default_generator());
  return with_options(t, options);
}
Tensor rand_like(const Tensor& like, const TensorOptions& options) {
  return rand(like.sizes(), like_options(like, options));
}

Tensor randn(IntArrayRef sizes, const TensorOptions& options) {
  Tensor t = make("randn", sizes, options.dtype());
  detail::fill_normal(t, 0, 1, default_generator());
  return with_options(t, options);
}
Tensor randn_like(const Tensor& like, const TensorOptions& options) {
  return randn(like.sizes(), like_options(like, options));
}

Tensor randint(int64_t high, IntArrayRef sizes, const TensorOptions& options) {
  return randint(0, high, sizes, options);
}
Tensor randint(int64_t low, int64_t high, IntArrayRef sizes, const TensorOptions& options) {
  Tensor t = make("randint", sizes, options.dtype_opt().value_or(kInt64));
  detail::fill_randint(t, low, high, default_generator());
  return with_options(t, options);
}

Tensor randint_like(const Tensor& like, int64_t high, const TensorOptions& options) {
  return randint(0, high, like.sizes(), like_options(like, options));
}
Tensor randint_like(const Tensor& like, int64_t low, int64_t high, const TensorOptions& options) {
  return randint(low, high, like.sizes(), like_options(like, options));
}

Tensor randperm(int64_t n, const TensorOptions& options) {
  TAPER_CHECK_VALUE(n >= 0, "randperm: n must not be negative; got ", n);
  const ScalarType dtype = options.dtype_opt().value_or(kInt64);
  const int bits = dispatch_stored(dtype, []<class T>(T) { return std::numeric_limits<T>::digits; });
  TAPER_CHECK_VALUE(n == 0 || (n - 1) >> bits == 0, "randperm: the dtype must hold all numbers below n; got n = ", n,
                    " and ", dtype);
  Tensor t = make("randperm", {n}, kInt64);
  detail::fill_randperm(t.data_ptr<int64_t>(), n, default_generator());
  return with_options(dtype == kInt64 ? t : kernels::to_dtype(t, dtype), options);
}

Tensor from_blob(void* data, IntArrayRef sizes, const TensorOptions& options) {
  return from_blob(data, sizes, nullptr, options);
}
Tensor from_blob(void* data, IntArrayRef sizes, IntArrayRef strides, const TensorOptions& options) {
  return from_blob(data, sizes, strides, nullptr, options);
}
Tensor from_blob(void* data, IntArrayRef sizes, std::function<void(void*)> deleter, const TensorOptions& options) {
  DimVector strides;
  set_row_major(sizes, strides);
  return from_blob(data, sizes, strides, std::move(deleter), options);
}
Tensor from_blob(void* data, IntArrayRef sizes, IntArrayRef strides, std::function<void(void*)> deleter,
                 const TensorOptions& options) {
  TAPER_CHECK(sizes.size() == strides.size(), "from_blob: sizes and strides must have one entry per dimension; got ",
              sizes, " and ", strides);
  const int64_t reach = checked_reach("from_blob", sizes, strides);
  TAPER_CHECK(data || reach == 0, "from_blob: the data pointer is null for sizes ", sizes);
  const size_t nbytes = checked_nbytes("from_blob", sizes, reach, options.dtype());
  auto storage = StorageImpl::borrow(data, nbytes, std::move(deleter));
  return with_options(
      Tensor(intrusive_ptr<TensorImpl>::make(std::move(storage), options.dtype(), sizes, strides, int64_t{0})),
      options);
}

Tensor Tensor::new_empty(IntArrayRef sizes, const TensorOptions& options) const {
  return empty(sizes, like_options(*this, options));
}
Tensor Tensor::new_zeros(IntArrayRef sizes, const TensorOptions& options) const {
  return zeros(sizes, like_options(*this, options));
}
Tensor Tensor::new_ones(IntArrayRef sizes, const TensorOptions& options) const {
  return ones(sizes, like_options(*this, options));
}
Tensor Tensor::new_full(IntArrayRef sizes, const Scalar& value, const TensorOptions& options) const {
  return full(sizes, value, like_options(*this, options));
}

namespace detail {

TensorDataContainer::TensorDataContainer(std::initializer_list<TensorDataContainer> rows)
    : sizes_{static_cast<int64_t>(rows.size())} {
  if (rows.size() == 0) {
    dtype_ = get_default_dtype();
    return;
  }
  const TensorDataContainer& first = *rows.begin();
  sizes_.insert(sizes_.end(), first.sizes_.begin(), first.sizes_.end());
  dtype_ = first.dtype_;
  for (const TensorDataContainer& row : rows) {
    TAPER_CHECK_VALUE(row.sizes_ == first.sizes_, "tensor: all lists of one level must have the same sizes; got ",
                      first.sizes_, " and ", row.sizes_);
    TAPER_CHECK_TYPE(row.dtype_ == dtype_, "tensor: all values must be of one kind; got ", dtype_, " and ", row.dtype_,
                     "; write 1. for 1 among floats");
    values_.insert(values_.end(), row.values_.begin(), row.values_.end());
  }
}

void append_to(std::string& out, const TensorDataContainer& values) {
  const size_t rank = values.sizes_.size();
  auto value = values.values_.begin();
  const auto append = [&](const auto& self, size_t dim) -> void {
    if (dim == rank) {
      const Scalar& v = *value++;
      out += v.isFloatingPoint() ? fmt::format("{:.6g}", v.toDouble()) : std::to_string(v.toLong());
      return;
    }
    out += '{';
    for (int64_t i = 0; i < values.sizes_[dim]; ++i) {
      if (i > 0) out += ", ";
      self(self, dim + 1);
    }
    out += '}';
  };
  append(append, 0);
}

Tensor TensorDataContainer::to_tensor(const TensorOptions& options) const {
  Tensor t = make("tensor", sizes_, options.dtype_opt().value_or(dtype_));
  dispatch_stored(t.dtype(), [&]<class T>(T) {
    T* out = static_cast<T*>(t.data_ptr());
    for (size_t i = 0; i < values_.size(); ++i) out[i] = values_[i].to<T>();
  });
  return with_options(t, options);
}

}  // namespace detail
}  // namespace taper
