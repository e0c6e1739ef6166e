// The .npy format, for npy.cpp (files) and npz.cpp (members of a zip file).
#pragma once

#include <taper/core/tensor.h>
#include <taper/serialize/file_internal.h>

#include <string>

namespace taper::serialize::detail {

// Memory is allocated once shape and dtype of the header agree with the size of the source. Throws TypeError for an
// unsupported dtype.
Tensor read_npy(const Source& source);

// What precedes the elements, which follow in row-major order.
std::string npy_header(const std::string& where, const Tensor& tensor);

}  // namespace taper::serialize::detail
