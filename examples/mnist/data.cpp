#include "data.h"

#include <taper/core/error.h>

#include <filesystem>

namespace mnist {
namespace {

void fit(const char* option, int64_t& wanted, const Digits& digits) {
  const auto there = static_cast<int64_t>(*digits.size());
  TAPER_CHECK_VALUE(wanted <= there, option, ": must be at most ", there, ", the number of images in the data; got ",
                    wanted);
  if (wanted == 0) wanted = there;
}

Data open(const Options& options) {
  using taper::data::datasets::MNIST;
  using taper::data::datasets::Split;
  using taper::data::datasets::SynthDigits;
  if (!options.data.empty()) {
    return {Digits(MNIST(options.data)), Digits(MNIST(options.data, Split::kTest)),
            std::filesystem::absolute(options.data).lexically_normal().string()};
  }
  const auto draw = [](Split split, int64_t count) {  // the same digits for every --seed, as with files
    return Digits(SynthDigits(split, /*seed=*/0, count == 0 ? taper::nullopt : taper::optional<size_t>(count)));
  };
  return {draw(Split::kTrain, options.train_size), draw(Split::kTest, options.test_size), "SynthDigits"};
}

}  // namespace

Data load(Options& options) {
  Data data = open(options);
  fit("--train-size", options.train_size, data.train);
  fit("--test-size", options.test_size, data.test);
  return data;
}

}  // namespace mnist
