// The losses against libtorch: values and gradients, every option.
#include "bridge.h"
#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/random.h>
#include <taper/layers/functional.h>

#include <algorithm>

namespace {

namespace F = taper::nn::functional;
namespace TF = torch::nn::functional;
using bridge::max_difference;
using bridge::to_torch;

// One loss of (x, t) on either side. Values, and gradients with respect to x for a random cotangent.
template <class Ours, class Theirs>
void compare(const taper::Tensor& x_, const taper::Tensor& t, const Ours& ours, const Theirs& theirs) {
  INFO("input " << taper::detail::str(x_.sizes()) << " " << taper::to_string(x_.dtype()) << ", target "
                << taper::detail::str(t.sizes()));
  const double tolerance = x_.dtype() == taper::kFloat32 ? 5e-6 : 1e-12;
  const taper::Tensor x = x_.detach().requires_grad_();
  const torch::Tensor tx = to_torch(x).requires_grad_();
  const taper::Tensor l = ours(x, t);
  const torch::Tensor tl = theirs(tx, to_torch(t));
  CHECK(max_difference(l, tl) <=
        tolerance * std::max(1.0, tl.numel() == 0 ? 0 : tl.abs().max().template item<double>()));
  const taper::Tensor dl = taper::randn(l.sizes(), l.dtype());
  l.backward(dl);
  tl.backward(to_torch(dl));
  CHECK(max_difference(x.grad(), tx.grad()) <= tolerance);
}

// As options of both sides.
template <class Options>
Options with_reduction(Options options, int reduction) {
  if (reduction == 0) options.reduction(taper::kNone);
  if (reduction == 1) options.reduction(taper::kMean);
  if (reduction == 2) options.reduction(taper::kSum);
  return options;
}
template <class Options>
Options torch_reduction(Options options, int reduction) {
  if (reduction == 0) options.reduction(torch::kNone);
  if (reduction == 1) options.reduction(torch::kMean);
  if (reduction == 2) options.reduction(torch::kSum);
  return options;
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
            const taper::Tensor x = taper::randn(shape.x, dtype) * 3;
            taper::Tensor t = taper::randint(shape.classes, shape.t, taper::kInt64);
            if (ignore_index < 0 && t.dim() == 1 && t.numel() > 2) t[1].fill_(ignore_index);
            if (ignore_index == 1 && t.dim() == 0) t.fill_(0);
            const taper::Tensor w = weighted ? taper::rand({shape.classes}, dtype) + 0.1 : taper::Tensor();
            const torch::Tensor tw = weighted ? to_torch(w) : torch::Tensor();
            for (double smoothing : {0.0, 0.1, 1.0}) {
              compare(
                  x, t,
                  [&](auto a, auto b) {
                    return F::cross_entropy(a, b,
                                            with_reduction(F::CrossEntropyFuncOptions()
                                                               .weight(w)
                                                               .ignore_index(ignore_index)
                                                               .label_smoothing(smoothing),
                                                           reduction));
                  },
                  [&](auto a, auto b) {
                    return TF::cross_entropy(a, b,
                                             torch_reduction(TF::CrossEntropyFuncOptions()
                                                                 .weight(tw)
                                                                 .ignore_index(ignore_index)
                                                                 .label_smoothing(smoothing),
                                                             reduction));
                  });
            }
            if (shape.x.size() < 2) continue;  // libtorch's F::nll_loss takes batches alone
            compare(
                x, t,
                [&](auto a, auto b) {
                  return F::nll_loss(
                      a, b, with_reduction(F::NLLLossFuncOptions().weight(w).ignore_index(ignore_index), reduction));
                },
                [&](auto a, auto b) {
                  return TF::nll_loss(
                      a, b, torch_reduction(TF::NLLLossFuncOptions().weight(tw).ignore_index(ignore_index), reduction));
                });
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
          compare(
              taper::randn(shape.x, dtype), taper::softmax(taper::randn(shape.x, dtype), class_dim),
              [&](auto a, auto b) {
                return F::cross_entropy(
                    a, b, with_reduction(F::CrossEntropyFuncOptions().weight(w).label_smoothing(smoothing), reduction));
              },
              [&](auto a, auto b) {
                return TF::cross_entropy(
                    a, b,
                    torch_reduction(TF::CrossEntropyFuncOptions().weight(to_torch(w)).label_smoothing(smoothing),
                                    reduction));
              });
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
        const taper::Tensor x = taper::randn(sizes, dtype) * 5, t = taper::randn(sizes, dtype),
                            p = taper::rand(sizes, dtype);
        const taper::Tensor w = taper::rand(sizes, dtype);
        const taper::Tensor pos = sizes.empty() ? taper::rand({}, dtype) : taper::rand({sizes.back()}, dtype);
        compare(
            x, t, [&](auto a, auto b) { return F::mse_loss(a, b, with_reduction(F::MSELossFuncOptions(), reduction)); },
            [&](auto a, auto b) { return TF::mse_loss(a, b, torch_reduction(TF::MSELossFuncOptions(), reduction)); });
        compare(
            x, t, [&](auto a, auto b) { return F::l1_loss(a, b, with_reduction(F::L1LossFuncOptions(), reduction)); },
            [&](auto a, auto b) { return TF::l1_loss(a, b, torch_reduction(TF::L1LossFuncOptions(), reduction)); });
        for (bool weighted : {false, true}) {
          compare(
              x, p,
              [&](auto a, auto b) {
                F::BinaryCrossEntropyWithLogitsFuncOptions options;
                if (weighted) options.weight(w).pos_weight(pos);
                return F::binary_cross_entropy_with_logits(a, b, with_reduction(options, reduction));
              },
              [&](auto a, auto b) {
                TF::BinaryCrossEntropyWithLogitsFuncOptions options;
                if (weighted) options.weight(to_torch(w)).pos_weight(to_torch(pos));
                return TF::binary_cross_entropy_with_logits(a, b, torch_reduction(options, reduction));
              });
        }
      }
    }
  }
}
