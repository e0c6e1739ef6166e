#include <taper/layers/module_list.h>

#include <ostream>

namespace taper::nn {

std::shared_ptr<Module> ModuleListImpl::clone(const optional<Device>&) const {
  const detail::CloneScope scope;
  auto copy = std::make_shared<ModuleListImpl>(*this);
  copy->begin_clone(*this);
  copy->modules_.clear();
  for (const auto& module : modules_) copy->push_back(scope.clone_once(module));
  copy->end_clone();
  return copy;
}

void ModuleListImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::ModuleList"; }

void ModuleListImpl::insert(size_t i, std::shared_ptr<Module> module) {
  TAPER_CHECK_INDEX(i <= size(), "ModuleList: the position must be at most the size; got position ", i, " and size ",
                    size());
  register_module(std::to_string(size()), module);  // checks it; names are put right below
  modules_.insert(modules_.begin() + static_cast<std::ptrdiff_t>(i), std::move(module));
  for (size_t j = i; j + 1 < size(); ++j) replace_module(std::to_string(j), modules_[j]);
  if (i + 1 < size()) replace_module(std::to_string(size() - 1), modules_.back());
}

std::shared_ptr<Module> ModuleListImpl::ptr(size_t i) const {
  TAPER_CHECK_INDEX(i < size(), "ModuleList: the index must be below the size; got index ", i, " and size ", size());
  return modules_[i];
}

}  // namespace taper::nn
