// ModuleList: a list of modules whose parameters belong to the model. It has no forward; call its modules yourself.
//
//   for (const auto& module : *layers) x = module->as<taper::nn::Linear>()->forward(x);
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

namespace detail {

// Whether Args are the items of a new container T: at least one, and not a single T, which is copied instead.
template <class T, class... Args>
concept Items = sizeof...(Args) > 0 && !(sizeof...(Args) == 1 && (std::is_same_v<T, std::remove_cvref_t<Args>> && ...));

// IndexError unless i < size.
TAPER_API void check_position(const Module& container, size_t i, size_t size);

// What ModuleList and Sequential share: modules in their order, each held as an Item.
template <class Derived, class Item>
class ModuleVector : public Cloneable<Derived> {
 public:
  using Iterator = typename std::vector<Item>::iterator;
  using ConstIterator = typename std::vector<Item>::const_iterator;

  void reset() override {}

  // Appends every module of a container of modules.
  template <class Container>
  void extend(const Container& modules) {
    for (const auto& module : modules) static_cast<Derived*>(this)->push_back(module);
  }

  size_t size() const noexcept { return modules_.size(); }
  bool is_empty() const noexcept { return modules_.empty(); }
  Iterator begin() { return modules_.begin(); }
  Iterator end() { return modules_.end(); }
  ConstIterator begin() const { return modules_.begin(); }
  ConstIterator end() const { return modules_.end(); }

  // IndexError for a position that is not below the size, TypeError for a module that is no M.
  std::shared_ptr<Module> operator[](size_t i) const { return ptr(i); }
  std::shared_ptr<Module> ptr(size_t i) const {
    check_position(*this, i, size());
    if constexpr (std::is_same_v<Item, std::shared_ptr<Module>>) {
      return modules_[i];
    } else {
      return modules_[i].ptr();
    }
  }
  template <class M>
  std::shared_ptr<M> ptr(size_t i) const {
    return module_as<M>(ptr(i));
  }
  template <class M>
  M& at(size_t i) {
    return *ptr<M>(i);
  }
  template <class M>
  const M& at(size_t i) const {
    return *ptr<M>(i);
  }

 protected:
  std::vector<Item> modules_;
};

}  // namespace detail

class TAPER_API ModuleListImpl : public detail::ModuleVector<ModuleListImpl, std::shared_ptr<Module>> {
 public:
  ModuleListImpl() = default;
  ModuleListImpl(const ModuleListImpl&) = default;
  ModuleListImpl& operator=(const ModuleListImpl&) = default;
  template <class... Modules>
  requires detail::Items<ModuleListImpl, Modules...>
  explicit ModuleListImpl(Modules&&... modules) { (push_back(std::forward<Modules>(modules)), ...); }

  void pretty_print(std::ostream& stream) const override;

  // A shared_ptr, a holder or a module by value.
  template <class M>
  void push_back(M&& module) {
    insert(size(), std::forward<M>(module));
  }
  // Before position i; the modules from there on move up.
  void insert(size_t i, std::shared_ptr<Module> module);
  template <class M>
  void insert(size_t i, const ModuleHolder<M>& holder) {
    insert(i, holder.ptr());
  }
  template <class M>
  requires std::is_base_of_v<Module, std::remove_cvref_t<M>>
  void insert(size_t i, M&& module) { insert(i, std::make_shared<std::remove_cvref_t<M>>(std::forward<M>(module))); }

 protected:
  void copy_items(const ModuleListImpl& original) override;
};
TAPER_MODULE(ModuleList);

}  // namespace taper::nn
