#include <taper/serialize/archive.h>

#include <taper/serialize/header.h>

#include <algorithm>
#include <unordered_set>

namespace taper::serialize {

// ---- OutputArchive --------------------------------------------------------------------------------------------------

void OutputArchive::write(const std::string& key, const Tensor& tensor, bool) {
  TAPER_CHECK(tensor.defined(), "OutputArchive: the tensor must be defined; '", key, "' is empty");
  TAPER_CHECK(!tensors_.contains(key), "OutputArchive: the key must be new; '", key,
              "' is there already; write one of the two into an archive of its own");
  tensors_.insert(key, tensor);
}

void OutputArchive::write(const std::string& key, const OutputArchive& nested) {
  TAPER_CHECK(&nested != this, "OutputArchive: an archive must not be written into itself; got it as '", key, "'");
  for (const auto& item : nested.tensors_) write(key + "." + item.key(), item.value());
  for (const auto& [name, text] : nested.metadata_) write_metadata(key + "." + name, text);
}

void OutputArchive::write_metadata(const std::string& key, const std::string& text) {
  TAPER_CHECK(metadata_.emplace(key, text).second, "OutputArchive: the metadata's key must be new; '", key,
              "' is there already");
}

void OutputArchive::save_to(const std::string& path) const { save_safetensors(path, tensors_, metadata_); }
void OutputArchive::save_to(std::ostream& stream) const { save_safetensors(stream, tensors_, metadata_); }
void OutputArchive::save_to(const std::function<size_t(const void*, size_t)>& write) const {
  save_safetensors(write, tensors_, metadata_);
}

// ---- InputArchive ---------------------------------------------------------------------------------------------------

void InputArchive::load_from(const std::string& path, optional<Device>) {
  Metadata metadata;
  tensors_ = load_safetensors(path, &metadata);
  metadata_ = std::move(metadata);
  source_ = path;
}

void InputArchive::load_from(std::istream& stream, optional<Device>) {
  Metadata metadata;
  tensors_ = load_safetensors(stream, &metadata);
  metadata_ = std::move(metadata);
  source_ = "the stream";
}

void InputArchive::load_from(const char* data, size_t size, optional<Device>) {
  Metadata metadata;
  tensors_ = load_safetensors(data, size, &metadata);
  metadata_ = std::move(metadata);
  source_ = "the buffer";
}

void InputArchive::load_from(const std::function<size_t(uint64_t, void*, size_t)>& read,
                             const std::function<size_t()>& size, optional<Device>) {
  std::string bytes(size(), '\0');
  const size_t got = read(0, bytes.data(), bytes.size());
  TAPER_CHECK(got == bytes.size(), "InputArchive: the function must read all ", bytes.size(), " bytes; got ", got);
  load_from(bytes.data(), bytes.size());
}

bool InputArchive::try_read(const std::string& key, Tensor& tensor, bool) {
  const Tensor* saved = tensors_.find(key);
  if (!saved) return false;
  if (tensor.defined()) {
    TAPER_CHECK_TYPE(!tensor.requires_grad() || saved->is_floating_point(), "InputArchive: ", source_, ": '", key,
                     "' must be float32 or float64 for a tensor that requires grad; got ", saved->dtype());
    tensor.set_data(*saved);
  } else {
    tensor = *saved;
  }
  return true;
}

void InputArchive::read(const std::string& key, Tensor& tensor, bool is_buffer) {
  TAPER_CHECK(try_read(key, tensor, is_buffer), "InputArchive: ", source_, ": must hold a tensor named '", key,
              "'; got ", contents());
}

bool InputArchive::try_read(const std::string& key, InputArchive& nested) {
  InputArchive found;
  for (const auto& item : tensors_) {
    if (item.key().size() > key.size() && item.key()[key.size()] == '.' && item.key().starts_with(key)) {
      found.tensors_.insert(item.key().substr(key.size() + 1), item.value());
    }
  }
  if (found.tensors_.is_empty()) return false;
  for (const auto& [name, text] : metadata_) {
    if (name.size() > key.size() && name[key.size()] == '.' && name.starts_with(key)) {
      found.metadata_.emplace(name.substr(key.size() + 1), text);
    }
  }
  found.source_ = taper::detail::str(source_, " ('", key, "')");
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
  for (const auto& item : tensors_) {
    std::string first = item.key().substr(0, item.key().find('.'));
    if (seen.insert(first).second) keys.push_back(std::move(first));
  }
  return keys;
}

std::string InputArchive::contents() const {
  constexpr size_t kMost = 10;
  std::string text = taper::detail::str(tensors_.size(), tensors_.size() == 1 ? " tensor" : " tensors");
  for (size_t i = 0; i < std::min(tensors_.size(), kMost); ++i) {
    text += taper::detail::str(i == 0 ? ": '" : ", '", detail::shown(tensors_[i].key()), "'");
  }
  return tensors_.size() > kMost ? text + ", ..." : text;
}

}  // namespace taper::serialize
