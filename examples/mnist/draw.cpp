#include "draw.h"

#include <algorithm>
#include <cmath>

#include "../common/text.h"

namespace examples::mnist {
namespace {

using taper::Tensor;

// The ink of MNIST's digits lies in the middle 20 x 20 pixels, shifted a little by centring.
constexpr int64_t kFirst = 3, kLast = 25, kWidth = kLast - kFirst;
constexpr int kGap = 3;
constexpr int64_t kMost = 6;

// Two pixels above each other are one character.
const char* half_block(float upper, float lower) {
  const bool a = upper > 0.4f, b = lower > 0.4f;
  return a ? (b ? "\u2588" : "\u2580") : (b ? "\u2584" : " ");
}

const char* ascii(float upper, float lower) {
  static const char* const shades[] = {" ", ".", ":", "+", "*", "#", "@"};
  return shades[static_cast<size_t>((upper + lower) / 2 * 6.99f)];
}

// Indices of the images that `result` got wrong, the most confident first.
std::vector<int64_t> mistakes(const Result& result, Digits& test) {
  const int64_t* predicted = result.predicted.data_ptr<int64_t>();
  const float* confidence = result.confidence.data_ptr<float>();
  const auto sure = [&](int64_t i) { return std::isnan(confidence[i]) ? 0 : confidence[i]; };
  std::vector<int64_t> wrong;
  for (int64_t i = 0; i < result.predicted.size(0); ++i) {
    if (predicted[i] != test.get(static_cast<size_t>(i)).target.item<int64_t>()) wrong.push_back(i);
  }
  std::stable_sort(wrong.begin(), wrong.end(), [&](int64_t a, int64_t b) { return sure(a) > sure(b); });
  return wrong;
}

std::string caption(int64_t index, int64_t label, const std::vector<Result>& results) {
  std::string text = format("a %lld", static_cast<long long>(label));
  for (const Result& result : results) {
    text += format(", %s %lld", result.name == "plain" ? "plain" : "BN",
                   static_cast<long long>(result.predicted.data_ptr<int64_t>()[index]));
  }
  return text;
}

}  // namespace

std::string draw_mistakes(const std::vector<Result>& results, Digits& test, int columns, bool blocks) {
  std::vector<int64_t> wrong = mistakes(results.back(), test);
  const int64_t fit = std::max<int64_t>(1, (columns + kGap) / (kWidth + kGap));
  wrong.resize(std::min({wrong.size(), static_cast<size_t>(fit), static_cast<size_t>(kMost)}));
  if (wrong.empty()) return "";

  std::vector<Tensor> images;
  std::string text, line;
  const auto end_line = [&] {
    line.resize(line.find_last_not_of(' ') + 1);  // nothing but blanks: npos + 1 = 0
    text += line + '\n';
    line.clear();
  };
  for (int64_t index : wrong) {
    const auto example = test.get(static_cast<size_t>(index));
    images.push_back(example.data[0]);
    line += format("%-*s", static_cast<int>(kWidth + kGap),
                   caption(index, example.target.item<int64_t>(), results).c_str());
  }
  end_line();
  for (int64_t y = kFirst; y < kLast; y += 2) {
    for (const Tensor& image : images) {
      const auto pixel = image.accessor<float, 2>();
      for (int64_t x = kFirst; x < kLast; ++x) {
        line += (blocks ? half_block : ascii)(pixel[y][x], pixel[y + 1][x]);
      }
      line.append(kGap, ' ');
    }
    end_line();
  }
  return text;
}

}  // namespace examples::mnist
