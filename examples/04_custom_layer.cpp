// 04_custom_layer: a custom layer, composed of operations or with a custom derivative.
//
// Run:     ./run example 04_custom_layer    (ends at once)
// Output:
//   RMSNorm(features=4, eps=1e-06)
//   composed: the mean square of each row of the result is 1.00
//   gradcheck of the composed layer: passed
//   custom and composed: the same result
//   gradcheck of the custom derivative: passed
//   gradcheck of a wrong derivative: failed, as it should
#include <taper/taper.h>

#include <cstdio>
#include <iostream>

using namespace taper;
using taper::autograd::AutogradContext;
using taper::autograd::tensor_list;

// ---- composed ------------------------------------------------------------------------------------------------------
// RMSNorm (Zhang and Sennrich 2019): y = x / sqrt(mean(x^2) + eps) * weight, the mean over the last dimension. Its
// derivative follows from those of the operations. Cloneable with reset() provides clone(); registering the weight
// provides parameters(), saving and to().
struct RMSNormImpl : nn::Cloneable<RMSNormImpl> {
  explicit RMSNormImpl(int64_t features_, double eps_ = 1e-6) : features(features_), eps(eps_) { reset(); }

  void reset() override { weight = register_parameter("weight", ones({features})); }

  // x: [*, features]
  Tensor forward(const Tensor& x) { return x * rsqrt(x.square().mean(-1, /*keepdim=*/true) + eps) * weight; }

  void pretty_print(std::ostream& stream) const override {
    stream << "RMSNorm(features=" << features << ", eps=" << eps << ")";
  }

  int64_t features;
  double eps;
  Tensor weight;
};
TAPER_MODULE(RMSNorm);

// ---- with a custom derivative --------------------------------------------------------------------------------------
// softclip: y = x / (1 + |x|). With s = 1 / (1 + |x|), the only saved tensor: dy/dx = s^2.
struct SoftClip : autograd::Function<SoftClip> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x) {
    Tensor s = 1 / (1 + x.abs());
    ctx->save_for_backward({s});
    return x * s;
  }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) {
    Tensor s = ctx->get_saved_variables()[0];
    return {dy[0] * s.square()};  // one gradient per argument of forward
  }
};

// The same with a mistake: the square is missing.
struct WrongSoftClip : autograd::Function<WrongSoftClip> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x) { return SoftClip::forward(ctx, x); }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) { return {dy[0] * ctx->get_saved_variables()[0]}; }
};

int main() {
  manual_seed(0);
  const TensorOptions double_grad = TensorOptions(kFloat64).requires_grad(true);

  RMSNorm norm(4);
  std::cout << norm << "\n";
  Tensor y = norm(5 * randn({3, 4}));
  std::printf("composed: the mean square of each row of the result is %.2f\n",
              y.square().mean(1).mean().item<double>());

  // gradcheck compares derivatives with finite differences; it needs double precision.
  norm->to(kFloat64);
  Tensor x = randn({3, 4}, double_grad);
  bool ok = autograd::gradcheck([&](const tensor_list& in) { return tensor_list{norm(in[0])}; }, {x});
  std::printf("gradcheck of the composed layer: %s\n", ok ? "passed" : "FAILED");

  const bool same = allclose(SoftClip::apply(x), x / (1 + x.abs()));
  std::printf("custom and composed: %s\n", same ? "the same result" : "DIFFERENT");
  ok = autograd::gradcheck([](const tensor_list& in) { return tensor_list{SoftClip::apply(in[0])}; }, {x});
  std::printf("gradcheck of the custom derivative: %s\n", ok ? "passed" : "FAILED");

  autograd::GradcheckOptions quietly;
  quietly.raise_exception = false;
  ok =
      autograd::gradcheck([](const tensor_list& in) { return tensor_list{WrongSoftClip::apply(in[0])}; }, {x}, quietly);
  std::printf("gradcheck of a wrong derivative: %s\n", ok ? "PASSED" : "failed, as it should");
}
