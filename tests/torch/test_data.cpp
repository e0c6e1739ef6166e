// Loader, samplers and transforms against libtorch: one source for both (data_program.h).
#include "bridge.h"
#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/random.h>
#include <taper/data/data.h>

#include <cstdlib>

namespace with_taper {
namespace torch = taper;
#include "data_program.h"
}  // namespace with_taper
namespace with_torch {
#include "data_program.h"
}  // namespace with_torch

TEST_CASE("a loader visits the samples in libtorch's order and leaves the generator where libtorch does") {
  for (uint64_t seed : {0, 1, 12345}) {
    for (size_t n : {0, 1, 10, 257}) {
      for (size_t workers : {0, 2}) {
        CAPTURE(seed, n, workers);
        CHECK(with_taper::epochs(seed, n, 16, workers) == with_torch::epochs(seed, n, 16, workers));
      }
    }
  }
}

TEST_CASE("Normalize and Stack give libtorch's values, for samples of any rank") {
  torch::manual_seed(3);
  for (const std::vector<int64_t>& sizes :
       std::vector<std::vector<int64_t>>{{7}, {7, 5}, {7, 4, 3}, {7, 2, 4, 3}, {7, 3, 2, 4, 3}}) {
    for (bool per_channel : {false, true}) {
      CAPTURE(sizes, per_channel);
      const torch::Tensor rows = torch::rand(sizes);
      const auto expected = with_torch::normalized(rows, per_channel);
      const auto got = with_taper::normalized(bridge::to_taper(rows), per_channel);
      REQUIRE(got.size() == expected.size());
      for (size_t i = 0; i < got.size(); ++i) CHECK(bridge::max_difference(got[i], expected[i]) == 0);
    }
  }
}

// libtorch reads the unpacked files only: TAPER_DATA_RAW is a folder of those.
TEST_CASE("the first batch of MNIST is libtorch's, bit for bit") {
  const char* folder = std::getenv("TAPER_DATA_RAW");
  if (folder == nullptr) return;
  const auto got = with_taper::first_batch_of_mnist(folder);
  const auto expected = with_torch::first_batch_of_mnist(folder);
  CHECK(bridge::max_difference(got[0], expected[0]) == 0);
  CHECK(bridge::max_difference(got[1], expected[1]) == 0);
}
