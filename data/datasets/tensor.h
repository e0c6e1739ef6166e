// Datasets of tensors: sample i is row i.
#pragma once

#include <taper/data/datasets/base.h>

namespace taper::data::datasets {

// Rows of one tensor [N, ...], without targets: get(i) is tensor[i], of sizes [...].
struct TAPER_API TensorDataset : Dataset<TensorDataset, TensorExample> {
  // Stacks the samples. Throws ValueError for an empty list and when their sizes differ.
  explicit TensorDataset(const std::vector<Tensor>& tensors);
  // Throws ValueError for an undefined or a 0-dimensional tensor.
  explicit TensorDataset(Tensor rows);

  TensorExample get(size_t index) override;
  TensorExample get_stacked(ArrayRef<size_t> indices);
  optional<size_t> size() const override { return tensor.size(0); }

  Tensor tensor;
};

// Rows of two tensors of the same length, [N, ...] each: get(i) is {data[i], target[i]}. Not in libtorch.
//
//   auto loader = make_data_loader(LabeledTensorDataset(x, y).map(transforms::Stack<>()), 64);
struct TAPER_API LabeledTensorDataset : Dataset<LabeledTensorDataset> {
  // Throws ValueError when the numbers of rows differ, and for undefined or 0-dimensional tensors.
  LabeledTensorDataset(Tensor data_rows, Tensor target_rows);

  Example<> get(size_t index) override;
  Example<> get_stacked(ArrayRef<size_t> indices);
  optional<size_t> size() const override { return data.size(0); }

  Tensor data, target;
};

}  // namespace taper::data::datasets
