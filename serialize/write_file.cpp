#include <taper/serialize/write_file.h>

#include <taper/serialize/atomic_file_internal.h>

namespace taper::serialize {

void write_file(const std::string& path, std::string_view contents) {
  detail::AtomicFile file("write_file", path, contents.size());
  file.write(contents.data(), contents.size());
  file.commit();
}

}  // namespace taper::serialize
