// The reductions - sum, product, variance, norm, minimum, maximum, all, any: what each one computes of a run and of
// rows of elements. How they run over a tensor of any strides is in reduce_engine.h.
#include <taper/core/kernels/reduce.h>

#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/reduce.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/kernels/reduce_engine.h>
#include <taper/core/kernels/wrapping.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace taper::kernels {

DimMask dim_mask(const char* op, IntArrayRef dims, int64_t rank) {
  TAPER_CHECK(rank <= kMaxReduceDims, op, ": a tensor of at most ", kMaxReduceDims, " dimensions is needed; got ",
              rank);
  DimMask mask;
  if (dims.empty()) return rank == kMaxReduceDims ? mask.set() : mask = (uint64_t{1} << rank) - 1;
  for (int64_t dim : dims) {
    const size_t d = static_cast<size_t>(wrap_dim(op, dim, rank));
    TAPER_CHECK_VALUE(!mask[d], op, ": a dimension must appear once; got dimensions ", dims, " for rank ", rank);
    mask[d] = true;
  }
  return mask;
}

DimVector reduced_sizes(IntArrayRef sizes, const DimMask& mask, bool keepdim) {
  DimVector result;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (!mask[d]) {
      result.push_back(sizes[d]);
    } else if (keepdim) {
      result.push_back(1);
    }
  }
  return result;
}

namespace {

using reduction::kChunk;
using reduction::kColumns;
using reduction::reduce_by;
using reduction::Reducer;

// ---- operations: identity, combine, and how runs and rows of elements are taken in ----------------------------------
// Self gives Acc identity(), Acc combine(Acc, Acc) and Acc lift(T element, double center). Where there are loops for
// contiguous elements (isa/reduce.h), it also has run_of(x, n, center) and add_rows(acc, x, rows, ld, cols, center),
// and may have short_runs(acc, x, runs, n), for acc[r] = run_of(x + r n, n).
template <class Self, class T, class A>
struct Operation {
  using Acc = A;
  const Self& self() const { return static_cast<const Self&>(*this); }
  // x[0], x[stride], ..., n of them
  A run(const T* x, int64_t n, int64_t stride, double center) const {
    if constexpr (requires { self().run_of(x, n, center); }) {
      if (stride == 1) return self().run_of(x, n, center);
    }
    // Four at a time: one waits for the last step of its own only.
    A a[4] = {self().identity(), self().identity(), self().identity(), self().identity()};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4, x += 4 * stride) {
      for (int l = 0; l < 4; ++l) a[l] = self().combine(a[l], self().lift(x[l * stride], center));
    }
    for (; i < n; ++i, x += stride) a[0] = self().combine(a[0], self().lift(*x, center));
    return self().combine(self().combine(a[0], a[1]), self().combine(a[2], a[3]));
  }
  // acc[j], for j < cols, continued with x[r ld + j stride] of all rows r
  void rows(A* acc, const T* x, int64_t rows, int64_t ld, int64_t cols, int64_t stride, const double* center) const {
    if constexpr (requires { self().add_rows(acc, x, rows, ld, cols, center); }) {
      if (stride == 1) return self().add_rows(acc, x, rows, ld, cols, center);
    }
    for (int64_t r = 0; r < rows; ++r, x += ld) {
      for (int64_t j = 0; j < cols; ++j) acc[j] = self().combine(acc[j], self().lift(x[j * stride], center[j]));
    }
  }
};

template <class T, class Acc>
struct Sum : Operation<Sum<T, Acc>, T, Acc> {
  Acc identity() const { return 0; }
  Acc combine(Acc a, Acc b) const { return wrapping_sum(a, b); }
  Acc lift(T x, double) const { return static_cast<Acc>(x); }
  Acc run_of(const T* x, int64_t n, double) const requires is_float_type<T> {
    return loops<ReduceLoops<T>>().sum(x, n);
  }
  void add_rows(Acc* acc, const T* x, int64_t rows, int64_t ld, int64_t cols,
                const double*) const requires is_float_type<T> {
    loops<ReduceLoops<T>>().sum_rows(acc, x, rows, ld, cols);
  }
  void short_runs(Acc* acc, const T* x, int64_t runs, int64_t n) const requires is_float_type<T> {
    loops<ReduceLoops<T>>().sum_of_short(acc, x, runs, n);
  }
};

// sum (x - center)^2
template <class T>
struct Squares : Operation<Squares<T>, T, double> {
  double identity() const { return 0; }
  double combine(double a, double b) const { return a + b; }
  double lift(T x, double center) const {
    const double d = static_cast<double>(x) - center;
    return d * d;
  }
  double run_of(const T* x, int64_t n, double center) const { return loops<ReduceLoops<T>>().squares(x, n, center); }
  void add_rows(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols, const double* center) const {
    loops<ReduceLoops<T>>().squares_rows(acc, x, rows, ld, cols, center);
  }
};

template <class T, bool kMax, class Acc = std::conditional_t<is_float_type<T>, T, int64_t>>
struct MinMax : Operation<MinMax<T, kMax, Acc>, T, Acc> {
  Acc identity() const {
    using Limits = std::numeric_limits<T>;
    if (is_float_type<T>) return kMax ? -Limits::infinity() : Limits::infinity();
    return kMax ? Limits::lowest() : Limits::max();
  }
  Acc combine(Acc best, Acc x) const { return (kMax ? x > best : x < best) || x != x ? x : best; }
  Acc lift(T x, double) const { return x; }
  Acc run_of(const T* x, int64_t n, double) const requires is_float_type<T> {
    return kMax ? loops<ReduceLoops<T>>().max(x, n) : loops<ReduceLoops<T>>().min(x, n);
  }
  void add_rows(Acc* acc, const T* x, int64_t rows, int64_t ld, int64_t cols,
                const double*) const requires is_float_type<T> {
    (kMax ? loops<ReduceLoops<T>>().max_rows : loops<ReduceLoops<T>>().min_rows)(acc, x, rows, ld, cols);
  }
  void short_runs(Acc* acc, const T* x, int64_t runs, int64_t n) const requires is_float_type<T> {
    (kMax ? loops<ReduceLoops<T>>().max_of_short : loops<ReduceLoops<T>>().min_of_short)(acc, x, runs, n);
  }
};

template <class T, class Acc>
struct Product : Operation<Product<T, Acc>, T, Acc> {
  Acc identity() const { return 1; }
  Acc combine(Acc a, Acc b) const { return wrapping_product(a, b); }
  Acc lift(T x, double) const { return static_cast<Acc>(x); }
  Acc run_of(const T* x, int64_t n, double) const requires is_float_type<T> {
    return loops<ReduceLoops<T>>().product(x, n);
  }
  void add_rows(Acc* acc, const T* x, int64_t rows, int64_t ld, int64_t cols,
                const double*) const requires is_float_type<T> {
    loops<ReduceLoops<T>>().product_rows(acc, x, rows, ld, cols);
  }
};

template <class T, bool kAll>
struct AllAny : Operation<AllAny<T, kAll>, T, int64_t> {
  int64_t identity() const { return kAll; }
  int64_t combine(int64_t a, int64_t b) const { return kAll ? a & b : a | b; }
  int64_t lift(T x, double) const { return x != T(0); }
};

// What a p-norm sums: |x|^p, or [x != 0] for p = 0.
template <class T>
struct Powers : Operation<Powers<T>, T, double> {
  double p;
  explicit Powers(double p_) : p(p_) {}
  double identity() const { return 0; }
  double combine(double a, double b) const { return a + b; }
  double lift(T x, double) const {
    const double a = std::abs(static_cast<double>(x));
    if (p == 1) return a;
    if (p == 0) return a != 0;
    if (p == 3) return a * a * a;
    return std::pow(a, p);
  }
};

template <class T, bool kMax>
struct AbsMinMax : Operation<AbsMinMax<T, kMax>, T, double> {
  double identity() const { return kMax ? 0 : std::numeric_limits<double>::infinity(); }
  double combine(double best, double x) const { return (kMax ? x > best : x < best) || x != x ? x : best; }
  double lift(T x, double) const { return std::abs(static_cast<double>(x)); }
};

constexpr int64_t kShortRun = 8;

// An operation with its input and its output, as reduce_engine.h takes it.
template <class T, class Op, class Finish>
struct BoundReduction final : Reducer<typename Op::Acc> {
  using Acc = typename Op::Acc;
  using Out = decltype(std::declval<Finish>()(Acc()));
  const T* x;
  Out* y;
  const Op& op;
  const Finish& finish;  // the output's value, from what was accumulated

  BoundReduction(const T* x_, Out* y_, const Op& op_, const Finish& finish_) : x(x_), y(y_), op(op_), finish(finish_) {}
  Acc identity() const override { return op.identity(); }
  Acc combine(Acc a, Acc b) const override { return op.combine(a, b); }
  void join(Acc* a, const Acc* b, int64_t n) const override {
    for (int64_t i = 0; i < n; ++i) a[i] = op.combine(a[i], b[i]);
  }
  Acc run(int64_t offset, int64_t n, int64_t stride, double center) const override {
    return op.run(x + offset, n, stride, center);
  }
  void slices(int64_t offset, int64_t outputs, int64_t step, int64_t n, int64_t stride, int64_t output,
              int64_t output_step, const double* center) const override {
    const T* from = x + offset;
    if constexpr (requires(Acc * acc) { op.short_runs(acc, x, 1, 1); }) {
      if (stride == 1 && step == n && n <= kShortRun) {
        constexpr int64_t kRuns = 256;
        Acc acc[kRuns];
        for (int64_t i = 0; i < outputs; i += kRuns) {
          const int64_t runs = std::min(kRuns, outputs - i);
          op.short_runs(acc, from + i * n, runs, n);
          for (int64_t r = 0; r < runs; ++r) y[output + (i + r) * output_step] = finish(acc[r]);
        }
        return;
      }
    }
    for (int64_t i = 0; i < outputs; ++i, from += step, output += output_step) {
      y[output] = finish(op.run(from, n, stride, center ? center[output] : 0));
    }
  }
  void rows(Acc* acc, int64_t offset, int64_t rows, int64_t ld, int64_t cols, int64_t stride,
            const double* center) const override {
    op.rows(acc, x + offset, rows, ld, cols, stride, center);
  }
  void store(int64_t output, int64_t step, const Acc* acc, int64_t n) const override {
    for (int64_t i = 0; i < n; ++i) y[output + i * step] = finish(acc[i]);
  }
};

// The reduction of x by `op` into a new tensor of `dtype`, the type that `finish` returns.
template <class T, class Op, class Finish>
Tensor reduce(const Tensor& x, const DimMask& mask, bool keepdim, ScalarType dtype, const Op& op, const double* center,
              const Finish& finish) {
  Tensor y = empty(reduced_sizes(x.sizes(), mask, keepdim), dtype);
  using B = BoundReduction<T, Op, Finish>;
  const B bound(static_cast<const T*>(x.data_ptr()), static_cast<typename B::Out*>(y.data_ptr()), op, finish);
  if (y.numel() > 0) reduce_by<typename Op::Acc>(x, mask, bound, center);
  return y;
}

int64_t reduced_count(const Tensor& x, const DimMask& mask) {
  int64_t count = 1;
  for (size_t d = 0; d < x.sizes().size(); ++d) {
    if (mask[d]) count *= x.sizes()[d];
  }
  return count;
}

void check_not_empty(const char* op, const Tensor& x, const DimMask& mask) {
  for (size_t d = 0; d < x.sizes().size(); ++d) {
    TAPER_CHECK_INDEX(!mask[d] || x.sizes()[d] != 0, op, ": the dimensions reduced must have elements; got sizes ",
                      x.sizes(), " and nothing in dimension ", d);
  }
}

// Sum and product: floats in their own dtype, integers and bool in int64.
template <template <class, class> class Op>
Tensor accumulate(const char* name, const Tensor& x, IntArrayRef dims, bool keepdim, optional<ScalarType> dtype) {
  if (dtype ? isReducedFloatingType(*dtype) : is_half(x)) {
    return to_dtype(accumulate<Op>(name, x, dims, keepdim, kFloat32), dtype.value_or(x.dtype()));
  }
  const bool is_float = x.is_floating_point();
  if (dtype && *dtype != x.dtype() && (is_float || is_floating_point(*dtype))) {
    return accumulate<Op>(name, to_dtype(x, *dtype), dims, keepdim, dtype);
  }
  const DimMask mask = dim_mask(name, dims, x.dim());
  const Tensor y = dispatch(x.dtype(), [&]<class T>(T) {
    using O = Op<T, std::conditional_t<is_float_type<T>, double, int64_t>>;
    using Out = std::conditional_t<is_float_type<T>, T, int64_t>;
    return reduce<T>(x, mask, keepdim, dtype_of<Out>, O(), nullptr, [](auto acc) { return static_cast<Out>(acc); });
  });
  // Integers wrap around, so that narrowing last is the same as narrowing first.
  return dtype && *dtype != y.dtype() ? to_dtype(y, *dtype) : y;
}

template <bool kMax>
Tensor min_max(const char* name, const Tensor& x, IntArrayRef dims, bool keepdim) {
  if (is_half(x)) return in_float32(x.dtype(), min_max<kMax>, name, x, dims, keepdim);
  const DimMask mask = dim_mask(name, dims, x.dim());
  check_not_empty(name, x, mask);
  return dispatch(x.dtype(), [&]<class T>(T) {
    return reduce<T>(x, mask, keepdim, x.dtype(), MinMax<T, kMax>(), nullptr,
                     [](auto best) { return static_cast<T>(best); });
  });
}

template <bool kAll>
Tensor all_any(const char* name, const Tensor& x, IntArrayRef dims, bool keepdim) {
  if (is_half(x)) return in_float32(kBool, all_any<kAll>, name, x, dims, keepdim);
  const DimMask mask = dim_mask(name, dims, x.dim());
  // PyTorch keeps uint8, its old bool.
  const ScalarType dtype = x.dtype() == kUInt8 ? kUInt8 : kBool;
  return dispatch(x.dtype(), [&]<class T>(T) {
    return reduce<T>(x, mask, keepdim, dtype, AllAny<T, kAll>(), nullptr,
                     [](int64_t value) { return static_cast<uint8_t>(value); });
  });
}

// The minimum or maximum of each line, and where it is first.
template <bool kMax, class T>
void min_max_lines(const T* x, const Lines& lines, T* values, int64_t* indices) {
  const int64_t outer = lines.outer, n = lines.n, inner = lines.inner;
  const auto beats = [](T a, T b) { return static_cast<bool>((kMax ? a > b : a < b) | ((a != a) & (b == b))); };
  if (inner == 1) {
    const MinMax<T, kMax> op;
    parallel_for(0, outer, kChunk / n, [&](int64_t first, int64_t last) {
      for (int64_t o = first; o < last; ++o) {
        const T* row = x + o * n;
        if (n <= kShortRun) {  // without branches: only the place is chosen
          int64_t at = 0;
          for (int64_t i = 1; i < n; ++i) at = beats(row[i], row[at]) ? i : at;
          values[o] = row[at];
          indices[o] = at;
          continue;
        }
        const T best = static_cast<T>(op.run(row, n, 1, 0));
        int64_t i = 0;
        if (best == best) {
          while (row[i] != best) ++i;
        } else {
          while (row[i] == row[i]) ++i;
        }
        values[o] = best;
        indices[o] = i;
      }
    });
    return;
  }
  const int64_t width = std::min(inner, kColumns), blocks = (inner + width - 1) / width;
  parallel_for(0, outer * blocks, kChunk / (n * width), [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t o = task / blocks, from = task % blocks * width, cols = std::min(width, inner - from);
      const T* slice = x + o * n * inner + from;
      T* best = values + o * inner + from;
      int64_t* index = indices + o * inner + from;
      for (int64_t j = 0; j < cols; ++j) {
        best[j] = slice[j];
        index[j] = 0;
      }
      for (int64_t i = 1; i < n; ++i) {
        const T* row = slice + i * inner;
        for (int64_t j = 0; j < cols; ++j) {
          const bool wins = beats(row[j], best[j]);
          best[j] = wins ? row[j] : best[j];
          index[j] = wins ? i : index[j];
        }
      }
    }
  });
}

template <bool kMax>
std::tuple<Tensor, Tensor> min_max_dim(const char* name, const Tensor& x, int64_t dim, bool keepdim) {
  if (is_half(x)) return in_float32(x.dtype(), min_max_dim<kMax>, name, x, dim, keepdim);
  const size_t d = static_cast<size_t>(wrap_dim(name, dim, x.dim()));
  DimMask mask;
  mask[d] = true;
  check_not_empty(name, x, mask);
  const DimVector sizes = reduced_sizes(x.sizes(), mask, keepdim);
  Tensor values = empty(sizes, x.dtype()), indices = empty(sizes, kInt64);
  if (values.numel() == 0) return {values, indices};
  const Tensor c = contiguous(x);
  const Lines lines(x.sizes(), static_cast<int64_t>(d));
  dispatch(x.dtype(), [&]<class T>(T) {
    min_max_lines<kMax>(c.data_ptr<T>(), lines, values.data_ptr<T>(), indices.data_ptr<int64_t>());
  });
  return {values, indices};
}

}  // namespace

Tensor sum(const Tensor& x, IntArrayRef dims, bool keepdim, optional<ScalarType> dtype) {
  if (dtype == kBool) return any(x, dims, keepdim);
  return accumulate<Sum>("sum", x, dims, keepdim, dtype);
}

Tensor mean(const Tensor& x, IntArrayRef dims, bool keepdim) {
  if (is_half(x)) return in_float32(x.dtype(), mean, x, dims, keepdim);
  const DimMask mask = dim_mask("mean", dims, x.dim());
  const double count = static_cast<double>(reduced_count(x, mask));
  return dispatch_floating(x.dtype(), "mean", [&]<class T>(T) {
    return reduce<T>(x, mask, keepdim, x.dtype(), Sum<T, double>(), nullptr,
                     [count](double s) { return static_cast<T>(s / count); });
  });
}

Tensor var(const Tensor& x, IntArrayRef dims, int64_t correction, bool keepdim) {
  if (is_half(x)) return in_float32(x.dtype(), var, x, dims, correction, keepdim);
  const DimMask mask = dim_mask("var", dims, x.dim());
  const int64_t m = reduced_count(x, mask);
  const double count = static_cast<double>(m), divisor = std::max(count - static_cast<double>(correction), 0.0);
  return dispatch_floating(x.dtype(), "var", [&]<class T>(T) {
    const Tensor means =
        reduce<T>(x, mask, false, kFloat64, Sum<T, double>(), nullptr, [count](double s) { return s / count; });
    return reduce<T>(x, mask, keepdim, x.dtype(), Squares<T>(), means.data_ptr<double>(),
                     [divisor](double s) { return static_cast<T>(s / divisor); });
  });
}

Tensor prod(const Tensor& x, IntArrayRef dims, bool keepdim, optional<ScalarType> dtype) {
  if (dtype == kBool) return all(x, dims, keepdim);
  return accumulate<Product>("prod", x, dims, keepdim, dtype);
}

Tensor amax(const Tensor& x, IntArrayRef dims, bool keepdim) { return min_max<true>("amax", x, dims, keepdim); }
Tensor amin(const Tensor& x, IntArrayRef dims, bool keepdim) { return min_max<false>("amin", x, dims, keepdim); }
std::tuple<Tensor, Tensor> max_dim(const Tensor& x, int64_t dim, bool keepdim) {
  return min_max_dim<true>("max", x, dim, keepdim);
}
std::tuple<Tensor, Tensor> min_dim(const Tensor& x, int64_t dim, bool keepdim) {
  return min_max_dim<false>("min", x, dim, keepdim);
}
Tensor all(const Tensor& x, IntArrayRef dims, bool keepdim) { return all_any<true>("all", x, dims, keepdim); }
Tensor any(const Tensor& x, IntArrayRef dims, bool keepdim) { return all_any<false>("any", x, dims, keepdim); }

Tensor norm(const Tensor& x, double p, IntArrayRef dims, bool keepdim) {
  if (is_half(x)) return in_float32(x.dtype(), norm, x, p, dims, keepdim);
  const DimMask mask = dim_mask("norm", dims, x.dim());
  return dispatch_floating(x.dtype(), "norm", [&]<class T>(T) {
    const auto by = [&](const auto& op, const auto& finish) {
      return reduce<T>(x, mask, keepdim, x.dtype(), op, nullptr, [&](double s) { return static_cast<T>(finish(s)); });
    };
    const auto as_is = [](double s) { return s; };
    // The norm of nothing is 0, for p = -inf too, as in PyTorch.
    if (std::isinf(p))
      return p > 0 || x.numel() == 0 ? by(AbsMinMax<T, true>(), as_is) : by(AbsMinMax<T, false>(), as_is);
    if (p == 2) return by(Squares<T>(), [](double s) { return std::sqrt(s); });
    if (p == 0 || p == 1) return by(Powers<T>(p), as_is);
    return by(Powers<T>(p), [p](double s) { return std::pow(s, 1 / p); });
  });
}

}  // namespace taper::kernels
