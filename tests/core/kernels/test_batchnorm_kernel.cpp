// The batch normalisation kernels against the formulas in long double, on inputs that are hard for floating point.
#include "catch.h"
#include "support/scopes.h"

#include <taper/core/factories.h>
#include <taper/core/kernels/batchnorm.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace taper;
using namespace support;

namespace {

using Values = std::function<double(int64_t c, int64_t j)>;  // value j of channel c

double random_normal() { return randn({1}, kFloat64).item<double>(); }

// x[n, c, s] = values(c, n S + s), row-major.
Tensor make(IntArrayRef sizes, ScalarType dtype, const Values& values) {
  Tensor x = empty(sizes, kFloat64);
  const int64_t C = sizes[1], S = x.numel() / (sizes[0] * C);
  double* p = x.data_ptr<double>();
  for (int64_t i = 0; i < x.numel(); ++i) p[i] = values(i / S % C, i / S / C * S + i % S);
  return x.to(dtype);
}

// One channel's values in long double.
std::vector<long double> channel(const Tensor& x, int64_t c) {
  const Tensor d = x.contiguous().to(kFloat64);
  const int64_t C = x.size(1), S = x.numel() / (x.size(0) * C);
  std::vector<long double> v;
  for (int64_t n = 0; n < x.size(0); ++n) {
    for (int64_t s = 0; s < S; ++s) v.push_back(d.data_ptr<double>()[(n * C + c) * S + s]);
  }
  return v;
}

// The largest difference, relative to the largest value wanted (or to `scale`, where the wanted values are what little
// remains of larger terms).
double error(const std::vector<long double>& got, const std::vector<long double>& wanted, long double scale = 0) {
  long double largest = scale, difference = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::fabs(wanted[i]));
    // a NaN or infinity must not pass
    difference = std::fabs(got[i] - wanted[i]) <= difference ? difference : std::fabs(got[i] - wanted[i]);
    if (!std::isfinite(static_cast<double>(got[i]))) return HUGE_VAL;
  }
  return static_cast<double>(largest == 0 ? difference : difference / largest);
}

// Forward and backward of x against the formulas.
void check(const Tensor& x, double eps = 1e-5) {
  const int64_t C = x.size(1);
  const double tolerance = x.dtype() == kFloat32 ? 1e-6 : 1e-9;
  const Tensor weight = (randn({C}, kFloat64) + 2).to(x.dtype()), bias = randn({C}, kFloat64).to(x.dtype());
  const Tensor g = randn(x.sizes(), kFloat64).to(x.dtype());
  const kernels::BatchNormResult result = kernels::batch_norm_train(x, weight, bias, eps);
  const kernels::BatchNormGrads grads = kernels::batch_norm_backward(g, x, weight, result.stats, true, true, true);
  const double* stats = result.stats.data_ptr<double>();

  for (int64_t c = 0; c < C; ++c) {
    const std::vector<long double> v = channel(x, c), dy = channel(g, c);
    const long double m = static_cast<long double>(v.size());
    const long double gamma = weight[c].to(kFloat64).item<double>(), beta = bias[c].to(kFloat64).item<double>();
    long double mean = 0, var = 0, dbias = 0, dweight = 0;
    for (long double value : v) mean += value / m;
    for (long double value : v) var += (value - mean) * (value - mean) / m;
    const long double invstd = 1 / std::sqrt(var + eps);
    std::vector<long double> xhat, y, dx;
    long double largest_dy = 0;
    for (size_t j = 0; j < v.size(); ++j) {
      xhat.push_back((v[j] - mean) * invstd);
      y.push_back(xhat[j] * gamma + beta);
      dbias += dy[j];
      dweight += dy[j] * xhat[j];
      largest_dy = std::max(largest_dy, std::fabs(dy[j]));
    }
    for (size_t j = 0; j < v.size(); ++j) dx.push_back(gamma * invstd * (dy[j] - dbias / m - xhat[j] * dweight / m));

    INFO("channel " << c << " of " << C << ", mean " << static_cast<double>(mean) << ", var "
                    << static_cast<double>(var));
    const long double deviation = std::sqrt(var);
    REQUIRE(std::fabs(static_cast<double>(stats[c] - mean)) <=
            1e-6 * static_cast<double>(deviation) + 1e-12 * std::fabs(static_cast<double>(mean)));
    REQUIRE(stats[2 * C + c] == Approx(static_cast<double>(var)).epsilon(2e-6));
    REQUIRE(error(channel(result.y, c), y) < tolerance);
    REQUIRE(error(channel(grads.dx, c), dx, std::fabs(gamma) * invstd * largest_dy) < tolerance);
    // sums of M terms: the error is relative to the terms
    REQUIRE(std::fabs(static_cast<double>(grads.dbias[c].to(kFloat64).item<double>() - dbias)) <
            tolerance * std::sqrt(static_cast<double>(m)) * 4);
    REQUIRE(std::fabs(static_cast<double>(grads.dweight[c].to(kFloat64).item<double>() - dweight)) <
            tolerance * std::sqrt(static_cast<double>(m)) * 4);
  }
}

const std::vector<std::vector<int64_t>> kShapes{{64, 100}, {7, 3}, {5, 3, 11}, {6, 2, 5, 7}, {2, 3, 40, 41}};

void check_everywhere(const Values& values, double eps = 1e-5) {
  manual_seed(1);
  for (ScalarType dtype : {kFloat32, kFloat64}) {
    for (const auto& sizes : kShapes) check(make(sizes, dtype, values), eps);
  }
}

}  // namespace

TEST_CASE("batch norm kernel: ordinary values, forward and backward") {
  check_everywhere([](int64_t c, int64_t) { return static_cast<double>(c) + random_normal(); });
}

TEST_CASE("batch norm kernel: every number of channels and values fills the lanes right") {
  manual_seed(2);
  for (double mean : {0.0, 1e6}) {
    const auto values = [&](int64_t, int64_t) { return mean + random_normal(); };
    for (int64_t C :
         {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 63, 64, 65, 68, 79, 80, 100, 127, 128, 131, 200}) {
      check(make({5, C}, kFloat32, values));
      check(make({5, C}, kFloat64, values));
    }
    for (int64_t S : {2, 3, 4, 7, 8, 15, 16, 17, 31, 49, 64, 65, 127, 130, 700}) {
      check(make({3, 2, S}, kFloat32, values));
      check(make({3, 2, S}, kFloat64, values));
    }
  }
}

TEST_CASE("batch norm kernel: a mean a million times the deviation") {
  check_everywhere([](int64_t, int64_t) { return 1e6 + random_normal(); });
  check_everywhere([](int64_t, int64_t) { return -1e3 + 1e-3 * random_normal(); });
}

TEST_CASE("batch norm kernel: a constant channel has no deviation at all") {
  for (double constant : {1e7, 0.1, -3e-20, 1e30}) {
    for (const auto& sizes : kShapes) {
      const Tensor x = make(sizes, kFloat32, [&](int64_t, int64_t) { return constant; });
      const Tensor bias = randn({sizes[1]});
      const auto result = kernels::batch_norm_train(x, {}, bias, 1e-5);
      for (int64_t c = 0; c < sizes[1]; ++c) {
        REQUIRE(result.stats.data_ptr<double>()[2 * sizes[1] + c] == 0);
        for (long double y : channel(result.y, c)) REQUIRE(y == bias[c].item<double>());
      }
    }
  }
}

TEST_CASE("batch norm kernel: squares beyond the range of float") {
  check_everywhere([](int64_t, int64_t) { return 1e30 * random_normal(); });
  check_everywhere([](int64_t, int64_t) { return 1e20 * (1e4 + random_normal()); });
  check_everywhere([](int64_t, int64_t j) { return j % 2 ? 3e38 : -3e38; });
}

TEST_CASE("batch norm kernel: squares below the range of float, where eps is 0 or very small") {
  check_everywhere([](int64_t, int64_t) { return 1e-25 * random_normal(); }, 0);
  check_everywhere([](int64_t, int64_t) { return 1e-25 * random_normal(); }, 1e-50);
}

TEST_CASE("batch norm kernel: the first value is far away from all others") {
  check_everywhere([](int64_t, int64_t j) { return j == 0 ? 1e7 : random_normal(); });
  check_everywhere([](int64_t, int64_t j) { return j == 0 ? 1e-7 : 1e3 + random_normal(); });
}

TEST_CASE("batch norm kernel: several chunks of values are combined") {
  manual_seed(3);
  // chunks of 1024 rows, and of 65536 values where S > 1, some ending inside a sample
  check(make({2500, 5}, kFloat32,
             [](int64_t, int64_t j) { return 50 + static_cast<double>(j) * 0.01 + random_normal(); }));
  check(make({3, 2, 50000}, kFloat32,
             [](int64_t, int64_t j) { return 1e4 + static_cast<double>(j % 7) + random_normal(); }));
}

TEST_CASE("batch norm kernel: 40 million values in one channel, right to 1e-6") {
  // x counts 0 .. 999 above 1000, evenly: mean 1499.5, variance (1000^2 - 1) / 12
  Tensor x = empty({40000, 1, 1000}, kFloat32);
  float* const p = x.data_ptr<float>();
  for (int64_t i = 0; i < x.numel(); ++i) p[i] = 1000 + static_cast<float>(i * 7 % 1000);
  const auto result = kernels::batch_norm_train(x, {}, {}, 1e-5);
  const double* stats = result.stats.data_ptr<double>();
  const double var = (1e6 - 1) / 12;
  CHECK(std::fabs(stats[0] - 1499.5) < 1e-6 * std::sqrt(var));
  CHECK(std::fabs(stats[2] - var) < 1e-6 * var);
  const float* const y = result.y.data_ptr<float>();
  double worst = 0;
  for (int64_t i = 0; i < x.numel(); i += 997) {
    worst = std::max(worst, std::fabs(y[i] - (p[i] - 1499.5) / std::sqrt(var + 1e-5)));
  }
  CHECK(worst < 1e-6 * 1.74);
}

TEST_CASE("batch norm kernel: NaN and infinity stay in their channel") {
  manual_seed(4);
  for (const auto& sizes : kShapes) {
    const Tensor clean = make(sizes, kFloat32, [](int64_t, int64_t) { return random_normal(); });
    for (double bad : {std::nan(""), HUGE_VAL}) {
      Tensor x = clean.clone();
      x.data_ptr<float>()[0] = static_cast<float>(bad);  // channel 0
      const auto wanted = kernels::batch_norm_train(clean, {}, {}, 1e-5),
                 got = kernels::batch_norm_train(x, {}, {}, 1e-5);
      for (long double y : channel(got.y, 0)) REQUIRE(std::isnan(static_cast<double>(y)));
      REQUIRE_FALSE(std::isfinite(got.stats.data_ptr<double>()[0]));
      for (int64_t c = 1; c < sizes[1]; ++c) REQUIRE(error(channel(got.y, c), channel(wanted.y, c)) < 1e-6);
    }
  }
}

TEST_CASE("batch norm kernel: the same bits for 1, 2 and 3 threads") {
  manual_seed(5);
  for (const auto& sizes :
       std::vector<std::vector<int64_t>>{{64, 512}, {3000, 130}, {64, 8, 28, 28}, {2, 3, 300, 301}}) {
    const Tensor x = randn(sizes) + 5, g = randn(sizes), w = randn({sizes[1]}), b = randn({sizes[1]});
    check_threads([&] {
      const auto r = kernels::batch_norm_train(x, w, b, 1e-5);
      const auto d = kernels::batch_norm_backward(g, x, w, r.stats, true, true, true);
      return std::vector<Tensor>{r.y, r.stats, d.dx, d.dweight, d.dbias};
    });
  }
}

TEST_CASE("batch norm kernel: given statistics, forward and backward") {
  manual_seed(6);
  for (const auto& sizes : kShapes) {
    const int64_t C = sizes[1];
    const Tensor x = randn(sizes) * 3 + 1e4, g = randn(sizes), w = randn({C}), b = randn({C});
    Tensor stats = empty({3, C}, kFloat64);
    double* p = stats.data_ptr<double>();
    for (int64_t c = 0; c < C; ++c) {
      p[c] = 1e4 + random_normal();
      p[C + c] = 0.5 + static_cast<double>(c);
    }
    const Tensor y = kernels::batch_norm_apply(x, w, b, stats);
    const auto d = kernels::batch_norm_backward(g, x, w, stats, false, true, true);
    for (int64_t c = 0; c < C; ++c) {
      const std::vector<long double> v = channel(x, c), dy = channel(g, c);
      std::vector<long double> wanted_y, wanted_dx;
      long double dweight = 0, dbias = 0;
      const long double gamma = w[c].item<double>();
      for (size_t j = 0; j < v.size(); ++j) {
        const long double xhat = (v[j] - p[c]) * p[C + c];
        wanted_y.push_back(xhat * gamma + b[c].item<double>());
        wanted_dx.push_back(dy[j] * gamma * p[C + c]);
        dweight += dy[j] * xhat;
        dbias += dy[j];
      }
      REQUIRE(error(channel(y, c), wanted_y) < 1e-6);
      REQUIRE(error(channel(d.dx, c), wanted_dx) < 1e-6);
      REQUIRE(error({d.dweight[c].item<double>()}, {dweight}) < 1e-4);
      REQUIRE(error({d.dbias[c].item<double>()}, {dbias}) < 1e-4);
    }
  }
}

TEST_CASE("batch norm kernel: a view with other strides") {
  manual_seed(7);
  const Tensor x = randn({30, 20}).transpose(0, 1);
  const auto a = kernels::batch_norm_train(x, {}, {}, 1e-5),
             b = kernels::batch_norm_train(x.contiguous(), {}, {}, 1e-5);
  CHECK(a.y.equal(b.y));
}
