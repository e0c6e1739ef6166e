// Life: whether a tensor still exists, for those who keep something for it by its address, which a later tensor may
// have.
#pragma once

#include <taper/core/tensor.h>

#include <atomic>

namespace taper::autograd {

struct Life final : RefCounted {
  std::atomic<bool> over{false};
};
inline void intrusive_dispose(Life* life) noexcept { delete life; }

// The same for every call with a handle to the same tensor, from any thread.
TAPER_API intrusive_ptr<Life> life_of(const Tensor& tensor);

}  // namespace taper::autograd
