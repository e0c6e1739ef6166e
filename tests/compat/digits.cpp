// The classic training program: a data set of its own, Normalize and Stack, two loaders, a module with dropout, NLL.
#include <torch/torch.h>

#include <cstddef>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

// 8 x 8 pictures of one of four shapes, shifted, with noise.
class Shapes : public torch::data::datasets::Dataset<Shapes> {
 public:
  explicit Shapes(size_t count) {
    const auto corner = torch::randint(0, 5, {static_cast<int64_t>(count), 2});
    labels_ = torch::randint(0, 4, {static_cast<int64_t>(count)}, torch::kLong);
    images_ = 0.3 * torch::rand({static_cast<int64_t>(count), 1, 8, 8});
    const auto at = corner.accessor<int64_t, 2>();
    const auto label = labels_.accessor<int64_t, 1>();
    auto image = images_.accessor<float, 4>();
    for (int64_t i = 0; i < labels_.size(0); ++i) {
      for (int64_t r = 0; r < 4; ++r) {
        for (int64_t c = 0; c < 4; ++c) {
          const bool edge = r == 0 || r == 3 || c == 0 || c == 3;
          const bool on[] = {edge, r == c, r + c == 3, r == 1 || c == 1};
          if (on[label[i]]) image[i][0][at[i][0] + r][at[i][1] + c] += 1.0f;
        }
      }
    }
  }
  torch::data::Example<> get(size_t index) override {
    return {images_[static_cast<int64_t>(index)], labels_[static_cast<int64_t>(index)]};
  }
  torch::optional<size_t> size() const override { return static_cast<size_t>(images_.size(0)); }

 private:
  torch::Tensor images_, labels_;
};

struct NetImpl : torch::nn::Module {
  explicit NetImpl(int64_t hidden)
      : fc1(register_module("fc1", torch::nn::Linear(64, hidden))), fc2(hidden, 4), dropout(0.2) {
    register_module("fc2", fc2);
    register_module("dropout", dropout);
  }
  torch::Tensor forward(torch::Tensor x) {
    x = x.view({-1, 64});
    x = torch::relu(fc1->forward(x));
    x = dropout(x);
    x = torch::dropout(x, /*p=*/0.1, is_training());
    return torch::log_softmax(fc2(x), /*dim=*/1);
  }
  torch::nn::Linear fc1, fc2;
  torch::nn::Dropout dropout;
};
TORCH_MODULE(Net);

template <typename DataLoader>
void train(size_t epoch, Net& model, torch::Device device, DataLoader& loader, torch::optim::Optimizer& optimizer) {
  model->train();
  double total = 0;
  size_t batches = 0;
  for (auto& batch : loader) {
    auto data = batch.data.to(device), targets = batch.target.to(device);
    optimizer.zero_grad();
    auto loss = torch::nll_loss(model(data), targets);
    AT_ASSERT(!std::isnan(loss.template item<float>()));
    loss.backward();
    optimizer.step();
    total += loss.template item<double>();
    ++batches;
  }
  std::printf("epoch %zu batches %zu loss %.4f\n", epoch, batches, total / static_cast<double>(batches));
}

template <typename DataLoader>
double test(Net& model, torch::Device device, DataLoader& loader, size_t size) {
  torch::NoGradGuard no_grad;
  model->eval();
  double loss = 0;
  int64_t correct = 0;
  for (const auto& batch : loader) {
    auto data = batch.data.to(device), targets = batch.target.to(device);
    auto output = model(data);
    loss += torch::nll_loss(output, targets, /*weight=*/{}, torch::Reduction::Sum).template item<double>();
    correct += output.argmax(1).eq(targets).sum().template item<int64_t>();
  }
  const double accuracy = static_cast<double>(correct) / static_cast<double>(size);
  std::printf("test loss %.4f accuracy %.3f\n", loss / static_cast<double>(size), accuracy);
  return accuracy;
}

int main() {
  torch::manual_seed(3);
  torch::DeviceType device_type = torch::kCPU;
  if (torch::cuda::is_available()) device_type = torch::kCUDA;
  torch::Device device(device_type);

  auto train_set =
      Shapes(1000).map(torch::data::transforms::Normalize<>(0.3, 0.4)).map(torch::data::transforms::Stack<>());
  const size_t train_size = train_set.size().value();
  auto train_loader =
      torch::data::make_data_loader<torch::data::samplers::RandomSampler>(std::move(train_set), /*batch_size=*/50);
  auto test_set =
      Shapes(230).map(torch::data::transforms::Normalize<>(0.3, 0.4)).map(torch::data::transforms::Stack<>());
  const size_t test_size = test_set.size().value();
  auto test_loader = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(
      std::move(test_set), torch::data::DataLoaderOptions().batch_size(100).workers(1));
  std::cout << train_size << " and " << test_size << " pictures\n";

  Net model(64);
  model->to(device);
  torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(0.05).momentum(0.9));
  double accuracy = 0;
  for (size_t epoch = 1; epoch <= 5; ++epoch) {
    train(epoch, model, device, *train_loader, optimizer);
    accuracy = test(model, device, *test_loader, test_size);
  }
  return accuracy > 0.9 ? 0 : 1;
}
