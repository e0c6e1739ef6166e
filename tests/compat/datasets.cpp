// Every kind of dataset, sampler and loader option.
#include <torch/torch.h>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace data = torch::data;
using data::DataLoaderOptions;

namespace {

// Any sample by its index.
struct Squares : data::Dataset<Squares> {
  explicit Squares(int64_t n) : n_(n) {}
  data::Example<> get(size_t index) override {
    const auto i = static_cast<int64_t>(index);
    return {torch::full({2}, static_cast<double>(i)), torch::tensor(i * i)};
  }
  torch::optional<size_t> size() const override { return n_; }
  int64_t n_;
};

// Batches, without samples of their own.
struct Sums : data::datasets::BatchDataset<Sums, int64_t> {
  int64_t get_batch(torch::ArrayRef<size_t> indices) override {
    int64_t sum = 0;
    for (size_t index : indices) sum += static_cast<int64_t>(index);
    return sum;
  }
  torch::optional<size_t> size() const override { return 10; }
};

// A stream: so many of what comes next.
struct Stream : data::datasets::StreamDataset<Stream, std::vector<int>> {
  std::vector<int> get_batch(size_t count) override {
    std::vector<int> batch(count);
    for (int& value : batch) value = next_++;
    return batch;
  }
  torch::optional<size_t> size() const override { return torch::nullopt; }
  int next_ = 0;
};

// A source that says itself when the epoch is over.
struct Countdown : data::datasets::StatefulDataset<Countdown, std::vector<int>> {
  torch::optional<std::vector<int>> get_batch(size_t count) override {
    if (left_ == 0) return torch::nullopt;
    std::vector<int> batch;
    for (size_t i = 0; i < count && left_ > 0; ++i) batch.push_back(left_--);
    return batch;
  }
  void reset() override { left_ = 7; }
  torch::optional<size_t> size() const override { return torch::nullopt; }
  void save(torch::serialize::OutputArchive& archive) const override {
    archive.write("left", torch::tensor(left_), /*is_buffer=*/true);
  }
  void load(torch::serialize::InputArchive& archive) override {
    torch::Tensor saved;
    archive.read("left", saved, /*is_buffer=*/true);
    left_ = saved.item<int>();
  }
  int left_ = 7;
};

// Backwards.
struct ReverseSampler : data::samplers::Sampler<> {
  explicit ReverseSampler(size_t size) : size_(size), left_(size) {}
  void reset(torch::optional<size_t> new_size = torch::nullopt) override { left_ = new_size.value_or(size_); }
  torch::optional<std::vector<size_t>> next(size_t batch_size) override {
    if (left_ == 0) return torch::nullopt;
    std::vector<size_t> batch;
    while (batch.size() < batch_size && left_ > 0) batch.push_back(--left_);
    return batch;
  }
  void save(torch::serialize::OutputArchive&) const override {}
  void load(torch::serialize::InputArchive&) override {}
  size_t size_, left_;
};

template <class Loader>
void print_numbers(const char* title, Loader& loader) {
  std::cout << title;
  for (auto& batch : loader) {
    std::cout << " |";
    for (int value : batch) std::cout << ' ' << value;
  }
  std::cout << '\n';
}

template <class Sampler>
void print_rest(const char* title, Sampler& sampler) {
  std::cout << title;
  while (auto batch = sampler.next(3)) {
    std::cout << " |";
    for (size_t index : *batch) std::cout << ' ' << index;
  }
  std::cout << '\n';
}

// Half an epoch, then through an archive into another sampler.
template <class Sampler>
void save_and_load(const char* title, Sampler from, Sampler to) {
  from.next(4);
  std::stringstream stream;
  torch::save(from, stream);
  torch::load(to, stream);
  print_rest(title, to);
}

}  // namespace

int main() {
  torch::manual_seed(3);

  // Samples, through Stack, in random order, with workers and without.
  for (size_t workers : {0, 2}) {
    auto loader = data::make_data_loader(Squares(10).map(data::transforms::Stack<>()),
                                         DataLoaderOptions().batch_size(4).workers(workers).drop_last(true));
    for (data::Example<>& batch : *loader) {
      std::cout << batch.data.sizes() << ' ' << batch.data.sum().item<float>() << ' '
                << batch.target.sum().item<int64_t>() << '\n';
    }
    std::cout << loader->options().batch_size << ' ' << loader->options().workers << ' ' << loader->options().max_jobs
              << ' ' << loader->options().drop_last << ' ' << loader->options().enforce_ordering << '\n';
  }

  auto sums = data::make_data_loader<data::samplers::SequentialSampler>(Sums(), DataLoaderOptions(3).workers(1));
  for (int64_t& sum : *sums) std::cout << sum << ' ';
  std::cout << '\n';

  auto stream = data::make_data_loader(Stream(), data::samplers::StreamSampler(/*epoch_size=*/7), 3);
  print_numbers("stream", *stream);
  print_numbers("stream goes on", *stream);

  auto countdown = data::make_data_loader(Countdown(), DataLoaderOptions(2));
  print_numbers("countdown", *countdown);
  print_numbers("and again", *countdown);
  auto shared = data::datasets::make_shared_dataset<Countdown>();
  auto shared_loader = data::make_data_loader(shared, DataLoaderOptions(3).workers(1));
  print_numbers("shared", *shared_loader);
  std::cout << "left " << shared->left_ << '\n';
  auto doubled = data::make_data_loader(
      Countdown().map(data::transforms::BatchLambda<std::vector<int>>([](std::vector<int> batch) {
        for (int& value : batch) value *= 2;
        return batch;
      })),
      DataLoaderOptions(5));
  print_numbers("doubled", *doubled);
  Countdown a, b;
  a.get_batch(3);
  std::stringstream archive;
  torch::save(a, archive);
  torch::load(b, archive);
  std::cout << "left " << b.left_ << '\n';

  auto reversed = data::make_data_loader(Squares(5), ReverseSampler(5), DataLoaderOptions(2));
  for (auto& batch : *reversed) std::cout << batch.size() << ':' << batch[0].target.item<int64_t>() << ' ';
  std::cout << '\n';

  // Replicas that share an epoch.
  using data::samplers::DistributedRandomSampler;
  using data::samplers::DistributedSequentialSampler;
  for (size_t rank = 0; rank < 3; ++rank) {
    for (bool duplicates : {true, false}) {
      DistributedSequentialSampler in_order(10, 3, rank, duplicates);
      print_rest("in order", in_order);
      DistributedRandomSampler random(10, 3, rank, duplicates);
      for (size_t epoch = 0; epoch < 2; ++epoch) {
        random.set_epoch(epoch);
        random.reset();
        std::cout << random.epoch() << ' ' << random.index() << ' ';
        print_rest("random", random);
      }
    }
  }

  save_and_load("sequential", data::samplers::SequentialSampler(9), data::samplers::SequentialSampler(9));
  save_and_load("random", data::samplers::RandomSampler(9), data::samplers::RandomSampler(9));
  save_and_load("distributed", DistributedRandomSampler(20, 2, 1), DistributedRandomSampler(20, 2, 1));

  // Order given up for speed: each batch still comes once.
  auto unordered = data::make_data_loader<data::samplers::SequentialSampler>(
      Sums(), DataLoaderOptions(1).workers(2).max_jobs(5).enforce_ordering(false));
  std::vector<int64_t> seen;
  for (int64_t& sum : *unordered) seen.push_back(sum);
  std::sort(seen.begin(), seen.end());
  for (int64_t sum : seen) std::cout << sum << ' ';
  std::cout << '\n';

  // A worker that fails: the original error comes through.
  struct Failing : data::Dataset<Failing, int> {
    int get(size_t) override { throw std::invalid_argument("no such sample"); }
    torch::optional<size_t> size() const override { return 3; }
  };
  auto failing = data::make_data_loader(Failing(), DataLoaderOptions(1).workers(1));
  try {
    for (auto& batch : *failing) std::cout << "no error " << batch[0] << '\n';
  } catch (const data::WorkerException& e) {
    try {
      std::rethrow_exception(e.original_exception);
    } catch (const std::invalid_argument& original) {
      std::cout << "worker: " << original.what() << '\n';
    }
  }
}
