// AutogradMeta: what autograd keeps for a tensor. Made only when needed, so that plain tensors stay small.
#pragma once

#include <taper/autograd/life.h>
#include <taper/autograd/node.h>

namespace taper {

struct AutogradMeta {
  AutogradMeta() = default;
  ~AutogradMeta();

  bool requires_grad = false;  // of a leaf
  intrusive_ptr<autograd::Node> grad_fn;
  uint32_t output_nr = 0;
  uint32_t changes = 0;  // recorded in-place changes, by which views find that their history is stale
  Tensor grad;
  intrusive_ptr<autograd::GradCell> retained;
  std::vector<autograd::TensorHook> hooks;     // all of this tensor's; those of earlier values run at their nodes
  std::atomic<autograd::Life*> life{nullptr};  // owns a reference; made when somebody asks for it
};

namespace autograd {

AutogradMeta& ensure_meta(const Tensor& tensor);
// The node of a tensor, made anew for a view whose base has changed in place since.
const intrusive_ptr<Node>& current_grad_fn(const Tensor& tensor);
TAPER_API bool requires_grad(const TensorImpl* impl);
// Makes `y` the next output of `node`.
TAPER_API void set_history(const Tensor& y, const intrusive_ptr<Node>& node);
// The value of `x` is now output `nr` of `node` (null: a constant). retain_grad() stays with the tensor, and from now
// on means the new value; hooks stay with the value that they were registered on.
void continue_at(const Tensor& x, const intrusive_ptr<Node>& node, uint32_t nr);

}  // namespace autograd
}  // namespace taper
