#include <taper/layers/analysis/fusion.h>

#include <taper/autograd/functions.h>
#include <taper/layers/dropout.h>
#include <taper/layers/identity.h>
#include <taper/layers/scopes_internal.h>
#include <taper/layers/sequential.h>

#include <unordered_map>

namespace taper::nn::utils {
namespace {

// y = scale x + shift, [C] float64
struct LinearMap {
  Tensor scale, shift;
};

LinearMap linear_map(const char* op, const BatchNormBase& bn, int64_t channels) {
  TAPER_CHECK(bn.running_mean.defined() && bn.running_var.defined(), op,
              ": the BatchNorm must have running statistics; got one with track_running_stats=false");
  TAPER_CHECK(!bn.is_training() || bn.statistics_frozen(), op,
              ": the BatchNorm must be in evaluation mode, or frozen; got one that normalises by its batches; call "
              "eval() first");
  TAPER_CHECK_VALUE(bn.running_mean.size(0) == channels, op, ": the layers must have the same channels; got ", channels,
                    " in the layer beside it and ", bn.running_mean.size(0), " in the BatchNorm");
  LinearMap map;
  map.scale = (bn.running_var.to(kFloat64) + bn.options.eps()).rsqrt();
  if (bn.weight.defined()) map.scale = map.scale * bn.weight.to(kFloat64);
  map.shift = -bn.running_mean.to(kFloat64) * map.scale;
  if (bn.bias.defined()) map.shift = map.shift + bn.bias.to(kFloat64);
  TAPER_CHECK((map.scale + map.shift).isfinite().all().item<bool>(), op,
              ": the BatchNorm must have finite statistics and a positive running_var + eps in every channel; got "
              "running_var from ",
              bn.running_var.min().item<double>(), " to ", bn.running_var.max().item<double>(), " and eps ",
              bn.options.eps());
  return map;
}

// `layer` with these values, in evaluation mode, trainable as `like` is. It was made with size 0, which draws no random
// numbers.
template <class Layer>
Layer filled(Layer layer, const Tensor& weight, const Tensor& bias, const Layer& like) {
  layer->weight.set_data(weight);
  layer->bias.set_data(bias);
  for (const Tensor& parameter : layer->parameters()) parameter.set_requires_grad(like->weight.requires_grad());
  layer->eval();
  return layer;
}

Linear make_linear(const Tensor& weight, const Tensor& bias, const Linear& like) {
  Linear made(LinearOptions(0, 0));
  made->options = LinearOptions(weight.size(1), weight.size(0));
  return filled(made, weight, bias, like);
}

// ---- pairs in Sequentials -------------------------------------------------------------------------------------------

struct Slot {
  SequentialImpl* owner = nullptr;
  size_t index = 0;
  explicit operator bool() const { return owner != nullptr; }
  Module& module() const { return *owner->ptr(index); }
  void replace(AnyModule module) const {
    owner->replace_module(owner->named_children()[index].key(), module.ptr());
    owner->begin()[static_cast<std::ptrdiff_t>(index)] = std::move(module);
  }
};
using Chain = std::vector<Slot>;  // called one after the other

void count_uses(Module& module, std::unordered_map<const Module*, int>& uses) {
  if (uses[&module]++ > 0) return;
  for (const auto& child : module.children()) count_uses(*child, uses);
}

// Appends the slots of `sequential` to `chain`, nested ones flattened. One that is used in several places is a chain of
// its own: folding must not depend on the layers before or after it.
void flatten(SequentialImpl& sequential, const std::unordered_map<const Module*, int>& uses, Chain& chain,
             std::vector<Chain>& chains) {
  for (size_t i = 0; i < sequential.size(); ++i) {
    auto* nested = sequential.ptr(i)->as<SequentialImpl>();
    if (!nested) {
      chain.push_back({&sequential, i});
    } else if (uses.at(nested) == 1) {
      flatten(*nested, uses, chain, chains);
    } else {
      chains.push_back(std::move(chain));
      chain.clear();
    }
  }
}

std::vector<Chain> find_chains(Module& model) {
  std::unordered_map<const Module*, int> uses;
  count_uses(model, uses);
  std::unordered_map<const Module*, bool> within;  // in another Sequential
  model.apply([&](Module& m) {
    if (!m.as<SequentialImpl>()) return;
    for (const auto& child : m.children()) within[child.get()] = true;
  });
  std::vector<Chain> chains;
  model.apply([&](Module& m) {
    auto* sequential = m.as<SequentialImpl>();
    if (!sequential || (within[&m] && uses.at(&m) == 1)) return;
    Chain chain;
    flatten(*sequential, uses, chain, chains);
    chains.push_back(std::move(chain));
  });
  return chains;
}

// Which modules returned [N, C] in every call.
class SizesObserver : public CallObserver {
 public:
  SizesObserver() { install(); }
  void after(const Module& module, const Tensor& output) override {
    const auto [entry, is_new] = flat_.emplace(&module, true);
    entry->second = entry->second && output.defined() && output.dim() == 2;
  }
  bool only_flat(const Module& module) const {
    const auto found = flat_.find(&module);
    return found != flat_.end() && found->second;
  }

 private:
  std::unordered_map<const Module*, bool> flat_;
};

// Whether the slot has a layer of that type; a derived class may have another forward.
template <class M>
bool is_exactly(const Slot& slot) {
  if (!slot) return false;
  const Module& module = slot.module();
  return typeid(module) == typeid(typename M::ContainedType);
}

// The same for a BatchNorm with running statistics.
template <class M>
bool is_norm(const Slot& slot) {
  if (!is_exactly<M>(slot)) return false;
  const auto& bn = *slot.module().as<M>();
  return bn.running_mean.defined() && bn.running_var.defined();
}

template <class M>
M holder(const Slot& slot) {
  return M(slot.owner->ptr<typename M::ContainedType>(slot.index));
}

int64_t fold_chain(const Chain& chain, const SizesObserver& sizes) {
  const auto is_flat_norm = [&](const Slot& slot) {
    return is_norm<BatchNorm1d>(slot) && sizes.only_flat(slot.module());
  };
  int64_t pairs = 0;
  for (bool again = true; again;) {
    again = false;
    Slot before;
    for (const Slot& slot : chain) {
      if (is_exactly<Identity>(slot) || is_exactly<Dropout>(slot)) continue;
      if (is_exactly<Linear>(before) && is_flat_norm(slot)) {
        before.replace(fuse_linear_bn_eval(holder<Linear>(before), holder<BatchNorm1d>(slot)));
      } else if (is_exactly<Conv2d>(before) && is_norm<BatchNorm2d>(slot)) {
        before.replace(fuse_conv_bn_eval(holder<Conv2d>(before), holder<BatchNorm2d>(slot)));
      } else if (is_flat_norm(before) && is_exactly<Linear>(slot)) {
        const Slot bn = std::exchange(before, slot);
        slot.replace(fuse_bn_linear_eval(holder<BatchNorm1d>(bn), holder<Linear>(slot)));
        bn.replace(Identity());
        ++pairs;
        again = true;
        continue;
      } else {
        before = slot;
        continue;
      }
      slot.replace(Identity());
      ++pairs;
    }
  }
  return pairs;
}

}  // namespace

std::pair<Tensor, Tensor> fuse_bn_weights(const Tensor& weight, const Tensor& bias, const BatchNormBase& bn) {
  const NoGradGuard no_grad;
  TAPER_CHECK(weight.dim() >= 2, "fuse_bn_weights: the weight must be [C, ...]; got sizes ", weight.sizes());
  const LinearMap map = linear_map("fuse_bn_weights", bn, weight.size(0));
  std::vector<int64_t> per_channel(static_cast<size_t>(weight.dim()), 1);
  per_channel[0] = -1;
  const Tensor fused = weight.to(kFloat64) * map.scale.view(per_channel);
  const Tensor shift = bias.defined() ? bias.to(kFloat64) * map.scale + map.shift : map.shift;
  return {fused.to(weight.dtype()), shift.to(weight.dtype())};
}

Linear fuse_linear_bn_eval(const Linear& linear, const BatchNorm1d& bn) {
  const auto [weight, bias] = fuse_bn_weights(linear->weight, linear->bias, *bn);
  return make_linear(weight, bias, linear);
}

Conv2d fuse_conv_bn_eval(const Conv2d& conv, const BatchNorm2d& bn) {
  const auto [weight, bias] = fuse_bn_weights(conv->weight, conv->bias, *bn);
  Conv2d made(Conv2dOptions(0, 0, 1));
  made->options = conv->options;
  made->options.bias(true);
  return filled(made, weight, bias, conv);
}

Linear fuse_bn_linear_eval(const BatchNorm1d& bn, const Linear& linear) {
  const NoGradGuard no_grad;
  const LinearMap map = linear_map("fuse_bn_linear_eval", *bn, linear->weight.size(1));
  const Tensor wide = linear->weight.to(kFloat64);
  Tensor bias = wide.mv(map.shift);
  if (linear->bias.defined()) bias = bias + linear->bias.to(kFloat64);
  return make_linear((wide * map.scale).to(linear->weight.dtype()), bias.to(linear->weight.dtype()), linear);
}

std::shared_ptr<Module> detail::clone_for_inference(const Module& model) {
  const nn::detail::RandomScope random;
  std::shared_ptr<Module> copy = model.clone();
  copy->eval();
  return copy;
}

detail::FoldedInPlace detail::fold_in_place(Module& model, const std::function<Tensor()>& forward) {
  const NoGradGuard no_grad;
  SizesObserver sizes;
  const Tensor wanted = forward().clone();
  FoldedInPlace result;
  for (const Chain& chain : find_chains(model)) result.pairs += fold_chain(chain, sizes);
  const Tensor got = forward();
  if (got.numel() > 0) {
    result.largest_difference = (got.to(kFloat64) - wanted.to(kFloat64)).abs().max().item<double>();
  }
  return result;
}

}  // namespace taper::nn::utils
