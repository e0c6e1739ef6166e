// SavedTensor: a tensor kept for backward, with the version it had. Changed in place since, it is an error to read it.
#pragma once

#include <taper/autograd/node.h>

namespace taper::autograd {

class TAPER_API SavedTensor {
 public:
  SavedTensor() = default;
  // The tensor as it was saved. Throws, naming the running operation, when its storage has been written since.
  Tensor get() const;
  explicit operator bool() const { return static_cast<bool>(impl_); }

 private:
  friend SavedTensor save(const Tensor& x, bool when);
  friend SavedTensor save_result(const Tensor& y, uint32_t nr);

  intrusive_ptr<TensorImpl> impl_;
  const StorageImpl* storage_ = nullptr;
  uint32_t version_ = 0;
  bool is_result_ = false;  // get() then is output result_nr_ of the node that saved it
  uint32_t result_nr_ = 0;
};

// Keeps an input of the operation being recorded; nothing when `when` is false or recording is off.
TAPER_API SavedTensor save(const Tensor& x, bool when = true);
// While one lives, save() of what shares x's storage, which is about to be overwritten, keeps an alias: x's new history
// owns the node, which must not own x. (To read it is an error in any case.)
class TAPER_API Overwriting {
 public:
  explicit Overwriting(const Tensor& x);
  ~Overwriting();
  Overwriting(const Overwriting&) = delete;
  Overwriting& operator=(const Overwriting&) = delete;

 private:
  const StorageImpl* outer_;
};
// Keeps the result of the operation being recorded, its output `nr`, without making node and result own each other.
TAPER_API SavedTensor save_result(const Tensor& y, uint32_t nr = 0);

}  // namespace taper::autograd
