// Transforms of samples and batches; dataset.map(transform) applies one.
#pragma once

#include <taper/data/example.h>

#include <concepts>
#include <vector>

namespace taper::data::transforms {

// Of whole batches.
template <class InputBatch, class OutputBatch>
class BatchTransform {
 public:
  using InputBatchType = InputBatch;
  using OutputBatchType = OutputBatch;

  virtual ~BatchTransform() = default;
  virtual OutputBatch apply_batch(InputBatch input_batch) = 0;
};

// Of single samples.
template <class Input, class Output>
class Transform : public BatchTransform<std::vector<Input>, std::vector<Output>> {
 public:
  using InputType = Input;
  using OutputType = Output;

  virtual Output apply(Input input) = 0;
  std::vector<Output> apply_batch(std::vector<Input> input_batch) override {
    std::vector<Output> output_batch;
    output_batch.reserve(input_batch.size());
    for (Input& input : input_batch) output_batch.push_back(apply(std::move(input)));
    return output_batch;
  }
};

// ---- whole-tensor batches (datasets::GivesStacked) ------------------------------------------------------------------
// apply_stacked(stacked) is what stacking the results of apply() would give, computed on the stacked batch at once.
// SelfType is the class that defines it: a class derived from it, whose apply() may differ, does not inherit it.
template <class T>
concept MapsStacked = std::same_as<T, typename T::SelfType> &&
    std::same_as<typename T::InputBatchType, typename T::OutputBatchType> &&
    requires(T& transform, typename T::InputType stacked) {
  { transform.apply_stacked(std::move(stacked)) } -> std::same_as<typename T::InputType>;
};

// from_stacked(stacked) equals apply_batch of the samples in `stacked`.
template <class T>
concept TakesStacked = std::same_as<T, typename T::SelfType> &&
    requires(T& transform, typename T::InputBatchType::value_type stacked) {
  { transform.from_stacked(std::move(stacked)) } -> std::same_as<typename T::OutputBatchType>;
};

// ---- randomness -----------------------------------------------------------------------------------------------------
// A random transform has reseed(seed), which the loader calls before each batch with a seed computed from one number
// drawn at the start of the epoch and the number of the batch: so the result depends neither on the number of workers
// nor on which of them runs the transform.
template <class T>
concept Reseedable = requires(T& transform, uint64_t seed) {
  transform.reseed(seed);
};

namespace detail {
// A hash of two numbers: SplitMix64 (Steele, Lea, Flood 2014).
constexpr uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t z = a + (b + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
// A seed from taper's default generator.
TAPER_API uint64_t draw_seed();
}  // namespace detail

}  // namespace taper::data::transforms
