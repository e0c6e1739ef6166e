// clone(): deep copies that keep tied tensors and shared modules so.
#include <taper/layers/cloneable.h>

#include <unordered_map>
#include <unordered_set>

namespace taper::nn {
namespace {

// What one clone() has copied so far, by the original.
struct CloneMemo {
  std::unordered_map<const TensorImpl*, Tensor> tensors;
  std::unordered_map<const Module*, std::shared_ptr<Module>> modules;
  std::unordered_set<const Module*> pending;  // made by a reset(), without their original's values yet
};
thread_local CloneMemo* clone_memo = nullptr;

}  // namespace

detail::CloneScope::CloneScope() : outermost_(clone_memo == nullptr) {
  if (outermost_) clone_memo = new CloneMemo;
}
detail::CloneScope::~CloneScope() {
  if (!outermost_) return;
  delete clone_memo;
  clone_memo = nullptr;
}

std::shared_ptr<Module> detail::CloneScope::clone_once(const std::shared_ptr<Module>& original) {
  const auto found = clone_memo->modules.find(original.get());
  if (found != clone_memo->modules.end()) return found->second;
  return clone_memo->modules[original.get()] = original->clone();
}

Tensor detail::CloneScope::tied(const Tensor& original, Tensor copy) {
  return clone_memo->tensors.try_emplace(original.impl(), std::move(copy)).first->second;
}

std::shared_ptr<Module> detail::CloneScope::tied(const Module& original, std::shared_ptr<Module> copy) {
  const auto [entry, is_new] = clone_memo->modules.try_emplace(&original, copy);
  if (is_new) clone_memo->pending.insert(copy.get());
  return entry->second;
}

namespace {
[[noreturn]] void not_cloneable(const Module& module) {
  throw NotImplementedError("clone: the module must derive from taper::nn::Cloneable<" + module.name() +
                            "> instead of taper::nn::Module");
}
}  // namespace

std::shared_ptr<Module> Module::clone(const optional<Device>&) const { not_cloneable(*this); }

void Module::begin_clone(const Module& original) {
  parameters_.clear();
  buffers_.clear();
  children_.clear();
  original_ = &original;
}

void Module::end_clone() {
  const Module& original = *original_;
  original_ = nullptr;
  const auto check = [&](const char* what, const auto& ours, const auto& theirs) {
    bool same = ours.size() == theirs.size();
    for (const auto& item : theirs) same = same && ours.contains(item.key());
    TAPER_CHECK(same, "clone: reset() of ", name(), " must register the same ", what, " as the original has; got ",
                ours.size(), " where the original has ", theirs.size(),
                "; register them in reset(), not in the constructor");
  };
  check("parameters", parameters_, original.parameters_);
  check("buffers", buffers_, original.buffers_);
  check("modules", children_, original.children_);

  const auto take_values = [](OrderedDict<std::string, Tensor>& ours, const OrderedDict<std::string, Tensor>& theirs) {
    for (auto& item : ours) {
      const Tensor& from = theirs[item.key()];
      if (!from.defined()) {
        item.value() = Tensor();
        continue;
      }
      const Tensor value = from.detach().clone();
      if (item.value().defined()) {
        if (!value.is_floating_point()) item.value().set_requires_grad(false);
        item.value().set_data(value);
      } else {
        item.value() = value;
      }
      item.value().set_requires_grad(from.requires_grad());
    }
  };
  take_values(parameters_, original.parameters_);
  take_values(buffers_, original.buffers_);
  for (const auto& child : children_) {
    if (clone_memo->pending.erase(child.value().get()) != 0) {
      child.value()->become_clone_of(*original.children_[child.key()]);
    }
  }
  is_training_ = original.is_training_;
}

void Module::become_clone_of(const Module& original) { not_cloneable(original); }

}  // namespace taper::nn
