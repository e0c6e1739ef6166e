// Activations of float32 and float64 tensors, without autograd: one pass forward, one backward, any strides.
#pragma once

#include <taper/core/kernels/isa/activation.h>
#include <taper/core/tensor.h>

namespace taper::kernels {

// a, b, c of the formulas beside enum Activation.
struct ActivationParameters {
  double a = 0, b = 0, c = 0;
};

Tensor activation(Activation f, const Tensor& x, const ActivationParameters& parameters = {});
// Into x itself; does not touch its version counter.
void activation_in_place(Activation f, const Tensor& x, const ActivationParameters& parameters = {});
// dx = dy f'(x); dy and x have the same sizes and dtype.
Tensor activation_backward(Activation f, const Tensor& dy, const Tensor& x,
                           const ActivationParameters& parameters = {});

}  // namespace taper::kernels
