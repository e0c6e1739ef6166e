#include <taper/layers/sequential.h>

#include <taper/layers/layer.h>

#include <atomic>
#include <ostream>

namespace taper::nn {
namespace {

std::atomic<bool> redundant_bias_told{false};

bool bias_is_redundant(const Module& first, const Module& second) {
  const auto* layer = dynamic_cast<const detail::AddsChannelBias*>(&first);
  return layer && layer->adds_channel_bias() && dynamic_cast<const detail::RemovesChannelMean*>(&second);
}

void warn_of_redundant_bias(const Module& owner, const std::string& name) {
  const auto children = owner.named_children();
  const auto& last = children.back();
  if (redundant_bias_told.exchange(true)) return;
  warn(taper::detail::str("Sequential: the bias of module '", last.key(), "' is redundant, because module '", name,
                          "' right after it subtracts the mean; build it with .bias(false) (said once)"));
}

}  // namespace

void detail::allow_redundant_bias_warning() { redundant_bias_told = false; }

SequentialImpl::SequentialImpl(std::initializer_list<NamedAnyModule> modules) {
  for (const NamedAnyModule& named : modules) push_back(named.name(), named.module());
}

Sequential::Sequential(std::initializer_list<NamedAnyModule> modules)
    : ModuleHolder<SequentialImpl>(std::make_shared<SequentialImpl>(modules)) {}

SequentialImpl::SequentialImpl(OrderedDict<std::string, AnyModule>&& modules) {
  for (auto& item : modules) push_back(item.key(), std::move(item.value()));
}

void SequentialImpl::push_back(AnyModule module) { push_back(std::to_string(size()), std::move(module)); }
void SequentialImpl::push_back(std::string name, AnyModule module) {
  if (!is_empty() && bias_is_redundant(*modules_.back().ptr(), *module.ptr())) warn_of_redundant_bias(*this, name);
  register_module(std::move(name), module.ptr());
  modules_.push_back(std::move(module));
}

void SequentialImpl::copy_items(const SequentialImpl& original) {
  modules_.clear();
  for (size_t i = 0; i < original.size(); ++i) {
    const auto child = detail::CloneScope::clone_once(original.ptr(i));
    modules_.push_back(original.modules_[i].with(register_module(original.children_[i].key(), child)));
  }
}

void SequentialImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Sequential"; }

AnyValue SequentialImpl::forward_values(AnyValue* args, size_t n) {
  AnyValue result;
  detail::call_module(*this, detail::first_tensor(args, n), [&]() -> Tensor {
    TAPER_CHECK(!is_empty(), "Sequential: forward needs at least one module; this one is empty");
    result = modules_[0].forward_values(args, n);
    for (size_t i = 1; i < size(); ++i) result = modules_[i].forward_values(&result, 1);
    const Tensor* tensor = result.try_get<Tensor>();
    return tensor ? *tensor : Tensor();
  });
  return result;
}

}  // namespace taper::nn
