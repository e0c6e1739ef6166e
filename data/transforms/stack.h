// Stack: the samples of a batch to one example, all data in one tensor [n, ...] and all targets in another.
#pragma once

#include <taper/data/transforms/lambda.h>

namespace taper::data::transforms {

template <class T = Example<>>
struct Stack;

// The samples must agree in their sizes; an error names the two that differ.
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
