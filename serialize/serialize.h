// save and load: models, optimisers and tensors in safetensors files.
//
//   taper::save(net, "net.safetensors");
//   taper::load(net, "net.safetensors");        // into a model of the same architecture
//
// A value can be
// - a module (holder, shared_ptr or reference): its parameters and buffers, under PyTorch's names, and in the file's
//   metadata the extra state of its layers (Module::get_extra_state: a frozen BatchNorm);
// - an optimiser, a learning-rate schedule, anything with `state_dict() const` and `load_state_dict(dict)` over
//   OrderedDict<std::string, Tensor>, or with `save(OutputArchive&) const` and `load(InputArchive&)`, by value,
//   shared_ptr or unique_ptr;
// - a Tensor ("0"), a std::vector<Tensor> ("0", "1", ...) or an OrderedDict<std::string, Tensor>;
// - anything with its own operators << and >> for archives.
//
// Source and destination: a path or a stream.
//
// A module or optimiser is loaded as a whole or not at all: missing or unexpected keys, different sizes and damaged
// files are errors that leave it unchanged. (To load part of a model: net->load_state_dict(
// taper::serialize::load_safetensors(path), /*strict=*/false).)
#pragma once

#include <taper/serialize/archive.h>
#include <taper/serialize/npy.h>
#include <taper/serialize/safetensors.h>
#include <taper/serialize/write_file.h>

#include <concepts>

namespace taper::serialize {

template <class T>
concept HasArchiveMethods = requires(const T& from, T& to, OutputArchive& out, InputArchive& in) {
  from.save(out);
  to.load(in);
};
template <class T>
concept HasStateDict = requires(const T& from, T& to, const OrderedDict<std::string, Tensor>& state) {
  { from.state_dict() } -> std::convertible_to<OrderedDict<std::string, Tensor>>;
  to.load_state_dict(state);
};
// A module holder, a smart pointer.
template <class T>
concept IsHandle = requires(const T& handle) {
  *handle;
  handle.get();
  static_cast<bool>(handle);
};

namespace detail {
// Rethrows an error of load_state_dict with the source of the archive in its message.
[[noreturn]] TAPER_API void throw_with_source(const Error& error, const InputArchive& archive);

template <class T>
void load_state(T& value, const InputArchive& archive) {
  const OrderedDict<std::string, Tensor>& tensors = archive.tensors();
  try {
    value.load_state_dict(tensors);
  } catch (const Error& error) {
    throw_with_source(error, archive);
  }
}
}  // namespace detail

TAPER_API OutputArchive& operator<<(OutputArchive& archive, const Tensor& tensor);
TAPER_API InputArchive& operator>>(InputArchive& archive, Tensor& tensor);
TAPER_API OutputArchive& operator<<(OutputArchive& archive, const std::vector<Tensor>& tensors);
// Appends, as in libtorch.
TAPER_API InputArchive& operator>>(InputArchive& archive, std::vector<Tensor>& tensors);
TAPER_API OutputArchive& operator<<(OutputArchive& archive, const OrderedDict<std::string, Tensor>& tensors);
// Replaces.
TAPER_API InputArchive& operator>>(InputArchive& archive, OrderedDict<std::string, Tensor>& tensors);

template <class T>
requires HasArchiveMethods<T> || HasStateDict<T> || IsHandle<T> OutputArchive& operator<<(OutputArchive& archive,
                                                                                          const T& value) {
  if constexpr (HasArchiveMethods<T>) {
    value.save(archive);
  } else if constexpr (HasStateDict<T>) {
    archive << static_cast<const OrderedDict<std::string, Tensor>&>(value.state_dict());
  } else {
    TAPER_CHECK(value, "save: the holder or pointer must hold something; it is empty");
    archive << *value;
  }
  return archive;
}

template <class T>
requires HasArchiveMethods<T> || HasStateDict<T> || IsHandle<T> InputArchive& operator>>(InputArchive& archive,
                                                                                         T& value) {
  if constexpr (HasArchiveMethods<T>) {
    value.load(archive);
  } else if constexpr (HasStateDict<T>) {
    detail::load_state(value, archive);
  } else {
    TAPER_CHECK(value, "load: the holder or pointer must hold something; it is empty");
    archive >> *value;
  }
  return archive;
}

}  // namespace taper::serialize

namespace taper {

// taper::save(value, path) or taper::save(value, stream)
template <class Value, class To>
void save(const Value& value, To&& to) {
  static_assert(
      requires(serialize::OutputArchive & archive) { archive << value; },
      "taper::save: this type is neither a tensor, a module, nor anything with state_dict() or save(archive)");
  serialize::OutputArchive archive;
  archive << value;
  archive.save_to(std::forward<To>(to));
}
template <class To>
void save(const std::vector<Tensor>& tensors, To&& to) {
  save<std::vector<Tensor>>(tensors, std::forward<To>(to));
}

// taper::load(value, path) or taper::load(value, stream); libtorch's third argument, a device, may follow.
template <class Value, class... From>
requires(sizeof...(From) > 0) void load(Value& value, From&&... from) {
  static_assert(
      requires(serialize::InputArchive & archive) { archive >> value; },
      "taper::load: this type is neither a tensor, a module, nor anything with load_state_dict() or "
      "load(archive)");
  serialize::InputArchive archive;
  archive.load_from(std::forward<From>(from)...);
  archive >> value;
}

}  // namespace taper
