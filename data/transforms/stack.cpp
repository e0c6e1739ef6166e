#include <taper/data/transforms/stack.h>

#include <taper/autograd/functions.h>

namespace taper::data::transforms {

Tensor detail::stack_samples(const char* op, const char* what, const std::vector<Tensor>& samples) {
  TAPER_CHECK_VALUE(!samples.empty(), op, ": there must be at least one sample; got an empty list");
  for (size_t i = 0; i < samples.size(); ++i) {
    TAPER_CHECK_VALUE(samples[i].defined(), op, ": every sample must have a ", what, "; sample ", i,
                      " has an undefined one");
    TAPER_CHECK_VALUE(samples[i].sizes() == samples[0].sizes(), op, ": the ", what,
                      " of all samples must have the same sizes; got ", samples[0].sizes(), " for sample 0 and ",
                      samples[i].sizes(), " for sample ", i);
  }
  return stack(samples);
}

Example<> Stack<Example<>>::apply_batch(std::vector<Example<>> samples) {
  std::vector<Tensor> data, targets;
  data.reserve(samples.size());
  targets.reserve(samples.size());
  for (Example<>& sample : samples) {
    data.push_back(std::move(sample.data));
    targets.push_back(std::move(sample.target));
  }
  return {detail::stack_samples("Stack", "data", data), detail::stack_samples("Stack", "target", targets)};
}

TensorExample Stack<TensorExample>::apply_batch(std::vector<TensorExample> samples) {
  std::vector<Tensor> data;
  data.reserve(samples.size());
  for (TensorExample& sample : samples) data.push_back(std::move(sample.data));
  return detail::stack_samples("Stack", "data", data);
}

}  // namespace taper::data::transforms
