#include <taper/serialize/archive.h>

#include <taper/core/float_types.h>
#include <taper/serialize/ivalue_json_internal.h>
#include <taper/serialize/loaded_internal.h>

#include <unordered_set>

namespace taper::serialize {

using taper::detail::str;

namespace {

// Of the keys of values in the file's metadata.
constexpr std::string_view kValue = "value:";

// The name within the nested archive `key`; empty for what is not in it.
std::string name_within(const std::string& key, const std::string& name) {
  const bool within = name.size() > key.size() && name[key.size()] == '.' && name.starts_with(key);
  return within ? name.substr(key.size() + 1) : "";
}

}  // namespace

// ---- OutputArchive --------------------------------------------------------------------------------------------------

void OutputArchive::check_new(const std::string& key) const {
  TAPER_CHECK(!tensors_.contains(key) && !values_.contains(key), "OutputArchive: the key must be new; '", key,
              "' exists already; write one of the two into a nested archive");
}

void OutputArchive::write(const std::string& key, const Tensor& tensor, bool) {
  TAPER_CHECK(tensor.defined(), "OutputArchive: the tensor must be defined; '", key, "' is empty");
  check_new(key);
  tensors_.insert(key, tensor);
}

void OutputArchive::write(const std::string& key, const IValue& value) {
  if (value.isTensor()) return write(key, value.toTensor());
  check_new(key);
  values_.insert(key, detail::to_json(str("OutputArchive: '", key, "'"), value));
}

void OutputArchive::write(const std::string& key, const OutputArchive& nested) {
  TAPER_CHECK(&nested != this, "OutputArchive: an archive must not be written into itself; got it as '", key, "'");
  for (const auto& item : nested.tensors_) write(key + "." + item.key(), item.value());
  for (const auto& item : nested.values_) {
    check_new(key + "." + item.key());
    values_.insert(key + "." + item.key(), item.value());
  }
  for (const auto& [name, text] : nested.metadata_) write_metadata(key + "." + name, text);
}

void OutputArchive::write_metadata(const std::string& key, const std::string& text) {
  TAPER_CHECK(!key.starts_with(kValue), "OutputArchive: the metadata's key must not begin with ", kValue,
              ", as those of values do; got '", key, "'");
  TAPER_CHECK(metadata_.emplace(key, text).second, "OutputArchive: the metadata's key must be new; '", key,
              "' exists already");
}

Metadata OutputArchive::all_metadata() const {
  Metadata all = metadata_;
  for (const auto& item : values_) all.emplace(str(kValue, item.key()), item.value());
  return all;
}

void OutputArchive::save_to(const std::string& path) const { save_safetensors(path, tensors_, all_metadata()); }
void OutputArchive::save_to(std::ostream& stream) const { save_safetensors(stream, tensors_, all_metadata()); }
void OutputArchive::save_to(const std::function<size_t(const void*, size_t)>& write) const {
  save_safetensors(write, tensors_, all_metadata());
}

// ---- InputArchive ---------------------------------------------------------------------------------------------------

void InputArchive::take(detail::Loaded loaded, std::string source) {
  tensors_ = std::move(loaded.tensors);
  unreadable_ = std::move(loaded.unreadable);
  values_.clear();
  metadata_.clear();
  for (auto& [key, text] : loaded.metadata) {
    if (key.starts_with(kValue)) {
      values_.insert(key.substr(kValue.size()), std::move(text));
    } else {
      metadata_.emplace(key, std::move(text));
    }
  }
  source_ = std::move(source);
}

void InputArchive::load_from(const std::string& path, optional<Device>) { take(detail::load(path), path); }
void InputArchive::load_from(std::istream& stream, optional<Device>) { take(detail::load(stream), "the stream"); }
void InputArchive::load_from(const char* data, size_t size, optional<Device>) {
  take(detail::load(data, size), "the buffer");
}

void InputArchive::load_from(const std::function<size_t(uint64_t, void*, size_t)>& read,
                             const std::function<size_t()>& size, optional<Device>) {
  std::string bytes(size(), '\0');
  const size_t got = read(0, bytes.data(), bytes.size());
  TAPER_CHECK(got == bytes.size(), "InputArchive: the function must read all ", bytes.size(), " bytes; got ", got);
  load_from(bytes.data(), bytes.size());
}

const OrderedDict<std::string, Tensor>& InputArchive::tensors() const {
  TAPER_CHECK_TYPE(
      unreadable_.is_empty(), "InputArchive: ", source_, ": ", unreadable_[0].value(),
      unreadable_.size() == 1 ? "" : str("; so of ", unreadable_.size(), ": ", detail::quoted(unreadable_.keys())),
      "; or read the others by their names");
  return tensors_;
}

bool InputArchive::try_read(const std::string& key, Tensor& tensor, bool) {
  const Tensor* saved = tensors_.find(key);
  const std::string* why = unreadable_.find(key);
  TAPER_CHECK_TYPE(!why, "InputArchive: ", source_, ": ", why ? *why : "");
  if (!saved) return false;
  if (tensor.defined()) {
    TAPER_CHECK_TYPE(!tensor.requires_grad() || saved->is_floating_point(), "InputArchive: ", source_, ": '", key,
                     "' must be " TAPER_FLOATS " for a tensor that requires grad; got ", saved->dtype());
    const bool widens = isReducedFloatingType(saved->dtype()) && tensor.is_floating_point();
    tensor.set_data(widens ? saved->to(tensor.dtype()) : *saved);
  } else {
    tensor = *saved;
  }
  return true;
}

void InputArchive::read(const std::string& key, Tensor& tensor, bool is_buffer) {
  TAPER_CHECK(try_read(key, tensor, is_buffer), "InputArchive: ", source_, ": must hold a tensor named '", key,
              "'; got ", contents());
}

bool InputArchive::try_read(const std::string& key, IValue& value) {
  if (const std::string* json = values_.find(key)) {
    value = detail::from_json(str("InputArchive: ", source_, ": '", key, "'"), *json);
    return true;
  }
  Tensor tensor;
  if (!try_read(key, tensor)) return false;
  value = tensor;
  return true;
}

void InputArchive::read(const std::string& key, IValue& value) {
  TAPER_CHECK(try_read(key, value), "InputArchive: ", source_, ": must hold a value named '", key, "'; got ",
              contents());
}

bool InputArchive::try_read(const std::string& key, InputArchive& nested) {
  InputArchive found;
  const auto pick = [&](const auto& from, auto& to) {
    for (const auto& item : from) {
      std::string name = name_within(key, item.key());
      if (!name.empty()) to.insert(std::move(name), item.value());
    }
  };
  pick(tensors_, found.tensors_);
  pick(values_, found.values_);
  pick(unreadable_, found.unreadable_);
  if (found.tensors_.is_empty() && found.values_.is_empty() && found.unreadable_.is_empty()) return false;
  for (const auto& [name, text] : metadata_) {
    if (const std::string inner = name_within(key, name); !inner.empty()) found.metadata_.emplace(inner, text);
  }
  found.source_ = str(source_, " ('", key, "')");
  nested = std::move(found);
  return true;
}

void InputArchive::read(const std::string& key, InputArchive& nested) {
  TAPER_CHECK(try_read(key, nested), "InputArchive: ", source_, ": must hold tensors named '", key, ".'...; got ",
              contents());
}

std::vector<std::string> InputArchive::keys() const {
  std::vector<std::string> keys;
  std::unordered_set<std::string> seen;
  const auto add = [&](const auto& items) {
    for (const auto& item : items) {
      std::string first = item.key().substr(0, item.key().find('.'));
      if (seen.insert(first).second) keys.push_back(std::move(first));
    }
  };
  add(tensors_);
  add(unreadable_);
  add(values_);
  return keys;
}

std::string InputArchive::contents() const {
  std::vector<std::string> names = tensors_.keys();
  const size_t tensors = names.size();
  for (const auto* others : {&unreadable_, &values_}) {
    for (const auto& item : *others) names.push_back(item.key());
  }
  std::string text = str(tensors, tensors == 1 ? " tensor" : " tensors");
  if (names.size() > tensors) text += str(" and ", names.size() - tensors, " other values");
  return names.empty() ? text : str(text, ": ", detail::quoted(names));
}

}  // namespace taper::serialize
