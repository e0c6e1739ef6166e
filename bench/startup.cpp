// The smallest program with a backward pass; bench/overhead.sh measures its run time and memory.
#include <torch/torch.h>

#include <sys/resource.h>

#include <cstdio>

int main() {
  const auto w = torch::ones({2, 2}, torch::requires_grad());
  torch::mm(w, torch::ones({2, 3})).sum().backward();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("gradient %g, most memory held %.1f MiB\n", w.grad()[0][0].item<double>(),
              static_cast<double>(usage.ru_maxrss) / 1024);
}
