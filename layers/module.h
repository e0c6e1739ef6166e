// Module: the base of every layer and model - a registry of named parameters, buffers and child modules.
//
//   struct NetImpl : taper::nn::Module {
//     NetImpl() : fc1(784, 100), fc2(100, 10) {
//       register_module("fc1", fc1);
//       register_module("fc2", fc2);
//     }
//     taper::Tensor forward(const taper::Tensor& x) { return fc2(taper::relu(fc1(x))); }
//     taper::nn::Linear fc1, fc2;
//   };
//   TAPER_MODULE(Net);
//
// Clone, state_dict, printing, train/eval, to, saving and optimisers use the registry alone: a tensor or module that is
// not registered does not take part. Names must be non-empty, without dots, and unique in the module.
//
// A tensor or module that is registered in several places (tied weights) is listed once, under its first name, by
// parameters(), buffers(), modules() and apply(); state_dict() has it under every name; clone() keeps the tie.
//
// Modules must not be changed by several threads at once.
#pragma once

#include <taper/autograd/grad_mode.h>
#include <taper/autograd/module_scope.h>
#include <taper/core/ordered_dict.h>
#include <taper/core/tensor.h>

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <vector>

namespace taper::serialize {
class InputArchive;
class OutputArchive;
}  // namespace taper::serialize

namespace taper::nn {

class Module;
template <class Contained>
class ModuleHolder;
template <class Derived, class Options, class... Inputs>
class Layer;
template <class T>
concept IsModuleHolder = requires {
  typename std::remove_cvref_t<T>::ContainedType;
};

// Notified of every module call on this thread while it is installed (layers/summary.cpp,
// layers/analysis/activation_recorder.cpp). The one installed last is called; it may forward a call to outer().
class TAPER_API CallObserver {
 public:
  CallObserver() = default;
  // Removes it.
  virtual ~CallObserver();
  CallObserver(const CallObserver&) = delete;
  CallObserver& operator=(const CallObserver&) = delete;

  // `input` is the first argument, null where that is no Tensor or not known.
  virtual void before(const Module& /*module*/, const Tensor* /*input*/) {}
  // `output` is undefined for a module that does not return a Tensor. Not called after an exception.
  virtual void after(const Module& /*module*/, const Tensor& /*output*/) {}

 protected:
  void install();
  void remove() noexcept;
  CallObserver* outer() const { return outer_; }

 private:
  CallObserver* outer_ = nullptr;
};
namespace detail {
TAPER_API extern constinit thread_local CallObserver* call_observer;
TAPER_API std::string path_for_errors(const void* module);
// "taper::nn::LinearImpl"
TAPER_API std::string type_name(const std::type_info& type);
// "taper::nn::Linear" for the layer that LinearImpl implements
TAPER_API std::string layer_name(const std::type_info& impl);
// "Linear"; a template's name keeps its namespace
std::string short_name(const Module& module);
// "encoder" and "fc1" give "encoder.fc1"; either may be empty.
std::string join_path(const std::string& prefix, const std::string& name);
[[noreturn]] TAPER_API void wrong_module(const Module& module, const std::type_info& wanted);
// The module as an M, null if it is null; TypeError if it is of another type.
template <class M>
std::shared_ptr<M> module_as(const std::shared_ptr<Module>& module) {
  std::shared_ptr<M> result = std::dynamic_pointer_cast<M>(module);
  if (module && !result) wrong_module(*module, typeid(M));
  return result;
}
}  // namespace detail

// Keys of load_state_dict that are in the module or in the state alone.
struct IncompatibleKeys {
  std::vector<std::string> missing_keys, unexpected_keys;
};

class TAPER_API Module : public std::enable_shared_from_this<Module> {
 public:
  using ModuleApplyFunction = std::function<void(Module&)>;
  using ConstModuleApplyFunction = std::function<void(const Module&)>;
  using NamedModuleApplyFunction = std::function<void(const std::string&, Module&)>;
  using ConstNamedModuleApplyFunction = std::function<void(const std::string&, const Module&)>;
  using ModulePointerApplyFunction = std::function<void(const std::shared_ptr<Module>&)>;
  using NamedModulePointerApplyFunction = std::function<void(const std::string&, const std::shared_ptr<Module>&)>;

  Module();
  explicit Module(std::string name);
  // Copies share parameters, buffers and children with the original; clone() makes an independent module.
  Module(const Module& other);
  Module& operator=(const Module& other);
  virtual ~Module();

  // The name given to the constructor, else the type's: "taper::nn::LinearImpl".
  const std::string& name() const noexcept;
  // Where the module was registered, from the outermost module down: "encoder.fc1"; "" for one registered nowhere.
  std::string path() const;

  // ---- registering -------------------------------------------------------------------------------------------------
  // A trainable tensor (undefined for a parameter that the layer does not have, such as no bias). Returns the
  // registered tensor, to be stored: `weight = register_parameter("weight", ...)`.
  Tensor& register_parameter(std::string name, Tensor tensor, bool requires_grad = true);
  // State that is saved and cloned but not trained.
  Tensor& register_buffer(std::string name, Tensor tensor);
  template <class M>
  std::shared_ptr<M> register_module(std::string name, std::shared_ptr<M> module) {
    return detail::module_as<M>(register_child(std::move(name), std::move(module)));
  }
  template <class M>
  std::shared_ptr<M> register_module(std::string name, ModuleHolder<M> holder) {
    return register_module(std::move(name), holder.ptr());
  }
  template <class M>
  std::shared_ptr<M> replace_module(const std::string& name, std::shared_ptr<M> module) {
    return detail::module_as<M>(replace_child(name, std::move(module)));
  }
  template <class M>
  std::shared_ptr<M> replace_module(const std::string& name, ModuleHolder<M> holder) {
    return replace_module(name, holder.ptr());
  }
  void unregister_module(const std::string& name);

  // ---- what is registered, in the order of registration, own entries before the children's -------------------------
  std::vector<Tensor> parameters(bool recurse = true) const;
  OrderedDict<std::string, Tensor> named_parameters(bool recurse = true) const;
  std::vector<Tensor> buffers(bool recurse = true) const;
  OrderedDict<std::string, Tensor> named_buffers(bool recurse = true) const;
  std::vector<std::shared_ptr<Module>> children() const;
  OrderedDict<std::string, std::shared_ptr<Module>> named_children() const { return children_; }
  // All modules below this one and, with include_self (which needs a module owned by a shared_ptr), itself first.
  std::vector<std::shared_ptr<Module>> modules(bool include_self = true) const;
  OrderedDict<std::string, std::shared_ptr<Module>> named_modules(const std::string& name_prefix = std::string(),
                                                                  bool include_self = true) const;
  // Calls `function` for this module and all below it, parents first.
  void apply(const ModuleApplyFunction& function);
  void apply(const ConstModuleApplyFunction& function) const;
  void apply(const NamedModuleApplyFunction& function, const std::string& name_prefix = std::string());
  void apply(const ConstNamedModuleApplyFunction& function, const std::string& name_prefix = std::string()) const;
  void apply(const ModulePointerApplyFunction& function) const;
  void apply(const NamedModulePointerApplyFunction& function, const std::string& name_prefix = std::string()) const;

  // ---- state -------------------------------------------------------------------------------------------------------
  // Training or evaluation, for this module and all below it. Whether parameters require grad is not touched.
  virtual void train(bool on = true);
  void eval() { train(false); }
  virtual bool is_training() const noexcept { return is_training_; }
  // Converts floating-point parameters (with their gradients) and buffers; integer buffers stay.
  virtual void to(ScalarType dtype, bool non_blocking = false);
  virtual void to(Device device, ScalarType dtype, bool non_blocking = false);
  virtual void to(Device device, bool non_blocking = false);
  // Fills every parameter's gradient with zeros, or drops it.
  virtual void zero_grad(bool set_to_none = false);

  // Parameters and buffers by PyTorch's names ("fc1.weight", "bn.running_mean"), each sharing its data with the module.
  OrderedDict<std::string, Tensor> state_dict() const;
  // Copies the values of `state`, converting dtypes. Everything is checked first: missing or unexpected keys and other
  // sizes are an Error that lists all of them and leaves the module unchanged. With strict = false, missing and
  // unexpected keys are ignored and returned; sizes must still be equal.
  IncompatibleKeys load_state_dict(const OrderedDict<std::string, Tensor>& state, bool strict = true);
  // Whether a state without this parameter or buffer is valid for load_state_dict, which then keeps its value.
  virtual bool may_be_missing(const std::string& name) const;
  // Writes state_dict() to an archive, and loads from one that has nothing else (serialize/serialize.h). Called for the
  // module that is saved or loaded, not for the modules below it.
  virtual void save(serialize::OutputArchive& archive) const;
  virtual void load(serialize::InputArchive& archive);
  // State of this module alone besides its tensors, as text; "" for the default. save() writes it to the file's
  // metadata as "<path>._extra_state", which other readers ignore; load() passes it to set_extra_state, which throws a
  // ValueError for unknown text. Not part of state_dict(), whose keys are PyTorch's.
  virtual std::string get_extra_state() const;
  virtual void set_extra_state(const std::string& text);

  // Whether the state of this module is part of its parent's.
  virtual bool is_serializable() const { return true; }

  // A deep copy; needs a module derived from Cloneable. The copy is in the same mode and tensors require grad as here.
  virtual std::shared_ptr<Module> clone(const optional<Device>& device = nullopt) const;

  // This module as another type: net->as<Linear>() or as<LinearImpl>(); null if it is none.
  template <class M>
  auto* as() noexcept {
    if constexpr (IsModuleHolder<M>) {
      return dynamic_cast<typename M::ContainedType*>(this);
    } else {
      return dynamic_cast<M*>(this);
    }
  }
  template <class M>
  const auto* as() const noexcept {
    return const_cast<Module*>(this)->as<M>();
  }

  // The line of this module alone; operator<< prints the tree.
  virtual void pretty_print(std::ostream& stream) const;

 protected:
  // clone() copies the object, empties the copy's registry (begin_clone), lets reset() fill it again and copies the
  // original's values (end_clone). A tensor or module that the same clone() has copied already is not registered anew
  // but tied.
  void begin_clone(const Module& original);
  void end_clone();
  // Makes this module, which the parent's reset() has created, a clone of `original`.
  virtual void become_clone_of(const Module& original);
  void adopt_children() const;

  OrderedDict<std::string, Tensor> parameters_{"Parameter"};
  OrderedDict<std::string, std::shared_ptr<Module>> children_{"Submodule"};  // changed by register_module and its like

 private:
  TAPER_API friend std::ostream& operator<<(std::ostream& stream, const Module& module);
  TAPER_API friend std::string detail::path_for_errors(const void* module);

  void check_name(const char* op, const std::string& name) const;
  std::shared_ptr<Module> register_child(std::string name, std::shared_ptr<Module> module);
  std::shared_ptr<Module> replace_child(const std::string& name, std::shared_ptr<Module> module);
  void disown(Module& child) const noexcept;
  void print_tree(std::ostream& stream, const std::string& indentation) const;

  OrderedDict<std::string, Tensor> buffers_{"Buffer"};
  mutable std::string name_;
  // The module this one is registered in first, and under which name; for path().
  const Module* parent_ = nullptr;
  std::string name_in_parent_;
  const Module* original_ = nullptr;  // during clone()
  bool is_training_ = true;
};

// The module and all below it: `Net(\n  (fc1): taper::nn::Linear(in_features=784, ...`.
TAPER_API std::ostream& operator<<(std::ostream& stream, const Module& module);

namespace detail {

template <class T>
Tensor output_or_undefined(const T& output) {
  if constexpr (std::is_convertible_v<const T&, Tensor>) {
    return output;
  } else {
    return Tensor();
  }
}

// The first of a call's arguments, null where that is no Tensor.
inline const Tensor* first_tensor() { return nullptr; }
template <class First, class... Rest>
const Tensor* first_tensor(const First& first, const Rest&...) {
  if constexpr (std::is_base_of_v<Tensor, First>) {
    return &first;
  } else {
    return nullptr;
  }
}

// Runs a module's forward, `f`: errors thrown inside name the module, and so does anomaly mode. call_forward() and
// Sequential do this for every module but taper's own layers, which do it themselves, in Layer::forward
// (layers/layer.h), for callers of fc->forward(x). `input` is the first argument (see CallObserver).
template <class F>
auto call_module(const Module& module, const Tensor* input, F&& f) -> decltype(f()) {
  using autograd::ModuleScope;
  if (ModuleScope::innermost() && ModuleScope::innermost()->module() == &module) return f();
  const ModuleScope scope(&module, path_for_errors);
  try {
    if (!call_observer) [[likely]]
      return f();
    call_observer->before(module, input);
    if constexpr (std::is_void_v<decltype(f())>) {
      f();
      if (call_observer) call_observer->after(module, Tensor());
    } else {
      decltype(f()) output = f();
      if (call_observer) call_observer->after(module, output_or_undefined(output));
      return static_cast<decltype(f())>(output);
    }
  } catch (Error& error) {
    error.add_module(scope.path());
    throw;
  }
}

// A module whose only forward is that of Layer.
template <class Derived, class Options, class... Inputs>
void forward_of_layer(Tensor (Layer<Derived, Options, Inputs...>::*)(Inputs...));
template <class M>
concept OpensScope = requires {
  forward_of_layer(static_cast<decltype(&M::forward)>(&M::forward));
};

// module.forward(args...) in the scope of the module.
template <class M, class... Args>
decltype(auto) call_forward(M& module, Args&&... args) {
  const auto run = [&]() -> decltype(auto) { return module.forward(std::forward<Args>(args)...); };
  if constexpr (OpensScope<M>) {
    return run();
  } else {
    return call_module(module, first_tensor(args...), run);
  }
}

}  // namespace detail
}  // namespace taper::nn
