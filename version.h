// The version of taper, in one place: CMake, the package files and `kVersion` all read these three numbers.
#pragma once

#define TAPER_VERSION_MAJOR 0
#define TAPER_VERSION_MINOR 1
#define TAPER_VERSION_PATCH 0

#define TAPER_VERSION_TEXT_(major, minor, patch) #major "." #minor "." #patch
#define TAPER_VERSION_TEXT(major, minor, patch) TAPER_VERSION_TEXT_(major, minor, patch)

namespace taper {

// "0.1.0", say: semantic versioning; before 1.0 a new minor version may change the interface.
inline constexpr const char* kVersion =
    TAPER_VERSION_TEXT(TAPER_VERSION_MAJOR, TAPER_VERSION_MINOR, TAPER_VERSION_PATCH);

}  // namespace taper
