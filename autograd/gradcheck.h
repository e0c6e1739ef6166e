// gradcheck: compares derivatives with central differences, in double.
#pragma once

#include <taper/core/tensor.h>

#include <functional>

namespace taper::autograd {

struct GradcheckOptions {
  double eps = 1e-6;  // step of the central difference
  double atol = 1e-6;
  double rtol = 1e-5;
  uint64_t seed = 0;  // of the random cotangents: ones would hide the errors of softmax and batch norm
  bool raise_exception = true;
};

// For f: inputs -> one or several tensors. Every input that requires grad must be float64; f must be a function of its
// inputs alone (the same result each time). True when all of the Jacobian-vector products agree; otherwise throws an
// Error with the input, the element and both values (or returns false).
using CheckedFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;
TAPER_API bool gradcheck(const CheckedFunction& f, const std::vector<Tensor>& inputs,
                         const GradcheckOptions& options = {});
// The same for the second derivatives: gradcheck of the gradient itself (with a random, differentiated cotangent).
TAPER_API bool gradgradcheck(const CheckedFunction& f, const std::vector<Tensor>& inputs,
                             const GradcheckOptions& options = {});

}  // namespace taper::autograd
