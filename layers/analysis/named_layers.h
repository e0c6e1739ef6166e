// Layers of a model by the names that named_modules() gives them, for tools that are told which ones to look at.
#pragma once

#include <taper/layers/module.h>

namespace taper::nn::utils::detail {

// The module behind a holder, a pointer or itself.
template <class Model>
auto& module_of(Model& model) {
  if constexpr (std::is_base_of_v<Module, Model>) {
    return model;
  } else {
    TAPER_CHECK_VALUE(static_cast<bool>(model), "the model must be a module; got a null pointer or an empty holder");
    return *model;
  }
}

struct NamedLayer {
  std::string name;
  const Module* module;
};

// In the order of `names`; "" is the model itself. Tied modules answer to each of their names. Without names, every
// module of which `by_default` is true, in the order of registration. A name that is not there (the error lists those
// that are) or a module that is named twice is a ValueError that begins with `op`.
TAPER_API std::vector<NamedLayer> named_layers(const char* op, const Module& model,
                                               const std::vector<std::string>& names,
                                               bool (*by_default)(const Module&));

}  // namespace taper::nn::utils::detail
