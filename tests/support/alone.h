// Tests that need a process of their own: this program again, with one hidden test.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace support {

// The exit code of the tests of `tag` in a process of their own, with more in its environment; 124 after `seconds`.
// Where programs run under emulation, TAPER_TESTS_EMULATOR names what runs them.
inline int alone(const std::string& tag, const std::string& environment = "", int seconds = 300) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const char* const emulator = std::getenv("TAPER_TESTS_EMULATOR");
  const std::string limit = "timeout " + std::to_string(seconds) + " " + (emulator ? emulator : "");
  const int status = std::system(("env " + environment + " " + limit + " '" + self + "' '" + tag + "' >&2").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace support
