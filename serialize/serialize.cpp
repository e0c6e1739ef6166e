#include <taper/serialize/serialize.h>

#include <taper/layers/module.h>
#include <taper/optim/optimizer.h>

namespace taper::serialize {

void detail::throw_with_source(const Error& error, const InputArchive& archive) {
  throw Error(taper::detail::str("load: ", archive.source(), ": ", error.what()));
}

OutputArchive& operator<<(OutputArchive& archive, const Tensor& tensor) {
  archive.write("0", tensor);
  return archive;
}

InputArchive& operator>>(InputArchive& archive, Tensor& tensor) {
  archive.read("0", tensor);
  return archive;
}

OutputArchive& operator<<(OutputArchive& archive, const std::vector<Tensor>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) archive.write(std::to_string(i), tensors[i]);
  return archive;
}

InputArchive& operator>>(InputArchive& archive, std::vector<Tensor>& tensors) {
  std::vector<Tensor> found;
  for (const Tensor* next; (next = archive.tensors().find(std::to_string(found.size())));) found.push_back(*next);
  TAPER_CHECK(found.size() == archive.tensors().size(), "load: ", archive.source(),
              ": must hold tensors named 0, 1, 2, ... and no others for a std::vector; got ", archive.contents());
  tensors.insert(tensors.end(), found.begin(), found.end());
  return archive;
}

OutputArchive& operator<<(OutputArchive& archive, const OrderedDict<std::string, Tensor>& tensors) {
  for (const auto& item : tensors) archive.write(item.key(), item.value());
  return archive;
}

InputArchive& operator>>(InputArchive& archive, OrderedDict<std::string, Tensor>& tensors) {
  tensors = archive.tensors();
  return archive;
}

}  // namespace taper::serialize

namespace {

template <class T>
void load_state(T& value, const taper::serialize::InputArchive& archive) {
  const auto& tensors = archive.tensors();
  try {
    value.load_state_dict(tensors);
  } catch (const taper::Error& error) {
    taper::serialize::detail::throw_with_source(error, archive);
  }
}

// Where the metadata has the extra state of the module at `path`.
std::string extra_state_key(const std::string& path) { return path.empty() ? "_extra_state" : path + "._extra_state"; }

// Gives back the extra states of modules that were changed unless all went well.
class ExtraStates {
 public:
  ~ExtraStates() {
    for (const auto& [module, text] : before_) module->set_extra_state(text);
  }
  void load(taper::nn::Module& module, const std::string& text) {
    std::string before = module.get_extra_state();
    module.set_extra_state(text);
    before_.emplace_back(&module, std::move(before));
  }
  void keep() { before_.clear(); }

 private:
  std::vector<std::pair<taper::nn::Module*, std::string>> before_;
};

}  // namespace

// Here, not in layers/ and optim/, which know nothing of files.
namespace taper::nn {

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
  load_state(*this, archive);
  states.keep();
}

}  // namespace taper::nn

namespace taper::optim {
void Optimizer::save(serialize::OutputArchive& archive) const { archive << state_dict(); }
void Optimizer::load(serialize::InputArchive& archive) { load_state(*this, archive); }
}  // namespace taper::optim
