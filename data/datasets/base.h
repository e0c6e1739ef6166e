// Datasets. A custom dataset derives from Dataset and defines get(index) and size():
//
//   struct Squares : taper::data::datasets::Dataset<Squares> {
//     taper::data::Example<> get(size_t i) override { return {taper::tensor(1.0 * i), taper::tensor(1.0 * i * i)}; }
//     taper::optional<size_t> size() const override { return 100; }
//   };
//
// Threads: the loader copies the dataset once per worker and calls a copy from one thread at a time. Copies of a tensor
// share its memory, so copies are cheap and must not write to it.
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

// Throws IndexError, which begins with `op`, unless the index is below the number of samples.
TAPER_API void check_index(const char* op, size_t index, size_t samples);
}  // namespace detail

template <class SourceDataset, class AppliedTransform>
class MapDataset;
template <class D, class T>
MapDataset<D, T> map(D dataset, T transform);

// A dataset that returns whole batches. BatchRequest is a list of indices, the number of samples (for a stream), or any
// other type; so is Batch.
template <class Self, class Batch = std::vector<Example<>>, class BatchRequest = ArrayRef<size_t>>
class BatchDataset {
 public:
  using SelfType = Self;
  using BatchType = Batch;
  using BatchRequestType = BatchRequest;
  // Whether the dataset itself ends the epoch (datasets/stateful.h).
  static constexpr bool is_stateful = detail::is_optional<Batch>;

  virtual ~BatchDataset() = default;
  virtual Batch get_batch(BatchRequest request) = 0;
  // The number of samples; nullopt for an infinite stream.
  virtual optional<size_t> size() const = 0;

  // A dataset that applies `transform` to every batch of this one, which is copied, or moved from an rvalue.
  template <class TransformType>
  MapDataset<Self, TransformType> map(TransformType transform) & {
    return datasets::map(static_cast<Self&>(*this), std::move(transform));
  }
  template <class TransformType>
  MapDataset<Self, TransformType> map(TransformType transform) && {
    return datasets::map(std::move(static_cast<Self&>(*this)), std::move(transform));
  }
};

// A dataset with random access: a sample by its index, and a batch as the list of its samples.
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

// A dataset without indices: a request is the number of samples (samplers::StreamSampler).
template <class Self, class Batch = std::vector<Example<>>>
using StreamDataset = BatchDataset<Self, Batch, size_t>;

// The fast path for data in whole tensors: get_stacked(indices) returns the batch as one example whose tensors have the
// batch as their first dimension, equal to Stack of get_batch(indices), without one Example per sample. Stack uses it
// where the dataset and every transform before Stack have it.
//
// SelfType is the class that defines get_stacked: a class derived from it that overrides get() does not inherit the
// fast path, which would ignore the override.
template <class D>
concept GivesStacked = std::same_as<D, typename D::SelfType> && requires(D& dataset, ArrayRef<size_t> indices) {
  { dataset.get_stacked(indices) } -> std::same_as<typename D::ExampleType>;
};

}  // namespace taper::data::datasets
