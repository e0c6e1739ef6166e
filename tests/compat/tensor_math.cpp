// Arithmetic's long tail as libtorch programs write it.
#include <torch/torch.h>

#include <iostream>

using torch::Tensor;

static void functions() {
  const auto x = torch::tensor({-1.5, -0.25, 0.5, 2.75}, torch::kDouble);
  std::cout << torch::atan(x) << x.sinh() << torch::erfc(x) << x.trunc() << x.frac() << torch::fix(x) << '\n';
  std::cout << torch::asin(x / 3) << torch::log2(x.abs()) << torch::exp2(x) << x.clamp_min(0) << x.clip(-1, 1) << '\n';
  std::cout << x.fmod(1) << x % 1 << torch::remainder(x, -0.75) << torch::div(x, 0.5, "floor") << x.div(0.4, "trunc")
            << torch::floor_divide(x, 2) << '\n';
  std::cout << torch::atan2(x, x + 1) << torch::hypot(x, x) << torch::logaddexp(x, -x) << torch::xlogy(x, x.abs())
            << torch::lerp(x, x * 2, 0.25) << torch::fmax(x, -x) << torch::true_divide(x, x + 4) << '\n';
  const auto i = torch::tensor({12, 7, -3}), j = torch::tensor({10, 2, 2});
  std::cout << (i & j) << (i | j) << (i ^ 5) << ~i << i % j << torch::div(i, j, "floor") << i / j << '\n';
  std::cout << ((i > 0) & (j > 5)) << ~(i > 0) << torch::logical_xor(i > 0, j > 5) << (0 < i) << '\n';
  auto k = i.clone();
  k &= j;
  k |= (i > 0);
  std::cout << k << k.bitwise_not() << torch::signbit(x) << torch::nan_to_num(torch::log(x), 0., 1., -1.) << '\n';
}

static void reductions() {
  const auto x = torch::arange(1, 13, torch::kDouble).view({3, 4});
  std::cout << torch::cumsum(x, 0) << x.cumprod(1) << torch::logcumsumexp(x, 1) << x.prod(0) << torch::trace(x) << '\n';
  Tensor spread, mean, low, high;
  std::tie(spread, mean) = torch::std_mean(x, torch::IntArrayRef({0, 1}), true);
  std::tie(low, high) = torch::aminmax(x, 1);
  std::cout << spread << mean << low << high << std::get<0>(torch::var_mean(x)) << '\n';
  std::cout << torch::var(x, {1}, c10::optional<int64_t>(0), false) << torch::count_nonzero(x > 5) << torch::nansum(x)
            << torch::norm(x, 2, torch::kDouble) << '\n';
}

static void products() {
  const auto a = torch::arange(6, torch::kDouble).view({2, 3}), b = torch::arange(12, torch::kDouble).view({3, 4});
  std::cout << torch::einsum("ij,jk->ik", {a, b}) << torch::einsum("ij->j", {a}) << torch::einsum("...j,...j", {a, a})
            << torch::tensordot(a, b, {1}, {0}) << torch::inner(a, a) << '\n';
  std::cout << torch::addmv(torch::ones(2, torch::kDouble), a, a[0]) << torch::kron(a, torch::eye(2, torch::kDouble))
            << torch::cross(a, a + 1, 1) << torch::cdist(a, b.t().contiguous()) << torch::vdot(a[0], a[1]) << '\n';
  std::cout << torch::baddbmm(torch::zeros({1, 2, 4}, torch::kDouble), a.unsqueeze(0), b.unsqueeze(0)) << '\n';
}

static void draws() {
  torch::manual_seed(7);
  const auto p = torch::full({6}, 0.5);
  std::cout << torch::bernoulli(p) << torch::multinomial(torch::arange(1., 6.), 3)
            << torch::multinomial(torch::arange(1., 6.), 8, true) << torch::empty({4}).geometric_(0.5)
            << torch::empty({4}, torch::kLong).random_(10) << torch::randint_like(p, 3) << '\n';
  std::cout << (torch::empty({1000}, torch::kDouble).exponential_() > 1).sum() << '\n';
}

static void defaults() {
  const auto before = torch::get_default_dtype();
  torch::set_default_dtype(torch::scalarTypeToTypeMeta(torch::kDouble));
  std::cout << torch::get_default_dtype_as_scalartype() << torch::ones(2) << torch::tensor({1.5, 2.5})
            << torch::tensor({1, 2}) / 2 << torch::tensor({1, 2}) << '\n';
  torch::set_default_dtype(before);
  const auto x = torch::ones({2}, torch::kInt);
  std::cout << x.new_zeros({2}) << x.new_full({1, 2}, 7) << x.new_ones({2}, torch::kDouble) << x.new_empty({0})
            << torch::logspace(0, 2, 3) << torch::ones(1) << '\n';
}

static void inference() {
  const auto w = torch::ones({2}, torch::requires_grad());
  Tensor y;
  {
    torch::InferenceMode guard;
    y = w * 2;
    torch::AutoGradMode on(true);
    std::cout << (w * 2).requires_grad() << y.is_inference() << c10::InferenceMode::is_enabled();
  }
  std::cout << (w * 2).requires_grad() << w.is_inference() << y.requires_grad() << torch::InferenceMode::is_enabled()
            << y.clone().is_inference() << '\n';
}

int main() {
  functions();
  reductions();
  products();
  draws();
  defaults();
  inference();
}
