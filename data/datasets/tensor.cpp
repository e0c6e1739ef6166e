#include <taper/data/datasets/tensor.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>

#include <algorithm>

namespace taper::data::datasets {
namespace {

void check_rows(const char* op, const Tensor& rows) {
  TAPER_CHECK_VALUE(rows.defined(), op, ": the tensor must be defined; got an undefined one");
  TAPER_CHECK_VALUE(rows.dim() > 0, op,
                    ": the tensor must have a first dimension to count samples along; got sizes []");
}

void check_index(const char* op, size_t index, const Tensor& rows) {
  TAPER_CHECK_INDEX(index < static_cast<size_t>(rows.size(0)), op,
                    ": the index must be below the number of samples; got ", index, " and ", rows.size(0), " samples");
}

// rows[indices]
Tensor gather_rows(const char* op, const Tensor& rows, ArrayRef<size_t> indices) {
  for (size_t index : indices) check_index(op, index, rows);
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

Tensor stack_samples(const std::vector<Tensor>& tensors) {
  TAPER_CHECK_VALUE(!tensors.empty(), "TensorDataset: there must be at least one tensor; got an empty list");
  for (size_t i = 0; i < tensors.size(); ++i) {
    TAPER_CHECK_VALUE(tensors[i].defined(), "TensorDataset: every tensor must be defined; tensor ", i, " is not");
    TAPER_CHECK_VALUE(tensors[i].sizes() == tensors[0].sizes(),
                      "TensorDataset: all samples must have the same sizes; got ", tensors[0].sizes(),
                      " for sample 0 and ", tensors[i].sizes(), " for sample ", i);
  }
  return stack(tensors);
}

}  // namespace

TensorDataset::TensorDataset(const std::vector<Tensor>& tensors) : TensorDataset(stack_samples(tensors)) {}

TensorDataset::TensorDataset(Tensor rows) : tensor(std::move(rows)) { check_rows("TensorDataset", tensor); }

TensorExample TensorDataset::get(size_t index) {
  check_index("TensorDataset", index, tensor);
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
  check_index("LabeledTensorDataset", index, data);
  return {data[static_cast<int64_t>(index)], target[static_cast<int64_t>(index)]};
}

Example<> LabeledTensorDataset::get_stacked(ArrayRef<size_t> indices) {
  return {gather_rows("LabeledTensorDataset", data, indices), gather_rows("LabeledTensorDataset", target, indices)};
}

}  // namespace taper::data::datasets
