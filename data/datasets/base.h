// Datasets: where samples come from. A dataset of your own derives from Dataset and says get(index) and size():
//
//   struct Squares : taper::data::datasets::Dataset<Squares> {
//     taper::data::Example<> get(size_t i) override { return {taper::tensor(1.0 * i), taper::tensor(1.0 * i * i)}; }
//     taper::optional<size_t> size() const override { return 100; }
//   };
//
// Threads: the loader copies the dataset once for each worker and calls a copy from one thread at a time. Copies of a
// tensor share its values, so that copies are cheap and must not write to them.
#pragma once

#include <taper/data/example.h>

#include <concepts>
#include <vector>

namespace taper::data::datasets {

namespace detail {
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<optional<T>> = true;
}  // namespace detail

template <class SourceDataset, class AppliedTransform>
class MapDataset;
template <class D, class T>
MapDataset<D, T> map(D dataset, T transform);

// A dataset that gives batches only. Batch and BatchRequest (a list of indices, or a number of samples for a stream)
// are whatever the program wants.
template <class Self, class Batch = std::vector<Example<>>, class BatchRequest = ArrayRef<size_t>>
class BatchDataset {
 public:
  using SelfType = Self;
  using BatchType = Batch;
  using BatchRequestType = BatchRequest;
  // Whether the dataset itself says when an epoch is over (datasets/stateful.h).
  static constexpr bool is_stateful = detail::is_optional<Batch>;

  virtual ~BatchDataset() = default;
  virtual Batch get_batch(BatchRequest request) = 0;
  // The number of samples; nothing for a stream without end.
  virtual optional<size_t> size() const = 0;

  // A dataset that applies `transform` to every batch of this one. On an rvalue this one is moved into it.
  template <class TransformType>
  MapDataset<Self, TransformType> map(TransformType transform) & {
    return datasets::map(static_cast<Self&>(*this), std::move(transform));
  }
  template <class TransformType>
  MapDataset<Self, TransformType> map(TransformType transform) && {
    return datasets::map(std::move(static_cast<Self&>(*this)), std::move(transform));
  }
};

// A dataset that gives any sample by its index, and a batch as the list of its samples.
template <class Self, class SingleExample = Example<>>
class Dataset : public BatchDataset<Self, std::vector<SingleExample>> {
 public:
  using ExampleType = SingleExample;

  virtual SingleExample get(size_t index) = 0;
  std::vector<SingleExample> get_batch(ArrayRef<size_t> indices) override {
    std::vector<SingleExample> batch;
    batch.reserve(indices.size());
    for (size_t index : indices) batch.push_back(get(index));
    return batch;
  }
};

// A source of samples without index: a request is the number of samples wanted (samplers::StreamSampler).
template <class Self, class Batch = std::vector<Example<>>>
using StreamDataset = BatchDataset<Self, Batch, size_t>;

// The short cut for data that lies in whole tensors: get_stacked(indices) gives the batch at once, as one example whose
// tensors carry the batch in front - what Stack would make of get_batch(indices), without an Example a sample. Stack
// takes it wherever the dataset and every transform before Stack offer it.
//
// SelfType names the class that wrote get_stacked: one that derives from it and overrides get() does not inherit the
// short cut, which knows nothing of the override.
template <class D>
concept GivesStacked = std::same_as<D, typename D::SelfType> && requires(D& dataset, ArrayRef<size_t> indices) {
  { dataset.get_stacked(indices) } -> std::same_as<typename D::ExampleType>;
};

}  // namespace taper::data::datasets
