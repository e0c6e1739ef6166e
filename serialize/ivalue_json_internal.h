// Values of an archive other than tensors, as JSON in the metadata of its file.
//
//   None null   bool true   integer 5   double 0.5, 5.0, NaN, -Infinity   string "text"   list of integers [1,2]
#pragma once

#include <taper/autograd/ivalue.h>

#include <string>

namespace taper::serialize::detail {

// `where` is the prefix of error messages and names the value.
std::string to_json(const std::string& where, const IValue& value);
IValue from_json(const std::string& where, const std::string& text);

}  // namespace taper::serialize::detail
