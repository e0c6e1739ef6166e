// optimize_for_inference: a trained Sequential as a function for inference alone, under the name of libtorch's
// torch::jit::optimize_for_inference, and for the same purpose.
//
//   net->eval();
//   const auto predict = taper::nn::utils::optimize_for_inference(net, batch);
//   taper::Tensor y = predict(x);   // net(x) within rounding: predict.largest_difference() on `batch`
//
// Every BatchNorm is folded into the Linear or Conv2d beside it (layers/analysis/fusion.h), Dropout and Identity are
// left out; weights of Linear are copied in the order in which products read them, and a ReLU behind one is part of it;
// a ReLU before a MaxPool is computed behind it, on fewer values. A batch is computed in pieces that stay in the
// caches, by several threads, if no layer mixes samples.
#pragma once

#include <taper/layers/module_holder.h>

namespace taper::nn::utils {

// What optimize_for_inference returns. It owns its weights: later changes to the model do not show, and there is
// nothing to train or save. Copies share them. Any number of threads may call it at once; a sample's result has the
// same bits in any batch, unless OpenBLAS computes products. Calls need no memory that earlier ones of their size have
// not returned to the allocator.
class TAPER_API InferenceFunction {
 public:
  // Never records. Error for an input that requires grad while gradients are recorded; ValueError for another number of
  // dimensions than the example has, TypeError for another dtype; sizes are checked by the layers.
  Tensor operator()(const Tensor& input) const;
  Tensor forward(const Tensor& input) const { return (*this)(input); }

  // The largest |y - model(example)| of an element.
  double largest_difference() const;
  // Whether batches are computed in pieces. They are not where a layer may mix samples, as a softmax along dim 0 does,
  // or takes an example without a batch.
  bool splits_batches() const;

 private:
  struct Program;
  explicit InferenceFunction(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  friend TAPER_API InferenceFunction optimize_module_for_inference(const Module& model, const Tensor& example);
  std::shared_ptr<const Program> program_;
};

TAPER_API InferenceFunction optimize_module_for_inference(const Module& model, const Tensor& example);

// `model` is a Sequential, or a pointer to one, in evaluation mode, of: Linear, Conv1d, Conv2d, BatchNorm, LayerNorm,
// GroupNorm, InstanceNorm, MaxPool, AvgPool, AdaptiveAvgPool, AdaptiveMaxPool, activations, Flatten, Dropout, Identity,
// and Sequentials of these. `example` is an input: its batch may be small, but what it decides is the number of
// dimensions and the dtype. The model stays as it is. TypeError that names the module for one of another class, whose
// forward nobody knows (fold_batchnorm takes such models); Error for a model in training mode.
template <class M>
InferenceFunction optimize_for_inference(const M& model, const Tensor& example) {
  return optimize_module_for_inference(nn::detail::module_of(model), example);
}

}  // namespace taper::nn::utils
