// Writing files so that nothing is lost: the new one takes the old one's place when it is complete, or not at all.
#pragma once

#include <string>

namespace examples {

// Throws taper::Error, with `option` to say which one is wrong, unless files can be made in `folder`, which is made if
// missing. Asked before the training, not after.
void check_folder(const char* option, const std::string& folder);
// The same for one file; its folder must be there.
void check_file(const char* option, const std::string& file);

// Writes `contents` to `path` by taper::serialize::write_file: throws taper::Error, with the old file untouched, when
// the disk is full or the folder not writable. What is no regular file (a pipe, /dev/stdout) is written directly.
void write_file(const std::string& path, const std::string& contents);

}  // namespace examples
