// Transforms from a function. Each worker of a loader calls its own copy.
#pragma once

#include <taper/data/transforms/base.h>

#include <functional>

namespace taper::data::transforms {

// Of a whole batch: BatchLambda<std::vector<Example<>>, MyBatch>([](std::vector<Example<>> samples) { ... })
template <class Input, class Output = Input>
class BatchLambda : public BatchTransform<Input, Output> {
 public:
  using FunctionType = std::function<Output(Input)>;

  explicit BatchLambda(FunctionType function) : function_(std::move(function)) {}
  Output apply_batch(Input input_batch) override { return function_(std::move(input_batch)); }

 private:
  FunctionType function_;
};

// Of one sample: Lambda<Example<>>([](Example<> sample) { ... })
template <class Input, class Output = Input>
class Lambda : public Transform<Input, Output> {
 public:
  using FunctionType = std::function<Output(Input)>;

  explicit Lambda(FunctionType function) : function_(std::move(function)) {}
  Output apply(Input input) override { return function_(std::move(input)); }

 private:
  FunctionType function_;
};

// A batch to a single value of any type.
template <class T, class BatchType = std::vector<T>>
using Collation = BatchTransform<BatchType, T>;
template <class T, class BatchType = std::vector<T>>
using Collate = BatchLambda<BatchType, T>;

}  // namespace taper::data::transforms
