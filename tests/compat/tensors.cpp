// Tensors by hand: making, indexing, slicing, views, masks, reductions, printing.
#include <torch/torch.h>

#include <iostream>

using namespace torch::indexing;

int main() {
  auto x = torch::arange(24, torch::kFloat).view({2, 3, 4});
  std::cout << x << '\n' << x.sizes() << ' ' << x.strides() << ' ' << x.dim() << ' ' << x.scalar_type() << '\n';
  std::cout << x[1][2] << '\n' << x[0][1][3].item<float>() << '\n';
  std::cout << x.index({0}) << '\n'
            << x.index({Slice(), 1, Slice(None, None, 2)}) << '\n'
            << x.index({"...", Slice(1, 3)}) << '\n'
            << x.index({Ellipsis, None, 0}).sizes() << '\n';
  std::cout << x.index({x > 20}) << '\n' << x.index({torch::tensor({1, 0}), torch::tensor({2, 2})}) << '\n';
  x.index_put_({Slice(), 0, Slice(0, 2)}, -1);
  x.index_put_({1, 1}, torch::full({4}, 7));
  std::cout << x << '\n';

  x[0][1][3] = -9;
  x[1][2] = torch::ones({4});

  auto row = x[0][2];
  row += 100;
  row.mul_(2);
  std::cout << x[0] << "\nview of x: " << row.is_alias_of(x) << '\n';
  std::cout << x.transpose(1, 2).is_contiguous() << x.permute({2, 0, 1}).sizes() << x.flatten(1).sizes()
            << x.unsqueeze(-1).squeeze().sizes() << x.narrow(2, 1, 2).stride(1) << '\n';

  const auto a = torch::tensor({{1, 2}, {3, 4}}, torch::kDouble), b = torch::eye(2, torch::dtype(torch::kFloat64));
  std::cout << torch::matmul(a, b) + 1 << '\n' << a / 2 << '\n' << 1 - a << '\n' << a.pow(2).sqrt() << '\n';
  std::cout << torch::cat({a, b}, 0) << '\n' << torch::stack({a, b}, -1).sizes() << '\n';
  std::cout << torch::where(a > 2, a, torch::zeros_like(a)) << '\n' << a.masked_fill(a == 2, -5) << '\n';
  for (const auto& part : torch::chunk(torch::arange(7), 3)) std::cout << part.sizes();
  std::cout << '\n' << std::get<0>(a.max(1)) << '\n' << std::get<1>(a.max(1)) << '\n';
  std::cout << a.sum() << a.mean(0) << a.sum(torch::IntArrayRef{0, 1}).item<double>() << ' ' << a.std().item<double>()
            << ' ' << a.norm().item<double>() << ' ' << a.argmax().item<int64_t>() << '\n';

  float values[] = {1, 2, 3, 4, 5, 6};
  auto borrowed = torch::from_blob(values, {2, 3});
  borrowed.add_(1);
  auto accessor = borrowed.accessor<float, 2>();
  std::cout << values[5] << ' ' << accessor[1][0] << ' ' << borrowed.data_ptr<float>()[1] << '\n';
  TORCH_CHECK(values[0] == 2, "from_blob shares the memory");

  const auto options = torch::TensorOptions().dtype(torch::kInt32).device(torch::kCPU).requires_grad(false);
  std::cout << torch::ones({2, 2}, options) << '\n' << torch::zeros({0, 3}) << '\n' << torch::full({}, 2.5) << '\n';
  std::cout << torch::tensor({true, false}) << '\n'
            << (torch::tensor({1.5f, -2.5f}).to(torch::kInt)) << '\n'
            << torch::one_hot(torch::tensor({2, 0})) << '\n';
  std::cout << torch::tensor({1e-3, 12345.0, -1.5}) << '\n' << torch::tensor({1e10, 1e-10, 0.0}) << '\n';
  const auto softmax = torch::softmax(torch::tensor({{1., 2., 3.}}), 1);
  std::cout << softmax << ' ' << torch::allclose(softmax.sum(1), torch::ones(1)) << '\n';

  try {
    torch::mm(a, torch::ones({3, 3}, torch::kDouble));
    return 1;
  } catch (const c10::Error&) {
    std::cout << "refused\n";
  }
}
