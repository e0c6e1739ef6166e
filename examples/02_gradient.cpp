// 02_gradient: derivatives by automatic differentiation.
//
// Run:     ./run example 02_gradient     (ends at once)
// Output:
//   y = 14, dy/dx = 2 4 6
//   d2y/dx2 = 2 2 2
//   a second backward adds to the first: dy/dx = 4 8 12
//   the line through the points: 2.00 x + 1.00
#include <taper/taper.h>

#include <cstdio>

using taper::Tensor;

namespace {

void print(const char* text, const Tensor& t) {
  std::printf("%s", text);
  for (int64_t i = 0; i < t.numel(); ++i) std::printf(" %g", t[i].item<double>());
  std::printf("\n");
}

}  // namespace

int main() {
  // Operations on a tensor that requires grad are recorded; backward() runs through the record in reverse.
  Tensor x = taper::tensor({1., 2., 3.}, taper::requires_grad());
  Tensor y = (x * x).sum();
  y.backward();
  std::printf("y = %g, ", y.item<double>());
  print("dy/dx =", x.grad());

  // grad() returns derivatives; with create_graph they can be differentiated again.
  Tensor dx = taper::autograd::grad({(x * x).sum()}, {x}, {}, taper::nullopt, /*create_graph=*/true)[0];
  print("d2y/dx2 =", taper::autograd::grad({dx.sum()}, {x})[0]);

  // .grad accumulates until it is cleared, by optimizer.zero_grad() for example.
  (x * x).sum().backward();
  print("a second backward adds to the first: dy/dx =", x.grad());

  // Training in five lines: fit the line y = a x + b to points, by gradient descent.
  Tensor points = taper::arange(0, 5, taper::kFloat32);  // 0 1 2 3 4
  Tensor target = 2 * points + 1;
  Tensor a = taper::zeros({}, taper::requires_grad()), b = taper::zeros({}, taper::requires_grad());
  for (int step = 0; step < 500; ++step) {
    Tensor loss = (a * points + b - target).square().mean();
    auto gradient = taper::autograd::grad({loss}, {a, b});
    taper::NoGradGuard no_grad;  // the update is not recorded
    a -= 0.05 * gradient[0];
    b -= 0.05 * gradient[1];
  }
  std::printf("the line through the points: %.2f x + %.2f\n", a.item<double>(), b.item<double>());
}
