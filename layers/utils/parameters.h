// taper::nn::utils: all parameters as one vector, and back.
#pragma once

#include <taper/core/tensor.h>

namespace taper::nn::utils {

// The elements of all parameters concatenated, [sum of numel]. Differentiable. ValueError for no parameters.
TAPER_API Tensor parameters_to_vector(const std::vector<Tensor>& parameters);

// Copies the elements of `vec`, in the same order, to the parameters. ValueError for a vector of another length.
TAPER_API void vector_to_parameters(const Tensor& vec, const std::vector<Tensor>& parameters);

}  // namespace taper::nn::utils
