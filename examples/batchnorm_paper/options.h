// The command line of the program.
#pragma once

#include <string>
#include <vector>

#include "../common/options.h"

namespace examples::paper {

struct Options : SharedOptions {
  Options() { out = "out/paper"; }
  std::vector<std::string> names;  // of the experiments to run
  bool all = false;                // all of them, and the report page
  bool quick = false;
};

// Fills `options`, complaining on stderr about whatever makes no sense. Returns -1 to go on, else the exit code: 0
// after --help, 2 for a wrong command line.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::paper
