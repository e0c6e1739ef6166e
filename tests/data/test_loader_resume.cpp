// A loader that was saved in the middle of an epoch goes on with the next batch, whatever was fetched ahead.
#include "catch.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/data/data.h>
#include <taper/serialize/serialize.h>

#include <numeric>
#include <sstream>
#include <thread>

using namespace taper;
using namespace taper::data;
using namespace support;

namespace {

using Batches = std::vector<std::vector<float>>;

std::vector<float> values(const Tensor& t) {
  const Tensor flat = t.contiguous();
  return std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
}

// Pictures of 2 x 2, moved at random, whose numbers tell them apart.
auto pictures(int64_t n = 23) {
  return datasets::LabeledTensorDataset(arange(4 * n).to(kFloat32).view({n, 1, 2, 2}), arange(n))
      .map(transforms::RandomShift(1))
      .map(transforms::Stack<>());
}

template <class Sampler = samplers::RandomSampler>
auto loader_of(size_t workers, size_t batch_size = 4) {
  return make_data_loader<Sampler>(pictures(), DataLoaderOptions(batch_size).workers(workers));
}

// Up to `most` batches of one epoch.
Batches some(auto& loader, size_t most) {
  Batches batches;
  if (most == 0) return batches;
  for (auto& batch : loader) {
    batches.push_back(values(batch.data));
    if (batches.size() == most) break;
  }
  return batches;
}
constexpr size_t kAll = 1000;

Batches joined(Batches a, const Batches& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Gives the indices it is asked for, the first batches late.
struct Slow : datasets::BatchDataset<Slow, std::vector<size_t>> {
  std::vector<size_t> get_batch(ArrayRef<size_t> request) override {
    if (request[0] % 8 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return request.vec();
  }
  optional<size_t> size() const override { return 40; }
};

struct Numbers : datasets::BatchDataset<Numbers, size_t, size_t> {
  size_t get_batch(size_t count) override { return count; }
  optional<size_t> size() const override { return nullopt; }
};

}  // namespace

TEST_CASE("a loader saved after any batch goes on with the next, and so do the epochs after, for any workers") {
  for (const size_t workers : {0, 1, 3}) {
    for (const size_t later : {0, 2}) {
      for (size_t given = 1; given <= 6; ++given) {
        INFO(given << " batches with " << workers << " workers, then with " << later);
        manual_seed(3);
        const auto whole = loader_of(workers);
        some(*whole, kAll);
        const Batches epoch = some(*whole, kAll), next_epoch = some(*whole, kAll);

        manual_seed(3);
        const auto broken = loader_of(workers);
        some(*broken, kAll);
        const Batches first = some(*broken, given);
        const std::string state = saved(*broken);
        const Tensor random = default_generator().get_state();

        manual_seed(99);
        const auto resumed = loader_of(later);
        restore(*resumed, state);
        default_generator().set_state(random);
        CHECK(joined(first, some(*resumed, kAll)) == epoch);
        CHECK(some(*resumed, kAll) == next_epoch);
      }
    }
  }
}

TEST_CASE("a loader is saved again before and in the middle of what it was resumed with") {
  for (const size_t workers : {0, 3}) {
    manual_seed(3);
    const auto whole = loader_of(workers);
    const Batches epoch = some(*whole, kAll);
    manual_seed(3);
    const auto first = loader_of(workers);
    Batches seen = some(*first, 2);
    const auto second = loader_of(workers), third = loader_of(workers);
    restore(second, saved(first));  // the pointers
    restore(*third, saved(*second));
    seen = joined(seen, some(*third, 1));
    const auto fourth = loader_of(workers);
    restore(*fourth, saved(*third));
    CHECK(joined(seen, some(*fourth, kAll)) == epoch);
  }
}

TEST_CASE("a loader saved between two epochs begins the next one") {
  for (const size_t workers : {0, 2}) {
    manual_seed(3);
    const auto whole = loader_of(workers);
    const auto before = saved(*whole);
    const Tensor start = default_generator().get_state();
    const Batches epoch = some(*whole, kAll);
    const std::string between = saved(*whole);
    const Tensor random = default_generator().get_state();
    const Batches next = some(*whole, kAll);

    const auto resumed = loader_of(workers);
    restore(*resumed, between);
    default_generator().set_state(random);
    CHECK(some(*resumed, kAll) == next);
    restore(*resumed, before);
    default_generator().set_state(start);
    CHECK(some(*resumed, kAll) == epoch);

    // join() ends the epoch, and forgets what was loaded
    some(*whole, 2);
    whole->join();
    restore(*resumed, saved(*whole));
    CHECK(some(*resumed, kAll).size() == 6);
    some(*whole, 2);
    restore(*resumed, saved(*whole));
    resumed->join();
    CHECK(some(*resumed, kAll).size() == 6);
  }
}

TEST_CASE("what an epoch that was left early had fetched ahead is no part of the next one's state") {
  manual_seed(3);
  const auto whole = loader_of(2), broken = loader_of(2), resumed = loader_of(2);
  some(*whole, 2);
  const Tensor random = default_generator().get_state();
  const Batches epoch = some(*whole, kAll);
  manual_seed(3);
  restore(*broken, saved(*whole));  // any other permutation
  some(*broken, 2);
  default_generator().set_state(random);
  const Batches first = some(*broken, 1);
  restore(*resumed, saved(*broken));
  CHECK(joined(first, some(*resumed, kAll)) == epoch);
}

TEST_CASE("without enforce_ordering no sample is lost or seen twice either") {
  const auto make = [] {
    return make_data_loader<samplers::SequentialSampler>(
        Slow(), DataLoaderOptions(4).workers(3).max_jobs(5).enforce_ordering(false));
  };
  for (size_t given = 1; given < 10; ++given) {
    std::vector<size_t> seen;
    const auto first = make();
    size_t left = given;
    for (const auto& batch : *first) {
      seen.insert(seen.end(), batch.begin(), batch.end());
      if (--left == 0) break;
    }
    const auto second = make();
    restore(*second, saved(*first));
    for (const auto& batch : *second) seen.insert(seen.end(), batch.begin(), batch.end());
    std::sort(seen.begin(), seen.end());
    std::vector<size_t> all(40);
    std::iota(all.begin(), all.end(), size_t{0});
    CHECK(seen == all);
  }
}

TEST_CASE("a loader of a stream, and one that leaves out the short batch, go on as well") {
  for (const size_t workers : {0, 2}) {
    const auto make = [&] {
      return make_data_loader(Numbers(), samplers::StreamSampler(10), DataLoaderOptions(4).workers(workers));
    };
    const auto first = make();
    CHECK(*first->begin() == 4);
    const auto second = make();
    restore(*second, saved(*first));
    std::vector<size_t> rest;
    for (size_t n : *second) rest.push_back(n);
    CHECK(rest == std::vector<size_t>{4, 2});

    const auto dropping = [&] {
      return make_data_loader<samplers::SequentialSampler>(pictures(),
                                                           DataLoaderOptions(4).workers(workers).drop_last(true));
    };
    const auto third = dropping(), fourth = dropping();
    some(*third, 3);
    restore(*fourth, saved(*third));
    CHECK(some(*fourth, kAll).size() == 2);
    CHECK(some(*fourth, kAll).size() == 5);
  }
}

TEST_CASE("a failed batch counts as given") {
  struct Failing : datasets::BatchDataset<Failing, std::vector<size_t>> {
    std::vector<size_t> get_batch(ArrayRef<size_t> request) override {
      TAPER_CHECK(request[0] != 4, "mine");
      return request.vec();
    }
    optional<size_t> size() const override { return 12; }
  };
  for (const size_t workers : {0, 2}) {
    const auto make = [&] {
      return make_data_loader<samplers::SequentialSampler>(Failing(), DataLoaderOptions(4).workers(workers));
    };
    const auto first = make(), second = make();
    auto it = first->begin();
    CHECK((*it)[0] == 0);
    CHECK_THROWS_AS(++it, Error);
    restore(*second, saved(*first));
    CHECK((*second->begin())[0] == 8);
  }
}

TEST_CASE("loading into a loader whose loop is running ends that loop") {
  for (const size_t workers : {0, 2}) {
    const auto a = loader_of(workers), b = loader_of(workers);
    some(*b, 3);
    auto it = a->begin();
    ++it;
    restore(*a, saved(*b));
    CHECK_THROWS_WITH(++it, ContainsSubstring("the iterator must be of the running epoch"));
    CHECK(some(*a, kAll).size() == 3);
  }
}

TEST_CASE("what is no state of a loader is refused, and the loader goes on as it was") {
  manual_seed(3);
  const auto loader = loader_of(2), source = loader_of(2);
  some(*source, 2);
  serialize::OutputArchive good;
  source->save(good);
  some(*loader, 2);
  const std::string before = saved(*loader);
  const auto refused = [&](const std::string& key, const Tensor& value, const std::string& message) {
    serialize::OutputArchive archive;
    for (const auto& item : good.tensors()) {
      if (item.key() != key) archive.write(item.key(), item.value());
    }
    if (value.defined()) archive.write(key, value);
    std::stringstream stream;
    archive.save_to(stream);
    CHECK_THROWS_WITH(load(*loader, stream), ContainsSubstring(message));
    CHECK(saved(*loader) == before);
  };
  refused("batches", {}, "must hold a tensor named 'batches'");
  refused("batches", ones({}), "DataLoader: the stream: 'batches' must be one int64; got Float of sizes []");
  refused("batches", full({}, 1, kInt64), "'ahead' must hold rising numbers of batches");
  refused("running", full({}, 2, kInt64), "'running' must be from 0 to 1; got 2");
  refused("seed", ones({2}), "'seed' must be one int64; got Float of sizes [2]");
  refused("ahead.numbers", zeros({2, 2}), "'ahead.numbers' must be a list of int64; got Float of sizes [2, 2]");
  refused("ahead.numbers", full({4}, 3, kInt64), "'ahead' must hold rising numbers");
  refused("ahead.numbers", zeros({1}, kInt64), "'ahead' must hold rising numbers");
  refused("ahead.sizes", full({4}, int64_t{1} << 60, kInt64), "'ahead' must hold rising numbers");
  refused("ahead.requests", zeros({1}, kInt64), "'ahead' must hold rising numbers");
  refused("ahead.requests", full({14}, -1, kInt64), "'ahead.requests' must not be negative; got -1 at position 0");
  refused("sampler.index", full({}, 1000, kInt64), "RandomSampler: the stream ('sampler'): 'index' must be from 0");
  refused("sampler.indices", {}, "must hold a tensor named 'indices'");
  CHECK(some(*loader, kAll).size() == 6);

  // a sampler, and requests, of one's own
  struct Own : samplers::Sampler<> {
    void reset(optional<size_t>) override {}
    optional<std::vector<size_t>> next(size_t) override { return std::vector<size_t>{1}; }
  };
  const auto own = make_data_loader(pictures(), Own(), 4);
  CHECK_THROWS_AS(saved(*own), NotImplementedError);
  struct Words : samplers::Sampler<std::string> {
    void reset(optional<size_t>) override {}
    optional<std::string> next(size_t) override { return "word"; }
    void save(serialize::OutputArchive&) const override {}
    void load(serialize::InputArchive&) override {}
  };
  struct Book : datasets::BatchDataset<Book, std::string, std::string> {
    std::string get_batch(std::string word) override { return word; }
    optional<size_t> size() const override { return nullopt; }
  };
  for (const size_t workers : {0, 1}) {
    const auto book = make_data_loader(Book(), Words(), DataLoaderOptions(1).workers(workers));
    CHECK(*book->begin() == "word");
    if (workers == 0) restore(*book, saved(*book));
    if (workers > 0) CHECK_THROWS_WITH(saved(*book), ContainsSubstring("use a loader without workers"));
  }
}

TEST_CASE("a loader is not loaded with the place of one of another dataset") {
  auto small = make_data_loader(pictures(10), DataLoaderOptions(4).workers(2));
  auto large = make_data_loader(pictures(30), DataLoaderOptions(4).workers(0));
  some(*large, 2);
  const std::string of_large = saved(large), before = saved(small);
  CHECK_THROWS_WITH(restore(small, of_large), ContainsSubstring("must be of a loader of 10 samples") &&
                                                  ContainsSubstring("got that of one of 30"));
  CHECK(saved(small) == before);
  CHECK(some(*small, kAll).size() == 3);
}
