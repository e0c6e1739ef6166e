// Operations of one's own with a derivative of their own: saved tensors, saved data, two outputs, a second derivative.
#include <torch/torch.h>

#include <iostream>

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// y = scale x^3
class ScaledCube : public Function<ScaledCube> {
 public:
  static Variable forward(AutogradContext* ctx, Variable x, double scale) {
    ctx->saved_data["scale"] = scale;
    ctx->save_for_backward({x});
    return scale * x * x * x;
  }
  static variable_list backward(AutogradContext* ctx, variable_list dy) {
    const auto x = ctx->get_saved_variables()[0];
    return {dy[0] * 3 * ctx->saved_data["scale"].toDouble() * x * x, Variable()};
  }
};

// y = x W^T + b, with the gradients written out
struct LinearFunction : public Function<LinearFunction> {
  static torch::Tensor forward(AutogradContext* ctx, torch::Tensor x, torch::Tensor weight, torch::Tensor bias) {
    ctx->save_for_backward({x, weight, bias});
    auto y = x.mm(weight.t());
    if (bias.defined()) y += bias.unsqueeze(0).expand_as(y);
    return y;
  }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) {
    const auto saved = ctx->get_saved_variables();
    const auto x = saved[0], weight = saved[1], bias = saved[2];
    auto db = torch::Tensor();
    if (bias.defined()) db = dy[0].sum(0);
    return {dy[0].mm(weight), dy[0].t().mm(x), db};
  }
};

// The values above zero and the rest; forward gives a list.
struct SplitSigns : public Function<SplitSigns> {
  static variable_list forward(AutogradContext* ctx, torch::Tensor x) {
    const auto positive = x > 0;
    ctx->save_for_backward({positive});
    return {x * positive.to(torch::kFloat), x * positive.logical_not().to(torch::kFloat)};
  }
  static variable_list backward(AutogradContext* ctx, variable_list dy) {
    const auto positive = ctx->get_saved_variables()[0].to(torch::kFloat);
    return {dy[0] * positive + dy[1] * (1 - positive)};
  }
};

int main() {
  torch::manual_seed(5);
  auto x = torch::randn({4, 3}, torch::requires_grad());
  auto y = ScaledCube::apply(x, 0.5);
  auto dx = torch::autograd::grad({y.sum()}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
  std::cout << dx << '\n';
  dx.sum().backward();
  std::cout << x.grad() << '\n';
  TORCH_CHECK(torch::allclose(dx, 1.5 * x * x), "the first derivative");
  TORCH_CHECK(torch::allclose(x.grad(), 3 * x), "the second derivative");

  auto w = torch::randn({2, 3}, torch::requires_grad()), b = torch::zeros({2}, torch::requires_grad());
  x.mutable_grad() = torch::Tensor();
  auto out = LinearFunction::apply(x, w, b);
  std::cout << out.sizes() << " needs a gradient: " << out.requires_grad() << '\n';
  (out * out).sum().backward();
  const auto dw = w.grad().clone(), db = b.grad().clone();
  w.grad().zero_();
  b.grad().zero_();
  const auto reference = torch::nn::functional::linear(x, w, b);
  (reference * reference).sum().backward();
  TORCH_CHECK(dw.allclose(w.grad(), 1e-4) && db.allclose(b.grad(), 1e-4), "LinearFunction differs from linear");
  std::cout << dw << '\n' << db << '\n';

  const auto parts = SplitSigns::apply(x.detach().requires_grad_(true));
  (2 * parts[0] + 3 * parts[1]).sum().backward();
  std::cout << parts.size() << " parts, grad_fn set: " << (parts[1].grad_fn() != nullptr) << '\n';
}
