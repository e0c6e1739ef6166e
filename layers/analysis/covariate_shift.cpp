#include <taper/layers/analysis/covariate_shift.h>

#include <taper/autograd/autograd.h>
#include <taper/autograd/ops/batchnorm.h>
#include <taper/core/factories.h>
#include <taper/layers/analysis/named_layers_internal.h>
#include <taper/layers/batchnorm_internal.h>
#include <taper/layers/scopes_internal.h>

#include <unordered_map>

namespace taper::nn::utils {
namespace {

// Copies of tensors, which it can restore.
class Snapshot {
 public:
  Snapshot() = default;
  explicit Snapshot(std::vector<Tensor> tensors) : tensors_(std::move(tensors)) {
    for (const Tensor& tensor : tensors_) copies_.push_back(tensor.detach().clone());
  }
  void restore() const {
    const NoGradGuard no_grad;
    for (size_t i = 0; i < tensors_.size(); ++i) tensors_[i].copy_(copies_[i]);
  }

 private:
  std::vector<Tensor> tensors_, copies_;
};

// Forwards that are not part of the training: other observers are not called, and batch normalisation neither updates
// running statistics nor counts batches with NaN.
class Aside : public CallObserver, private nn::detail::BatchNormOverride {
 public:
  Aside() { install(); }

 private:
  Tensor forward(BatchNormBase& layer, const Tensor& x) override {
    taper::detail::BatchStatistics batch;
    return taper::detail::batch_norm(x, layer.weight, layer.bias, layer.running_mean, layer.running_var, true,
                                     /*momentum=*/0, layer.options.eps(), batch);
  }
};

// Restores tensors and the random state at the end of a scope, also after an exception.
struct Restore {
  Snapshot values;
  nn::detail::RandomScope random;
  ~Restore() { values.restore(); }
};

class InputCollector : public Aside {
 public:
  explicit InputCollector(const std::vector<detail::NamedLayer>& layers) : inputs(layers.size()) {
    for (size_t i = 0; i < layers.size(); ++i) index_[layers[i].module] = i;
  }
  void before(const Module& module, const Tensor* input) override {
    const auto found = index_.find(&module);
    if (found == index_.end() || !input || !input->defined() || inputs[found->second].defined()) return;
    inputs[found->second] = input->detach().clone();
  }
  std::vector<Tensor> inputs;

 private:
  std::unordered_map<const Module*, size_t> index_;
};

struct TrainedLayer {
  std::string name;
  std::vector<Tensor> parameters;
  std::vector<Tensor> gradients;  // G
  Snapshot after_step;
};

std::vector<TrainedLayer> trained_layers(const Module& model, const std::vector<std::string>& names) {
  const char* const op = "internal_covariate_shift";
  const auto has_own = [](const Module& m) { return !m.parameters(/*recurse=*/false).empty(); };
  std::vector<TrainedLayer> layers;
  std::unordered_map<const TensorImpl*, std::string> owners;
  for (const detail::NamedLayer& named : detail::named_layers(op, model, names, has_own)) {
    TrainedLayer layer;
    layer.name = named.name;
    for (const Tensor& p : named.module->parameters(/*recurse=*/!names.empty())) {
      if (!p.requires_grad()) continue;
      const auto [owner, is_new] = owners.emplace(p.impl(), named.name);
      TAPER_CHECK_VALUE(is_new || names.empty(), op, ": a parameter must be in one layer of the list; got '",
                        owner->second, "' and '", named.name, "', which share one");
      if (is_new) layer.parameters.push_back(p);
    }
    TAPER_CHECK_VALUE(!layer.parameters.empty() || names.empty(), op,
                      ": every layer must have parameters that require grad; '", named.name, "' has none");
    if (!layer.parameters.empty()) layers.push_back(std::move(layer));
  }
  return layers;
}

// Copies of the gradients; zeros where the loss does not depend on a parameter.
std::vector<Tensor> copies(const std::vector<Tensor>& parameters, const std::vector<Tensor>& gradients) {
  std::vector<Tensor> out;
  for (size_t i = 0; i < parameters.size(); ++i) {
    out.push_back(gradients[i].defined() ? gradients[i].detach().clone() : zeros_like(parameters[i].detach()));
  }
  return out;
}

}  // namespace

std::vector<Tensor> detail::run_layer_inputs(const Module& model, const std::vector<std::string>& layers,
                                             const std::function<void()>& forward) {
  InputCollector collector(named_layers("layer_inputs", model, layers));
  const NoGradGuard no_grad;
  const Restore restore{Snapshot(model.buffers()), {}};
  forward();
  return std::move(collector.inputs);
}

CovariateShift detail::run_covariate_shift(Module& model, const std::vector<std::string>& names,
                                           const std::function<Tensor()>& loss, const std::function<void()>& update) {
  std::vector<TrainedLayer> layers = trained_layers(model, names);
  const std::vector<Tensor> parameters = model.parameters(), buffers = model.buffers();
  const Tensor random_before = default_generator().get_state();
  const Snapshot weights_before(parameters), buffers_before(buffers);

  model.zero_grad();
  CovariateShift result;
  {
    const Tensor value = loss();
    TAPER_CHECK_VALUE(value.defined() && value.numel() == 1,
                      "internal_covariate_shift: loss must return one number; got ",
                      value.defined() ? taper::detail::str("a tensor of sizes ", value.sizes()) : "an undefined tensor",
                      "; return the mean or sum of what forward gives");
    value.backward();
    result.loss = value.item<double>();
  }
  for (TrainedLayer& layer : layers) {
    std::vector<Tensor> gradients;
    for (const Tensor& p : layer.parameters) gradients.push_back(p.grad());
    layer.gradients = copies(layer.parameters, gradients);
  }
  update();

  std::vector<Tensor> state = parameters;
  state.insert(state.end(), buffers.begin(), buffers.end());
  const Restore after_step{Snapshot(state), {}};
  for (TrainedLayer& layer : layers) layer.after_step = Snapshot(layer.parameters);
  const Aside aside;
  weights_before.restore();
  for (size_t i = 0; i < layers.size(); ++i) {
    const TrainedLayer& layer = layers[i];
    if (i == 0) {
      result.layers.push_back({layer.name, gradient_shift(layer.gradients, layer.gradients)});
      continue;
    }
    layers[i - 1].after_step.restore();
    buffers_before.restore();
    default_generator().set_state(random_before);
    const std::vector<Tensor> moved =
        autograd::grad({loss()}, layer.parameters, {}, nullopt, false, /*allow_unused=*/true);
    result.layers.push_back({layer.name, gradient_shift(layer.gradients, copies(layer.parameters, moved))});
  }
  return result;
}

}  // namespace taper::nn::utils
