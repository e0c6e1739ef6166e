// The small change of libtorch programs: spellings that are easily overlooked, each used once.
#include <torch/torch.h>

#include <iostream>
#include <sstream>

struct Net : torch::nn::Module {
  explicit Net(int64_t n = 4)
      : fc1(torch::nn::LinearOptions(n, 3)), fc2(register_module("fc2", torch::nn::Linear(3, 2))) {
    register_module("fc1", fc1);
    torch::nn::init::xavier_uniform_(fc1->weight);
    torch::nn::init::constant_(fc1->bias, 0.1);
    torch::nn::init::kaiming_normal_(fc2->weight, 0.0, torch::kFanOut, torch::kReLU);
  }
  torch::Tensor forward(torch::Tensor x) { return fc2->forward(torch::relu(fc1->forward(x))); }
  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};

static void in_other_names(at::Tensor t, c10::optional<int64_t> maybe, c10::IntArrayRef sizes, at::ScalarType type) {
  std::cout << t.sum().item().toDouble() << ' ' << maybe.has_value() << sizes << type << '\n';
}

static void tensors() {
  in_other_names(at::ones({2, 2}), c10::nullopt, {1, 2}, at::kFloat);
  std::vector<float> values{1, 2, 3, 4};
  auto t = torch::from_blob(values.data(), {2, 2}, torch::kFloat).clone();
  std::cout << torch::max(t) << std::get<1>(torch::max(t, 1)) << torch::sum(t, 0) << torch::mean(t)
            << t.argmax(1, true);
  std::cout << torch::zeros(3) << torch::arange(0, 10, 2) << torch::linspace(0, 1, 5) << torch::full({2}, 1);
  std::cout << torch::exp(t) << torch::clamp(t, 1.5, 3) << torch::abs(-t) << !(t > 2).all().item<bool>() << '\n';
  std::cout << t.sizes().vec().size() << t.sizes().size() << t.size(0) << t.toString() << t.element_size() << '\n';
  std::cout << torch::equal(t, t) << t.equal(t) << torch::Tensor().defined() << t.is_contiguous() << '\n';
  torch::Tensor b = t.to(torch::kDouble);
  b = b.to(torch::kCPU, torch::kInt64);
  std::cout << b << (t.options().dtype(torch::kInt).dtype() == torch::kInt32) << '\n';
  const auto [largest, where] = t.max(0);
  std::cout << torch::split(t, 1, 0).size() << largest << where << '\n';
  const auto of_vector = torch::tensor(std::vector<int64_t>{1, 2}), nested = torch::tensor({{1, 2}, {3, 4}});
  std::cout << of_vector << nested.scalar_type() << torch::tensor(3).dim() << '\n';
  AT_DISPATCH_FLOATING_TYPES(t.scalar_type(), "first", [&] { std::cout << t.data_ptr<scalar_t>()[0] << '\n'; });
}

static void gradients() {
  auto w = torch::randn({3, 2}, torch::TensorOptions().dtype(torch::kFloat32).requires_grad(true));
  const auto loss = (w * 2).pow(2).mean();
  loss.backward();
  {
    torch::NoGradGuard no_grad;
    w -= 0.1 * w.grad();
    w.grad().zero_();
  }
  w.data() -= 0.1;
  w.data().mul_(2);
  std::cout << w << w.requires_grad() << ' ' << loss.item().to<float>() << ' ' << loss.item().toFloat() << '\n';
}

static void modules() {
  auto net = std::make_shared<Net>();
  net->to(torch::kDouble);
  net->to(torch::kFloat);
  torch::Device device = torch::cuda::is_available() ? torch::kCUDA : torch::kCPU;
  net->to(device);
  std::cout << device << ' ' << (device == torch::kCPU) << device.is_cpu() << '\n';
  for (auto& p : net->named_parameters()) std::cout << p.key() << p->sizes() << *p << '\n';
  std::cout << net->named_parameters()["fc1.weight"].sizes() << net->parameters().size() << '\n';

  torch::nn::Sequential seq;
  seq->push_back("a", torch::nn::Linear(2, 2));
  seq->push_back(torch::nn::Tanh());
  std::cout << seq << '\n';
  torch::nn::ModuleList list(torch::nn::Linear(1, 1), torch::nn::ReLU());
  std::cout << list->size() << (list[1]->as<torch::nn::ReLU>() ? " as it was" : " lost") << '\n';
  torch::nn::AnyModule any(torch::nn::Linear(2, 2));
  std::cout << any.forward<torch::Tensor>(torch::ones({1, 2})).sizes() << '\n';

  const auto x = torch::randn({5, 4}), y = torch::randint(0, 2, {5}, torch::dtype(torch::kLong));
  torch::nn::CrossEntropyLoss criterion;
  torch::optim::SGD optimizer(net->parameters(), 0.1);
  torch::optim::StepLR schedule(optimizer, 10, 0.5);
  optimizer.zero_grad();
  criterion(net->forward(x), y).backward();
  std::cout << torch::nn::utils::clip_grad_norm_(net->parameters(), 1.0) << '\n';
  optimizer.step();
  schedule.step();
  const auto closure = [&] {
    optimizer.zero_grad();
    auto loss = criterion(net->forward(x), y);
    loss.backward();
    return loss;
  };
  std::cout << optimizer.step(closure).item<float>() << '\n';

  std::stringstream stream;
  torch::save(net, stream);
  auto other = std::make_shared<Net>();
  torch::load(other, stream);
  TORCH_CHECK(torch::equal(net->fc1->weight, other->fc1->weight), "read back from a stream");
}

int main() {
  torch::manual_seed(0);
  torch::set_num_threads(1);
  std::cout << torch::get_num_threads() << at::get_num_threads() << '\n';
  tensors();
  gradients();
  modules();
  try {
    TORCH_CHECK(true);
    TORCH_CHECK(false, "sizes ", torch::ones({2}).sizes(), " of ", torch::kLong, " on ", torch::Device("cpu"));
  } catch (const c10::Error& error) {
    if (std::string(error.what()).find("sizes [2] of Long on cpu") != 0) return 1;
  }
}
