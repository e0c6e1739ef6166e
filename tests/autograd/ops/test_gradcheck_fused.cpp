// The operations that layers stand on, whose fused kernels have derivatives of their own. Every option of them is
// checked in tests/layers.
#include <taper/autograd/ops/batchnorm.h>
#include <taper/autograd/ops/loss.h>

#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({4, 3}), w = leaf({3}), b = leaf({3}), classes = tensor({1, 0, 2, -100});
  const Tensor mean = randn({3}, kFloat64), var = rand({3}, kFloat64) + 0.5, weight = rand({3}, kFloat64) + 0.5;
  const auto norm = [=](bool training, double eps) {
    return [=](const List& in) {
      const Tensor none;
      // a copy: training changes the running statistics
      return List{batch_norm(in[0], in.size() > 1 ? in[1] : none, in.size() > 2 ? in[2] : none, mean.clone(),
                             var.clone(), training, 0.1, eps)};
    };
  };
  const auto loss = [=](const Tensor& per_class, int64_t reduction, double smoothing) {
    return
        [=](const List& in) { return List{cross_entropy_loss(in[0], classes, per_class, reduction, -100, smoothing)}; };
  };
  return {
      {"batch_norm", "NativeBatchNormBackward0", norm(true, 1e-5), {x, w, b}},
      {"batch_norm without bias", "NativeBatchNormBackward0", norm(true, 0.1), {x, w}},
      {"batch_norm without weight", "NativeBatchNormBackward0", norm(true, 0.1), {x}},
      {"batch_norm of images", "NativeBatchNormBackward0", norm(true, 0.1), {leaf({2, 3, 2, 2}), w, b}},
      {"batch_norm, evaluation", "NativeBatchNormBackward0", norm(false, 1e-5), {x, w, b}},
      {"batch_norm, evaluation, images", "NativeBatchNormBackward0", norm(false, 0.1), {leaf({2, 3, 2, 2}), w, b}},
      {"cross_entropy", "CrossEntropyBackward0", loss({}, Reduction::Mean, 0), {x}},
      {"cross_entropy, each", nullptr, loss({}, Reduction::None, 0), {x}},
      {"cross_entropy, weighted", "CrossEntropyBackward0", loss(weight, Reduction::Mean, 0), {x}},
      {"cross_entropy, smoothed", "CrossEntropyBackward0", loss(weight, Reduction::Sum, 0.3), {x}},
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of batch normalisation and cross-entropy, first and second") { table.check(); }
