// What libtorch has and taper has not: each use is one line of error.
#include <torch/extension.h>  // error: there is no Python binding; see docs/porting.md
#include <torch/linalg.h>     // error: there is no torch::linalg; see docs/porting.md
#include <torch/script.h>     // error: there is no TorchScript
#include <torch/torch.h>

struct NetImpl : torch::nn::Module {
  NetImpl() : lstm(3, 4) {
    register_module("lstm", lstm);
    register_module("gru", gru);
    register_module("conv", conv);
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const auto [a, state] = lstm->forward(x);
    const auto [b, last] = gru(a);
    return conv->forward(torch::relu(b));
  }
  torch::nn::LSTM lstm;                             // error: taper: there is no nn::LSTM; see docs/porting.md
  torch::nn::GRU gru{torch::nn::GRUOptions(3, 4)};  // error: taper: there is no nn::GRU; see docs/porting.md
  torch::nn::Conv3d conv{nullptr};                  // error: taper: there is no nn::Conv3d; see docs/porting.md
};

int main() {
  namespace F = torch::nn::functional;
  const auto x = torch::ones({1, 2, 3});
  const auto model = torch::jit::load("model.pt");        // error: taper: there is no TorchScript; see docs/porting.md
  torch::jit::script::Module module;                      // error: taper: there is no TorchScript; see docs/porting.md
  torch::optim::LBFGS optimizer(NetImpl().parameters());  // error: taper: there is no optim::LBFGS; see docs/porting.md
  torch::nn::Sequential net(torch::nn::RNN(2, 3),         // error: taper: there is no nn::RNN; see docs/porting.md
                            torch::nn::MultiheadAttention(2, 3),  // error: taper: there is no nn::MultiheadAttention
                            torch::nn::EmbeddingBag(2, 3));       // error: taper: there is no nn::EmbeddingBag
  F::interpolate(x, 2);                                           // error: there is no nn::functional::interpolate
  torch::fft::fft(x);                                             // error: there is no torch::fft
  torch::linalg::inv(x);                                          // error: there is no torch::linalg
  torch::nn::parallel::data_parallel(net, x);                     // error: there is no nn::parallel
  torch::cuda::getCurrentCUDAStream();                            // error: there is no CUDA
}
