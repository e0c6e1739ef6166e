// The three products of a convolution - output, gradient of the input, gradient of the weight - on the layers of known
// nets: GF/s, counted as if every tap were multiplied, and their share of what the processor's fused multiply-adds can
// reach; beside them libtorch's, where it was found. The shortest times of runs that take turns.
//
//   conv [--threads N, default 1] [--rounds N] [words that a row's name must contain]
#include <taper/core/factories.h>
#include <taper/core/kernels/conv.h>
#include <taper/core/parallel.h>

#include "measure.h"

#if defined(TAPER_BENCH_TORCH)
#include <torch/torch.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace {

using std::int64_t;
using taper::Tensor;

struct Layer {
  std::string name;
  int64_t N, C, H, W, K, R, S;  // channels of all groups
  taper::kernels::ConvGeometry g;

  int64_t out(int d) const {
    const int64_t size = d == 0 ? H : W, kernel = d == 0 ? R : S;
    return (size + 2 * g.padding[d] - g.dilation[d] * (kernel - 1) - 1) / g.stride[d] + 1;
  }
  double flops() const { return 2.0 * static_cast<double>(N * K * out(0) * out(1) * (C / g.groups) * R * S); }
};

std::vector<Layer> layers() {
  std::vector<Layer> all;
  // Square images, kernels and so on; padding "same" unless said.
  const auto add = [&](const std::string& name, int64_t N, int64_t C, int64_t size, int64_t K, int64_t kernel,
                       int64_t stride = 1, int64_t groups = 1, int64_t dilation = 1, int64_t padding = -1) {
    if (padding < 0) padding = dilation * (kernel / 2);
    all.push_back({name,
                   N,
                   C,
                   size,
                   size,
                   K,
                   kernel,
                   kernel,
                   {{stride, stride}, {dilation, dilation}, {padding, padding}, groups}});
  };
  for (const int64_t N : {64, 1}) {
    const std::string b = " b" + std::to_string(N);
    add("CNN 1" + b, N, 1, 28, 32, 3);
    add("CNN 2" + b, N, 32, 14, 64, 3);
    add("LeNet 1" + b, N, 1, 28, 6, 5);
    add("LeNet 2" + b, N, 6, 14, 16, 5, 1, 1, 1, 0);
    add("CIFAR 0" + b, N, 3, 32, 16, 3);
    add("CIFAR 1" + b, N, 16, 32, 16, 3);
    add("CIFAR 1-2" + b, N, 16, 32, 32, 3, 2);
    add("CIFAR 2" + b, N, 32, 16, 32, 3);
    add("CIFAR 3" + b, N, 64, 8, 64, 3);
    const int64_t few = N > 1 ? 4 : 1;
    const std::string f = " b" + std::to_string(few);
    add("ResNet 0" + f, few, 3, 224, 64, 7, 2);
    add("ResNet 1" + f, few, 64, 56, 64, 3);
    add("ResNet 1-2" + f, few, 64, 56, 128, 3, 2);
    add("ResNet 2" + f, few, 128, 28, 128, 3);
    add("ResNet 3" + f, few, 256, 14, 256, 3);
    add("ResNet 4" + f, few, 512, 7, 512, 3);
    add("1x1 64-256" + f, few, 64, 56, 256, 1);
    add("1x1 256-64" + f, few, 256, 56, 64, 1);
    add("1x1 512-512" + f, few, 512, 14, 512, 1);
    add("1x1 strided" + f, few, 256, 56, 512, 1, 2);
    add("depthwise 3x3" + f, few, 128, 56, 128, 3, 1, 128);
    add("depthwise 3x3 strided" + f, few, 128, 56, 128, 3, 2, 128);
    add("depthwise 7x7" + f, few, 96, 28, 96, 7, 1, 96);
    add("grouped 32x4" + f, few, 128, 28, 128, 3, 1, 32);
    add("dilated 2" + f, few, 64, 28, 64, 3, 1, 1, 2);
    add("dilated 12" + f, few, 64, 28, 64, 3, 1, 1, 12);
    all.push_back({"signal 1-16" + f, few, 1, 1, 32000, 16, 1, 31, {{1, 4}, {1, 1}, {0, 15}, 1}});
    all.push_back({"signal 64-64" + f, few, 64, 1, 4000, 64, 1, 3, {{1, 1}, {1, 2}, {0, 2}, 1}});
  }
  return all;
}

// Products of a layer by one library.
struct Products {
  std::function<void()> product[3];
};

Products by_taper(const Layer& s) {
  const Tensor x = taper::randn({s.N, s.C, s.H, s.W}), w = taper::randn({s.K, s.C / s.g.groups, s.R, s.S});
  const Tensor dy = taper::randn({s.N, s.K, s.out(0), s.out(1)});
  const auto g = s.g;
  return {{[=] { taper::kernels::conv(x, w, {}, g, dy.sizes()); },
           [=] { taper::kernels::conv_input(dy, w, {}, g, x.sizes()); },
           [=] { taper::kernels::conv_weight(dy, x, g, w.sizes()); }}};
}

#if defined(TAPER_BENCH_TORCH)
Products by_torch(const Layer& s) {
  const at::Tensor x = at::randn({s.N, s.C, s.H, s.W}), w = at::randn({s.K, s.C / s.g.groups, s.R, s.S});
  const at::Tensor dy = at::randn({s.N, s.K, s.out(0), s.out(1)});
  const auto both = [](const int64_t(&values)[2]) { return std::vector<int64_t>{values[0], values[1]}; };
  const auto stride = both(s.g.stride), padding = both(s.g.padding), dilation = both(s.g.dilation);
  const int64_t groups = s.g.groups;
  const auto backward = [=](bool input) {
    at::convolution_backward(dy, x, w, at::nullopt, stride, padding, dilation, false, {0, 0}, groups,
                             {input, !input, false});
  };
  return {{[=] { at::conv2d(x, w, {}, stride, padding, dilation, groups); }, [=] { backward(true); },
           [=] { backward(false); }}};
}
#endif

void run(int threads, int rounds, const std::string& only) {
  taper::set_num_threads(threads);
  const double peak = bench::peak<float>() * threads;
  const char* const names[] = {"output", "input", "weight"};
  std::printf("%d thread%s; at most %.0f GF/s\n%-28s", threads, threads == 1 ? "" : "s", peak / 1e9, "");
  for (const char* name : names) std::printf(" | %9s %6s", name, "share");
#if defined(TAPER_BENCH_TORCH)
  at::set_num_threads(threads);
  for (const char* name : names) std::printf(" | libtorch %6s %5s", name, "ratio");
#endif
  std::printf("\n");
  for (const Layer& layer : layers()) {
    if (layer.name.find(only) == std::string::npos) continue;
    std::vector<Products> libraries{by_taper(layer)};
#if defined(TAPER_BENCH_TORCH)
    libraries.push_back(by_torch(layer));
#endif
    std::vector<std::vector<double>> best(libraries.size(), std::vector<double>(3, 1e9));
    for (int round = 0; round < rounds; ++round) {
      for (size_t p = 0; p < 3; ++p) {
        for (size_t i = 0; i < libraries.size(); ++i) {
          best[i][p] = std::min(best[i][p], bench::time_of(libraries[i].product[p], threads));
        }
      }
    }
    std::printf("%-28s", layer.name.c_str());
    for (size_t p = 0; p < 3; ++p) {
      const double speed = layer.flops() / best[0][p];
      std::printf(" | %9.1f %5.0f%%", speed / 1e9, 100 * speed / peak);
    }
    for (size_t p = 0; p < 3 && best.size() > 1; ++p) {
      std::printf(" | %15.1f %5.2f", layer.flops() / best[1][p] / 1e9, best[1][p] / best[0][p]);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  int threads = 1, rounds = 3;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const bool value = i + 1 < argc;
    if (value && std::strcmp(argv[i], "--threads") == 0) {
      threads = std::atoi(argv[++i]);
    } else if (value && std::strcmp(argv[i], "--rounds") == 0) {
      rounds = std::atoi(argv[++i]);
    } else {
      only = argv[i];
    }
  }
  run(threads, rounds, only);
}
