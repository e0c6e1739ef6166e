// Values of an archive that are no tensors, as JSON text in the metadata of its file. Internal to serialize/.
//
//   nothing null   bool true   integer 5   double 0.5, 5.0, NaN, -Infinity   string "text"   list of integers [1,2]
#pragma once

#include <taper/autograd/ivalue.h>

#include <string>

namespace taper::serialize::detail {

// `where` starts error messages, which name the value.
std::string to_json(const std::string& where, const IValue& value);
IValue from_json(const std::string& where, const std::string& text);

}  // namespace taper::serialize::detail
