// Atomic writing of files.
#pragma once

#include <string>

namespace examples {

// Throws taper::Error, naming `option`, unless files can be created in `folder`, which is created if missing. Called
// before the training.
void check_folder(const char* option, const std::string& folder);
// The same for one file; its folder must exist.
void check_file(const char* option, const std::string& file);

// Writes `contents` to `path` by taper::serialize::write_file: throws taper::Error, with the old file untouched, when
// the disk is full or the folder not writable. Anything but a regular file (a pipe, /dev/stdout) is written directly.
void write_file(const std::string& path, const std::string& contents);

}  // namespace examples
