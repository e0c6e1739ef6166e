// taper::nn::utils: all parameters as one vector, and back.
#pragma once

#include <taper/core/tensor.h>

namespace taper::nn::utils {

// The values of all parameters one after the other, [sum of numel]. Differentiable.
TAPER_API Tensor parameters_to_vector(const std::vector<Tensor>& parameters);

// Copies the values of `vec`, in the same order, into the parameters. A vector of another length is an error.
TAPER_API void vector_to_parameters(const Tensor& vec, const std::vector<Tensor>& parameters);

}  // namespace taper::nn::utils
