// summary: a model as a table - a line for each module with the sizes it returned and its own parameters, then totals.
//
//   std::puts(taper::nn::summary(net, {64, 784}).c_str());
//
//   Module            Output          Parameters
//   Net               [64, 10]                 0
//     fc1: Linear     [64, 100]           78,500
//     fc2: Linear     [64, 10]             1,010
//   Parameters: 79,510 (79,510 trainable); buffers: 0
//
// The model runs once, in evaluation mode and without recording; its mode, statistics and gradients stay as they are.
#pragma once

#include <taper/layers/module_holder.h>

namespace taper::nn {

// What run_summary calls: the model's forward on the inputs.
TAPER_API std::string run_summary(Module& model, const std::function<void()>& forward);
// A tensor of zeros that the model can take: in the dtype of its first parameter.
TAPER_API Tensor summary_input(const Module& model, IntArrayRef sizes);

// `model` is a holder, a shared_ptr or a module itself; the inputs are what its forward takes.
template <class M, class... Inputs>
requires(sizeof...(Inputs) > 0 && (std::is_convertible_v<Inputs, Tensor> && ...)) std::string
    summary(M&& model, const Inputs&... inputs) {
  if constexpr (std::is_base_of_v<Module, std::remove_cvref_t<M>>) {
    return run_summary(model, [&] {
      (void)detail::call_module(model, detail::first_tensor(inputs...),
                                [&]() -> decltype(auto) { return model.forward(inputs...); });
    });
  } else {
    return summary(*model, inputs...);
  }
}

// The same with an input of the given sizes, the batch included.
template <class M>
std::string summary(M&& model, IntArrayRef input_sizes) {
  if constexpr (std::is_base_of_v<Module, std::remove_cvref_t<M>>) {
    return summary(model, summary_input(model, input_sizes));
  } else {
    return summary(*model, input_sizes);
  }
}

}  // namespace taper::nn
