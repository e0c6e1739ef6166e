// A program in libtorch's words. test_data.cpp includes it twice: where `torch` is libtorch, and where it is taper.
// (No include guard.)

struct Numbers : torch::data::datasets::Dataset<Numbers, int> {
  explicit Numbers(size_t n) : n_(n) {}
  int get(size_t i) override { return static_cast<int>(i); }
  torch::optional<size_t> size() const override { return n_; }
  size_t n_;
};

// Three epochs in random order; -1 ends a batch, a random number an epoch.
inline std::vector<double> epochs(uint64_t seed, size_t n, size_t batch_size, size_t workers) {
  torch::manual_seed(seed);
  auto loader = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(
      Numbers(n), torch::data::DataLoaderOptions().batch_size(batch_size).workers(workers));
  std::vector<double> seen;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (auto& batch : *loader) {
      seen.insert(seen.end(), batch.begin(), batch.end());
      seen.push_back(-1);
    }
    seen.push_back(torch::rand({1}).item<float>());
  }
  return seen;
}

// All rows, normalised and stacked, in batches of three.
inline std::vector<torch::Tensor> normalized(torch::Tensor rows, bool per_channel) {
  using namespace torch::data::transforms;
  auto normalize = per_channel ? Normalize<void>({0.25, -1.5}, {0.3, 7.0}) : Normalize<void>(0.1307, 0.3081);
  auto dataset = torch::data::datasets::TensorDataset(rows).map(normalize).map(Stack<torch::data::TensorExample>());
  auto loader = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(std::move(dataset), 3);
  std::vector<torch::Tensor> batches;
  for (torch::data::TensorExample& batch : *loader) batches.push_back(batch.data);
  return batches;
}

inline std::vector<torch::Tensor> first_batch_of_mnist(const std::string& folder) {
  torch::manual_seed(1);
  auto dataset = torch::data::datasets::MNIST(folder, torch::data::datasets::MNIST::Mode::kTest)
                     .map(torch::data::transforms::Normalize<>(0.1307, 0.3081))
                     .map(torch::data::transforms::Stack<>());
  auto loader = torch::data::make_data_loader(std::move(dataset), torch::data::DataLoaderOptions(100).workers(1));
  auto batch = *loader->begin();
  return {batch.data, batch.target};
}

// The order of one replica: its place before and after, and the samples, in two epochs and after a reset to another
// size.
template <class Sampler>
std::vector<size_t> replica(size_t size, size_t replicas, size_t rank, bool duplicates) {
  Sampler sampler(size, replicas, rank, duplicates);
  std::vector<size_t> seen;
  for (size_t epoch = 0; epoch < 3; ++epoch) {
    sampler.set_epoch(7 * epoch);
    if (epoch == 2) {
      sampler.reset(size + 5);
    } else {
      sampler.reset();
    }
    seen.push_back(sampler.index());
    while (auto batch = sampler.next(4)) seen.insert(seen.end(), batch->begin(), batch->end());
    seen.push_back(sampler.index());
    seen.push_back(sampler.epoch());
  }
  return seen;
}

inline std::vector<size_t> random_replica(size_t size, size_t replicas, size_t rank, bool duplicates) {
  return replica<torch::data::samplers::DistributedRandomSampler>(size, replicas, rank, duplicates);
}

inline std::vector<size_t> sequential_replica(size_t size, size_t replicas, size_t rank, bool duplicates) {
  return replica<torch::data::samplers::DistributedSequentialSampler>(size, replicas, rank, duplicates);
}

// What comes after `before` samples were taken and the sampler went through an archive, then of a new epoch.
template <class Sampler>
std::vector<size_t> resumed(Sampler from, Sampler to, size_t before) {
  if (before > 0) from.next(before);
  std::stringstream stream;
  torch::save(from, stream);
  torch::load(to, stream);
  std::vector<size_t> seen;
  while (auto batch = to.next(3)) seen.insert(seen.end(), batch->begin(), batch->end());
  to.reset();
  while (auto batch = to.next(3)) seen.insert(seen.end(), batch->begin(), batch->end());
  return seen;
}

inline std::vector<std::vector<size_t>> resumed_samplers(uint64_t seed, size_t before) {
  using namespace torch::data::samplers;
  torch::manual_seed(seed);
  return {resumed(SequentialSampler(11), SequentialSampler(11), before),
          resumed(RandomSampler(11), RandomSampler(11), before),
          resumed(DistributedRandomSampler(30, 2, 1), DistributedRandomSampler(30, 2, 1), before),
          resumed(DistributedSequentialSampler(30, 2, 1), DistributedSequentialSampler(30, 2, 1), before)};
}

// The numbers below `end`, each once an epoch.
struct Source : torch::data::datasets::StatefulDataset<Source, std::vector<int>> {
  explicit Source(int end) : end_(end) {}
  torch::optional<std::vector<int>> get_batch(size_t count) override {
    if (next_ == end_) return torch::nullopt;
    std::vector<int> batch;
    for (size_t i = 0; i < count && next_ < end_; ++i) batch.push_back(next_++);
    return batch;
  }
  void reset() override { next_ = 0; }
  torch::optional<size_t> size() const override { return torch::nullopt; }
  void save(torch::serialize::OutputArchive&) const override {}
  void load(torch::serialize::InputArchive&) override {}
  int end_, next_ = 0;
};

// Three epochs; -1 ends a batch, -2 an epoch.
inline std::vector<int> stateful_epochs(int end, size_t batch_size, size_t workers, size_t max_jobs) {
  auto options = torch::data::DataLoaderOptions(batch_size).workers(workers);
  if (max_jobs > 0) options.max_jobs(max_jobs);
  auto loader = torch::data::make_data_loader(Source(end), options);
  std::vector<int> seen;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (auto& batch : *loader) {
      seen.insert(seen.end(), batch.begin(), batch.end());
      seen.push_back(-1);
    }
    seen.push_back(-2);
  }
  return seen;
}

// As stateful_epochs, of indices in order.
inline std::vector<int> batches(size_t n, size_t batch_size, size_t workers, size_t max_jobs, bool drop_last) {
  auto options = torch::data::DataLoaderOptions(batch_size).workers(workers).drop_last(drop_last);
  if (max_jobs > 0) options.max_jobs(max_jobs);
  auto loader = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(Numbers(n), options);
  std::vector<int> seen;
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (auto& batch : *loader) {
      seen.insert(seen.end(), batch.begin(), batch.end());
      seen.push_back(-1);
    }
    seen.push_back(-2);
  }
  return seen;
}
