#include <taper/layers/module_dict.h>

#include <ostream>

namespace taper::nn {

void ModuleDictImpl::copy_items(const ModuleDictImpl& original) {
  for (const auto& item : original) insert(item.key(), detail::CloneScope::clone_once(item.value()));
}

void ModuleDictImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::ModuleDict"; }

ModuleDictImpl::Pairs ModuleDictImpl::items() const { return children_.pairs(); }
std::vector<std::string> ModuleDictImpl::keys() const { return children_.keys(); }
std::vector<std::shared_ptr<Module>> ModuleDictImpl::values() const { return children_.values(); }

std::shared_ptr<Module> ModuleDictImpl::pop(const std::string& key) {
  std::shared_ptr<Module> module = children_[key];
  unregister_module(key);
  return module;
}

void ModuleDictImpl::clear() {
  for (const std::string& key : keys()) unregister_module(key);
}

void ModuleDictImpl::insert(const std::string& key, std::shared_ptr<Module> module) {
  if (contains(key)) {
    replace_module(key, std::move(module));
  } else {
    register_module(key, std::move(module));
  }
}

}  // namespace taper::nn
