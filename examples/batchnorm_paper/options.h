// The command line of the program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace examples::paper {

struct Options {
  std::vector<std::string> names;  // of the experiments to run
  bool all = false;                // all of them, and the report page
  std::string data;                // folder with MNIST files; empty: SynthDigits
  bool quick = false;
  uint64_t seed = 0;
  int threads = 0;
  std::string out = "out/paper";
  std::string json;  // file; empty: none
};

// Fills `options`, complaining on stderr about whatever makes no sense. Returns -1 to go on, else the exit code: 0
// after --help, 2 for a wrong command line.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::paper
