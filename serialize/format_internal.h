// Numbers and tensor elements in files, little-endian unless stated otherwise.
#pragma once

#include <taper/core/tensor.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace taper::serialize::detail {

// The number in the `count` bytes from `at` on. Bytes beyond the end count as 0.
uint64_t get_number(std::string_view bytes, size_t at, size_t count);
struct Number {
  uint64_t value;
  size_t bytes;
};
// The concatenated bytes of the numbers.
std::string put_numbers(std::initializer_list<Number> numbers);

struct Format {
  const char* name;  // "F32", as in safetensors files
  ScalarType dtype;  // of the tensor in memory, which can represent every value
  size_t bytes;      // of an element in the file
  // From elements in the file to elements in memory, where they differ. False: a value is out of range of dtype.
  bool (*convert)(const char* from, char* to, size_t count) = nullptr;
};
// The format in which a tensor of this dtype is written.
const Format& format_of(ScalarType dtype);
// Null for an unknown format.
const Format* find_format(std::string_view name);

// Fills a row-major tensor of format.dtype with elements from `read`. `where` is the prefix of error messages.
void read_values(const std::string& where, const Format& format, bool big_endian, const Tensor& tensor,
                 const std::function<void(void* to, size_t count)>& read);

// The number of elements; nullopt when the strides of the shape, in which an empty dimension counts as 1, overflow 63
// bits.
optional<uint64_t> count_elements(IntArrayRef shape);

}  // namespace taper::serialize::detail
