#include <taper/layers/module_list.h>

#include <ostream>

namespace taper::nn {

void detail::check_position(const Module& container, size_t i, size_t size) {
  TAPER_CHECK_INDEX(i < size, short_name(container), ": the index must be below the size; got index ", i, " and size ",
                    size);
}

void ModuleListImpl::copy_items(const ModuleListImpl& original) {
  modules_.clear();
  for (const auto& module : original.modules_) push_back(detail::CloneScope::clone_once(module));
}

void ModuleListImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::ModuleList"; }

void ModuleListImpl::insert(size_t i, std::shared_ptr<Module> module) {
  TAPER_CHECK_INDEX(i <= size(), "ModuleList: the position must be at most the size; got position ", i, " and size ",
                    size());
  register_module(std::to_string(size()), module);  // checks it; the names are corrected below
  modules_.insert(modules_.begin() + static_cast<std::ptrdiff_t>(i), std::move(module));
  for (size_t j = i; j + 1 < size(); ++j) replace_module(std::to_string(j), modules_[j]);
  if (i + 1 < size()) replace_module(std::to_string(size() - 1), modules_.back());
}

}  // namespace taper::nn
