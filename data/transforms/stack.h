// Stack: the samples of a batch as one example, all data in one tensor [n, ...] and all targets in another.
#pragma once

#include <taper/data/transforms/lambda.h>

namespace taper::data::transforms {

namespace detail {
// [n, ...]. Throws ValueError, which begins with `op` and says `what` of the samples it is about, unless all n samples
// are defined and of the same sizes.
Tensor stack_samples(const char* op, const char* what, const std::vector<Tensor>& samples);
}  // namespace detail

template <class T = Example<>>
struct Stack;

// Throws ValueError, naming the two that differ, unless all samples have the same sizes.
template <>
struct TAPER_API Stack<Example<>> : Collation<Example<>> {
  using SelfType = Stack;
  Example<> apply_batch(std::vector<Example<>> samples) override;
  Example<> from_stacked(Example<> stacked) { return stacked; }
};

template <>
struct TAPER_API Stack<TensorExample> : Collation<TensorExample> {
  using SelfType = Stack;
  TensorExample apply_batch(std::vector<TensorExample> samples) override;
  TensorExample from_stacked(TensorExample stacked) { return stacked; }
};

}  // namespace taper::data::transforms
