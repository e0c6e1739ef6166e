// Counts in archives, checked when they are read.
#pragma once

#include <taper/serialize/archive.h>

namespace taper::data::samplers::detail {

void write_count(serialize::OutputArchive& archive, const char* key, size_t count);
// One number. Throws Error, naming the owner and the archive, for anything else.
int64_t read_number(serialize::InputArchive& archive, const char* owner, const char* key);
// From 0 to `most`. Throws Error, naming the owner and the archive, for anything else.
size_t read_count(serialize::InputArchive& archive, const char* owner, const char* key, size_t most);

}  // namespace taper::data::samplers::detail
