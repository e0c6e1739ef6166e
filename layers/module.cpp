#include <taper/core/float_types.h>
#include <taper/layers/module.h>

#include <taper/layers/cloneable.h>

#include <ostream>
#include <unordered_set>

namespace taper::nn {
namespace {

// f(dotted name, module) for `module` and all below it, parents first, each module once.
template <class M, class F>
void walk(M& module, const std::string& prefix, std::unordered_set<const Module*>& seen, const F& f) {
  if (!seen.insert(&module).second) return;
  f(prefix, module);
  for (const auto& child : module.named_children())
    walk<M>(*child.value(), detail::join_path(prefix, child.key()), seen, f);
}
template <class M, class F>
void walk(M& module, const std::string& prefix, const F& f) {
  std::unordered_set<const Module*> seen;
  walk(module, prefix, seen, f);
}

// With a module below itself train(), to() and others would not end, and it would never be freed.
void check_no_cycle(const char* op, const std::string& name, const Module& parent, const Module& child) {
  std::unordered_set<const Module*> below;
  walk<const Module>(child, "", below, [](const std::string&, const Module&) {});
  TAPER_CHECK_VALUE(&child != &parent, op, ": a module must not be its own child; got '", name, "'");
  TAPER_CHECK_VALUE(below.count(&parent) == 0, op, ": a module must not be registered below itself; '", name,
                    "' holds the module that it is to become a child of");
}

}  // namespace

// ---- construction, names --------------------------------------------------------------------------------------------

Module::Module() = default;
Module::Module(std::string name) : name_(std::move(name)) {}

Module::Module(const Module& other) : std::enable_shared_from_this<Module>(other) { *this = other; }

Module& Module::operator=(const Module& other) {
  if (this == &other) return *this;
  for (const auto& child : children_) disown(*child.value());
  parameters_ = other.parameters_;
  buffers_ = other.buffers_;
  children_ = other.children_;
  name_ = other.name_;
  is_training_ = other.is_training_;
  return *this;
}

Module::~Module() {
  for (const auto& child : children_) disown(*child.value());
}

const std::string& Module::name() const noexcept {
  if (name_.empty()) name_ = detail::type_name(typeid(*this));
  return name_;
}

std::string Module::path() const {
  std::string path;
  for (const Module* m = this; m->parent_; m = m->parent_) {
    path = path.empty() ? m->name_in_parent_ : m->name_in_parent_ + "." + path;
  }
  return path;
}

void detail::empty_holder() {
  throw Error(
      "module holder: it must hold a module before it is used; it is empty; assign one, for example "
      "fc = register_module(\"fc\", Linear(3, 4))");
}

// ---- registering ----------------------------------------------------------------------------------------------------

void Module::check_name(const char* op, const std::string& name) const {
  TAPER_CHECK_VALUE(!name.empty(), op, ": the name must not be empty");
  TAPER_CHECK_VALUE(name.find('.') == std::string::npos, op, ": the name must not contain a dot; got '", name, "'");
  TAPER_CHECK_VALUE(!parameters_.contains(name) && !buffers_.contains(name) && !children_.contains(name), op,
                    ": the name must be new; '", name, "' is already registered in ", this->name());
}

Tensor& Module::register_parameter(std::string name, Tensor tensor, bool requires_grad) {
  check_name("register_parameter", name);
  TAPER_CHECK_TYPE(!tensor.defined() || !requires_grad || tensor.is_floating_point(),
                   "register_parameter: a trainable parameter must be " TAPER_FLOATS "; got ", tensor.dtype(), " for '",
                   name, "'; use register_buffer, or requires_grad = false");
  if (!tensor.defined() && requires_grad) {
    warn(taper::detail::str("register_parameter: '", name, "' of ", this->name(),
                            " is undefined and cannot require grad; pass requires_grad = false"));
  }
  if (tensor.defined() && tensor.requires_grad() != requires_grad) tensor.set_requires_grad(requires_grad);
  if (const Tensor* original = original_ ? original_->parameters_.find(name) : nullptr;
      original && original->defined()) {
    tensor = detail::CloneScope::tied(*original, std::move(tensor));
  }
  return parameters_.insert(std::move(name), std::move(tensor));
}

Tensor& Module::register_buffer(std::string name, Tensor tensor) {
  check_name("register_buffer", name);
  if (const Tensor* original = original_ ? original_->buffers_.find(name) : nullptr; original && original->defined()) {
    tensor = detail::CloneScope::tied(*original, std::move(tensor));
  }
  return buffers_.insert(std::move(name), std::move(tensor));
}

std::shared_ptr<Module> Module::register_child(std::string name, std::shared_ptr<Module> module) {
  check_name("register_module", name);
  TAPER_CHECK_VALUE(module, "register_module: the module must not be null; got null for '", name, "'");
  check_no_cycle("register_module", name, *this, *module);
  if (const auto* original = original_ ? original_->children_.find(name) : nullptr) {
    module = detail::CloneScope::tied(**original, std::move(module));
  }
  children_.insert(std::move(name), module);
  adopt_children();
  return module;
}

std::shared_ptr<Module> Module::replace_child(const std::string& name, std::shared_ptr<Module> module) {
  TAPER_CHECK_VALUE(module, "replace_module: the module must not be null; got null for '", name, "'");
  check_no_cycle("replace_module", name, *this, *module);
  std::shared_ptr<Module>& slot = children_[name];
  disown(*slot);
  slot = module;
  adopt_children();
  return module;
}

void Module::unregister_module(const std::string& name) {
  disown(*children_[name]);
  children_.erase(name);
}

void Module::adopt_children() const {
  for (const auto& child : children_) {
    if (!child.value()->parent_) {
      child.value()->parent_ = this;
      child.value()->name_in_parent_ = child.key();
    }
  }
}

void Module::disown(Module& child) const noexcept {
  if (child.parent_ == this) child.parent_ = nullptr;
}

void detail::wrong_module(const Module& module, const std::type_info& wanted) {
  throw TypeError(taper::detail::str("module: must be a ", type_name(wanted), "; got a ", type_name(typeid(module))));
}

// ---- listing --------------------------------------------------------------------------------------------------------

// Each tensor once, under its first name.
static OrderedDict<std::string, Tensor> named_tensors(const Module& root,
                                                      OrderedDict<std::string, Tensor> Module::*tensors, bool recurse) {
  OrderedDict<std::string, Tensor> result;
  std::unordered_set<const TensorImpl*> seen;
  const auto add = [&](const std::string& prefix, const Module& module) {
    for (const auto& item : module.*tensors) {
      if (item.value().defined() && seen.insert(item.value().impl()).second) {
        result.insert(detail::join_path(prefix, item.key()), item.value());
      }
    }
  };
  if (recurse) {
    walk(root, "", add);
  } else {
    add("", root);
  }
  return result;
}

OrderedDict<std::string, Tensor> Module::named_parameters(bool recurse) const {
  return named_tensors(*this, &Module::parameters_, recurse);
}
OrderedDict<std::string, Tensor> Module::named_buffers(bool recurse) const {
  return named_tensors(*this, &Module::buffers_, recurse);
}
std::vector<Tensor> Module::parameters(bool recurse) const { return named_parameters(recurse).values(); }
std::vector<Tensor> Module::buffers(bool recurse) const { return named_buffers(recurse).values(); }
std::vector<std::shared_ptr<Module>> Module::children() const { return children_.values(); }

OrderedDict<std::string, std::shared_ptr<Module>> Module::named_modules(const std::string& name_prefix,
                                                                        bool include_self) const {
  OrderedDict<std::string, std::shared_ptr<Module>> result;
  walk(const_cast<Module&>(*this), name_prefix, [&](const std::string& name, Module& m) {
    if (&m == this && !include_self) return;
    std::shared_ptr<Module> pointer = m.weak_from_this().lock();
    TAPER_CHECK(pointer, "modules: the module must be owned by a shared_ptr to be listed itself; got a ", this->name(),
                " that is not; make it with std::make_shared or pass include_self = false");
    result.insert(name, std::move(pointer));
  });
  return result;
}

std::vector<std::shared_ptr<Module>> Module::modules(bool include_self) const {
  return named_modules("", include_self).values();
}

void Module::apply(const ModuleApplyFunction& function) {
  walk(*this, "", [&](const std::string&, Module& m) { function(m); });
}
void Module::apply(const ConstModuleApplyFunction& function) const {
  walk(*this, "", [&](const std::string&, const Module& m) { function(m); });
}
void Module::apply(const NamedModuleApplyFunction& function, const std::string& name_prefix) {
  walk(*this, name_prefix, function);
}
void Module::apply(const ConstNamedModuleApplyFunction& function, const std::string& name_prefix) const {
  walk(*this, name_prefix, function);
}
void Module::apply(const ModulePointerApplyFunction& function) const {
  for (const auto& item : named_modules()) function(item.value());
}
void Module::apply(const NamedModulePointerApplyFunction& function, const std::string& name_prefix) const {
  for (const auto& item : named_modules(name_prefix)) function(item.key(), item.value());
}

// ---- state ----------------------------------------------------------------------------------------------------------

void Module::train(bool on) {
  for (const auto& child : children_) child.value()->train(on);
  is_training_ = on;
}

void Module::to(ScalarType dtype, bool) {
  TAPER_CHECK_TYPE(is_floating_point(dtype), "Module::to: the dtype must be " TAPER_FLOATS "; got ", dtype);
  for (const auto& child : children_) child.value()->to(dtype);
  const auto convert = [&](const Tensor& tensor) {
    if (!tensor.defined() || !tensor.is_floating_point() || tensor.dtype() == dtype) return;
    const NoGradGuard no_grad;
    tensor.set_data(tensor.detach().to(dtype));
    if (tensor.grad().defined()) tensor.mutable_grad() = tensor.grad().to(dtype);
  };
  for (const auto& item : parameters_) convert(item.value());
  for (const auto& item : buffers_) convert(item.value());
}
void Module::to(Device, ScalarType dtype, bool non_blocking) { to(dtype, non_blocking); }
void Module::to(Device, bool) {}

void Module::zero_grad(bool set_to_none) {
  for (const auto& child : children_) child.value()->zero_grad(set_to_none);
  for (const auto& item : parameters_) {
    const Tensor& parameter = item.value();
    if (!parameter.defined() || !parameter.grad().defined()) continue;
    if (set_to_none) {
      parameter.mutable_grad().reset();
    } else {
      if (parameter.grad().requires_grad()) parameter.mutable_grad() = parameter.grad().detach();
      parameter.mutable_grad().zero_();
    }
  }
}

// ---- printing -------------------------------------------------------------------------------------------------------

void Module::pretty_print(std::ostream& stream) const { stream << name(); }

void Module::print_tree(std::ostream& stream, const std::string& indentation) const {
  pretty_print(stream);
  if (children_.is_empty()) return;
  stream << "(\n";
  for (const auto& child : children_) {
    stream << indentation << "  (" << child.key() << "): ";
    child.value()->print_tree(stream, indentation + "  ");
    stream << "\n";
  }
  stream << indentation << ")";
}

std::ostream& operator<<(std::ostream& stream, const Module& module) {
  module.print_tree(stream, "");
  return stream;
}

}  // namespace taper::nn
