#include <taper/core/error.h>
#include <taper/core/parallel.h>
#include <taper/data/synth_digits_raster.h>

#include "catch.h"
#include "support/scopes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

using taper::data::render_synth_digits;

namespace {

constexpr int64_t kPixels = 28 * 28;

struct Digits {
  Digits(uint64_t seed, bool train, int64_t first, int64_t count)
      : pixels(static_cast<size_t>(count * kPixels)), labels(static_cast<size_t>(count)) {
    render_synth_digits(seed, train, first, count, pixels.data(), labels.data());
  }
  bool operator==(const Digits&) const = default;
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
};

}  // namespace

TEST_CASE("synth digits: image i depends on seed, split and i alone") {
  const Digits all(3, true, 0, 300);
  const Digits part(3, true, 123, 100);
  CHECK(std::equal(part.pixels.begin(), part.pixels.end(), all.pixels.begin() + 123 * kPixels));
  CHECK(std::equal(part.labels.begin(), part.labels.end(), all.labels.begin() + 123));
  CHECK_FALSE(Digits(4, true, 0, 300) == all);
  CHECK_FALSE(Digits(3, false, 0, 300).pixels == all.pixels);
}

TEST_CASE("synth digits: the same bytes for any number of threads") {
  const auto with = [](int threads) {
    const support::Threads scope(threads);
    return Digits(0, true, 0, 1000);
  };
  CHECK(with(1) == with(2));
}

// The checksum stands for a claim about other machines: every compiler, flag and processor gives these bytes. Whoever
// changes the model on purpose changes it here, and says so in the changelog: published accuracies change with it.
TEST_CASE("synth digits: the same bytes on any machine") {
  const Digits digits(0, true, 0, 1000);
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (uint8_t pixel : digits.pixels) hash = (hash ^ pixel) * 1099511628211u;
  for (uint8_t label : digits.labels) hash = (hash ^ label) * 1099511628211u;
  CHECK(hash == 0x29dcf42042cdbd0bu);
}

TEST_CASE("synth digits: labels are balanced and shuffled") {
  const Digits digits(1, false, 0, 10000);
  std::array<std::array<int, 10>, 10> seen{};  // by place in the ten, by label
  for (size_t i = 0; i < digits.labels.size(); ++i) {
    REQUIRE(digits.labels[i] < 10);
    ++seen[i % 10][digits.labels[i]];
  }
  for (size_t label = 0; label < 10; ++label) {
    int total = 0;
    for (size_t place = 0; place < 10; ++place) {
      total += seen[place][label];
      CHECK(std::abs(seen[place][label] - 100) < 50);  // 100 expected, deviation 9.5
    }
    CHECK(total == 1000);
  }
}

TEST_CASE("synth digits: framed as MNIST frames, and inked as much") {
  const int64_t count = 2000;
  const Digits digits(2, true, 0, count);
  double ink = 0;
  int64_t off_centre = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t* image = digits.pixels.data() + i * kPixels;
    double mass = 0, x = 0, y = 0;
    int brightest = 0, left = 28, right = -1, top = 28, bottom = -1;
    for (int p = 0; p < kPixels; ++p) {
      mass += image[p];
      x += image[p] * (p % 28);
      y += image[p] * (p / 28);
      brightest = std::max<int>(brightest, image[p]);
      if (image[p] < 64) continue;
      left = std::min(left, p % 28), right = std::max(right, p % 28);
      top = std::min(top, p / 28), bottom = std::max(bottom, p / 28);
    }
    off_centre += std::abs(x / mass - 14) > 0.51 || std::abs(y / mass - 14) > 0.51;
    ink += mass;
    CHECK(brightest > 200);
    const int side = std::max(right - left, bottom - top) + 1;
    CHECK((side >= 16 && side <= 24));
  }
  CHECK(off_centre < count / 50);                                                          // the very lopsided
  CHECK(ink / static_cast<double>(count * kPixels * 255) == Approx(0.1307).margin(0.01));  // MNIST's mean
}

TEST_CASE("synth digits: the classes can be told apart, but not by their mean alone") {
  const Digits train(0, true, 0, 4000), test(0, false, 0, 1000);
  std::array<std::array<double, kPixels>, 10> mean{};
  for (size_t i = 0; i < 4000; ++i) {
    for (size_t p = 0; p < kPixels; ++p) mean[train.labels[i]][p] += train.pixels[i * kPixels + p] / 400.0;
  }
  int right = 0;
  for (size_t i = 0; i < 1000; ++i) {
    std::array<double, 10> distance{};
    for (size_t label = 0; label < 10; ++label) {
      for (size_t p = 0; p < kPixels; ++p) {
        distance[label] += std::pow(mean[label][p] - test.pixels[i * kPixels + p], 2);
      }
    }
    right += std::min_element(distance.begin(), distance.end()) - distance.begin() == test.labels[i];
  }
  CHECK(right > 700);  // MNIST: 82 %
  CHECK(right < 900);
}

TEST_CASE("synth digits: odd ranges") {
  render_synth_digits(0, true, 5, 0, nullptr, nullptr);
  const int64_t most = std::numeric_limits<int64_t>::max();
  CHECK(Digits(~0ull, false, most - 5, 5) == Digits(~0ull, false, most - 5, 5));
  std::vector<uint8_t> pixels(kPixels), labels(1);
  CHECK_THROWS_WITH(render_synth_digits(0, true, -1, 1, pixels.data(), labels.data()),
                    "render_synth_digits: first and count must be at least 0; got -1 and 1");
  CHECK_THROWS_AS(render_synth_digits(0, true, 0, -1, pixels.data(), labels.data()), taper::ValueError);
  CHECK_THROWS_AS(render_synth_digits(0, true, most, 1, pixels.data(), labels.data()), taper::ValueError);
  CHECK_THROWS_AS(render_synth_digits(0, true, 0, 1, nullptr, labels.data()), taper::ValueError);
}
