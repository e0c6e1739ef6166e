// summary: a model as a table - one line per module with the sizes of its output and its own parameters, then totals.
//
//   std::puts(taper::nn::summary(net, {64, 784}).c_str());
//
//   Module            Output          Parameters
//   Net               [64, 10]                 0
//     fc1: Linear     [64, 100]           78,500
//     fc2: Linear     [64, 10]             1,010
//   Parameters: 79,510 (79,510 trainable); buffers: 0
//
// The model runs once, in evaluation mode and without recording; its mode, statistics and gradients are unchanged.
#pragma once

#include <taper/layers/module_holder.h>

namespace taper::nn {

// `forward` calls the model.
TAPER_API std::string run_summary(Module& model, const std::function<void()>& forward);
// A tensor of zeros as an input, of the dtype of the model's first parameter.
TAPER_API Tensor summary_input(const Module& model, IntArrayRef sizes);

// `model` is a holder, a shared_ptr or a module itself; the inputs are what its forward takes.
template <class M, class... Inputs>
requires(sizeof...(Inputs) > 0 && (std::is_convertible_v<Inputs, Tensor> && ...)) std::string
    summary(M&& model, const Inputs&... inputs) {
  auto& module = detail::module_of(model);
  return run_summary(module, [&] { (void)detail::call_forward(module, inputs...); });
}

// The same with an input of the given sizes, the batch included.
template <class M>
std::string summary(M&& model, IntArrayRef input_sizes) {
  return summary(model, summary_input(detail::module_of(model), input_sizes));
}

}  // namespace taper::nn
