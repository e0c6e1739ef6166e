// The kind of a file in the wrong format, recognised by its first bytes.
#pragma once

#include <string>
#include <string_view>

namespace taper::serialize::detail {

constexpr size_t kKindBytes = 256;  // enough to tell

// Its kind and what to do with it, to follow "got " in an error message; empty if unknown.
//   "a file of PyTorch's torch.save; convert it in Python: python3 docs/weights.py model.pt model.safetensors"
std::string file_kind(std::string_view start);
// Throws Error, "<where>: must be <expected>; got ...", for a file of a known kind.
void check_kind(const std::string& where, const char* expected, std::string_view start);

}  // namespace taper::serialize::detail
