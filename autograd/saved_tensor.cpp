#include <taper/autograd/saved_tensor.h>

#include <taper/autograd/autograd_meta.h>
#include <taper/autograd/grad_mode.h>
#include <taper/autograd/record.h>
#include <taper/autograd/running_node.h>

#include <utility>

namespace taper::autograd {

static thread_local const StorageImpl* overwritten = nullptr;

Overwriting::Overwriting(const Tensor& x) : outer_(std::exchange(overwritten, x.impl()->storage().get())) {}
Overwriting::~Overwriting() { overwritten = outer_; }

SavedTensor save(const Tensor& x, bool when) {
  SavedTensor saved;
  if (!when || !x.defined() || !GradMode::is_enabled()) return saved;
  saved.storage_ = x.impl()->storage().get();
  saved.impl_ = saved.storage_ == overwritten ? x.detach().impl_ptr() : x.impl_ptr();
  saved.version_ = saved.storage_->version();
  return saved;
}

SavedTensor save_result(const Tensor& y, uint32_t nr) {
  if (!GradMode::is_enabled() || !y.defined()) return {};
  SavedTensor saved = save(y.detach());  // an alias: the node must not own the tensor that owns it
  saved.is_result_ = true;
  saved.result_nr_ = nr;
  return saved;
}

Tensor SavedTensor::get() const {
  if (!impl_) return {};
  const Node* node = RunningNode::current();
  const StorageImpl* now = impl_->storage().get();
  if (now != storage_ || now->version() != version_) [[unlikely]] {
    const std::string op = node ? node->name() + node->where() : std::string("an operation");
    throw Error(taper::detail::str("backward: ", op, " needs a tensor of sizes ", impl_->sizes(), " (", impl_->dtype(),
                                   ") as it was in the forward pass, but it was changed in place since (version ",
                                   now->version(), " instead of ", version_,
                                   "); clone it before the change, or change a copy"));
  }
  if (!is_result_) return Tensor(impl_);
  Tensor result = Tensor(impl_).detach();
  if (GradMode::is_enabled() && node) {
    AutogradMeta& meta = ensure_meta(result);
    meta.grad_fn = intrusive_ptr<Node>::share(const_cast<Node*>(node));
    meta.output_nr = result_nr_;
  }
  return result;
}

}  // namespace taper::autograd
