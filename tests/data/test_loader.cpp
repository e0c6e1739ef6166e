#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/data/data.h>

#include "catch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>

using namespace taper::data;
using samplers::SequentialSampler;
using Ints = std::vector<int>;

namespace {

// Sample i is the number i; get(i) may sleep or throw.
struct Numbers : datasets::Dataset<Numbers, int> {
  explicit Numbers(size_t n, std::function<void(size_t)> before_get = nullptr)
      : n_(n), before_(std::move(before_get)) {}
  int get(size_t index) override {
    if (before_) before_(index);
    return static_cast<int>(index);
  }
  taper::optional<size_t> size() const override { return n_; }

 private:
  size_t n_;
  std::function<void(size_t)> before_;
};

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

template <class Loader>
std::vector<Ints> epoch(Loader& loader) {
  std::vector<Ints> batches;
  for (auto& batch : *loader) batches.push_back(batch);
  return batches;
}

Ints sorted(const std::vector<Ints>& batches) {
  Ints all;
  for (const Ints& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  std::sort(all.begin(), all.end());
  return all;
}

Ints first_numbers(size_t n) {
  Ints all(n);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

TEST_CASE("each sample comes exactly once an epoch, the last batch may be short, for any number of workers") {
  for (size_t workers : {0, 1, 2, 5}) {
    CAPTURE(workers);
    auto loader = make_data_loader(Numbers(103), DataLoaderOptions(10).workers(workers));
    for (int repeat = 0; repeat < 3; ++repeat) {
      const auto batches = epoch(loader);
      REQUIRE(batches.size() == 11);
      for (size_t i = 0; i < 10; ++i) CHECK(batches[i].size() == 10);
      CHECK(batches[10].size() == 3);
      CHECK(sorted(batches) == first_numbers(103));
    }
  }
}

TEST_CASE("drop_last leaves out the short batch and no other") {
  for (size_t workers : {0, 2}) {
    const auto options = DataLoaderOptions(10).workers(workers).drop_last(true);
    auto uneven = make_data_loader<SequentialSampler>(Numbers(103), options);
    auto even = make_data_loader<SequentialSampler>(Numbers(100), options);
    auto few = make_data_loader<SequentialSampler>(Numbers(9), options);
    CHECK(sorted(epoch(uneven)) == first_numbers(100));
    CHECK(sorted(epoch(even)) == first_numbers(100));
    CHECK(epoch(few).empty());
  }
}

TEST_CASE("the order under a seed does not depend on workers or on who is faster") {
  const auto order = [](size_t workers, size_t max_jobs) {
    taper::manual_seed(11);
    Numbers numbers(60, [](size_t i) {
      if (i % 7 == 0) sleep_ms(1);
    });
    auto loader = make_data_loader(numbers, DataLoaderOptions(4).workers(workers).max_jobs(max_jobs));
    auto batches = epoch(loader);
    for (Ints& batch : epoch(loader)) batches.push_back(batch);
    return batches;
  };
  const auto expected = order(0, 0);
  CHECK(order(1, 1) == expected);
  CHECK(order(3, 2) == expected);
  CHECK(order(4, 100) == expected);
}

TEST_CASE("without enforce_ordering a slow batch does not hold up the others") {
  Numbers numbers(8, [](size_t i) {
    if (i == 0) sleep_ms(300);
  });
  auto loader = make_data_loader<SequentialSampler>(numbers, DataLoaderOptions(1).workers(2).enforce_ordering(false));
  const auto batches = epoch(loader);
  CHECK(batches.back() == Ints{0});
  CHECK(sorted(batches) == first_numbers(8));
}

TEST_CASE("an empty dataset has epochs without batches") {
  for (size_t workers : {0, 1}) {
    auto loader = make_data_loader(Numbers(0), DataLoaderOptions(4).workers(workers));
    CHECK(epoch(loader).empty());
    CHECK((loader->begin() == loader->end()));
  }
}

TEST_CASE("a worker's exception reaches the loop with its type, libtorch's message and the batch") {
  Numbers numbers(40, [](size_t i) {
    if (i == 13) throw std::out_of_range("thirteen is missing");
  });
  for (size_t workers : {1, 3}) {
    auto loader = make_data_loader<SequentialSampler>(numbers, DataLoaderOptions(4).workers(workers));
    size_t seen = 0;
    try {
      for (auto& batch : *loader) seen += batch.size();
      FAIL("no exception");
    } catch (const WorkerException& e) {
      CHECK(e.what() ==
            std::string("Caught exception in DataLoader worker thread. Original message: thirteen is missing"));
      CHECK(e.batch == 3);
      CHECK_THROWS_AS(std::rethrow_exception(e.original_exception), std::out_of_range);
    }
    CHECK(seen == 12);
  }
}

TEST_CASE("without workers an exception comes through as it is") {
  auto loader = make_data_loader(Numbers(4, [](size_t) { throw std::out_of_range("none"); }), 2);
  CHECK_THROWS_AS(*loader->begin(), std::out_of_range);
}

TEST_CASE("after a batch that failed the loop can go on with the next") {
  for (size_t workers : {0, 2}) {
    CAPTURE(workers);
    Numbers numbers(12, [](size_t i) {
      if (i == 4) throw 4;
    });
    auto loader = make_data_loader<SequentialSampler>(numbers, DataLoaderOptions(4).workers(workers));
    std::vector<Ints> batches;
    int failures = 0;
    auto it = loader->begin();
    while (true) {
      try {
        if (it == loader->end()) break;
        batches.push_back(*it);
        ++it;
      } catch (...) {
        ++failures;
      }
    }
    CHECK(failures == 1);
    CHECK(batches == std::vector<Ints>{{0, 1, 2, 3}, {8, 9, 10, 11}});
  }
}

TEST_CASE("a loop may be left at any time, and the loader used again or destroyed") {
  for (size_t workers : {0, 1, 4}) {
    auto loader = make_data_loader<SequentialSampler>(Numbers(1000, [](size_t) { std::this_thread::yield(); }),
                                                      DataLoaderOptions(5).workers(workers));
    for (int leave_at = 0; leave_at < 4; ++leave_at) {
      int seen = 0;
      for (auto& batch : *loader) {
        CHECK(batch[0] == 5 * seen);
        if (seen++ == leave_at) break;
      }
    }
    CHECK(sorted(epoch(loader)) == first_numbers(1000));
    loader->begin();
  }
}

TEST_CASE("workers fetch ahead, no further than max_jobs") {
  std::atomic<int> fetched{0};
  auto loader = make_data_loader<SequentialSampler>(Numbers(100, [&](size_t) { ++fetched; }),
                                                    DataLoaderOptions(1).workers(2).max_jobs(6));
  auto it = loader->begin();
  for (int i = 0; i < 2000 && fetched < 6; ++i) sleep_ms(1);
  sleep_ms(20);
  CHECK(fetched == 6);
  CHECK(loader->options().max_jobs == 6);
}

TEST_CASE("a wait longer than the timeout is an error, and the batch still comes") {
  std::atomic<bool> hold{true};
  Numbers numbers(2, [&](size_t) {
    while (hold) sleep_ms(1);
  });
  auto loader = make_data_loader<SequentialSampler>(
      numbers, DataLoaderOptions(2).workers(1).timeout(std::chrono::milliseconds(5)));
  auto it = loader->begin();
  CHECK_THROWS_WITH(*it, ContainsSubstring("within 5 ms"));
  hold = false;
  while (true) {
    try {
      CHECK(*it == Ints{0, 1});
      break;
    } catch (const taper::Error&) {
    }
  }
}

TEST_CASE("options that make no sense are refused") {
  const auto with = [](DataLoaderOptions options) { return make_data_loader(Numbers(4), options); };
  CHECK_THROWS_WITH(with(0), ContainsSubstring("batch_size must be at least 1; got 0"));
  CHECK_THROWS_WITH(with(static_cast<size_t>(-3)), ContainsSubstring("batch_size must be at least 1; got -3"));
  CHECK_THROWS_WITH(with(DataLoaderOptions(1).workers(static_cast<size_t>(-1))), ContainsSubstring("got -1"));
  CHECK_THROWS_AS(with(DataLoaderOptions(1).workers(2).max_jobs(0)), taper::ValueError);
  CHECK_THROWS_WITH(with(DataLoaderOptions(1).workers(2).max_jobs(static_cast<size_t>(-1))),
                    "DataLoader: max_jobs must be from 1 to 1048576 with workers; got -1");
  CHECK_THROWS_WITH(with(DataLoaderOptions(1).timeout(std::chrono::seconds(-1))),
                    "DataLoader: timeout must be at least 0 ms; got -1000 ms");
  CHECK_THROWS_AS(with(DataLoaderOptions(1).timeout(std::chrono::duration<double>(std::nan("")))), taper::ValueError);
  CHECK(with(DataLoaderOptions().workers(3))->options().max_jobs == 6);
  CHECK(with({})->options().batch_size == 1);
}

TEST_CASE("a batch size above the size of the dataset gives one batch") {
  auto loader = make_data_loader(Numbers(3), DataLoaderOptions(1'000'000'000).workers(2));
  CHECK(epoch(loader).size() == 1);
}

TEST_CASE("iterators: copies move together, the end cannot be read or passed, an old epoch cannot be read on") {
  auto loader = make_data_loader<SequentialSampler>(Numbers(4), 2);
  auto a = loader->begin();
  auto b = a;
  CHECK((a == b));
  CHECK((a != loader->end()));
  CHECK(a->size() == 2);
  ++a;
  CHECK(*b == Ints{2, 3});
  ++b;
  CHECK((a == loader->end()));
  CHECK_THROWS_AS(*a, taper::IndexError);
  CHECK_THROWS_AS(++a, taper::IndexError);
  CHECK_THROWS_AS(*loader->end(), taper::IndexError);
  CHECK((loader->end() == loader->end()));
  auto old = loader->begin();
  loader->begin();
  CHECK_THROWS_WITH(++old, ContainsSubstring("later begin()"));
}

TEST_CASE("a dataset without a size needs a sampler, a stream takes numbers of samples") {
  struct Stream : datasets::StreamDataset<Stream, Ints> {
    Ints get_batch(size_t n) override { return Ints(n, static_cast<int>(n)); }
    taper::optional<size_t> size() const override { return taper::nullopt; }
  };
  struct Endless : Numbers {
    Endless() : Numbers(1) {}
    taper::optional<size_t> size() const override { return taper::nullopt; }
  };
  CHECK_THROWS_WITH(make_data_loader(Endless(), 2), ContainsSubstring("pass a sampler"));
  for (size_t workers : {0, 2}) {
    auto loader = make_data_loader(Stream(), samplers::StreamSampler(5), DataLoaderOptions(2).workers(workers));
    CHECK(epoch(loader) == std::vector<Ints>{{2, 2}, {2, 2}, {1}});
  }
}

TEST_CASE("a sampler and a dataset of one's own, in libtorch's words") {
  struct Backwards : samplers::Sampler<> {
    void reset(taper::optional<size_t>) override { left = 5; }
    taper::optional<std::vector<size_t>> next(size_t n) override {
      if (left == 0) return taper::nullopt;
      std::vector<size_t> batch;
      while (left > 0 && batch.size() < n) batch.push_back(--left);
      return batch;
    }
    void save(taper::serialize::OutputArchive&) const override {}
    void load(taper::serialize::InputArchive&) override {}
    size_t left = 0;
  };
  auto loader = make_data_loader(Numbers(5), Backwards(), DataLoaderOptions(2));
  CHECK(epoch(loader) == std::vector<Ints>{{4, 3}, {2, 1}, {0}});
}

TEST_CASE("each worker has a copy of the dataset; a shared one is the same for all") {
  struct Counter : datasets::BatchDataset<Counter, int> {
    Counter() = default;
    Counter(const Counter&) {}
    int get_batch(taper::ArrayRef<size_t>) override { return ++calls; }
    taper::optional<size_t> size() const override { return 40; }
    std::atomic<int> calls{0};
  };
  auto shared = datasets::make_shared_dataset<Counter>();
  auto loader = make_data_loader(shared, DataLoaderOptions(1).workers(4));
  for (int call : *loader) CHECK(call <= 40);
  CHECK(shared->calls == 40);
  Counter own;
  auto loader_of_copies = make_data_loader(own, DataLoaderOptions(1).workers(4));
  for (int call : *loader_of_copies) CHECK(call <= 40);
  CHECK(own.calls == 0);
  CHECK_THROWS_AS(datasets::SharedBatchDataset<Counter>(nullptr), taper::ValueError);
}

TEST_CASE("ten workers are ten copies and ten threads, which may wait for each other") {
  struct Meeting {
    std::mutex mutex;
    std::condition_variable all_there;
    int copies = 0, arrived = 0;
  };
  struct Numbered : datasets::BatchDataset<Numbered, int> {
    explicit Numbered(Meeting* m) : meeting(m) {}
    Numbered(const Numbered& other) : meeting(other.meeting), number(meeting->copies++) {}
    Numbered(Numbered&&) = default;
    int get_batch(taper::ArrayRef<size_t>) override {
      std::unique_lock lock(meeting->mutex);
      ++meeting->arrived;
      meeting->all_there.notify_all();
      const bool there =
          meeting->all_there.wait_for(lock, std::chrono::seconds(30), [&] { return meeting->arrived >= 10; });
      return there ? number : -2;
    }
    taper::optional<size_t> size() const override { return 10; }
    Meeting* meeting;
    int number = -1;
  };
  Meeting meeting;
  auto loader = make_data_loader<SequentialSampler>(Numbered(&meeting), DataLoaderOptions(1).workers(10));
  CHECK(meeting.copies == 10);
  std::vector<int> numbers;
  for (int number : *loader) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  CHECK(numbers == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("random images are the same for any number of workers, differ by sample and epoch, and follow the seed") {
  const taper::Tensor images = taper::rand({37, 1, 9, 7});
  const auto run = [&](uint64_t seed, size_t workers) {
    taper::manual_seed(seed);
    auto loader = make_data_loader<SequentialSampler>(datasets::TensorDataset(images)
                                                          .map(transforms::RandomAffine<void>(20, 0.2, {0.8, 1.2}, 10))
                                                          .map(transforms::RandomShift<void>(1))
                                                          .map(transforms::Stack<TensorExample>()),
                                                      DataLoaderOptions(5).workers(workers));
    std::vector<taper::Tensor> epochs;
    for (int i = 0; i < 2; ++i) {
      std::vector<taper::Tensor> batches;
      for (auto& batch : *loader) batches.push_back(batch.data);
      epochs.push_back(taper::cat(batches));
    }
    return epochs;
  };
  const auto expected = run(5, 0);
  for (size_t workers : {1, 2, 4}) {
    const auto got = run(5, workers);
    CHECK(taper::equal(got[0], expected[0]));
    CHECK(taper::equal(got[1], expected[1]));
  }
  CHECK(!taper::equal(expected[0], expected[1]));
  CHECK(!taper::equal(run(6, 0)[0], expected[0]));
}

TEST_CASE("the generator is left alone by a loader without random transforms") {
  taper::manual_seed(2);
  auto loader = make_data_loader<SequentialSampler>(Numbers(4), 2);
  epoch(loader);
  const float after = taper::rand({1}).item<float>();
  taper::manual_seed(2);
  CHECK(taper::rand({1}).item<float>() == after);
}

TEST_CASE("a timeout of centuries is no timeout") {
  const auto slow = [](size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  auto loader = make_data_loader<SequentialSampler>(Numbers(2, slow),
                                                    DataLoaderOptions(1).workers(1).timeout(std::chrono::hours::max()));
  int n = 0;
  for (auto& batch : *loader) n += static_cast<int>(batch.size());
  CHECK(n == 2);
}
