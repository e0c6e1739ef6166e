// Layers of a model by the names that named_modules() gives them, for tools that are told which ones to look at.
#pragma once

#include <taper/layers/module.h>

namespace taper::nn::utils::detail {

inline bool has_no_children(const Module& module) { return module.named_children().is_empty(); }

struct NamedLayer {
  std::string name;
  const Module* module;
};

// In the order of `names`; "" is the model itself. A tied module is found by each of its names. Without names, every
// module of which `by_default` is true, in the order of registration. ValueError, which begins with `op`, for an
// unknown name (the error lists the known ones) and for a module that is named twice.
TAPER_API std::vector<NamedLayer> named_layers(const char* op, const Module& model,
                                               const std::vector<std::string>& names,
                                               bool (*by_default)(const Module&) = has_no_children);

}  // namespace taper::nn::utils::detail
