// The networks of train_nets, handwritten: matrix products by OpenBLAS, loops around them, buffers allocated once,
// nothing else. The overhead of a framework is the difference to this program. --threads is the number of threads of
// OpenBLAS; the loops run on one.
//
// N = images of a batch, I = inputs of a layer, O = its outputs.
#include "rows.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

// The arrays of the following loop do not overlap.
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace {

using std::int64_t;
using Floats = std::vector<float>;

std::mt19937 generator(1);

Floats random_floats(int64_t count, float bound) {
  std::uniform_real_distribution<float> uniform(-bound, bound);
  Floats values(static_cast<size_t>(count));
  for (float& v : values) v = uniform(generator);
  return values;
}

// C [m, n] = op(A) op(B), row-major and dense.
void product(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float* a, const float* b, float beta, float* c) {
  const auto i = [](int64_t x) { return static_cast<blasint>(x); };
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, i(m), i(n), i(k), 1, a,
              i(ta ? m : k), b, i(tb ? k : n), beta, c, i(n));
}

struct Parameter {
  explicit Parameter(Floats initial) : value(std::move(initial)), gradient(value.size()), momentum(value.size()) {}
  void step() {
    const float lr = static_cast<float>(bench::kLearningRate), mu = static_cast<float>(bench::kMomentum);
    float* const w = value.data();
    float* const v = momentum.data();
    const float* const g = gradient.data();
    INDEPENDENT
    for (size_t i = 0; i < value.size(); ++i) {
      v[i] = mu * v[i] + g[i];
      w[i] -= lr * v[i];
    }
  }
  Floats value, gradient, momentum;
};

// y = f(BN(x W^T + b)): BN absent or in place of b, f absent for the last layer.
class Layer {
 public:
  Layer(int64_t n, int64_t in, int64_t out, bool batch_norm, bool activation, bool sigmoid)
      : N(n),
        I(in),
        O(out),
        batch_norm_(batch_norm),
        activation_(activation),
        sigmoid_(sigmoid),
        weight_(random_floats(out * in, 1 / std::sqrt(static_cast<float>(in)))),
        bias_(Floats(static_cast<size_t>(out))),
        gamma_(Floats(static_cast<size_t>(out), 1)),
        y(static_cast<size_t>(n * out)),
        dy(y.size()),
        xhat_(y.size()),
        mean_(static_cast<size_t>(out)),
        inv_std_(mean_),
        running_mean_(mean_),
        running_var_(mean_.size(), 1),
        sum_(mean_),
        sum_xhat_(mean_) {}

  void forward(const float* x) {
    if (!batch_norm_) {
      for (int64_t n = 0; n < N; ++n) std::copy(bias_.value.begin(), bias_.value.end(), y.begin() + n * O);
    }
    product(false, true, N, O, I, x, weight_.value.data(), batch_norm_ ? 0 : 1, y.data());
    if (batch_norm_) normalise();
    if (!activation_) return;
    if (sigmoid_) {
      for (float& v : y) v = 1 / (1 + std::exp(-v));
    } else {
      for (float& v : y) v = v > 0 ? v : 0;
    }
  }

  // dy is the gradient of y; dx, unless null, receives that of x.
  void backward(const float* x, float* dx) {
    if (activation_ && sigmoid_) {
      for (size_t i = 0; i < y.size(); ++i) dy[i] *= y[i] * (1 - y[i]);
    } else if (activation_) {
      for (size_t i = 0; i < y.size(); ++i) dy[i] = y[i] > 0 ? dy[i] : 0;
    }
    std::fill(bias_.gradient.begin(), bias_.gradient.end(), 0.0f);
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t o = 0; o < O; ++o) bias_.gradient[static_cast<size_t>(o)] += dy[static_cast<size_t>(n * O + o)];
    }
    if (batch_norm_) normalise_backward();
    product(true, false, O, I, N, dy.data(), x, 0, weight_.gradient.data());
    if (dx) product(false, false, N, I, O, dy.data(), weight_.value.data(), 0, dx);
  }

  void step() {
    weight_.step();
    bias_.step();
    if (batch_norm_) gamma_.step();
  }

 private:
  void normalise() {
    const size_t channels = static_cast<size_t>(O);
    std::fill(mean_.begin(), mean_.end(), 0.0f);
    std::fill(sum_.begin(), sum_.end(), 0.0f);
    for (size_t i = 0; i < y.size(); i += channels) {
      for (size_t o = 0; o < channels; ++o) mean_[o] += y[i + o];
    }
    for (float& m : mean_) m /= static_cast<float>(N);
    for (size_t i = 0; i < y.size(); i += channels) {
      for (size_t o = 0; o < channels; ++o) sum_[o] += (y[i + o] - mean_[o]) * (y[i + o] - mean_[o]);
    }
    for (size_t o = 0; o < channels; ++o) {
      const float var = sum_[o] / static_cast<float>(N);
      inv_std_[o] = 1 / std::sqrt(var + 1e-5f);
      running_mean_[o] += 0.1f * (mean_[o] - running_mean_[o]);
      running_var_[o] += 0.1f * (sum_[o] / static_cast<float>(N - 1) - running_var_[o]);
    }
    const float *gamma = gamma_.value.data(), *beta = bias_.value.data(), *mean = mean_.data(), *inv = inv_std_.data();
    for (size_t i = 0; i < y.size(); i += channels) {
      float *const out = &y[i], *const xhat = &xhat_[i];
      INDEPENDENT
      for (size_t o = 0; o < channels; ++o) {
        xhat[o] = (out[o] - mean[o]) * inv[o];
        out[o] = xhat[o] * gamma[o] + beta[o];
      }
    }
  }

  // dx = gamma / std (dy - mean(dy) - xhat mean(dy xhat)); the sums are the gradients of beta (made above) and gamma.
  void normalise_backward() {
    const size_t channels = static_cast<size_t>(O);
    std::fill(gamma_.gradient.begin(), gamma_.gradient.end(), 0.0f);
    for (size_t i = 0; i < y.size(); i += channels) {
      for (size_t o = 0; o < channels; ++o) gamma_.gradient[o] += dy[i + o] * xhat_[i + o];
    }
    for (size_t o = 0; o < channels; ++o) {
      sum_[o] = bias_.gradient[o] / static_cast<float>(N);
      sum_xhat_[o] = gamma_.gradient[o] / static_cast<float>(N);
      mean_[o] = gamma_.value[o] * inv_std_[o];
    }
    const float *factor = mean_.data(), *sum = sum_.data(), *sum_xhat = sum_xhat_.data();
    for (size_t i = 0; i < y.size(); i += channels) {
      float *const out = &dy[i], *const xhat = &xhat_[i];
      INDEPENDENT
      for (size_t o = 0; o < channels; ++o) out[o] = factor[o] * (out[o] - sum[o] - xhat[o] * sum_xhat[o]);
    }
  }

  const int64_t N, I, O;
  const bool batch_norm_, activation_, sigmoid_;
  Parameter weight_, bias_, gamma_;  // with batch_norm bias_ is its beta

 public:
  Floats y, dy;  // [N, O]

 private:
  Floats xhat_, mean_, inv_std_, running_mean_, running_var_, sum_, sum_xhat_;
};

// dy = gradient of the mean cross-entropy of y, [N, O]; returns the loss.
float cross_entropy(const Floats& y, const int64_t* label, int64_t N, int64_t O, Floats& dy) {
  float loss = 0;
  for (int64_t n = 0; n < N; ++n) {
    const float* const in = &y[static_cast<size_t>(n * O)];
    float* const out = &dy[static_cast<size_t>(n * O)];
    const float max = *std::max_element(in, in + O);
    float sum = 0;
    for (int64_t o = 0; o < O; ++o) sum += out[o] = std::exp(in[o] - max);
    loss += std::log(sum) + max - in[label[n]];
    for (int64_t o = 0; o < O; ++o) out[o] /= sum * static_cast<float>(N);
    out[label[n]] -= 1 / static_cast<float>(N);
  }
  return loss / static_cast<float>(N);
}

std::function<void()> make_step(const bench::Row& row) {
  if (row.sizes.empty()) return nullptr;  // the CNN
  auto layers = std::make_shared<std::vector<Layer>>();
  for (size_t i = 1; i < row.sizes.size(); ++i) {
    const bool hidden = i + 1 < row.sizes.size();
    layers->emplace_back(row.batch, row.sizes[i - 1], row.sizes[i], hidden && row.batch_norm, hidden, row.sigmoid);
  }
  const int64_t inputs = row.batch * row.sizes.front();
  auto images = std::make_shared<Floats>(random_floats(bench::kBatches * inputs, 1));
  auto labels = std::make_shared<std::vector<int64_t>>(static_cast<size_t>(bench::kBatches * row.batch));
  for (int64_t& label : *labels) label = static_cast<int64_t>(generator() % static_cast<unsigned>(row.sizes.back()));
  int64_t step = 0;
  return [=, &row]() mutable {
    const int64_t at = step++ % bench::kBatches;
    std::vector<Layer>& net = *layers;
    const auto input = [&](size_t i) { return i == 0 ? images->data() + at * inputs : net[i - 1].y.data(); };
    for (size_t i = 0; i < net.size(); ++i) net[i].forward(input(i));
    if (!row.train) return;
    const float loss =
        cross_entropy(net.back().y, labels->data() + at * row.batch, row.batch, row.sizes.back(), net.back().dy);
    if (loss < 0) std::abort();  // never: so that it is computed
    for (size_t i = net.size(); i-- > 0;) net[i].backward(input(i), i == 0 ? nullptr : net[i - 1].dy.data());
    for (Layer& layer : net) layer.step();
  };
}

}  // namespace

int main(int argc, char* argv[]) { return bench::run(argc, argv, make_step, openblas_set_num_threads); }
