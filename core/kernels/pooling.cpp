// Windows of 2 x 2 side by side, means of whole planes, and sliding windows have vector loops (isa/pooling.cpp);
// adaptive ones and huge ones are scalar loops. Forward passes are cut into rows of output; backward passes, where
// windows may overlap, into planes.
#include <taper/core/kernels/pooling.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/pooling.h>
#include <taper/core/kernels/isa/reduce.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <limits>

namespace taper::kernels {
namespace {

constexpr int64_t kPoolGrain = 1 << 15;  // input values of a piece

// Windows [2 o, 2 o + 2), as many as fit.
bool in_pairs(const PoolAxis& axis) {
  return axis.kernel == 2 && axis.stride == 2 && axis.padding == 0 && axis.step == 1 && axis.out == axis.in / 2;
}
bool in_pairs(const PoolPlan& plan) { return in_pairs(plan.h) && in_pairs(plan.w); }

// One window, which is everything.
bool is_whole(const PoolAxis& axis) {
  return axis.kernel == axis.in && axis.padding == 0 && axis.step == 1 && axis.out == 1;
}
bool is_whole(const PoolPlan& plan) { return is_whole(plan.h) && is_whole(plan.w); }

// An uninitialised tensor like x but for the sizes of its planes.
Tensor empty_planes(const Tensor& x, int64_t H, int64_t W) {
  DimVector sizes(x.sizes().begin(), x.sizes().end());
  sizes[sizes.size() - 2] = H;
  sizes[sizes.size() - 1] = W;
  return empty(sizes, x.dtype());
}
Tensor empty_output(const Tensor& x, const PoolPlan& plan) { return empty_planes(x, plan.h.out, plan.w.out); }
Tensor empty_input(const Tensor& dy, const PoolPlan& plan) { return empty_planes(dy, plan.h.in, plan.w.in); }

int64_t grain_for(int64_t values_each) { return kPoolGrain / std::max<int64_t>(1, values_each) + 1; }

// f(p, i, n): rows [i, i + n) of output of plane p, in parallel.
template <class F>
void each_rows(int64_t planes, const PoolPlan& plan, const F& f) {
  const int64_t OH = plan.h.out;
  const double values = static_cast<double>(plan.w.out) * static_cast<double>(std::min(plan.h.kernel, plan.h.in)) *
                        static_cast<double>(std::min(plan.w.kernel, plan.w.in));
  parallel_for(0, planes * OH, grain_for(static_cast<int64_t>(std::min(values, 1e9))), [&](int64_t r, int64_t end) {
    while (r < end) {
      const int64_t i = r % OH, n = std::min(OH - i, end - r);
      f(r / OH, i, n);
      r += n;
    }
  });
}

// f(p) for every plane p, in parallel.
template <class F>
void each_plane(int64_t planes, const PoolPlan& plan, const F& f) {
  const int64_t values = std::max(plan.h.in * plan.w.in, plan.h.out * plan.w.out);
  parallel_for(0, planes, grain_for(values), [&](int64_t p, int64_t end) {
    for (; p < end; ++p) f(p);
  });
}

// Maxima whose codes are places in the window.
bool is_small(const PoolPlan& plan) {
  return plan.h.kernel <= 256 && plan.w.kernel <= 256 && plan.h.kernel * plan.w.kernel <= 256;
}

// How far a place of code a kernel_w + b is from the start of its window: a step_h W + b step_w.
std::vector<int64_t> code_offsets(const PoolPlan& plan) {
  std::vector<int64_t> offsets;
  for (int64_t a = 0; is_small(plan) && a < plan.h.kernel; ++a) {
    for (int64_t b = 0; b < plan.w.kernel; ++b) offsets.push_back(a * plan.h.step * plan.w.in + b * plan.w.step);
  }
  return offsets;
}

// f(output o, place of its maximum) for all windows of a plane, in order.
template <class C, class F>
void each_place(const C* codes, const PoolPlan& plan, const std::vector<int64_t>& offsets, const F& f) {
  if constexpr (std::is_same_v<C, int64_t>) {
    for (int64_t o = 0; o < plan.h.out * plan.w.out; ++o) f(o, codes[o]);
  } else {
    int64_t o = 0;
    for (int64_t i = 0; i < plan.h.out; ++i) {
      const int64_t row = plan.h.start(i) * plan.w.in;
      for (int64_t j = 0; j < plan.w.out; ++j, ++o) f(o, row + plan.w.start(j) + offsets[codes[o]]);
    }
  }
}

// f(C{}), C the type of the codes.
template <class F>
void dispatch_codes(ScalarType type, const F& f) {
  type == kUInt8 ? f(uint8_t{}) : f(int64_t{});
}

// The k-th position of every window of a row, for each k.
std::vector<PoolTap> taps_of(const PoolAxis& axis) {
  std::vector<PoolTap> taps;
  for (int64_t k = 0; k < axis.kernel; ++k) {
    const int64_t offset = k * axis.step - axis.padding;  // 0 <= offset + j stride < in
    const int64_t begin = offset < 0 ? (axis.stride - 1 - offset) / axis.stride : 0;
    const int64_t end = offset < axis.in ? (axis.in - 1 - offset) / axis.stride + 1 : 0;
    taps.push_back({offset, begin, std::max(begin, std::min(end, axis.out))});
  }
  return taps;
}

// Row i of output; wide_codes [OW] is scratch.
template <class T>
void max_of_taps(const T* x, const PoolPlan& plan, const std::vector<PoolTap>& taps, int64_t i, T* wide_codes, T* y,
                 uint8_t* codes) {
  const PoolAxis &H = plan.h, &W = plan.w;
  const PoolWindow rows = H.window(i);
  int64_t a = (rows.begin - H.start(i)) / H.step;
  std::fill(y, y + W.out, -std::numeric_limits<T>::infinity());
  for (int64_t j = 0; codes && j < W.out; ++j) {  // where nothing is above minus infinity
    const int64_t start = W.start(j);
    wide_codes[j] = static_cast<T>(a * W.kernel + (start < 0 ? (W.step - 1 - start) / W.step : 0));
  }
  for (int64_t h = rows.begin; h < rows.end; h += H.step, ++a) {
    loops<PoolingLoops<T>>().max_taps(x + h * W.in, W.stride, taps.data(), W.kernel, a * W.kernel, y,
                                      codes ? wide_codes : nullptr);
  }
  for (int64_t j = 0; codes && j < W.out; ++j) codes[j] = static_cast<uint8_t>(wide_codes[j]);
}

// Row i of output, value by value.
template <class C, class T>
void max_of_windows(const T* x, const PoolPlan& plan, int64_t i, T* y, C* codes) {
  const PoolAxis &H = plan.h, &W = plan.w;
  const PoolWindow rows = H.window(i);
  for (int64_t j = 0; j < W.out; ++j) {
    const PoolWindow columns = W.window(j);
    int64_t best_h = rows.begin, best_w = columns.begin;
    T best = x[best_h * W.in + best_w];
    for (int64_t h = rows.begin; h < rows.end; h += H.step) {
      for (int64_t w = columns.begin; w < columns.end; w += W.step) {
        const T value = x[h * W.in + w];
        if (value > best || value != value) {
          best = value;
          best_h = h;
          best_w = w;
        }
      }
    }
    y[j] = best;
    if (!codes) continue;
    if constexpr (std::is_same_v<C, int64_t>)
      codes[j] = best_h * W.in + best_w;
    else
      codes[j] = static_cast<C>((best_h - H.start(i)) / H.step * W.kernel + (best_w - W.start(j)) / W.step);
  }
}

// What the mean of a window divides by.
double divisor_of(const PoolPlan& plan, const PoolWindow& h, const PoolWindow& w) {
  return plan.divisor ? static_cast<double>(*plan.divisor)
                      : static_cast<double>(h.count) * static_cast<double>(w.count);
}

// Row i of output; sum [OW] is scratch.
template <class T>
void mean_of_taps(const T* x, const PoolPlan& plan, const std::vector<PoolTap>& taps, int64_t i, double* sum, T* y) {
  const PoolWindow rows = plan.h.window(i);
  const int64_t W = plan.w.in, OW = plan.w.out;
  std::fill(sum, sum + OW, 0.0);
  for (int64_t h = rows.begin; h < rows.end; ++h) {
    loops<PoolingLoops<T>>().sum_taps(x + h * W, plan.w.stride, taps.data(), plan.w.kernel, sum);
  }
  for (int64_t j = 0; j < OW; ++j) y[j] = static_cast<T>(sum[j] / divisor_of(plan, rows, plan.w.window(j)));
}

template <class T>
void mean_of_windows(const T* x, const PoolPlan& plan, int64_t i, T* y) {
  const PoolWindow rows = plan.h.window(i);
  const int64_t W = plan.w.in;
  for (int64_t j = 0; j < plan.w.out; ++j) {
    const PoolWindow columns = plan.w.window(j);
    double sum = 0;
    for (int64_t h = rows.begin; h < rows.end; ++h) {
      sum += loops<ReduceLoops<T>>().sum(x + h * W + columns.begin, columns.end - columns.begin);
    }
    y[j] = static_cast<T>(sum / divisor_of(plan, rows, columns));
  }
}

// The last row of an odd number, which belongs to no pair.
template <class T>
void clear_odd_row(const PoolPlan& plan, T* plane) {
  T* const end = plane + plan.h.in * plan.w.in;
  if (plan.h.in % 2) std::fill(end - plan.w.in, end, T(0));
}

}  // namespace

MaxPoolResult max_pool(const Tensor& input, const PoolPlan& plan, bool with_codes) {
  if (is_half(input)) {
    const MaxPoolResult wide = max_pool(to_dtype(input, kFloat32), plan, with_codes);
    return {rounded(wide.y, input.dtype()), wide.codes};
  }
  const Tensor x = contiguous(input);
  MaxPoolResult result{empty_output(x, plan), {}};
  if (with_codes) result.codes = empty(result.y.sizes(), is_small(plan) ? kUInt8 : kInt64);
  if (result.y.numel() == 0) return result;
  const int64_t H = plan.h.in, W = plan.w.in, OH = plan.h.out, OW = plan.w.out, planes = x.numel() / (H * W);
  dispatch_floating(x.dtype(), "max_pool", [&]<class T>(T) {
    dispatch_codes(is_small(plan) ? kUInt8 : kInt64, [&]<class C>(C) {
      const T* const in = x.data_ptr<T>();
      T* const y = result.y.data_ptr<T>();
      C* const codes = with_codes ? result.codes.data_ptr<C>() : nullptr;
      const bool pairs = in_pairs(plan), has_taps = is_small(plan) && plan.w.stride > 0, whole = is_whole(plan);
      const std::vector<PoolTap> taps = has_taps && !pairs ? taps_of(plan.w) : std::vector<PoolTap>();
      each_rows(planes, plan, [&](int64_t p, int64_t i, int64_t n) {
        const T* const plane = in + p * H * W;
        T* const out = y + (p * OH + i) * OW;
        C* const to = codes ? codes + (p * OH + i) * OW : nullptr;
        if constexpr (std::is_same_v<C, uint8_t>) {
          if (pairs) return loops<PoolingLoops<T>>().max(plane + 2 * i * W, n, W, out, to);
        }
        if (whole) {
          const T best = loops<ReduceLoops<T>>().max(plane, H * W);
          const T* at = plane;
          if (best == best) {
            while (*at != best) ++at;
          } else {  // the last NaN
            at += H * W - 1;
            while (*at == *at) --at;
          }
          *out = best;
          if (to) *to = static_cast<C>(at - plane);
          return;
        }
        const Tensor wide_codes = has_taps ? empty({OW}, x.dtype()) : Tensor();
        for (int64_t k = 0; k < n; ++k) {
          C* const row_codes = to ? to + k * OW : nullptr;
          if constexpr (std::is_same_v<C, uint8_t>) {
            if (has_taps) {
              max_of_taps(plane, plan, taps, i + k, wide_codes.data_ptr<T>(), out + k * OW, row_codes);
              continue;
            }
          }
          max_of_windows(plane, plan, i + k, out + k * OW, row_codes);
        }
      });
    });
  });
  return result;
}

Tensor max_pool_indices(const Tensor& codes, const PoolPlan& plan) {
  Tensor indices = empty(codes.sizes(), kInt64);
  if (indices.numel() == 0) return indices;
  const int64_t outputs = plan.h.out * plan.w.out;
  const std::vector<int64_t> offsets = code_offsets(plan);
  dispatch_codes(codes.dtype(), [&]<class C>(C) {
    const C* const code = codes.data_ptr<C>();
    each_plane(codes.numel() / outputs, plan, [&](int64_t p) {
      int64_t* const to = indices.data_ptr<int64_t>() + p * outputs;
      each_place(code + p * outputs, plan, offsets, [&](int64_t o, int64_t place) { to[o] = place; });
    });
  });
  return indices;
}

Tensor max_pool_gather(const Tensor& input, const Tensor& codes, const PoolPlan& plan) {
  if (is_half(input)) return in_float32(input.dtype(), max_pool_gather, input, codes, plan);
  const Tensor x = contiguous(input);
  Tensor y = empty(codes.sizes(), x.dtype());
  if (y.numel() == 0) return y;
  const int64_t inputs = plan.h.in * plan.w.in, outputs = plan.h.out * plan.w.out;
  const std::vector<int64_t> offsets = code_offsets(plan);
  dispatch_floating(x.dtype(), "max_pool", [&]<class T>(T) {
    dispatch_codes(codes.dtype(), [&]<class C>(C) {
      each_plane(y.numel() / outputs, plan, [&](int64_t p) {
        const T* const from = x.data_ptr<T>() + p * inputs;
        T* const to = y.data_ptr<T>() + p * outputs;
        each_place(codes.data_ptr<C>() + p * outputs, plan, offsets,
                   [&](int64_t o, int64_t place) { to[o] = from[place]; });
      });
    });
  });
  return y;
}

Tensor max_pool_scatter(const Tensor& cotangent, const Tensor& codes, const PoolPlan& plan) {
  if (is_half(cotangent)) return in_float32(cotangent.dtype(), max_pool_scatter, cotangent, codes, plan);
  const Tensor dy = contiguous(cotangent);
  Tensor dx = empty_input(dy, plan);
  if (dx.numel() == 0) return dx;
  const int64_t H = plan.h.in, W = plan.w.in, inputs = H * W, outputs = plan.h.out * plan.w.out;
  const std::vector<int64_t> offsets = code_offsets(plan);
  dispatch_floating(dy.dtype(), "max_pool", [&]<class T>(T) {
    dispatch_codes(codes.dtype(), [&]<class C>(C) {
      const C* const code = codes.data_ptr<C>();
      const T* const from = dy.data_ptr<T>();
      T* const to = dx.data_ptr<T>();
      const bool pairs = in_pairs(plan);
      each_plane(dx.numel() / inputs, plan, [&](int64_t p) {
        T* const plane = to + p * inputs;
        if constexpr (std::is_same_v<C, uint8_t>) {
          if (pairs) {
            loops<PoolingLoops<T>>().max_backward(from + p * outputs, code + p * outputs, H / 2, W, plane);
            return clear_odd_row(plan, plane);
          }
        }
        std::fill(plane, plane + inputs, T(0));
        each_place(code + p * outputs, plan, offsets,
                   [&](int64_t o, int64_t place) { plane[place] += from[p * outputs + o]; });
      });
    });
  });
  return dx;
}

Tensor avg_pool(const Tensor& input, const PoolPlan& plan) {
  if (is_half(input)) return in_float32(input.dtype(), avg_pool, input, plan);
  const Tensor x = contiguous(input);
  Tensor result = empty_output(x, plan);
  if (result.numel() == 0) return result;
  const int64_t H = plan.h.in, W = plan.w.in, OH = plan.h.out, OW = plan.w.out, planes = x.numel() / (H * W);
  dispatch_floating(x.dtype(), "avg_pool", [&]<class T>(T) {
    const T* const in = x.data_ptr<T>();
    T* const y = result.data_ptr<T>();
    const PoolingLoops<T>& table = loops<PoolingLoops<T>>();
    const double divisor = divisor_of(plan, plan.h.window(0), plan.w.window(0));
    if (is_whole(plan)) {
      return parallel_for(0, planes, grain_for(H * W), [&](int64_t begin, int64_t end) {
        table.mean_of_rows(in + begin * H * W, end - begin, H * W, divisor, y + begin);
      });
    }
    const bool pairs = in_pairs(plan), has_taps = plan.w.stride > 0 && plan.w.kernel <= 256;
    const std::vector<PoolTap> taps = has_taps && !pairs ? taps_of(plan.w) : std::vector<PoolTap>();
    each_rows(planes, plan, [&](int64_t p, int64_t i, int64_t n) {
      const T* const plane = in + p * H * W;
      T* const out = y + (p * OH + i) * OW;
      if (pairs) return table.mean(plane + 2 * i * W, n, W, static_cast<T>(divisor), out);
      const Tensor sum = has_taps ? empty({OW}, kFloat64) : Tensor();
      for (int64_t k = 0; k < n; ++k) {
        if (has_taps) {
          mean_of_taps(plane, plan, taps, i + k, sum.data_ptr<double>(), out + k * OW);
        } else {
          mean_of_windows(plane, plan, i + k, out + k * OW);
        }
      }
    });
  });
  return result;
}

Tensor avg_pool_backward(const Tensor& cotangent, const PoolPlan& plan) {
  if (is_half(cotangent)) return in_float32(cotangent.dtype(), avg_pool_backward, cotangent, plan);
  const Tensor dy = contiguous(cotangent);
  Tensor dx = empty_input(dy, plan);
  if (dx.numel() == 0) return dx;
  const int64_t H = plan.h.in, W = plan.w.in, inputs = H * W, outputs = plan.h.out * plan.w.out;
  dispatch_floating(dy.dtype(), "avg_pool", [&]<class T>(T) {
    const bool pairs = in_pairs(plan) && outputs > 0, whole = is_whole(plan);
    const double divisor = pairs || whole ? divisor_of(plan, plan.h.window(0), plan.w.window(0)) : 0;
    each_plane(dx.numel() / inputs, plan, [&](int64_t p) {
      const T* from = dy.data_ptr<T>() + p * outputs;
      T* const plane = dx.data_ptr<T>() + p * inputs;
      if (pairs) {
        loops<PoolingLoops<T>>().mean_backward(from, H / 2, W, static_cast<T>(divisor), plane);
        return clear_odd_row(plan, plane);
      }
      if (whole) return std::fill(plane, plane + inputs, static_cast<T>(static_cast<double>(*from) / divisor));
      std::fill(plane, plane + inputs, T(0));
      for (int64_t i = 0; i < plan.h.out; ++i) {
        const PoolWindow rows = plan.h.window(i);
        for (int64_t j = 0; j < plan.w.out; ++j) {
          const PoolWindow columns = plan.w.window(j);
          const T g = static_cast<T>(static_cast<double>(*from++) / divisor_of(plan, rows, columns));
          for (int64_t h = rows.begin; h < rows.end; ++h) {
            for (int64_t w = columns.begin; w < columns.end; ++w) plane[h * W + w] += g;
          }
        }
      }
    });
  });
  return dx;
}

}  // namespace taper::kernels
