// ModuleList: a list of modules whose parameters belong to the model. It has no forward; call its modules yourself.
//
//   for (const auto& module : *layers) x = module->as<taper::nn::Linear>()->forward(x);
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

class TAPER_API ModuleListImpl : public Cloneable<ModuleListImpl> {
 public:
  using Iterator = std::vector<std::shared_ptr<Module>>::iterator;
  using ConstIterator = std::vector<std::shared_ptr<Module>>::const_iterator;

  ModuleListImpl() = default;
  ModuleListImpl(const ModuleListImpl&) = default;
  ModuleListImpl& operator=(const ModuleListImpl&) = default;
  template <class... Modules>
  requires(sizeof...(Modules) > 0 &&
           !(sizeof...(Modules) == 1 && (std::is_same_v<std::remove_cvref_t<Modules>, ModuleListImpl> &&
                                         ...))) explicit ModuleListImpl(Modules&&... modules) {
    (push_back(std::forward<Modules>(modules)), ...);
  }

  std::shared_ptr<Module> clone(const optional<Device>& device = nullopt) const override;
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;

  void push_back(std::shared_ptr<Module> module) { insert(size(), std::move(module)); }
  template <class M>
  void push_back(const ModuleHolder<M>& holder) {
    push_back(holder.ptr());
  }
  template <class M>
  requires std::is_base_of_v<Module, std::remove_cvref_t<M>>
  void push_back(M&& module) { push_back(std::make_shared<std::remove_cvref_t<M>>(std::forward<M>(module))); }
  template <class Container>
  void extend(const Container& modules) {
    for (const auto& module : modules) push_back(module);
  }
  // Before position `i`; what stands there and after moves up.
  void insert(size_t i, std::shared_ptr<Module> module);
  template <class M>
  void insert(size_t i, const ModuleHolder<M>& holder) {
    insert(i, holder.ptr());
  }
  template <class M>
  requires std::is_base_of_v<Module, std::remove_cvref_t<M>>
  void insert(size_t i, M&& module) { insert(i, std::make_shared<std::remove_cvref_t<M>>(std::forward<M>(module))); }

  size_t size() const noexcept { return modules_.size(); }
  bool is_empty() const noexcept { return modules_.empty(); }
  Iterator begin() { return modules_.begin(); }
  Iterator end() { return modules_.end(); }
  ConstIterator begin() const { return modules_.begin(); }
  ConstIterator end() const { return modules_.end(); }

  std::shared_ptr<Module> operator[](size_t i) const { return ptr(i); }
  std::shared_ptr<Module> ptr(size_t i) const;
  template <class M>
  std::shared_ptr<M> ptr(size_t i) const {
    return cast_child<M>(ptr(i));
  }
  template <class M>
  M& at(size_t i) {
    return *ptr<M>(i);
  }
  template <class M>
  const M& at(size_t i) const {
    return *ptr<M>(i);
  }

 private:
  std::vector<std::shared_ptr<Module>> modules_;
};
TAPER_MODULE(ModuleList);

}  // namespace taper::nn
