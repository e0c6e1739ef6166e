#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/indexing.h>
#include <taper/core/kernels/index.h>

#include <algorithm>

namespace taper {

using namespace autograd;

namespace {

// The indices as a row-major int64 vector, checked.
Tensor embedding_indices(const char* op, const Tensor& weight, const Tensor& indices) {
  TAPER_CHECK_VALUE(weight.dim() == 2, op, ": the weight must be [num_embeddings, embedding_dim]; got sizes ",
                    weight.sizes());
  TAPER_CHECK_TYPE(weight.is_floating_point(), op, ": the weight must be " TAPER_FLOATS "; got ", weight.dtype());
  TAPER_CHECK_TYPE(indices.dtype() == kInt64 || indices.dtype() == kInt32, op,
                   ": the indices must be int64 or int32; got ", indices.dtype(),
                   "; convert them with .to(taper::kInt64)");
  Tensor list = indices.to(kInt64).reshape({-1}).contiguous();
  const int64_t rows = weight.size(0);
  for (int64_t i = 0; i < list.numel(); ++i) {
    const int64_t index = list.data_ptr<int64_t>()[i];
    TAPER_CHECK_INDEX(index >= 0 && index < rows, op, ": indices must be from 0 to ", rows - 1,
                      ", the last row of the weight; got ", index);
  }
  return list;
}

// How often the index at each place occurs, [n] in `dtype`.
Tensor embedding_counts(const Tensor& list, int64_t rows, ScalarType dtype) {
  const Tensor counts = index_add(zeros({rows}, dtype), 0, list, ones(list.sizes(), dtype));
  return counts.index_select(0, list);
}

}  // namespace

// y[...] = weight[indices[...]]            dweight = dy added up at the indices, but for those that are padding_idx
Tensor embedding(const Tensor& weight, const Tensor& indices, int64_t padding_idx, bool scale_grad_by_freq,
                 bool sparse) {
  TAPER_CHECK_AS(NotImplementedError, !sparse, "embedding: gradients are dense here; use sparse = false");
  const Tensor list = embedding_indices("embedding", weight, indices);
  DimVector sizes = indices.impl()->sizes();
  sizes.push_back(weight.size(1));
  const Tensor y = kernels::index_select(weight, 0, list).view(sizes);
  return record("EmbeddingBackward0", {weight}, y.detach(),
                [saved = save(list), padding_idx, scale_grad_by_freq, rows = weight.size(0),
                 width = weight.size(1)](const Tensor& dy) {
                  const Tensor at = saved.get();
                  Tensor g = dy.reshape({at.size(0), width});
                  if (padding_idx >= 0) g = masked_fill(g, (at == padding_idx).unsqueeze(1), 0);
                  if (scale_grad_by_freq) g = g / embedding_counts(at, rows, g.dtype()).unsqueeze(1);
                  return index_add(zeros({rows, width}, g.dtype()), 0, at, g);
                });
}

Tensor embedding_renorm_(const Tensor& weight, const Tensor& indices, double max_norm, double norm_type) {
  const Tensor list = embedding_indices("embedding_renorm_", weight, indices);
  const NoGradGuard no_grad;
  std::vector<int64_t> used(list.data_ptr<int64_t>(), list.data_ptr<int64_t>() + list.numel());
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  if (used.empty()) return weight;
  const Tensor at = tensor(used), rows = weight.index_select(0, at);
  const Tensor norms = rows.norm(Scalar(norm_type), {1}, true);
  weight.index_put_({at}, where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows));
  return weight;
}

}  // namespace taper
