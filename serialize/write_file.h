// Writes any file atomically: reports, tables, settings.
//
//   taper::serialize::write_file("losses.csv", text);
#pragma once

#include <taper/core/macros.h>

#include <string>
#include <string_view>

namespace taper::serialize {

// The file is replaced as a whole or, on an error, not at all, as by save_safetensors (serialize/safetensors.h).
// Throws Error, naming the file, the reason and the bytes needed.
TAPER_API void write_file(const std::string& path, std::string_view contents);

}  // namespace taper::serialize
