// The same results in processes of their own, with another instruction set and another number of threads: each writes a
// sheet of checksums, and the sheets must be the same.
#pragma once

#include <taper/core/kernels/isa/isa.h>
#include <taper/core/tensor.h>

#include "catch.h"
#include "support/alone.h"
#include "support/files.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sheets {

inline constexpr char kPath[] = "TAPER_TESTS_SHEET";

// Of a hidden test: what it adds is written to the file that the environment names.
class Sheet {
 public:
  void add(const std::string& name, const taper::Tensor& t) {
    taper::Tensor c = t.detach().contiguous();
    if (c.is_floating_point()) c = where(c.isnan(), taper::full_like(c, NAN), c);  // whose sign nothing defines
    const auto* const bytes = static_cast<const unsigned char*>(c.data_ptr());
    const size_t count = c.nbytes();
    uint64_t hash = 14695981039346656037u;  // FNV-1a
    for (size_t i = 0; i < count; ++i) hash = (hash ^ bytes[i]) * 1099511628211u;
    file_ << name << " " << t.sizes() << " " << std::hex << hash << std::dec << "\n";
  }

 private:
  std::ofstream file_{std::getenv(kPath) ? std::getenv(kPath) : "/dev/stdout"};
};

inline std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Runs the hidden test of `tag` once for each number of threads and instruction set, and compares the sheets.
inline void check(const std::string& tag) {
  using taper::kernels::Isa;
  std::vector<std::string> settings = {"TAPER_NUM_THREADS=1", "TAPER_NUM_THREADS=2", "TAPER_NUM_THREADS=3"};
  if (const char* const isa = std::getenv("TAPER_ISA"); !isa || !*isa) {
    if (taper::kernels::machine() == Isa::Avx512) {
      settings[0] += " TAPER_ISA=avx512";
      settings[1] += " TAPER_ISA=avx2";
    } else {
      WARN("only the numbers of threads are compared: this machine has no AVX-512 to compare AVX2 with");
    }
  }
  const support::Folder folder;
  std::vector<std::string> first;
  for (const std::string& setting : settings) {
    INFO(setting);
    const std::string path = folder / "sheet";
    REQUIRE(support::alone(tag, setting + " " + kPath + "='" + path + "'") == 0);
    const std::vector<std::string> lines = lines_of(path);
    REQUIRE(!lines.empty());
    if (first.empty()) first = lines;
    REQUIRE(lines.size() == first.size());
    for (size_t i = 0; i < lines.size(); ++i) CHECK(lines[i] == first[i]);
  }
}

}  // namespace sheets
