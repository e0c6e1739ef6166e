#include <taper/layers/utils/parameters.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/grad_mode.h>

namespace taper::nn::utils {

Tensor parameters_to_vector(const std::vector<Tensor>& parameters) {
  TAPER_CHECK_VALUE(!parameters.empty(), "parameters_to_vector: there must be at least one parameter; got none");
  std::vector<Tensor> flat;
  flat.reserve(parameters.size());
  for (const Tensor& parameter : parameters) flat.push_back(parameter.reshape({-1}));
  return cat(flat);
}

void vector_to_parameters(const Tensor& vec, const std::vector<Tensor>& parameters) {
  int64_t total = 0;
  for (const Tensor& parameter : parameters) total += parameter.numel();
  TAPER_CHECK_VALUE(vec.dim() == 1 && vec.numel() == total,
                    "vector_to_parameters: the vector must have as many elements as the "
                    "parameters together; got sizes ",
                    vec.sizes(), " for ", total, " elements");
  const NoGradGuard no_grad;
  int64_t at = 0;
  for (const Tensor& parameter : parameters) {
    parameter.copy_(vec.narrow(0, at, parameter.numel()).reshape(parameter.sizes()));
    at += parameter.numel();
  }
}

}  // namespace taper::nn::utils
