#include <taper/data/samplers/sampler_state_internal.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/samplers/base.h>

namespace taper::data::samplers::detail {

void write_count(serialize::OutputArchive& archive, const char* key, size_t count) {
  archive.write(key, tensor(static_cast<int64_t>(count)), /*is_buffer=*/true);
}

int64_t read_number(serialize::InputArchive& archive, const char* owner, const char* key) {
  Tensor saved;
  archive.read(key, saved, /*is_buffer=*/true);
  TAPER_CHECK(saved.dtype() == kInt64 && saved.numel() == 1, owner, ": ", archive.source(), ": '", key,
              "' must be one int64; got ", saved.dtype(), " of sizes ", saved.sizes());
  return saved.item<int64_t>();
}

size_t read_count(serialize::InputArchive& archive, const char* owner, const char* key, size_t most) {
  const int64_t count = read_number(archive, owner, key);
  TAPER_CHECK(count >= 0 && static_cast<uint64_t>(count) <= most, owner, ": ", archive.source(), ": '", key,
              "' must be from 0 to ", most, "; got ", count, "; the sampler may have been of another size");
  return static_cast<size_t>(count);
}

void throw_no_archive(const char* what) {
  throw NotImplementedError(taper::detail::str(what, ": this sampler does not implement ", what,
                                               "; derive from it and override ", what, " to keep its state"));
}

}  // namespace taper::data::samplers::detail
