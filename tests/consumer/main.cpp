// A user's program: built against the installed library, the folder with the sources, and by pkg-config.
#include <taper/core/error.h>
#include <taper/version.h>

#include <cstdio>
#include <cstring>

int main() {
  try {
    TAPER_CHECK_VALUE(false, "consumer: must be caught; got ", 42);
  } catch (const taper::ValueError& error) {
    std::printf("taper %s: %s\n", taper::kVersion, error.what());
    return std::strstr(error.what(), "42") ? 0 : 1;
  }
  return 1;
}
