// What libtorch has and taper has not: each use is one line of error, with torch/torch.h ...
#include <torch/extension.h>  // error: there is no Python binding; see docs/porting.md
#include <torch/linalg.h>     // error: there is no torch::linalg; see docs/porting.md
#include <torch/script.h>     // error: there is no TorchScript
#include <torch/torch.h>

struct NetImpl : torch::nn::Module {
  NetImpl() {
    register_module("attention", attention);
    register_module("conv", conv);
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const auto [b, last] = attention(x, x, x);
    return conv->forward(torch::relu(b));
  }
  torch::nn::MultiheadAttention attention{torch::nn::MultiheadAttentionOptions(4, 2)};  // error: nn::MultiheadAttention
  torch::nn::Conv3d conv{nullptr};  // error: taper: there is no nn::Conv3d
};

int main() {
  namespace F = torch::nn::functional;
  const auto x = torch::ones({1, 2, 3});
  const auto model = torch::jit::load("model.pt");        // error: taper: there is no TorchScript; see docs/porting.md
  torch::jit::script::Module module;                      // error: taper: there is no TorchScript; see docs/porting.md
  torch::optim::LBFGS optimizer(NetImpl().parameters());  // error: taper: there is no optim::LBFGS; see docs/porting.md
  torch::nn::Sequential net(torch::nn::CrossMapLRN2d(2),  // error: taper: there is no nn::CrossMapLRN2d
                            torch::nn::MultiheadAttention(2, 3),  // error: taper: there is no nn::MultiheadAttention
                            torch::nn::EmbeddingBag(2, 3));       // error: taper: there is no nn::EmbeddingBag
  auto y = F::interpolate(x, F::InterpolateFuncOptions().mode(torch::kNearest));  // error: nn::functional::interpolate
  y = torch::fft::fft(x);                                                         // error: there is no torch::fft
  y = torch::linalg::inv(x).sum();                                                // error: there is no torch::linalg
  const auto [u, s, v] = torch::linalg::svd(x);                                   // error: there is no torch::linalg
  torch::nn::parallel::data_parallel(net, x);                                     // error: there is no nn::parallel
  torch::cuda::getCurrentCUDAStream();                                            // error: there is no CUDA
}
