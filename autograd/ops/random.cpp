// Fills with random numbers: x = values drawn, dx = 0.
#include <taper/autograd/record.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

namespace taper {
namespace {

template <class Draw>
void fill(const char* op, const char* node, const Tensor& x, Draw draw) {
  autograd::in_place(
      op, x, {}, [&] { draw(x); },
      [&](const Tensor& old) {
        Tensor y = empty(x.sizes(), x.dtype());
        draw(y);
        return autograd::record(node, {old}, std::move(y), [](const Tensor&) { return Tensor(); });
      });
}

}  // namespace

Tensor& Tensor::uniform_(double from, double to) const {
  fill("uniform_", "UniformBackward0", *this,
       [=](const Tensor& x) { taper::detail::fill_uniform(x, from, to, default_generator()); });
  return self();
}
Tensor& Tensor::normal_(double mean, double std) const {
  fill("normal_", "NormalBackward0", *this,
       [=](const Tensor& x) { taper::detail::fill_normal(x, mean, std, default_generator()); });
  return self();
}
Tensor& Tensor::bernoulli_(double p) const {
  fill("bernoulli_", "BernoulliBackward1", *this,
       [=](const Tensor& x) { taper::detail::fill_bernoulli(x, p, default_generator()); });
  return self();
}
Tensor& Tensor::random_(int64_t from, optional<int64_t> to) const {
  fill("random_", "RandomBackward0", *this,
       [=](const Tensor& x) { taper::detail::fill_randint(x, from, *to, default_generator()); });
  return self();
}

}  // namespace taper
