// Initial values against libtorch: the same seed and the same order of construction.
#include "bridge.h"
#include "catch.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

using bridge::max_difference;
using bridge::seed;

namespace {

const std::vector<std::vector<int64_t>> kSizes = {{15, 7}, {3, 2}, {64, 33}, {1, 1}, {4, 3, 5}, {8, 4, 3, 3}};

// Fills a tensor of each size in both, by the same function of namespace init.
template <class Ours, class Theirs>
void check(Ours ours, Theirs theirs, double tolerance) {
  for (const auto& sizes : kSizes) {
    for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
      INFO(taper::detail::str(sizes, " ", dtype));
      taper::Tensor a = taper::empty(sizes, dtype);
      torch::Tensor b = torch::empty(sizes, bridge::counterpart(dtype));
      ours(a);
      theirs(b);
      CHECK(max_difference(a, b) <= tolerance);
    }
  }
}

namespace ti = taper::nn::init;
namespace oi = torch::nn::init;

}  // namespace

TEST_CASE("Linear's initial values are libtorch's bit for bit") {
  seed(0);
  for (auto [in, out] : std::vector<std::pair<int64_t, int64_t>>{{7, 15}, {784, 512}, {512, 256}, {256, 10}, {1, 1}}) {
    taper::nn::Linear a(in, out);
    torch::nn::Linear b(in, out);
    CHECK(max_difference(a->weight, b->weight) == 0);
    CHECK(max_difference(a->bias, b->bias) == 0);
    taper::nn::Linear c(taper::nn::LinearOptions(in, out).bias(false));
    torch::nn::Linear d(torch::nn::LinearOptions(in, out).bias(false));
    CHECK(max_difference(c->weight, d->weight) == 0);
  }
}

TEST_CASE("xavier and kaiming values are libtorch's") {
  seed(0);
  check([](auto& t) { ti::xavier_uniform_(t, 1.5); }, [](auto& t) { oi::xavier_uniform_(t, 1.5); }, 1e-7);
  check([](auto& t) { ti::xavier_normal_(t); }, [](auto& t) { oi::xavier_normal_(t); }, 2e-6);
  check([](auto& t) { ti::kaiming_uniform_(t, 0.3); }, [](auto& t) { oi::kaiming_uniform_(t, 0.3); }, 1e-7);
  check([](auto& t) { ti::kaiming_normal_(t, 0, taper::kFanOut, taper::kReLU); },
        [](auto& t) { oi::kaiming_normal_(t, 0, torch::kFanOut, torch::kReLU); }, 2e-6);
  check([](auto& t) { ti::kaiming_uniform_(t, 0, taper::kFanIn, taper::kTanh); },
        [](auto& t) { oi::kaiming_uniform_(t, 0, torch::kFanIn, torch::kTanh); }, 1e-7);
}

TEST_CASE("orthogonal values are libtorch's") {
  seed(0);
  check([](auto& t) { ti::orthogonal_(t, 1.3); }, [](auto& t) { oi::orthogonal_(t, 1.3); }, 1e-5);
}

TEST_CASE("sparse, eye and dirac values are libtorch's") {
  seed(0);
  taper::Tensor a = taper::empty({10, 5});
  torch::Tensor b = torch::empty({10, 5});
  CHECK(max_difference(ti::sparse_(a, 0.35, 0.5), oi::sparse_(b, 0.35, 0.5)) <= 2e-6);
  CHECK(max_difference(ti::eye_(a), oi::eye_(b)) == 0);
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{3, 4, 5}, {4, 3, 2, 3}, {2, 2, 3, 3, 3}}) {
    CHECK(max_difference(ti::dirac_(taper::empty(sizes)), oi::dirac_(torch::empty(sizes))) == 0);
  }
}

TEST_CASE("gains are libtorch's") {
  CHECK(ti::calculate_gain(taper::kLeakyReLU, 0.2) == oi::calculate_gain(torch::kLeakyReLU, 0.2));
  CHECK(ti::calculate_gain(taper::kTanh) == oi::calculate_gain(torch::kTanh));
  CHECK(ti::calculate_gain(taper::kConv2D) == oi::calculate_gain(torch::kConv2D));
}

TEST_CASE("Dropout draws libtorch's masks") {
  seed(3);
  for (double p : {0.1, 0.5, 0.9}) {
    CHECK(max_difference(taper::nn::Dropout(p)(taper::ones({100, 7})), torch::nn::Dropout(p)(torch::ones({100, 7}))) <
          1e-6);
  }
}
