// The tape: leaves and their gradients, hooks, second derivatives, guards, detaching, a module of one's own.
#include <torch/torch.h>

#include <iostream>

struct Polynomial : torch::nn::Module {
  explicit Polynomial(int degree) {
    for (int i = 0; i <= degree; ++i) {
      coefficients.push_back(register_parameter("c" + std::to_string(i), torch::full({1}, 0.1 * i)));
    }
  }
  torch::Tensor forward(const torch::Tensor& x) {
    auto y = torch::zeros_like(x);
    for (size_t i = coefficients.size(); i-- > 0;) y = y * x + coefficients[i];
    return y;
  }
  std::vector<torch::Tensor> coefficients;
};

int main() {
  auto x = torch::ones({2, 2}, torch::requires_grad());
  auto y = x + 2;
  auto z = y * y * 3;
  auto out = z.mean();
  std::cout << y << '\n' << y.grad_fn()->name() << ' ' << out.grad_fn()->name() << ' ' << x.is_leaf() << '\n';
  out.backward();
  std::cout << x.grad() << '\n';

  torch::manual_seed(0);
  x = torch::randn({3}, torch::requires_grad());
  y = x * 2;
  while (y.norm().item<double>() < 1000) y = y * 2;
  y.backward(torch::tensor({0.1, 1.0, 0.0001}, torch::kFloat));
  std::cout << y.requires_grad() << ' ' << (x * x).requires_grad() << x.grad() << '\n';

  // The same leaf twice adds up; a hook sees and changes the gradient on its way.
  x = torch::tensor({1.0f, 2.0f}, torch::requires_grad());
  y = x * x;
  const unsigned hook = y.register_hook([](torch::Tensor grad) { return grad * 10; });
  y.sum().backward({}, /*retain_graph=*/true);
  std::cout << x.grad() << '\n';
  y.remove_hook(hook);
  y.retain_grad();
  y.sum().backward();
  std::cout << x.grad() << y.grad() << '\n';
  TORCH_CHECK(torch::allclose(x.grad(), 22 * x), "ten times 2 x and once more");

  // A gradient penalty: the derivative of a derivative.
  torch::nn::Linear model(4, 3);
  auto input = torch::randn({3, 4}).requires_grad_(true);
  auto loss = torch::nn::MSELoss()(model(input), torch::randn({3, 3}));
  auto grad = torch::autograd::grad({loss}, {input}, /*grad_outputs=*/{torch::ones_like(loss)}, /*retain_graph=*/true,
                                    /*create_graph=*/true)[0];
  auto penalty = torch::pow(grad.norm(2, 1) - 1, 2).mean();
  (loss + penalty).backward();
  std::cout << penalty.item<float>() << model->weight.grad() << input.grad() << '\n';

  {
    torch::NoGradGuard guard;
    TORCH_CHECK(!(x * x).requires_grad(), "nothing is recorded here");
    torch::AutoGradMode on(true);
    TORCH_CHECK((x * x).requires_grad(), "recorded again");
  }
  TORCH_CHECK(!x.detach().requires_grad() && x.detach().is_alias_of(x), "detach shares values, not history");
  bool refused = false;
  try {
    auto s = (x * x).sum();
    s.backward();
    s.backward();
  } catch (const c10::Error&) {
    refused = true;
  }
  TORCH_CHECK(refused, "the graph is gone after the first backward");

  Polynomial polynomial(3);
  const auto at = torch::linspace(-1, 1, 9);
  polynomial.forward(at).sum().backward();
  for (const auto& c : polynomial.coefficients) std::cout << c.item<float>() << ' ' << c.grad().item<float>() << '\n';
  polynomial.zero_grad();
  std::cout << polynomial.parameters().size() << " parameters\n";
}
