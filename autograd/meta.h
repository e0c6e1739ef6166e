// AutogradMeta: what autograd hangs on a tensor. Made only when needed, so that plain tensors stay small.
#pragma once

#include <taper/autograd/node.h>

namespace taper {

struct AutogradMeta {
  bool requires_grad = false;  // of a leaf
  intrusive_ptr<autograd::Node> grad_fn;
  uint32_t output_nr = 0;
  Tensor grad;
  intrusive_ptr<autograd::GradCell> retained;
  std::vector<autograd::TensorHook> hooks;  // of a leaf
};

namespace autograd {

AutogradMeta& ensure_meta(const Tensor& tensor);
// The node of a tensor, made anew for a view whose base has changed in place since.
const intrusive_ptr<Node>& current_grad_fn(const Tensor& tensor);
TAPER_API bool requires_grad(const TensorImpl* impl);
// Makes `y` output `nr` of `node`.
TAPER_API void set_history(const Tensor& y, const intrusive_ptr<Node>& node);

}  // namespace autograd
}  // namespace taper
