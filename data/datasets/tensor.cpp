#include <taper/data/datasets/tensor.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/transforms/stack.h>

#include <algorithm>

namespace taper::data::datasets {
namespace {

void check_rows(const char* op, const Tensor& rows) {
  TAPER_CHECK_VALUE(rows.defined(), op, ": the tensor must be defined; got an undefined one");
  TAPER_CHECK_VALUE(rows.dim() > 0, op,
                    ": the tensor must have a first dimension to count samples along; got sizes []");
}

// rows[indices]
Tensor gather_rows(const char* op, const Tensor& rows, ArrayRef<size_t> indices) {
  for (size_t index : indices) detail::check_index(op, index, static_cast<size_t>(rows.size(0)));
  if (!rows.is_contiguous() && !indices.empty()) {
    // index_select would copy all rows to lay them out first.
    std::vector<Tensor> list;
    list.reserve(indices.size());
    for (size_t index : indices) list.push_back(rows[static_cast<int64_t>(index)]);
    return stack(list);
  }
  Tensor list = empty({static_cast<int64_t>(indices.size())}, kInt64);
  std::copy(indices.begin(), indices.end(), list.data_ptr<int64_t>());
  return rows.index_select(0, list);
}

}  // namespace

void detail::check_index(const char* op, size_t index, size_t samples) {
  TAPER_CHECK_INDEX(index < samples, op, ": the index must be below the number of samples; got ", index, " and ",
                    samples, " samples");
}

TensorDataset::TensorDataset(const std::vector<Tensor>& tensors)
    : TensorDataset(transforms::detail::stack_samples("TensorDataset", "tensor", tensors)) {}

TensorDataset::TensorDataset(Tensor rows) : tensor(std::move(rows)) { check_rows("TensorDataset", tensor); }

TensorExample TensorDataset::get(size_t index) {
  detail::check_index("TensorDataset", index, *size());
  return tensor[static_cast<int64_t>(index)];
}

TensorExample TensorDataset::get_stacked(ArrayRef<size_t> indices) {
  return gather_rows("TensorDataset", tensor, indices);
}

LabeledTensorDataset::LabeledTensorDataset(Tensor data_rows, Tensor target_rows)
    : data(std::move(data_rows)), target(std::move(target_rows)) {
  check_rows("LabeledTensorDataset", data);
  check_rows("LabeledTensorDataset", target);
  TAPER_CHECK_VALUE(data.size(0) == target.size(0),
                    "LabeledTensorDataset: data and target must have the same number of rows; got sizes ", data.sizes(),
                    " and ", target.sizes());
}

Example<> LabeledTensorDataset::get(size_t index) {
  detail::check_index("LabeledTensorDataset", index, *size());
  return {data[static_cast<int64_t>(index)], target[static_cast<int64_t>(index)]};
}

Example<> LabeledTensorDataset::get_stacked(ArrayRef<size_t> indices) {
  return {gather_rows("LabeledTensorDataset", data, indices), gather_rows("LabeledTensorDataset", target, indices)};
}

}  // namespace taper::data::datasets
