// How the elements of tensors lie in files, and how they become those of tensors in memory. Internal to serialize/.
#pragma once

#include <taper/core/tensor.h>

#include <functional>
#include <string>
#include <string_view>

namespace taper::serialize::detail {

struct Format {
  const char* name;  // "F32", as in safetensors files
  ScalarType dtype;  // of the tensor in memory, which holds every value
  size_t bytes;      // of an element in the file
  // From elements in the file to those in memory, where they differ. False: a value is beyond what dtype holds.
  bool (*convert)(const char* from, char* to, size_t count) = nullptr;
};
// How a tensor is written.
const Format& format_of(ScalarType dtype);
// Null for a format that is not known.
const Format* find_format(std::string_view name);

// Fills a row-major tensor of format.dtype with what `read` gives, front to back. `where` starts error messages.
void read_values(const std::string& where, const Format& format, bool big_endian, const Tensor& tensor,
                 const std::function<void(void* to, size_t count)>& read);

// The value of an IEEE half.
float half_to_float(uint16_t half);

}  // namespace taper::serialize::detail
