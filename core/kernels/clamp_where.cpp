#include <taper/core/kernels/clamp_where.h>

#include <taper/core/kernels/elementwise_select.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/kernels/operands.h>

#include <atomic>
#include <limits>

namespace taper::kernels {

// ---- clamp ----------------------------------------------------------------------------------------------------------

namespace {

// The two bounds as the loop wants them, and the dtype of the result.
struct Bounds {
  Bounds(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) : dtype(x.dtype()) {
    TAPER_CHECK_VALUE(min || max, "clamp: at least one of min and max must be given");
    if (min) dtype = promote_types(dtype, result_type(x, *min));
    if (max) dtype = promote_types(dtype, result_type(x, *max));
    nan = (min && min->toDouble() != min->toDouble()) || (max && max->toDouble() != max->toDouble());
    dispatch(compute_dtype(dtype), [&]<class T>(T) {
      using Limits = std::numeric_limits<T>;
      T* values = reinterpret_cast<T*>(params);
      values[0] = min ? min->to<T>() : Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
      values[1] = max ? max->to<T>() : Limits::has_infinity ? Limits::infinity() : Limits::max();
    });
    loop = loop_for(UnaryOp::Clamp, dtype);
  }
  ScalarType dtype;
  Loop loop;
  bool nan;  // a bound is NaN: so is every result
  alignas(8) char params[sizeof(Params<int64_t>)] = {};
};

void run_clamp(const Tensor& out, const Tensor& x, const Bounds& bounds) {
  if (bounds.nan) return fill(out, std::numeric_limits<double>::quiet_NaN());
  const CastOperand operand(x, bounds.dtype, out.is_contiguous());
  run_typed(bounds.loop, bounds.dtype, {out, operand.operand()}, bounds.params, info(UnaryOp::Clamp).grain);
}

}  // namespace

Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) {
  const Bounds bounds(x, min, max);
  Tensor y = make_tensor("clamp", x.sizes(), bounds.dtype);
  run_clamp(y, x, bounds);
  return y;
}

void clamp_out(const Tensor& out, const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) {
  const Bounds bounds(x, min, max);
  write_result("clamp", out, x.sizes(), bounds.dtype, {&x}, [&](const Tensor& y) { run_clamp(y, x, bounds); });
}

// ---- where ----------------------------------------------------------------------------------------------------------

namespace {

// data = {y, condition (bool), a, b}; T is any type of the values' size, for they are only moved.
template <class T>
void where_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  constexpr int64_t kT = sizeof(T);
  T* y = reinterpret_cast<T*>(data[0]);
  const uint8_t* c = reinterpret_cast<const uint8_t*>(data[1]);
  const T* a = reinterpret_cast<const T*>(data[2]);
  const T* b = reinterpret_cast<const T*>(data[3]);
  const bool flat = strides[0] == kT && strides[1] == 1;
  if (flat && strides[2] == kT && strides[3] == kT) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      const T u = a[i], v = b[i];  // read in any case, or each element is a branch
      y[i] = c[i] ? u : v;
    }
  } else if (flat && strides[2] == kT && strides[3] == 0) {
    const T s = *b;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      const T u = a[i];
      y[i] = c[i] ? u : s;
    }
  } else if (flat && strides[2] == 0 && strides[3] == kT) {
    const T s = *a;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      const T v = b[i];
      y[i] = c[i] ? s : v;
    }
  } else {
    const auto at = [&](int k, int64_t i) { return data[k] + i * strides[k]; };
    for (int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<T*>(at(0, i)) = *reinterpret_cast<const T*>(*at(1, i) ? at(2, i) : at(3, i));
    }
  }
}

}  // namespace

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  TAPER_CHECK_TYPE(condition.dtype() == kBool || condition.dtype() == kUInt8,
                   "where: the condition must be a Bool tensor; got ", condition.dtype(), "; compare it with 0 first");
  if (condition.dtype() == kUInt8) {
    static std::atomic<bool> said{false};  // as libtorch, which says it once, but every time of other masks
    if (!said.exchange(true) || Warning::get_warnAlways())
      warn("where: a condition of uint8 is deprecated; use one of bool, for example mask.to(taper::kBool)");
  }
  const ScalarType dtype = result_type(a, b);
  Tensor y = make_tensor("where", broadcast_sizes("where", condition.sizes(), a.sizes(), b.sizes()), dtype);
  const CastOperand c(condition, kBool), x(a, dtype), z(b, dtype);
  const Loop loop = dispatch_size(dtype, []<class U>(U) -> Loop { return where_loop<U>; });
  run_loop(loop, {y, c.operand(), x.operand(), z.operand()}, nullptr, kCheapGrain);
  return y;
}

}  // namespace taper::kernels
