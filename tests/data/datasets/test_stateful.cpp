// Datasets that say themselves what comes.
#include <taper/taper.h>

#include "catch.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <sstream>

using namespace taper;
using namespace taper::data;
using datasets::StatefulDataset;
using Numbers = std::vector<int64_t>;

namespace {

// The numbers below `end`, each once an epoch, whoever asks.
struct Counter : StatefulDataset<Counter, Numbers> {
  explicit Counter(int64_t n) : end(n) {}
  Counter(const Counter& other) : StatefulDataset(other), end(other.end), next(other.next.load()) {}
  optional<Numbers> get_batch(size_t batch_size) override {
    const int64_t from = next.fetch_add(static_cast<int64_t>(batch_size));
    if (from >= end) return nullopt;
    Numbers batch;
    for (int64_t i = from; i < std::min(end, from + static_cast<int64_t>(batch_size)); ++i) batch.push_back(i);
    return batch;
  }
  void reset() override {
    next = 0;
    ++resets;
  }
  optional<size_t> size() const override { return nullopt; }
  void save(serialize::OutputArchive& archive) const override { archive.write("next", tensor(next.load())); }
  void load(serialize::InputArchive& archive) override {
    Tensor saved;
    archive.read("next", saved);
    next = saved.item<int64_t>();
  }
  int64_t end;
  std::atomic<int64_t> next{0};
  int resets = 0;
};

template <class Loader>
Numbers all(Loader& loader) {
  Numbers numbers;
  for (auto& batch : loader) numbers.insert(numbers.end(), batch.begin(), batch.end());
  return numbers;
}

Numbers below(int64_t n) {
  Numbers numbers;
  for (int64_t i = 0; i < n; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace

TEST_CASE("a stateful dataset gives its batches until it has no more, epoch after epoch, for any number of workers") {
  for (size_t workers : {0, 1, 3}) {
    for (int64_t n : {0, 1, 10, 100}) {
      CAPTURE(workers, n);
      auto dataset = datasets::make_shared_dataset<Counter>(n);
      auto loader = make_data_loader(dataset, DataLoaderOptions(3).workers(workers));
      for (int epoch = 1; epoch <= 3; ++epoch) {
        Numbers seen = all(*loader);
        if (workers < 2) CHECK(seen == below(n));
        std::sort(seen.begin(), seen.end());
        CHECK(seen == below(n));
        CHECK(dataset->resets == epoch);
      }
    }
  }
  auto loader = make_data_loader(Counter(7));
  static_assert(std::is_same_v<decltype(loader), std::unique_ptr<StatefulDataLoader<Counter>>>);
  CHECK(all(*loader) == below(7));
}

TEST_CASE("a stateful dataset through a transform") {
  using Sum = transforms::BatchLambda<Numbers, int64_t>;
  const Sum sum([](Numbers batch) {
    int64_t total = 0;
    for (int64_t number : batch) total += number;
    return total;
  });
  auto loader = make_data_loader(Counter(7).map(sum), DataLoaderOptions(3).workers(1));
  Numbers sums;
  for (int64_t& total : *loader) sums.push_back(total);
  CHECK(sums == Numbers{0 + 1 + 2, 3 + 4 + 5, 6});
}

TEST_CASE("random images of a stateful dataset: workers take turns, and one worker is as good as none") {
  struct Pictures : StatefulDataset<Pictures, std::vector<Example<>>> {
    Pictures() = default;
    Pictures(const Pictures& other) : StatefulDataset(other), next(other.next.load()) {}
    optional<std::vector<Example<>>> get_batch(size_t count) override {
      if (next.fetch_add(1) >= 5) return nullopt;
      return std::vector<Example<>>(count, {arange(64, kFloat32).view({1, 8, 8}), tensor(1)});
    }
    void reset() override { next = 0; }
    optional<size_t> size() const override { return nullopt; }
    void save(serialize::OutputArchive&) const override {}
    void load(serialize::InputArchive&) override {}
    std::atomic<int> next{0};
  };
  const auto epoch = [](size_t workers) {
    manual_seed(4);
    auto loader = make_data_loader(Pictures().map(transforms::RandomCrop<>({4, 4})).map(transforms::Stack<>()),
                                   DataLoaderOptions(3).workers(workers));
    std::vector<Tensor> seen;
    for (auto& batch : *loader) seen.push_back(batch.data);
    return seen;
  };
  const std::vector<Tensor> expected = epoch(0), one = epoch(1);
  REQUIRE(expected.size() == 5);
  REQUIRE(one.size() == 5);
  for (size_t i = 0; i < 5; ++i) CHECK(equal(one[i], expected[i]));
  CHECK(!equal(expected[0], expected[1]));
  CHECK(epoch(3).size() == 5);
}

TEST_CASE("a stateful dataset is saved and loaded") {
  Counter counter(10), other(10);
  counter.get_batch(4);
  std::stringstream stream;
  save(counter, stream);
  load(other, stream);
  CHECK(*other.get_batch(3) == Numbers{4, 5, 6});
}

TEST_CASE("a stateful dataset: loops that are left, errors of workers") {
  auto dataset = datasets::make_shared_dataset<Counter>(100);
  auto loader = make_data_loader(dataset, DataLoaderOptions(1).workers(2).max_jobs(3));
  for (auto& batch : *loader) {
    if (batch[0] >= 5) break;
  }
  Numbers seen = all(*loader);
  std::sort(seen.begin(), seen.end());
  CHECK(seen == below(100));

  struct Broken : StatefulDataset<Broken, Numbers> {
    optional<Numbers> get_batch(size_t) override { throw Error("broken"); }
    void reset() override {}
    optional<size_t> size() const override { return nullopt; }
    void save(serialize::OutputArchive&) const override {}
    void load(serialize::InputArchive&) override {}
  };
  auto broken = make_data_loader(Broken(), DataLoaderOptions(1).workers(1));
  CHECK_THROWS_WITH(all(*broken), ContainsSubstring("broken"));
  auto plain = make_data_loader(Broken());
  CHECK_THROWS_WITH(all(*plain), "broken");
}

namespace {

// Says which batches were begun.
struct Announced : datasets::Dataset<Announced, int> {
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    size_t fetched = 0;
  };
  explicit Announced(std::shared_ptr<Shared> s) : shared(std::move(s)) {}
  int get(size_t i) override {
    const std::lock_guard lock(shared->mutex);
    ++shared->fetched;
    shared->changed.notify_all();
    return static_cast<int>(i);
  }
  optional<size_t> size() const override { return 6; }
  std::shared_ptr<Shared> shared;
};

}  // namespace

TEST_CASE("with a worker the next batch is fetched while the program computes") {
  auto shared = std::make_shared<Announced::Shared>();
  auto loader = make_data_loader<samplers::SequentialSampler>(Announced(shared), DataLoaderOptions(1).workers(1));
  size_t used = 0;
  for (auto& batch : *loader) {
    CHECK(batch[0] == static_cast<int>(used++));
    // Here the program would compute. It asks for nothing, and yet the batch after this one arrives.
    std::unique_lock lock(shared->mutex);
    const size_t wanted = std::min<size_t>(used + 1, 6);
    CHECK(shared->changed.wait_for(lock, std::chrono::seconds(20), [&] { return shared->fetched >= wanted; }));
  }
  CHECK(used == 6);
}
