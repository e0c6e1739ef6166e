#include <taper/core/allocator.h>
#include <taper/core/storage.h>

#include <memory>
#include <new>

namespace taper {
namespace {
constexpr size_t kHeader = 64;  // keeps the data behind it 64-byte aligned
static_assert(sizeof(StorageImpl) <= kHeader);
thread_local bool in_inference_mode = false;
}  // namespace

bool detail::inference_mode() noexcept { return in_inference_mode; }
void detail::set_inference_mode(bool enabled) noexcept { in_inference_mode = enabled; }

StorageImpl::StorageImpl(void* data, size_t nbytes) noexcept
    : data_(data), nbytes_(nbytes), inference_(in_inference_mode) {}

intrusive_ptr<StorageImpl> StorageImpl::allocate(size_t nbytes) {
  TAPER_CHECK(nbytes <= SIZE_MAX - kHeader, "allocate: a tensor of ", nbytes, " bytes does not fit into memory");
  char* block = static_cast<char*>(detail::allocate(kHeader + nbytes));
  return intrusive_ptr<StorageImpl>::adopt(new (block) StorageImpl(block + kHeader, nbytes));
}

intrusive_ptr<StorageImpl> StorageImpl::borrow(void* data, size_t nbytes, std::function<void(void*)> deleter) {
  auto owned_deleter = deleter ? std::make_unique<std::function<void(void*)>>(std::move(deleter)) : nullptr;
  auto storage =
      intrusive_ptr<StorageImpl>::adopt(new (detail::allocate(sizeof(StorageImpl))) StorageImpl(data, nbytes));
  storage->borrowed_ = true;
  storage->deleter_ = owned_deleter.release();
  return storage;
}

void intrusive_dispose(StorageImpl* storage) noexcept {
  const size_t block = storage->borrowed_ ? sizeof(StorageImpl) : kHeader + storage->nbytes_;
  if (storage->deleter_) {
    (*storage->deleter_)(storage->data_);
    delete storage->deleter_;
  }
  storage->~StorageImpl();
  detail::deallocate(storage, block);
}

}  // namespace taper
