#include <taper/layers/analysis/update_bn.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/ops/batchnorm.h>
#include <taper/core/factories.h>
#include <taper/layers/batchnorm_internal.h>
#include <taper/layers/scopes_internal.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace taper::nn::utils {
namespace {

// Statistics of all elements that reached a layer so far, and the sums behind the plain average over batches.
struct Pool {
  std::vector<double> mean, m2;  // of all elements; m2 = sum (x - mean)^2
  int64_t values = 0, batches = 0, skipped = 0;
  std::vector<double> sum_mean, sum_var;
  int64_t in_sums = 0;

  explicit Pool(int64_t channels) : mean(static_cast<size_t>(channels)), m2(mean), sum_mean(mean), sum_var(mean) {}

  // Adds `count` elements with their own mean and (biased) variance (Chan et al. 1983).
  void add(const double* batch_mean, const double* batch_var, int64_t count) {
    const double n = static_cast<double>(values), m = static_cast<double>(count), all = n + m;
    for (size_t c = 0; c < mean.size(); ++c) {
      const double delta = batch_mean[c] - mean[c];
      mean[c] += delta * (m / all);
      m2[c] += batch_var[c] * m + delta * delta * (n * m / all);
    }
    values += count;
    ++batches;
    if (count < 2) return;
    for (size_t c = 0; c < mean.size(); ++c) {
      sum_mean[c] += batch_mean[c];
      sum_var[c] += batch_var[c] * (m / (m - 1));
    }
    ++in_sums;
  }
};

// values / divisor, [C] float64
Tensor per_channel(const std::vector<double>& values, double divisor = 1) {
  Tensor out = empty({static_cast<int64_t>(values.size())}, kFloat64);
  for (size_t c = 0; c < values.size(); ++c) out.data_ptr<double>()[c] = values[c] / divisor;
  return out;
}

Tensor population_mean(const Pool& pool) { return per_channel(pool.mean); }
Tensor population_var(const Pool& pool) { return per_channel(pool.m2, static_cast<double>(pool.values - 1)); }

// Normalises each batch by its own statistics and accumulates those, instead of updating the running ones.
class Collector : public nn::detail::BatchNormOverride {
 public:
  explicit Collector(Module& model) {
    model.apply([&](const std::string& name, Module& m) {
      auto* layer = m.as<BatchNormBase>();
      if (!layer || !layer->running_mean.defined() || !layer->running_var.defined()) return;
      layers_.push_back({name, layer, Pool(layer->running_mean.size(0))});
    });
    for (size_t i = 0; i < layers_.size(); ++i) index_[layers_[i].module] = i;
  }

  Tensor forward(BatchNormBase& layer, const Tensor& x) override {
    using taper::detail::BatchStatistics;
    const auto found = index_.find(&layer);
    if (found == index_.end()) return {};
    Pool& pool = layers_[found->second].pool;
    if (x.numel() == x.size(1) && pool.values > 1) return single_value(layer, x, pool);
    BatchStatistics batch;
    // momentum 0: the running statistics limit the range, and are not changed
    Tensor y = taper::detail::batch_norm(x, layer.weight, layer.bias, layer.running_mean, layer.running_var, true, 0,
                                         layer.options.eps(), batch);
    if (batch.state == BatchStatistics::Finite) {
      const double* const mean = batch.values.data_ptr<double>();
      pool.add(mean, mean + 2 * x.size(1), batch.count);
    } else if (batch.state == BatchStatistics::NotFinite) {
      ++pool.skipped;
    }
    return y;
  }

  struct Layer {
    std::string name;
    BatchNormBase* module;
    Pool pool;
  };
  std::vector<Layer>& layers() { return layers_; }

  static void update(const Layer& layer, const BatchNormStatistics& found) {
    layer.module->running_mean.copy_(found.mean);
    layer.module->running_var.copy_(found.var);
    if (layer.module->num_batches_tracked.defined()) layer.module->num_batches_tracked.fill_(found.batches);
    set_num_skipped_batches(*layer.module, found.skipped_batches);
  }

 private:
  // One element per channel has no variance of its own: it is normalised by that of the elements before it.
  static Tensor single_value(BatchNormBase& layer, const Tensor& x, Pool& pool) {
    Tensor y = batch_norm(x, layer.weight, layer.bias, population_mean(pool), population_var(pool), false, 0,
                          layer.options.eps());
    const Tensor value = x.detach().reshape({-1}).to(kFloat64).contiguous();
    if (value.to(layer.running_mean.dtype()).isfinite().all().item<bool>()) {
      const std::vector<double> none(pool.mean.size());
      pool.add(value.data_ptr<double>(), none.data(), 1);
    } else {
      ++pool.skipped;
    }
    return y;
  }

  std::vector<Layer> layers_;
  std::unordered_map<const BatchNormBase*, size_t> index_;
};

BatchNormStatistics describe(const char* op, const Collector::Layer& layer) {
  const Pool& pool = layer.pool;
  TAPER_CHECK(pool.values > 1, op, ": layer ", layer.name, " must see at least one batch that is finite; all ",
              pool.skipped, " had a channel whose mean or variance is NaN or infinite; no statistics were changed");
  BatchNormStatistics s;
  s.layer = layer.name;
  s.batches = pool.batches;
  s.values = pool.values;
  s.skipped_batches = pool.skipped;
  s.mean = population_mean(pool);
  s.var = population_var(pool);
  const auto fits = [](const Tensor& value, const Tensor& buffer) {
    return value.to(buffer.dtype()).isfinite().all().item<bool>();
  };
  TAPER_CHECK(fits(s.mean, layer.module->running_mean) && fits(s.var, layer.module->running_var), op, ": layer ",
              layer.name, " must have statistics that ", layer.module->running_var.dtype(),
              " can hold; got a variance beyond that; no statistics were changed");
  s.running_mean = layer.module->running_mean.detach().to(kFloat64, false, /*copy=*/true);
  s.running_var = layer.module->running_var.detach().to(kFloat64, false, /*copy=*/true);
  s.cumulative_mean = per_channel(pool.sum_mean, static_cast<double>(pool.in_sums));
  s.cumulative_var = per_channel(pool.sum_var, static_cast<double>(pool.in_sums));
  const double eps = layer.module->options.eps();
  s.running = statistics_distance(s.running_mean, s.running_var, s.mean, s.var, eps);
  s.cumulative = statistics_distance(s.cumulative_mean, s.cumulative_var, s.mean, s.var, eps);
  return s;
}

}  // namespace

Tensor detail::stack_inputs(const std::vector<Tensor>& inputs) { return stack(inputs); }

std::vector<BatchNormStatistics> detail::run_bn(const char* op, Module& model, bool update,
                                                const std::function<int64_t()>& forward_all) {
  const NoGradGuard no_grad;
  const nn::detail::ModeScope modes(model);
  Collector collector(model);
  model.eval();
  for (const Collector::Layer& layer : collector.layers()) layer.module->train();
  TAPER_CHECK_VALUE(forward_all() > 0, op, ": the loader must give at least one batch; it gave none");

  auto& layers = collector.layers();
  // without those that are frozen or were not called
  std::erase_if(layers, [](const Collector::Layer& l) { return l.pool.values == 0 && l.pool.skipped == 0; });
  std::vector<BatchNormStatistics> result;
  result.reserve(layers.size());
  for (const Collector::Layer& layer : layers) result.push_back(describe(op, layer));
  for (size_t i = 0; update && i < layers.size(); ++i) Collector::update(layers[i], result[i]);
  const auto skipped = std::find_if(result.begin(), result.end(), [](const auto& s) { return s.skipped_batches > 0; });
  if (skipped != result.end()) {
    warn(taper::detail::str(op, ": ", skipped->skipped_batches, " of ", skipped->skipped_batches + skipped->batches,
                            " batches had NaN or infinity in layer ", skipped->layer,
                            " and are kept out of its statistics"));
  }
  return result;
}

StatisticsDistance statistics_distance(const Tensor& m, const Tensor& v, const Tensor& mean, const Tensor& var,
                                       double eps) {
  TAPER_CHECK(m.sizes().equals(mean.sizes()) && v.sizes().equals(mean.sizes()) && var.sizes().equals(mean.sizes()),
              "statistics_distance: all four must have the same sizes; got ", m.sizes(), ", ", v.sizes(), ", ",
              mean.sizes(), " and ", var.sizes());
  if (mean.numel() == 0) return {};
  const NoGradGuard no_grad;
  const Tensor wide_var = var.to(kFloat64) + eps;
  const Tensor shift = (m.to(kFloat64) - mean.to(kFloat64)).abs() / wide_var.sqrt();
  const Tensor stretch = ((v.to(kFloat64) + eps) / wide_var).log().abs() / 2;
  return {shift.max().item<double>(), stretch.max().item<double>()};
}

std::string bn_report(const std::vector<BatchNormStatistics>& layers) {
  size_t width = 5;
  for (const BatchNormStatistics& s : layers) width = std::max(width, s.layer.size());
  std::string out = fmt::format("{:<{}}  {:>10}  {:>23}  {:>23}\n", "", width, "", "running vs population",
                                "cumulative vs population");
  out += fmt::format("{:<{}}  {:>10}  {:>11} {:>11}  {:>11} {:>11}\n", "Layer", width, "elements", "mean", "std",
                     "mean", "std");
  for (const BatchNormStatistics& s : layers) {
    out += fmt::format("{:<{}}  {:>10}  {:>11.3g} {:>11.3g}  {:>11.3g} {:>11.3g}\n", s.layer, width, s.values,
                       s.running.mean, s.running.deviation, s.cumulative.mean, s.cumulative.deviation);
  }
  return out;
}

}  // namespace taper::nn::utils
