#include "digits.h"

#include <filesystem>

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

}  // namespace examples
