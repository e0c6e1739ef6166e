// The losses against libtorch: values and gradients, every option.
#include "catch.h"
#include "compare.h"

#include <taper/autograd/functions.h>
#include <taper/core/random.h>
#include <taper/layers/functional.h>

#include <algorithm>

namespace {

using bridge::max_difference;
using bridge::to_torch;

// One loss of (x, t) on either side. Values, and gradients with respect to x for a random cotangent.
void same(const taper::Tensor& x_, const taper::Tensor& t, const auto& losses) {
  INFO("input " << taper::detail::str(x_.sizes()) << " " << taper::to_string(x_.dtype()) << ", target "
                << taper::detail::str(t.sizes()));
  const double tolerance = x_.dtype() == taper::kFloat32 ? 5e-6 : 1e-12;
  const taper::Tensor x = x_.detach().requires_grad_();
  const torch::Tensor tx = to_torch(x).requires_grad_();
  const taper::Tensor l = losses.first(x, t);
  const torch::Tensor tl = losses.second(tx, to_torch(t));
  CHECK(max_difference(l, tl) <= tolerance * std::max(1.0, tl.numel() == 0 ? 0 : tl.abs().max().item<double>()));
  const taper::Tensor dl = taper::randn(l.sizes(), l.dtype());
  l.backward(dl);
  tl.backward(to_torch(dl));
  CHECK(max_difference(x.grad(), tx.grad()) <= tolerance);
}

// Both sides' function of (x, t): F is the namespace of functional losses.
#define LOSS(...)                           \
  SIDES([&](const auto& x, const auto& t) { \
    namespace F = N::nn::functional;        \
    return __VA_ARGS__;                     \
  })

// w as the side of x has it.
taper::Tensor on_side(const taper::Tensor&, const taper::Tensor& w) { return w; }
torch::Tensor on_side(const torch::Tensor&, const taper::Tensor& w) {
  return w.defined() ? to_torch(w) : torch::Tensor();
}

// options.reduction(kNone, kMean or kSum)
template <class Options>
Options reduced(Options options, int reduction) {
  if constexpr (requires { options.reduction(taper::kNone); }) {
    if (reduction == 0) return options.reduction(taper::kNone);
    return reduction == 1 ? options.reduction(taper::kMean) : options.reduction(taper::kSum);
  } else {
    if (reduction == 0) return options.reduction(torch::kNone);
    return reduction == 1 ? options.reduction(torch::kMean) : options.reduction(torch::kSum);
  }
}

struct Shape {
  std::vector<int64_t> x, t;
  int64_t classes;
};
const std::vector<Shape> kShapes = {{{64, 10}, {64}, 10}, {{7, 1000}, {7}, 1000}, {{1, 2}, {1}, 2},
                                    {{5}, {}, 5},         {{4, 3, 7}, {4, 7}, 3}, {{2, 5, 3, 4}, {2, 3, 4}, 5},
                                    {{3, 17}, {3}, 17}};

}  // namespace

TEST_CASE("cross_entropy and nll_loss with class indices equal libtorch's") {
  taper::manual_seed(0);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const Shape& shape : kShapes) {
      for (int reduction : {0, 1, 2}) {
        for (bool weighted : {false, true}) {
          for (int64_t ignore_index : {int64_t{-100}, int64_t{1}}) {
            const taper::Tensor scores = taper::randn(shape.x, dtype) * 3;
            taper::Tensor classes = taper::randint(shape.classes, shape.t, taper::kInt64);
            if (ignore_index < 0 && classes.dim() == 1 && classes.numel() > 2) classes[1].fill_(ignore_index);
            if (ignore_index == 1 && classes.dim() == 0) classes.fill_(0);
            const taper::Tensor w = weighted ? taper::rand({shape.classes}, dtype) + 0.1 : taper::Tensor();
            for (double smoothing : {0.0, 0.1, 1.0}) {
              same(scores, classes,
                   LOSS(F::cross_entropy(x, t,
                                         reduced(F::CrossEntropyFuncOptions()
                                                     .weight(on_side(x, w))
                                                     .ignore_index(ignore_index)
                                                     .label_smoothing(smoothing),
                                                 reduction))));
            }
            if (shape.x.size() < 2) continue;  // libtorch's F::nll_loss takes batches alone
            same(scores, classes,
                 LOSS(F::nll_loss(
                     x, t,
                     reduced(F::NLLLossFuncOptions().weight(on_side(x, w)).ignore_index(ignore_index), reduction))));
          }
        }
      }
    }
  }
}

TEST_CASE("cross_entropy with class probabilities equals libtorch's") {
  taper::manual_seed(1);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const Shape& shape : kShapes) {
      const int64_t class_dim = shape.x.size() == 1 ? 0 : 1;
      const taper::Tensor w = taper::rand({shape.classes}, dtype) + 0.1;
      for (int reduction : {0, 1, 2}) {
        for (double smoothing : {0.0, 0.1}) {
          same(taper::randn(shape.x, dtype), taper::softmax(taper::randn(shape.x, dtype), class_dim),
               LOSS(F::cross_entropy(
                   x, t,
                   reduced(F::CrossEntropyFuncOptions().weight(on_side(x, w)).label_smoothing(smoothing), reduction))));
        }
      }
    }
  }
}

TEST_CASE("mse_loss, l1_loss and binary_cross_entropy_with_logits equal libtorch's") {
  taper::manual_seed(2);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const std::vector<int64_t>& sizes : std::vector<std::vector<int64_t>>{{}, {7}, {64, 10}, {3, 4, 5}}) {
      for (int reduction : {0, 1, 2}) {
        const taper::Tensor y = taper::randn(sizes, dtype) * 5, target = taper::randn(sizes, dtype),
                            p = taper::rand(sizes, dtype);
        const taper::Tensor w = taper::rand(sizes, dtype);
        const taper::Tensor pos = sizes.empty() ? taper::rand({}, dtype) : taper::rand({sizes.back()}, dtype);
        same(y, target, LOSS(F::mse_loss(x, t, reduced(F::MSELossFuncOptions(), reduction))));
        same(y, target, LOSS(F::l1_loss(x, t, reduced(F::L1LossFuncOptions(), reduction))));
        for (const taper::Tensor& weight : {taper::Tensor(), w}) {
          same(y, p,
               LOSS(F::binary_cross_entropy_with_logits(
                   x, t,
                   reduced(F::BinaryCrossEntropyWithLogitsFuncOptions()
                               .weight(on_side(x, weight))
                               .pos_weight(on_side(x, weight.defined() ? pos : weight)),
                           reduction))));
        }
      }
    }
  }
}
