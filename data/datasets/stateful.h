// StatefulDataset: a dataset that itself chooses the next samples and ends the epoch: a file read sequentially, a
// queue, a simulation. There is no sampler; the loader requests batches until it gets nullopt.
//
//   struct Lines : StatefulDataset<Lines, std::vector<Example<>>> {
//     optional<std::vector<Example<>>> get_batch(size_t batch_size) override;   // nullopt: the epoch is over
//     void reset() override;                                                    // an epoch begins
//     optional<size_t> size() const override { return nullopt; }
//     void save(serialize::OutputArchive& archive) const override;
//     void load(serialize::InputArchive& archive) override;
//   };
//   auto loader = make_data_loader(Lines("file"), DataLoaderOptions(64).workers(1));
#pragma once

#include <taper/data/datasets/base.h>

namespace taper::serialize {
class InputArchive;
class OutputArchive;
}  // namespace taper::serialize

namespace taper::data::datasets {

// All workers of a loader call get_batch of the same dataset, from several threads at once if there are several
// workers: it must be thread-safe. reset() is called while no worker is running. To access the dataset from the program
// as well, share it: make_shared_dataset<Lines>("file").
template <class Self, class Batch = std::vector<Example<>>, class BatchRequest = size_t>
class StatefulDataset : public BatchDataset<Self, optional<Batch>, BatchRequest> {
 public:
  virtual void reset() = 0;
  virtual void save(serialize::OutputArchive& archive) const = 0;
  virtual void load(serialize::InputArchive& archive) = 0;
};

}  // namespace taper::data::datasets
