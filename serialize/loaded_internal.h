// The common part of loading safetensors and npz files.
#pragma once

#include <taper/core/error.h>
#include <taper/serialize/safetensors.h>
#include <taper/serialize/text_internal.h>

namespace taper::serialize::detail {

// The contents of a safetensors file.
struct Loaded {
  OrderedDict<std::string, Tensor> tensors;
  Metadata metadata;
  OrderedDict<std::string, std::string> unreadable;  // tensors of unsupported dtypes, with the reason
};

// `names`: only these, which must exist and be readable; null: all. Otherwise as load_safetensors.
Loaded load(const std::string& path, const std::vector<std::string>* names = nullptr);
Loaded load(std::istream& stream);
Loaded load(const void* data, size_t size);

// Warns that tensors were skipped, with the reason for the first of them. Throws TypeError if none was read.
void warn_of_left_out(size_t read, const std::vector<std::string>& left_out, const std::string& why);

// The items of these names, in their order without duplicates. Throws Error for a missing name: "<where>: must hold
// <what> named 'name'; got 2 <whats>: ...".
template <class T>
OrderedDict<std::string, T> choose(const std::string& where, const char* what, const char* whats,
                                   const OrderedDict<std::string, T>& items, const std::vector<std::string>& names) {
  OrderedDict<std::string, T> chosen;
  for (const std::string& name : names) {
    const T* item = items.find(name);
    TAPER_CHECK(item, where, ": must hold ", what, " named '", shown(name), "'; got ", items.size(), " ", whats, ": ",
                quoted(items.keys()));
    if (!chosen.contains(name)) chosen.insert(name, *item);
  }
  return chosen;
}

}  // namespace taper::serialize::detail
