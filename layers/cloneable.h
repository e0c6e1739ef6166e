// Cloneable<Derived>: a module that clone() can copy. Everything is registered in reset(), which the constructor calls:
//
//   struct NetImpl : taper::nn::Cloneable<NetImpl> {
//     NetImpl() { reset(); }
//     void reset() override { fc = register_module("fc", taper::nn::Linear(3, 4)); }
//     taper::Tensor forward(const taper::Tensor& x) { return fc(x); }
//     taper::nn::Linear fc{nullptr};
//   };
#pragma once

#include <taper/layers/module_holder.h>

namespace taper::nn {

namespace detail {

// Maps originals to their copies during the outermost clone() on this thread, so that tied tensors and shared modules
// stay so. Nothing is recorded on the tape meanwhile.
class TAPER_API CloneScope {
 public:
  CloneScope();
  ~CloneScope();
  CloneScope(const CloneScope&) = delete;
  CloneScope& operator=(const CloneScope&) = delete;
  // The copy of `original`, made now unless there is one.
  static std::shared_ptr<Module> clone_once(const std::shared_ptr<Module>& original);
  // The first copy of `original`, which is `copy` if there is none yet. A module made by a reset() gets its original's
  // values later (Module::end_clone).
  static Tensor tied(const Tensor& original, Tensor copy);
  static std::shared_ptr<Module> tied(const Module& original, std::shared_ptr<Module> copy);

 private:
  NoGradGuard no_grad_;
  bool outermost_;
};

}  // namespace detail

template <class Derived>
class Cloneable : public virtual Module {
 public:
  using Module::Module;

  // Registers all parameters, buffers and children, and gives them their initial values.
  virtual void reset() = 0;

  // Options and other members are copied, reset() registers anew, and the values are copied over; like a construction,
  // it draws random numbers where reset() does.
  std::shared_ptr<Module> clone(const optional<Device>& = nullopt) const override {
    const detail::CloneScope scope;
    auto copy = std::make_shared<Derived>(static_cast<const Derived&>(*this));
    copy->begin_clone(*this);
    copy->reset();
    static_cast<Cloneable&>(*copy).copy_items(static_cast<const Derived&>(*this));
    copy->end_clone();
    return copy;
  }

 protected:
  // For a container, whose items reset() does not know: registers copies of the items of `original`.
  virtual void copy_items(const Derived& /*original*/) {}

 private:
  void become_clone_of(const Module& original) final {
    auto copy = detail::module_as<Derived>(original.clone());
    static_cast<Derived&>(*this) = *copy;
    copy.reset();
    this->adopt_children();
  }
};

}  // namespace taper::nn
