// A .npy file as bytes that come and go: what npy.cpp (files) and npz.cpp (members of a zip file) share. Internal to
// serialize/.
#pragma once

#include <taper/core/tensor.h>

#include <functional>
#include <string>

namespace taper::serialize::detail {

// `size` bytes that are read front to back.
struct NpySource {
  std::string where;  // starts error messages: "load_npy: x.npy"
  uint64_t size = 0;
  std::function<void(void* to, size_t count)> read;
};

// Memory for the values is taken when the header's shape and dtype agree with the size of the source. TypeError: an
// array of something that cannot be read.
Tensor read_npy(const NpySource& source);

// What stands before the values, which follow row by row.
std::string npy_header(const std::string& where, const Tensor& tensor);

}  // namespace taper::serialize::detail
