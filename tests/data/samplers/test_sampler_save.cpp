// Samplers in archives, and those for several replicas.
#include "support/files.h"
#include "support/text.h"

#include <taper/taper.h>

#include <numeric>

using namespace taper::data::samplers;
using namespace support;
using taper::ValueError;
using Indices = std::vector<size_t>;

namespace {

Indices rest(Sampler<>& sampler) {
  Indices all;
  while (auto batch = sampler.next(3)) all.insert(all.end(), batch->begin(), batch->end());
  return all;
}

template <class S>
void through_a_file(const S& from, S& to) {
  const Folder folder;
  taper::save(from, folder / "sampler");
  taper::load(to, folder / "sampler");
}

// The archive that holds one tensor under each key.
struct Saved {
  Saved(std::initializer_list<std::pair<const char*, taper::Tensor>> items) {
    taper::serialize::OutputArchive out;
    for (const auto& [key, value] : items) out.write(key, value);
    std::stringstream stream;
    out.save_to(stream);
    archive.load_from(stream);
  }
  taper::serialize::InputArchive archive;
};

}  // namespace

TEST_CASE("a sampler that was saved goes on where it was") {
  taper::manual_seed(5);
  RandomSampler random(10), other(4, taper::kInt32);
  random.next(4);
  through_a_file(random, other);
  CHECK(other.index() == 4);
  CHECK(rest(other) == rest(random));

  SequentialSampler sequential(7), again(7);
  sequential.next(5);
  through_a_file(sequential, again);
  CHECK(rest(again) == Indices{5, 6});

  StreamSampler stream(9), stream_again(1);
  stream.next(4);
  through_a_file(stream, stream_again);
  CHECK(stream_again.next(100)->size() == 5);
  CHECK(!stream_again.next(1));

  DistributedRandomSampler replica(11, 2, 1), replica_again(11, 2, 1);
  replica.set_epoch(3);
  replica.reset();
  replica.next(2);
  through_a_file(replica, replica_again);
  CHECK(replica_again.epoch() == 3);
  CHECK(replica_again.index() == replica.index());
  CHECK(rest(replica_again) == rest(replica));
}

TEST_CASE("a sampler refuses what is none of its states, and stays as it was") {
  using taper::tensor;
  SequentialSampler sequential(3);
  sequential.next(1);
  const auto refuses = [](auto& sampler, Saved saved, const std::string& text) {
    CHECK_THAT(error_of([&] { sampler.load(saved.archive); }), ContainsSubstring(text));
  };
  refuses(sequential, {{"index", tensor(4)}}, "'index' must be from 0 to 3; got 4");
  refuses(sequential, {{"index", tensor(-1)}}, "'index' must be from 0 to 3; got -1");
  refuses(sequential, {{"index", tensor(1.0)}}, "'index' must be one int64; got Float of sizes []");
  refuses(sequential, {{"index", tensor({1, 2})}}, "'index' must be one int64; got Long of sizes [2]");
  refuses(sequential, {{"other", tensor(1)}}, "must hold a tensor named 'index'");
  CHECK(sequential.index() == 1);
  RandomSampler random(3);
  const Indices before = *RandomSampler(random).next(3);
  refuses(random, {{"index", tensor(1)}, {"indices", tensor({0, 1, 3})}}, "'indices' must be from 0 to 2");
  refuses(random, {{"index", tensor(1)}, {"indices", tensor({0, -1, 2})}}, "'indices' must be from 0 to 2");
  refuses(random, {{"index", tensor(1)}, {"indices", tensor({0.5})}}, "must be a list of integers; got Float");
  refuses(random, {{"index", tensor(4)}, {"indices", tensor({2, 1, 0})}}, "'index' must be from 0 to 3; got 4");
  CHECK(*random.next(3) == before);
  DistributedSequentialSampler replica(10, 2, 1);
  refuses(replica, {{"epoch_", tensor(0)}, {"sample_index_", tensor(4)}}, "must be from 5 to 10 for rank 1; got 4");
  refuses(replica, {{"epoch_", tensor(0)}, {"sample_index_", tensor(11)}}, "must be from 0 to 10; got 11");
  CHECK(replica.index() == 5);
}

TEST_CASE("replicas share an epoch: every sample once, the first ones twice or the last ones not at all") {
  for (size_t size : {0, 1, 2, 7, 10, 101}) {
    for (size_t replicas : {1, 2, 3, 5}) {
      for (bool duplicates : {true, false}) {
        CAPTURE(size, replicas, duplicates);
        const size_t each = duplicates ? (size + replicas - 1) / replicas : size / replicas;
        std::vector<int> seen(size), expected(size);
        for (size_t i = 0; i < each * replicas; ++i) ++expected[i % size];
        Indices in_order;
        for (size_t rank = 0; rank < replicas; ++rank) {
          DistributedRandomSampler random(size, replicas, rank, duplicates);
          random.set_epoch(4);
          random.reset();
          const Indices mine = rest(random);
          CHECK(mine.size() == each);
          for (size_t index : mine) ++seen.at(index);
          DistributedSequentialSampler sequential(size, replicas, rank, duplicates);
          const Indices piece = rest(sequential);
          in_order.insert(in_order.end(), piece.begin(), piece.end());
        }
        CHECK(seen == expected);
        for (size_t i = 0; i < in_order.size(); ++i) CHECK(in_order[i] == i % size);
      }
    }
  }
}

TEST_CASE("replicas: the order depends on the epoch's number alone, and takes part in a loader") {
  DistributedRandomSampler a(50), b(50);
  taper::manual_seed(1);
  const Indices first = rest(a);
  taper::manual_seed(2);
  b.reset();
  CHECK(rest(b) == first);
  b.set_epoch(1);
  b.reset();
  CHECK(rest(b) != first);
  b.reset(3);
  CHECK(rest(b).size() == 3);
  CHECK_THROWS_WITH(DistributedRandomSampler(5, 2, 2),
                    "DistributedSampler: rank must be below num_replicas; got 2 and 2");
  CHECK_THROWS_AS(DistributedSequentialSampler(5, 0, 0), ValueError);
  // Their product is 2^64, which is 0.
  CHECK_THROWS_WITH(DistributedSequentialSampler(static_cast<size_t>(-2), 4, 1),
                    "DistributedSampler: the size must be below 2^40; got 18446744073709551614");
  CHECK_THROWS_WITH(DistributedRandomSampler(1, static_cast<size_t>(-1)),
                    "DistributedSampler: num_replicas must be below 2^40; got 18446744073709551615");
  CHECK_THROWS_AS(b.reset(size_t{1} << 40), ValueError);
  CHECK(b.next(1) == taper::nullopt);
  b.reset();
  CHECK(rest(b).size() == 3);

  std::vector<double> values;
  auto loader = taper::data::make_data_loader(taper::data::datasets::TensorDataset(taper::arange(10))
                                                  .map(taper::data::transforms::Stack<taper::data::TensorExample>()),
                                              DistributedSequentialSampler(10, 2, 1),
                                              taper::data::DataLoaderOptions(2).workers(2));
  for (auto& batch : *loader) values.push_back(batch.data[0].item<double>());
  CHECK(values == std::vector<double>{5, 7, 9});
}
