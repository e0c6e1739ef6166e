// Function<T>: a custom operation, by a static forward and a static backward; as in libtorch.
//
//   struct Cube : taper::autograd::Function<Cube> {
//     static taper::Tensor forward(taper::autograd::AutogradContext* ctx, const taper::Tensor& x) {
//       ctx->save_for_backward({x});
//       return x * x * x;
//     }
//     static taper::autograd::tensor_list backward(taper::autograd::AutogradContext* ctx,
//                                                  taper::autograd::tensor_list dy) {
//       taper::Tensor x = ctx->get_saved_variables()[0];
//       return {dy[0] * 3 * x * x};
//     }
//   };
//   taper::Tensor y = Cube::apply(x);
//
// forward runs without recording and returns a Tensor or a tensor_list; backward returns one gradient for each argument
// of forward after ctx (an undefined Tensor for arguments that are no tensors).
#pragma once

#include <taper/autograd/ivalue.h>
#include <taper/autograd/record.h>

#include <map>
#include <string>
#include <typeinfo>

namespace taper::autograd {

using Variable = Tensor;
using tensor_list = std::vector<Tensor>;
using variable_list = std::vector<Tensor>;

// What forward hands to backward.
class TAPER_API AutogradContext {
 public:
  // Inputs and outputs of forward may be saved; a change in place since is found when they are read.
  void save_for_backward(tensor_list tensors) { to_save_ = std::move(tensors); }
  tensor_list get_saved_variables() const;
  std::map<std::string, IValue> saved_data;
  // Inputs that forward changed in place, by whatever means; it must return them.
  void mark_dirty(const tensor_list& inputs) { dirty_ = inputs; }
  // Outputs without gradient.
  void mark_non_differentiable(const tensor_list& outputs) { non_differentiable_ = outputs; }
  // Whether undefined cotangents reach backward as zeros (the default).
  void set_materialize_grads(bool value) { materialize_grads_ = value; }
  bool needs_input_grad(size_t output_edge_index) const;

 private:
  friend class CustomNode;
  tensor_list to_save_, dirty_, non_differentiable_;
  std::vector<SavedTensor> saved_;
  bool materialize_grads_ = true;
  bool freed_ = false;
  const Node* node_ = nullptr;
};

using BackwardFn = tensor_list (*)(AutogradContext*, tensor_list);

// The node behind every Function<T>; defined in function.cpp.
class TAPER_API CustomNode final : public Node {
 public:
  CustomNode(const char* name, BackwardFn backward, const tensor_list& arguments);
  ~CustomNode() override;
  Grads apply(Grads&& dy) override;
  const char* name() const override { return name_.c_str(); }
  void release_saved() override;
  // Wires the results of forward up: saved tensors, dirty inputs, non-differentiable outputs.
  static void finish(const intrusive_ptr<CustomNode>& node, tensor_list& outputs, const tensor_list& arguments);
  AutogradContext* context() { return context_.get(); }

 private:
  std::string name_;
  BackwardFn backward_;
  std::unique_ptr<AutogradContext> context_;
};

// The readable name of a C++ type, for error messages and graphs.
TAPER_API std::string demangled(const char* type_name);

template <class T>
class Function {
 public:
  template <class... Args>
  static auto apply(Args&&... args) {
    // One entry per argument: the tensor, or an undefined one where the argument is something else.
    const tensor_list arguments{as_tensor(args)...};
    auto node = intrusive_ptr<CustomNode>::adopt(new CustomNode(
        demangled(typeid(T).name()).c_str(),
        [](AutogradContext* ctx, tensor_list dy) -> tensor_list { return T::backward(ctx, std::move(dy)); },
        arguments));
    auto result = [&] {
      NoGradGuard no_grad;
      return T::forward(node->context(), std::forward<Args>(args)...);
    }();
    if constexpr (std::is_same_v<decltype(result), Tensor>) {
      tensor_list outputs{std::move(result)};
      CustomNode::finish(node, outputs, arguments);
      return outputs[0];
    } else {
      CustomNode::finish(node, result, arguments);
      return result;
    }
  }

 private:
  template <class A>
  static Tensor as_tensor(const A& argument) {
    if constexpr (std::is_same_v<A, Tensor>)
      return argument;
    else
      return {};
  }
};

}  // namespace taper::autograd
