// The images: MNIST files or SynthDigits.
#pragma once

#include <taper/data/data.h>

#include <string>
#include <variant>

namespace examples {

struct TrainingOptions;

// Either source as one type. Both store bytes and convert a batch to floats when it is requested.
class Digits : public taper::data::Dataset<Digits> {
 public:
  using Source = std::variant<taper::data::datasets::SynthDigits, taper::data::datasets::MNIST>;
  explicit Digits(Source source) : source_(std::move(source)) {}

  // {data [1, 28, 28] in [0, 1], target []}
  taper::data::Example<> get(size_t index) override {
    return std::visit([&](auto& source) { return source.get(index); }, source_);
  }
  // {data [n, 1, 28, 28], target [n]}
  taper::data::Example<> get_stacked(taper::ArrayRef<size_t> indices) {
    return std::visit([&](auto& source) { return source.get_stacked(indices); }, source_);
  }
  taper::optional<size_t> size() const override {
    return std::visit([](const auto& source) { return source.size(); }, source_);
  }

 private:
  Source source_;
};

// Normalised batches: mean 0 and standard deviation 1 over all pixels of MNIST.
// `images` are Digits, or Digits with transforms.
template <class Images>
auto normalized(Images images) {
  return std::move(images)
      .map(taper::data::transforms::Normalize<>(0.1307, 0.3081))
      .map(taper::data::transforms::Stack<>());
}

struct Data {
  Digits train, test;
  std::string source;  // "SynthDigits" or the folder
};

// Reads MNIST files from `folder`, or without one generates so many SynthDigits (0: all). Throws when files are missing
// or damaged.
Data load_digits(const std::string& folder, int64_t train_size = 0, int64_t test_size = 0);
// Replaces a `wanted` of 0 by the number available. ValueError, naming the option, if it is larger.
void fit(const char* option, int64_t& wanted, size_t there);
// According to the command line; sets the sizes in `options` that are 0. Also throws when there are fewer images than
// requested.
Data load_digits(TrainingOptions& options);

}  // namespace examples
