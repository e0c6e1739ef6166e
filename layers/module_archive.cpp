#include <taper/layers/module.h>
#include <taper/serialize/serialize.h>

namespace taper::nn {
namespace {

// The key of a module's extra state in the metadata.
std::string extra_state_key(const std::string& path) { return path.empty() ? "_extra_state" : path + "._extra_state"; }

// Restores the extra states of modules unless keep() is called.
class ExtraStates {
 public:
  ~ExtraStates() {
    for (const auto& [module, text] : before_) module->set_extra_state(text);
  }
  void load(Module& module, const std::string& text) {
    std::string before = module.get_extra_state();
    module.set_extra_state(text);
    before_.emplace_back(&module, std::move(before));
  }
  void keep() { before_.clear(); }

 private:
  std::vector<std::pair<Module*, std::string>> before_;
};

}  // namespace

void Module::save(serialize::OutputArchive& archive) const {
  archive << state_dict();
  apply([&](const std::string& path, const Module& module) {
    const std::string text = module.get_extra_state();
    if (!text.empty()) archive.write_metadata(extra_state_key(path), text);
  });
}

void Module::load(serialize::InputArchive& archive) {
  ExtraStates states;
  try {
    apply([&](const std::string& path, Module& module) {
      const auto found = archive.metadata().find(extra_state_key(path));
      if (found != archive.metadata().end()) states.load(module, found->second);
    });
  } catch (const Error& error) {
    serialize::detail::throw_with_source(error, archive);
  }
  serialize::detail::load_state(*this, archive);
  states.keep();
}

}  // namespace taper::nn
