// Images per second of two small networks with BatchNorm in inference, on random data: the model in evaluation mode
// under InferenceMode, and what optimize_for_inference makes of it. The same source for taper (inference) and for
// libtorch (inference_torch), which has no such function for an nn::Module.
//
//   inference [--threads N]
#include <torch/torch.h>

#include "nets.h"
#include "rows.h"

#include <cmath>
#include <string>

namespace nn = torch::nn;

namespace {

nn::Sequential make_mlp() {
  const auto plain = [](int64_t in, int64_t out) { return nn::Linear(nn::LinearOptions(in, out).bias(false)); };
  return nn::Sequential(plain(784, 512), nn::BatchNorm1d(512), nn::ReLU(), plain(512, 256), nn::BatchNorm1d(256),
                        nn::ReLU(), nn::Linear(256, 10));
}

void run(const char* name, nn::Sequential net, const std::vector<int64_t>& image) {
  net->eval();
  std::vector<int64_t> sizes = image;
  sizes.insert(sizes.begin(), 1);
#if defined(TAPER_VERSION_MAJOR)
  const auto predict = taper::nn::utils::optimize_for_inference(net, torch::randn(sizes));
#endif
  for (const int64_t batch : {1, 64, 256, 1000}) {
    sizes[0] = batch;
    const auto x = torch::randn(sizes);
    const double n = static_cast<double>(batch);
    // In turns, as both should meet the same machine.
    double plain = std::numeric_limits<double>::infinity(), optimized = plain;
    for (int round = 0; round < 10; ++round) {
      plain = std::min(plain, bench::time_of([&] { net->forward(x); }, 2, 0.03));
#if defined(TAPER_VERSION_MAJOR)
      optimized = std::min(optimized, bench::time_of([&] { predict(x); }, 2, 0.03));
#endif
    }
    std::printf("%-4s batch %4d %12.0f", name, static_cast<int>(batch), n / plain);
    if (std::isfinite(optimized)) std::printf(" %12.0f %8.2f", n / optimized, plain / optimized);
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc == 3 && std::string(argv[1]) == "--threads") torch::set_num_threads(std::atoi(argv[2]));
  torch::manual_seed(1);
  const torch::InferenceMode no_recording;
  std::printf("images per second, %d threads\n%-15s %12s", torch::get_num_threads(), "", "eval()");
#if defined(TAPER_VERSION_MAJOR)
  std::printf(" %12s %8s", "optimized", "ratio");
#endif
  std::printf("\n");
  run("MLP", make_mlp(), {784});
  run("CNN", bench::make_cnn(), {1, 28, 28});
}
