// MapDataset: a dataset with a transform applied; returned by dataset.map(transform).
#pragma once

#include <taper/data/datasets/base.h>
#include <taper/data/transforms/base.h>

namespace taper::data::datasets {

namespace detail {
template <class Batch>
struct example_of {
  using type = void;
};
template <class E>
struct example_of<std::vector<E>> {
  using type = E;
};

// The batches of a stateful dataset are optional, those of transforms are not.
template <bool stateful, class Batch>
using maybe_optional = std::conditional_t<stateful, optional<Batch>, Batch>;
}  // namespace detail

template <class SourceDataset, class AppliedTransform>
class MapDataset : public BatchDataset<
                       MapDataset<SourceDataset, AppliedTransform>,
                       detail::maybe_optional<SourceDataset::is_stateful, typename AppliedTransform::OutputBatchType>,
                       typename SourceDataset::BatchRequestType> {
 public:
  using DatasetType = SourceDataset;
  using TransformType = AppliedTransform;
  using BatchRequestType = typename SourceDataset::BatchRequestType;
  using OutputBatchType =
      detail::maybe_optional<SourceDataset::is_stateful, typename AppliedTransform::OutputBatchType>;
  using ExampleType =
      typename detail::example_of<typename AppliedTransform::OutputBatchType>::type;  // void when batches are no lists

  MapDataset(DatasetType dataset, TransformType transform)
      : dataset_(std::move(dataset)), transform_(std::move(transform)) {}

  OutputBatchType get_batch(BatchRequestType request) override {
    if constexpr (GivesStacked<DatasetType> && transforms::TakesStacked<TransformType>) {
      return transform_.from_stacked(dataset_.get_stacked(request));
    } else if constexpr (SourceDataset::is_stateful) {
      auto batch = dataset_.get_batch(std::move(request));
      if (!batch) return nullopt;
      return transform_.apply_batch(std::move(*batch));
    } else {
      return transform_.apply_batch(dataset_.get_batch(std::move(request)));
    }
  }
  ExampleType get_stacked(ArrayRef<size_t> indices) requires(
      GivesStacked<DatasetType>&& transforms::MapsStacked<TransformType>) {
    return transform_.apply_stacked(dataset_.get_stacked(indices));
  }
  optional<size_t> size() const noexcept override { return dataset_.size(); }
  void reset() requires(SourceDataset::is_stateful) { dataset_.reset(); }

  // Reseeds every random transform in the chain (transforms/base.h), each with its own seed.
  void reseed(uint64_t seed) requires(transforms::Reseedable<DatasetType> || transforms::Reseedable<TransformType>) {
    if constexpr (transforms::Reseedable<TransformType>) {
      transform_.reseed(transforms::detail::mix(seed, 1));
      seed = transforms::detail::mix(seed, 0);
    }
    if constexpr (transforms::Reseedable<DatasetType>) dataset_.reseed(seed);
  }

  const DatasetType& dataset() const noexcept { return dataset_; }
  const TransformType& transform() const noexcept { return transform_; }

 private:
  DatasetType dataset_;
  TransformType transform_;
};

template <class D, class T>
MapDataset<D, T> map(D dataset, T transform) {
  static_assert(
      std::is_same_v<typename D::BatchType, detail::maybe_optional<D::is_stateful, typename T::InputBatchType>>,
      "the batches of the dataset must be the input of the transform (for samples without a target: "
      "Normalize<void>, Stack<TensorExample>)");
  return {std::move(dataset), std::move(transform)};
}

}  // namespace taper::data::datasets
