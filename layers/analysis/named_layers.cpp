#include <taper/layers/analysis/named_layers_internal.h>

#include <algorithm>
#include <unordered_map>

namespace taper::nn::utils {
namespace {

// The module that is registered along `path`, "encoder.0.fc"; null where there is none.
const Module* find(const Module& model, const std::string& path) {
  const Module* module = &model;
  for (size_t begin = 0; begin < path.size() + (path.empty() ? 0 : 1);) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const auto children = module->named_children();
    const auto* child = children.find(path.substr(begin, end - begin));
    if (!child) return nullptr;
    module = child->get();
    begin = end + 1;
  }
  return module;
}

std::string all_names(const Module& model) {
  std::string list;
  model.apply([&](const std::string& name, const Module&) {
    if (!name.empty()) list += (list.empty() ? "" : ", ") + name;
  });
  return list.empty() ? "it has no modules below it" : "there are " + list;
}

}  // namespace

std::vector<detail::NamedLayer> detail::named_layers(const char* op, const Module& model,
                                                     const std::vector<std::string>& names,
                                                     bool (*by_default)(const Module&)) {
  std::vector<NamedLayer> layers;
  if (names.empty()) {
    model.apply([&](const std::string& name, const Module& m) {
      if (by_default(m)) layers.push_back({name, &m});
    });
  }
  std::unordered_map<const Module*, std::string> seen;
  for (const std::string& name : names) {
    const Module* const module = find(model, name);
    TAPER_CHECK_VALUE(module, op, ": every layer must be a module of ", model.name(), "; got '", name, "'; ",
                      all_names(model));
    const auto [other, is_new] = seen.emplace(module, name);
    TAPER_CHECK_VALUE(is_new, op, ": every layer must be named once; got one module as '", other->second, "' and '",
                      name, "'");
    layers.push_back({name, module});
  }
  return layers;
}

}  // namespace taper::nn::utils
