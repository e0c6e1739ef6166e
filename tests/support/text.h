// What is printed, saved or thrown, as text.
#pragma once

#include <taper/core/error.h>
#include <taper/serialize/serialize.h>

#include <sstream>
#include <string>

namespace support {

std::string printed(const auto& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

// The bytes that save() writes, and back.
std::string saved(const auto& what) {
  std::ostringstream stream;
  taper::save(what, stream);
  return stream.str();
}
void restore(auto& what, const std::string& bytes) {
  std::istringstream stream(bytes);
  taper::load(what, stream);
}

// The bytes of a safetensors file.
inline std::string safetensors(const taper::OrderedDict<std::string, taper::Tensor>& tensors,
                               const taper::serialize::Metadata& metadata = {}) {
  std::ostringstream stream;
  taper::serialize::save_safetensors(stream, tensors, metadata);
  return stream.str();
}

// The text of the taper::Error that f() throws.
template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const taper::Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace support
