#include <taper/core/kernels/activation.h>

#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/loop_nest.h>

namespace taper::kernels {
namespace {

int64_t activation_grain(Activation f) { return f < Activation::Softsign ? kCostlyGrain : kCheapGrain; }

// The parameters in the dtype of the loop.
class TypedParameters {
 public:
  TypedParameters(ScalarType dtype, const ActivationParameters& p)
      : is_double_(dtype == kFloat64),
        doubles_{p.a, p.b, p.c},
        floats_{static_cast<float>(p.a), static_cast<float>(p.b), static_cast<float>(p.c)} {}
  const void* get() const { return is_double_ ? static_cast<const void*>(doubles_) : floats_; }

 private:
  bool is_double_;
  double doubles_[3];
  float floats_[3];
};

void run_forward(Activation f, const Tensor& y, const Tensor& x, const ActivationParameters& parameters) {
  const TypedParameters typed(x.dtype(), parameters);
  run_loop(activation_loops().forward[x.dtype() == kFloat64][static_cast<int>(f)], {y, x}, typed.get(),
           activation_grain(f));
}

}  // namespace

Tensor activation(Activation f, const Tensor& x, const ActivationParameters& parameters) {
  Tensor y = make_tensor("activation", x.sizes(), x.dtype());
  run_forward(f, y, contiguous(x), parameters);
  return y;
}

void activation_in_place(Activation f, const Tensor& x, const ActivationParameters& parameters) {
  run_forward(f, x, x, parameters);
}

Tensor activation_backward(Activation f, const Tensor& dy, const Tensor& x, const ActivationParameters& parameters) {
  const TypedParameters typed(x.dtype(), parameters);
  Tensor dx = make_tensor("activation_backward", x.sizes(), x.dtype());
  run_loop(activation_loops().backward[x.dtype() == kFloat64][static_cast<int>(f)], {dx, dy, contiguous(x)},
           typed.get(), activation_grain(f));
  return dx;
}

}  // namespace taper::kernels
