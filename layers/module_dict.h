// ModuleDict: modules by name whose parameters belong to the model. It has no forward; call its modules yourself.
//
//   taper::OrderedDict<std::string, std::shared_ptr<taper::nn::Module>> choices = {
//       {"relu", taper::nn::ReLU().ptr()}, {"prelu", taper::nn::PReLU().ptr()}};
//   taper::nn::ModuleDict dict(choices);
//   y = dict->at<taper::nn::PReLUImpl>("prelu").forward(x);
//   for (const auto& item : *dict) item.value()->eval();  // in the order of insertion
//
// Names are those of children: not empty, without dots. A module that is popped or cleared is no longer a child.
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

class TAPER_API ModuleDictImpl : public Cloneable<ModuleDictImpl> {
 public:
  using Dict = OrderedDict<std::string, std::shared_ptr<Module>>;
  using Pairs = std::vector<std::pair<std::string, std::shared_ptr<Module>>>;
  using Iterator = Dict::ConstIterator;  // to change an item, update()
  using ConstIterator = Dict::ConstIterator;

  ModuleDictImpl() = default;
  explicit ModuleDictImpl(const Pairs& modules) { update(modules); }
  explicit ModuleDictImpl(const Dict& modules) { update(modules); }

  void reset() override {}
  void pretty_print(std::ostream& stream) const override;

  Pairs items() const;
  std::vector<std::string> keys() const;
  std::vector<std::shared_ptr<Module>> values() const;
  ConstIterator begin() const { return children_.begin(); }
  ConstIterator end() const { return children_.end(); }
  size_t size() const noexcept { return children_.size(); }
  bool empty() const noexcept { return children_.is_empty(); }
  bool contains(const std::string& key) const noexcept { return children_.contains(key); }

  // IndexError when the key is absent, TypeError when the module is of another type.
  std::shared_ptr<Module> operator[](const std::string& key) const { return children_[key]; }
  template <class M>
  M& at(const std::string& key) {
    return *detail::module_as<M>(children_[key]);
  }
  template <class M>
  const M& at(const std::string& key) const {
    return *detail::module_as<M>(children_[key]);
  }

  // Inserts every item of pairs, an OrderedDict or a ModuleDictImpl; a module of the same name is replaced.
  template <class Container = Pairs>
  void update(const Container& container) {
    for (const auto& [key, module] : container) insert(key, module);
  }
  std::shared_ptr<Module> pop(const std::string& key);
  void clear();

 protected:
  void copy_items(const ModuleDictImpl& original) override;

 private:
  void insert(const std::string& key, std::shared_ptr<Module> module);
};
TAPER_MODULE(ModuleDict);

}  // namespace taper::nn
