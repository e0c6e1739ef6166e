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
