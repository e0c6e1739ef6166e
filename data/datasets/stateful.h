// StatefulDataset: a dataset that decides itself what comes next and when an epoch is over: a file read once through, a
// queue, a simulation. There is no sampler; the loader asks for so many samples until it gets nothing.
//
//   struct Lines : StatefulDataset<Lines, std::vector<Example<>>> {
//     optional<std::vector<Example<>>> get_batch(size_t batch_size) override;   // nothing: the epoch is over
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

// All workers of a loader call get_batch of the one dataset, from several threads at once if there are several workers:
// it must allow that. reset() is called while none of them is at work. To keep a dataset in the program's hands as
// well, wrap it: make_shared_dataset<Lines>("file").
template <class Self, class Batch = std::vector<Example<>>, class BatchRequest = size_t>
class StatefulDataset : public BatchDataset<Self, optional<Batch>, BatchRequest> {
 public:
  virtual void reset() = 0;
  virtual void save(serialize::OutputArchive& archive) const = 0;
  virtual void load(serialize::InputArchive& archive) = 0;
};

}  // namespace taper::data::datasets
