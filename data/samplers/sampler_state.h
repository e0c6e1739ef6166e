// What samplers write into archives: counts, checked when they come back. Internal to data/samplers/.
#pragma once

#include <taper/serialize/archive.h>

namespace taper::data::samplers::detail {

void write_count(serialize::OutputArchive& archive, const char* key, size_t count);
// From 0 to `most`. Throws Error, naming the sampler and the archive, for anything else.
size_t read_count(serialize::InputArchive& archive, const char* sampler, const char* key, size_t most);

}  // namespace taper::data::samplers::detail
