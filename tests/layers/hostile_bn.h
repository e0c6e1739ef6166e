// Inputs that are hard for batch normalisation in float32, and how far a result is from the formulas in long double.
// tests/layers/test_hostile_bn.cpp holds taper to them, tests/torch/test_batchnorm_hostile.cpp compares with libtorch.
#pragma once

#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hostile {

struct Case {
  std::string name;
  std::vector<int64_t> sizes;  // [N, C] or [N, C, L]
  double eps;
  double (*value)(int64_t c, int64_t j, double normal);  // value j of channel c
};

inline std::vector<Case> cases() {
  const std::vector<int64_t> flat{64, 33}, runs{6, 5, 37};
  std::vector<Case> all;
  for (const auto& sizes : {flat, runs}) {
    const std::string shape = sizes.size() == 2 ? ", [64, 33]" : ", [6, 5, 37]";
    const auto add = [&](const char* name, double eps, double (*value)(int64_t, int64_t, double)) {
      all.push_back({name + shape, sizes, eps, value});
    };
    add("normal values", 1e-5, [](int64_t, int64_t, double n) { return n; });
    add("constant 0.1", 1e-5, [](int64_t, int64_t, double) { return 0.1; });
    add("constant 1e7", 1e-5, [](int64_t, int64_t, double) { return 1e7; });
    add("constant 1e30", 1e-5, [](int64_t, int64_t, double) { return 1e30; });
    add("1e7 + 10 n", 1e-5, [](int64_t, int64_t, double n) { return 1e7 + 10 * n; });
    add("mean 1e6 x deviation", 1e-5, [](int64_t, int64_t, double n) { return 1e6 + n; });
    add("mean -1e6 x deviation, small", 1e-5, [](int64_t, int64_t, double n) { return -1e3 + 1e-3 * n; });
    add("1e18 n", 1e-5, [](int64_t, int64_t, double n) { return 1e18 * n; });
    add("1e30 n", 1e-5, [](int64_t, int64_t, double n) { return 1e30 * n; });
    add("+-3e38", 1e-5, [](int64_t, int64_t j, double) { return j % 2 ? 3e38 : -3e38; });
    add("1e-25 n, eps 0", 0, [](int64_t, int64_t, double n) { return 1e-25 * n; });
    add("1e7 first, then n", 1e-5, [](int64_t, int64_t j, double n) { return j == 0 ? 1e7 : n; });
    add("every channel its own scale", 1e-5,
        [](int64_t c, int64_t, double n) { return std::pow(10.0, static_cast<double>(c) - 4) * (n + 3); });
  }
  return all;
}

// Twenty million normal values above 100, and as many again in a second sample.
inline Case forty_million() {
  return {"4e7 values in a channel", {2, 1, 20000000}, 1e-5, [](int64_t, int64_t, double n) { return 100 + n; }};
}

// One channel's statistics.
struct Moments {
  long double mean = 0, var = 0, invstd = 0;
};

template <class F>
void each_of_channel(const taper::Tensor& x, int64_t c, const F& f) {
  const int64_t C = x.size(1), S = x.numel() / (x.size(0) * C);
  for (int64_t n = 0; n < x.size(0); ++n) {
    for (int64_t s = 0; s < S; ++s) f((n * C + c) * S + s);
  }
}

inline Moments moments(const taper::Tensor& x, int64_t c, double eps) {
  const float* const p = x.data_ptr<float>();
  const long double m = static_cast<long double>(x.numel() / x.size(1));
  Moments r;
  each_of_channel(x, c, [&](int64_t i) { r.mean += p[i]; });
  r.mean /= m;
  each_of_channel(x, c, [&](int64_t i) { r.var += (p[i] - r.mean) * (p[i] - r.mean); });
  r.var /= m;
  r.invstd = 1 / std::sqrt(r.var + static_cast<long double>(eps));
  return r;
}

// A training step: input, parameters, cotangent. The cotangent leans on the input, so that no sum is what little
// remains of large terms.
struct Step {
  taper::Tensor x, dy, weight, bias;
};

inline Step make(const Case& c) {
  Step step;
  step.x = taper::empty(c.sizes, taper::kFloat32);
  const taper::Tensor normal = taper::randn(c.sizes), noise = taper::randn(c.sizes);
  step.dy = taper::empty(c.sizes, taper::kFloat32);
  const int64_t C = c.sizes[1];
  for (int64_t channel = 0; channel < C; ++channel) {
    int64_t j = 0;
    each_of_channel(step.x, channel, [&](int64_t i) {
      step.x.data_ptr<float>()[i] = static_cast<float>(c.value(channel, j++, normal.data_ptr<float>()[i]));
    });
    const Moments m = moments(step.x, channel, c.eps);
    each_of_channel(step.x, channel, [&](int64_t i) {
      const long double xhat = (step.x.data_ptr<float>()[i] - m.mean) * m.invstd;
      step.dy.data_ptr<float>()[i] =
          static_cast<float>(0.5 + 0.5 * static_cast<double>(xhat)) + 0.25f * noise.data_ptr<float>()[i];
    });
  }
  step.weight = taper::rand({C}) + 0.5;
  step.bias = taper::rand({C}) + 0.5;
  return step;
}

// What a layer made of it.
struct Result {
  taper::Tensor y, dx, dweight, dbias, running_mean, running_var;  // float32
};

// The largest error of each in any channel, relative to the largest value in the channel (of dx: to the largest of its
// terms, of running_mean: to mean or deviation); infinity where a value is not finite.
struct Errors {
  double y = 0, dx = 0, dweight = 0, dbias = 0, running_mean = 0, running_var = 0;
  double largest() const { return std::max({y, dx, dweight, dbias, running_mean, running_var}); }
};

inline Errors errors(const Case& c, const Step& step, const Result& result) {
  const auto raise = [](double& error, long double difference, long double scale) {
    const double e = static_cast<double>(scale == 0 ? difference : difference / scale);
    error = std::isfinite(e) ? std::max(error, e) : HUGE_VAL;
  };
  const auto at = [](const taper::Tensor& t, int64_t i) { return static_cast<long double>(t.data_ptr<float>()[i]); };
  const long double m = static_cast<long double>(step.x.numel() / step.x.size(1));
  Errors worst;
  for (int64_t channel = 0; channel < step.x.size(1); ++channel) {
    const Moments s = moments(step.x, channel, c.eps);
    const long double gamma = at(step.weight, channel), beta = at(step.bias, channel);
    long double dbias = 0, dweight = 0, largest_dy = 0, largest_y = 0, terms = 0;
    each_of_channel(step.x, channel, [&](int64_t i) {
      const long double xhat = (at(step.x, i) - s.mean) * s.invstd, dy = at(step.dy, i);
      dbias += dy;
      dweight += dy * xhat;
      terms += std::fabs(dy);
      largest_dy = std::max(largest_dy, std::fabs(dy));
      largest_y = std::max(largest_y, std::fabs(gamma * xhat + beta));
    });
    each_of_channel(step.x, channel, [&](int64_t i) {
      const long double xhat = (at(step.x, i) - s.mean) * s.invstd;
      raise(worst.y, std::fabs(at(result.y, i) - (gamma * xhat + beta)), largest_y);
      const long double dx = gamma * s.invstd * (at(step.dy, i) - dbias / m - xhat * dweight / m);
      raise(worst.dx, std::fabs(at(result.dx, i) - dx), gamma * s.invstd * largest_dy);
    });
    raise(worst.dbias, std::fabs(at(result.dbias, channel) - dbias), std::fabs(dbias));
    raise(worst.dweight, std::fabs(at(result.dweight, channel) - dweight), std::max(std::fabs(dweight), terms / 100));
    // The initial 0 and 1, a tenth of the way. What float cannot hold must not enter at all.
    const long double unbiased = s.var * m / (m - 1);
    if (unbiased > 3.4e38L) continue;
    raise(worst.running_mean, std::fabs(at(result.running_mean, channel) - 0.1L * s.mean),
          0.1L * std::max(std::fabs(s.mean), std::sqrt(s.var)));
    raise(worst.running_var, std::fabs(at(result.running_var, channel) - (0.9L + 0.1L * unbiased)),
          0.9L + 0.1L * unbiased);
  }
  return worst;
}

}  // namespace hostile
