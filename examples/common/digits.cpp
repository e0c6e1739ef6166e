#include "digits.h"

#include <taper/core/error.h>

#include <filesystem>

#include "options.h"

namespace examples {
Data load_digits(const std::string& folder, int64_t train_size, int64_t test_size) {
  using taper::data::datasets::MNIST;
  using taper::data::datasets::Split;
  using taper::data::datasets::SynthDigits;
  if (!folder.empty()) {
    return {Digits(MNIST(folder)), Digits(MNIST(folder, Split::kTest)),
            std::filesystem::absolute(folder).lexically_normal().string()};
  }
  const auto draw = [](Split split, int64_t count) {  // the same digits for every --seed, as with files
    return Digits(SynthDigits(split, /*seed=*/0, count == 0 ? taper::nullopt : taper::optional<size_t>(count)));
  };
  return {draw(Split::kTrain, train_size), draw(Split::kTest, test_size), "SynthDigits"};
}

void fit(const char* option, int64_t& wanted, size_t there) {
  TAPER_CHECK_VALUE(wanted <= static_cast<int64_t>(there), option, ": must be at most ", there,
                    ", the number of images in the data; got ", wanted);
  if (wanted == 0) wanted = static_cast<int64_t>(there);
}

Data load_digits(TrainingOptions& options) {
  Data data = load_digits(options.data, options.train_size, options.test_size);
  fit("--train-size", options.train_size, *data.train.size());
  fit("--test-size", options.test_size, *data.test.size());
  return data;
}

}  // namespace examples
