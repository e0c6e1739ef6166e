#include <taper/data/transforms/stack.h>

#include <taper/autograd/functions.h>

namespace taper::data::transforms {
namespace {

Tensor stack_samples(const char* what, const std::vector<Tensor>& samples) {
  for (size_t i = 0; i < samples.size(); ++i) {
    TAPER_CHECK_VALUE(samples[i].defined(), "Stack: every sample must have a ", what, "; sample ", i,
                      " of the batch has an undefined one");
    TAPER_CHECK_VALUE(samples[i].sizes() == samples[0].sizes(), "Stack: the ", what,
                      " of all samples must have the same sizes; got ", samples[0].sizes(),
                      " for sample 0 of the batch and ", samples[i].sizes(), " for sample ", i);
  }
  return stack(samples);
}

}  // namespace

Example<> Stack<Example<>>::apply_batch(std::vector<Example<>> samples) {
  std::vector<Tensor> data, targets;
  data.reserve(samples.size());
  targets.reserve(samples.size());
  for (Example<>& sample : samples) {
    data.push_back(std::move(sample.data));
    targets.push_back(std::move(sample.target));
  }
  return {stack_samples("data", data), stack_samples("target", targets)};
}

TensorExample Stack<TensorExample>::apply_batch(std::vector<TensorExample> samples) {
  std::vector<Tensor> data;
  data.reserve(samples.size());
  for (TensorExample& sample : samples) data.push_back(std::move(sample.data));
  return stack_samples("data", data);
}

}  // namespace taper::data::transforms
