// Save and load: a module, a tensor, several tensors, an optimiser in the middle of training, an archive of one's own.
#include <torch/torch.h>

#include <cstdio>
#include <iostream>
#include <string>

struct NetImpl : torch::nn::Module {
  NetImpl() : fc1(4, 6), fc2(6, 2), bn(6) {
    register_module("fc1", fc1);
    register_module("fc2", fc2);
    register_module("bn", bn);
    scale = register_parameter("scale", torch::ones(2));
  }
  torch::Tensor forward(torch::Tensor x) { return fc2(torch::tanh(bn(fc1(x)))) * scale; }
  torch::nn::Linear fc1, fc2;
  torch::nn::BatchNorm1d bn;
  torch::Tensor scale;
};
TORCH_MODULE(Net);

static void step(Net& net, torch::optim::SGD& optimizer, const torch::Tensor& x) {
  optimizer.zero_grad();
  net(x).pow(2).sum().backward();
  optimizer.step();
}

int main(int, char* argv[]) {
  const std::string base = std::string(argv[0]) + ".saved";
  torch::manual_seed(2);
  const auto x = torch::randn({20, 4});
  Net net;
  torch::optim::SGD optimizer(net->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  for (int i = 0; i < 5; ++i) step(net, optimizer, x);

  torch::save(net, base + "_net");
  torch::save(optimizer, base + "_optimizer");
  torch::save(x, base + "_tensor");
  torch::save(std::vector<torch::Tensor>{x, x.t().contiguous()}, base + "_tensors");

  Net other;
  torch::load(other, base + "_net");
  torch::optim::SGD other_optimizer(other->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  torch::load(other_optimizer, base + "_optimizer");
  TORCH_CHECK(other->bn->num_batches_tracked.item<int64_t>() == 5, "buffers are part of the file");
  for (int i = 0; i < 3; ++i) {
    step(net, optimizer, x);
    step(other, other_optimizer, x);
  }
  const auto a = net->parameters(), b = other->parameters();
  for (size_t i = 0; i < a.size(); ++i) TORCH_CHECK(torch::equal(a[i], b[i]), "training went on differently");
  std::cout << net->scale << '\n';

  torch::Tensor tensor;
  torch::load(tensor, base + "_tensor");
  TORCH_CHECK(torch::equal(tensor, x), "the tensor came back changed");
  std::vector<torch::Tensor> tensors;
  torch::load(tensors, base + "_tensors");
  TORCH_CHECK(tensors.size() == 2 && tensors[1].equal(x.t()), "the tensors came back changed");

  torch::serialize::OutputArchive out;
  out.write("x", x);
  out.write("half", x.narrow(0, 0, 10));
  out.save_to(base + "_archive");
  torch::serialize::InputArchive in;
  in.load_from(base + "_archive");
  torch::Tensor half;
  in.read("half", half);
  TORCH_CHECK(half.equal(x.slice(0, 0, 10)), "the archive came back changed");

  // the random numbers, too, go on where they were
  auto generator = at::detail::getDefaultCPUGenerator();
  const torch::Tensor state = generator.get_state();
  TORCH_CHECK(state.dtype() == torch::kByte && state.dim() == 1, "a state is a list of bytes");
  torch::save(state, base + "_random");
  const auto drawn = torch::randn({5}), more = torch::rand({700});
  torch::Tensor saved_state;
  torch::load(saved_state, base + "_random");
  generator.set_state(saved_state);
  TORCH_CHECK(torch::randn({5}).equal(drawn) && torch::rand({700}).equal(more), "other random numbers");
  torch::manual_seed(5);
  TORCH_CHECK(at::globalContext().defaultGenerator(torch::kCPU).current_seed() == 5, "another seed");
  TORCH_CHECK(at::globalContext().defaultGenerator(torch::kCPU) == generator, "another generator");
  at::Generator own = at::detail::createCPUGenerator(5);
  TORCH_CHECK(own.get_state().equal(generator.get_state()), "another state");
  std::cout << state.numel() << ' ' << drawn << '\n';

  bool refused = false;
  try {
    torch::load(other, base + "_nothing_here");
  } catch (const std::exception&) {
    refused = true;
  }
  TORCH_CHECK(refused, "a missing file is an error");
  for (const char* part : {"_net", "_optimizer", "_tensor", "_tensors", "_archive", "_random"})
    std::remove((base + part).c_str());
  std::cout << "all read back\n";
}
