// A safetensors file as it was read, with what could not be. Internal to serialize/.
#pragma once

#include <taper/serialize/safetensors.h>

namespace taper::serialize::detail {

struct Loaded {
  OrderedDict<std::string, Tensor> tensors;
  Metadata metadata;
  OrderedDict<std::string, std::string> unreadable;  // names of tensors of other dtypes, and why
};

// `names`: only these, which must be there and readable; null: all. The rest is as for load_safetensors.
Loaded load(const std::string& path, const std::vector<std::string>* names = nullptr);
Loaded load(std::istream& stream, const std::vector<std::string>* names = nullptr);
Loaded load(const void* data, size_t size, const std::vector<std::string>* names = nullptr);

// Warns that tensors are left out, and why the first of them is. When there are no others, that is a TypeError.
void warn_of_left_out(size_t read, const std::vector<std::string>& left_out, const std::string& why);

// The first ten of the names, quoted, for error messages: "'a', 'b'".
std::string quoted(const std::vector<std::string>& names);

}  // namespace taper::serialize::detail
