// Loader, samplers and transforms against libtorch: one source for both (data_program.h).
#include "bridge.h"
#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/random.h>
#include <taper/data/data.h>
#include <taper/serialize/serialize.h>

#include <cstdlib>
#include <sstream>

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

TEST_CASE("the samplers for replicas give libtorch's indices") {
  for (size_t size : {0, 1, 2, 7, 64, 101}) {
    for (size_t replicas : {1, 2, 3, 8}) {
      for (size_t rank = 0; rank < replicas; ++rank) {
        for (bool duplicates : {true, false}) {
          CAPTURE(size, replicas, rank, duplicates);
          // Where the duplicates outnumber the samples libtorch's random order has indices past the end.
          if (!duplicates || replicas <= size) {
            CHECK(with_taper::random_replica(size, replicas, rank, duplicates) ==
                  with_torch::random_replica(size, replicas, rank, duplicates));
          }
          CHECK(with_taper::sequential_replica(size, replicas, rank, duplicates) ==
                with_torch::sequential_replica(size, replicas, rank, duplicates));
        }
      }
    }
  }
}

TEST_CASE("a sampler goes on from an archive as libtorch's does") {
  for (uint64_t seed : {0, 9}) {
    for (size_t before : {0, 1, 5, 11}) {
      CAPTURE(seed, before);
      CHECK(with_taper::resumed_samplers(seed, before) == with_torch::resumed_samplers(seed, before));
    }
  }
}

TEST_CASE("a stateful dataset gives libtorch's batches, epoch after epoch") {
  for (int end : {0, 1, 12, 13}) {
    for (size_t batch_size : {1, 4, 20}) {
      CAPTURE(end, batch_size);
      CHECK(with_taper::stateful_epochs(end, batch_size, 0, 0) == with_torch::stateful_epochs(end, batch_size, 0, 0));
      for (size_t max_jobs : {0, 1, 3}) {
        CHECK(with_taper::stateful_epochs(end, batch_size, 1, max_jobs) ==
              with_torch::stateful_epochs(end, batch_size, 1, max_jobs));
      }
    }
  }
}

TEST_CASE("batch size, drop_last, workers and max_jobs cut an epoch as libtorch's do") {
  for (size_t n : {0, 1, 12, 13}) {
    for (size_t batch_size : {1, 4, 12, 20}) {
      for (bool drop_last : {false, true}) {
        for (size_t workers : {0, 1, 3}) {
          for (size_t max_jobs : {0, 2}) {
            if (workers == 0 && max_jobs > 0) continue;  // with which libtorch refuses a second epoch
            CAPTURE(n, batch_size, drop_last, workers, max_jobs);
            CHECK(with_taper::batches(n, batch_size, workers, max_jobs, drop_last) ==
                  with_torch::batches(n, batch_size, workers, max_jobs, drop_last));
          }
        }
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
