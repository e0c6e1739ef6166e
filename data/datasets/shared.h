// SharedBatchDataset: one dataset for all workers of a loader, instead of one copy each. It is called from several
// threads at once and must be thread-safe.
//
//   auto dataset = make_shared_dataset<MyDataset>("path");
//   dataset->count();                                        // MyDataset's members
#pragma once

#include <taper/data/datasets/base.h>

#include <memory>

namespace taper::data::datasets {

template <class UnderlyingDataset>
class SharedBatchDataset
    : public BatchDataset<SharedBatchDataset<UnderlyingDataset>, typename UnderlyingDataset::BatchType,
                          typename UnderlyingDataset::BatchRequestType> {
 public:
  using BatchType = typename UnderlyingDataset::BatchType;
  using BatchRequestType = typename UnderlyingDataset::BatchRequestType;

  SharedBatchDataset(std::shared_ptr<UnderlyingDataset> dataset) : dataset_(std::move(dataset)) {  // NOLINT
    TAPER_CHECK_VALUE(dataset_, "SharedBatchDataset: the dataset must not be null");
  }

  BatchType get_batch(BatchRequestType request) override { return dataset_->get_batch(std::move(request)); }
  optional<size_t> size() const override { return dataset_->size(); }

  // A stateful dataset is reset once, for all workers.
  void reset() requires(SharedBatchDataset::is_stateful) { dataset_->reset(); }

  UnderlyingDataset& operator*() { return *dataset_; }
  const UnderlyingDataset& operator*() const { return *dataset_; }
  UnderlyingDataset* operator->() { return dataset_.get(); }
  const UnderlyingDataset* operator->() const { return dataset_.get(); }

 private:
  std::shared_ptr<UnderlyingDataset> dataset_;
};

template <class UnderlyingDataset, class... Args>
SharedBatchDataset<UnderlyingDataset> make_shared_dataset(Args&&... args) {
  return std::make_shared<UnderlyingDataset>(std::forward<Args>(args)...);
}

}  // namespace taper::data::datasets
