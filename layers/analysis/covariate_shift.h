// Internal covariate shift, measured: how much training the layers before a layer changes the distribution of its input
// (Ioffe and Szegedy 2015), and its gradient (Santurkar et al. 2018, https://arxiv.org/abs/1805.11604).
//
//   // the distributions of the inputs of fc2 and fc3 for the same 1,000 images, now and later
//   auto before = taper::nn::utils::layer_inputs(net, {"fc2", "fc3"}, [&] { net(images); });
//   ... some steps of training ...
//   auto after = taper::nn::utils::layer_inputs(net, {"fc2", "fc3"}, [&] { net(images); });
//   double moved = taper::nn::utils::distribution_shift(before[0], after[0]);
//
//   // a training step, and what it did to the gradient of each layer
//   auto step = taper::nn::utils::internal_covariate_shift(
//       net, {"fc1", "fc2", "fc3"}, [&] { return F::cross_entropy(net(x), y); }, [&] { optimizer.step(); });
//   std::printf("loss %g, fc3 turned by %g degrees\n", step.loss, step.layers[2].gradient.angle);
#pragma once

#include <taper/layers/analysis/distribution.h>
#include <taper/layers/module_holder.h>

namespace taper::nn::utils {

struct LayerShift {
  std::string layer;
  GradientShift gradient;
};

struct CovariateShift {
  double loss = 0;  // before the step
  std::vector<LayerShift> layers;
};

namespace detail {
TAPER_API std::vector<Tensor> run_layer_inputs(const Module& model, const std::vector<std::string>& layers,
                                               const std::function<void()>& forward);
TAPER_API CovariateShift run_covariate_shift(Module& model, const std::vector<std::string>& layers,
                                             const std::function<Tensor()>& loss, const std::function<void()>& update);
}  // namespace detail

// The first Tensor that each named layer of `model` is given in forward(), copied; undefined for a layer that is not
// called. The model runs in the mode it is in, without recording; batch normalisation in training mode uses the batch's
// statistics, so the running ones stay. Afterwards buffers and the random state are what they were, also after an
// exception. Recorders do not see the run.
//
//   model    holder, pointer or reference
//   layers   as named_modules() has them; none: every module that has none below it
//   forward  calls the model
template <class Model>
std::vector<Tensor> layer_inputs(const Model& model, const std::vector<std::string>& layers,
                                 const std::function<void()>& forward) {
  return detail::run_layer_inputs(nn::detail::module_of(model), layers, forward);
}

// Takes one step of training and measures, for each layer i, how the update of the layers before it changes its
// gradient (Santurkar et al., definition 2.1):
//
//   G_i  = dL/dW_i (W_1, ..., W_k)                                     all as before the step
//   G'_i = dL/dW_i (W'_1, ..., W'_(i-1), W_i, ..., W_k)                those before i as after it
//   layers[i].gradient = gradient_shift(G_i, G'_i)                     l2 is the paper's measure
//
//   model    holder, pointer or reference
//   layers   from the input to the output, as named_modules() has them; W_i are all parameters of a layer and of the
//            modules below it that require grad. None: every module with parameters of its own, in the order of
//            registration. Parameters of no layer of the list stay as before the step in every G'_i.
//   loss     one number from a forward on one fixed batch, without backward. It is called once for the step and once
//            for each layer but the first, for which nothing has moved; the random state is the same each time, so that
//            Dropout drops the same values.
//   update   changes the weights, usually optimizer.step()
//
// Afterwards everything - weights, buffers, gradients, running statistics, random state - is bit for bit what
// model.zero_grad(), loss().backward(), update() leave, also when loss() throws in between. Recorders see the step
// alone. Holds two copies of the parameters and buffers and one of the gradients meanwhile.
//
// ValueError: unknown layers, one without parameters that require grad, layers that share a parameter.
template <class Model>
CovariateShift internal_covariate_shift(Model&& model, const std::vector<std::string>& layers,
                                        const std::function<Tensor()>& loss, const std::function<void()>& update) {
  return detail::run_covariate_shift(nn::detail::module_of(model), layers, loss, update);
}

}  // namespace taper::nn::utils
