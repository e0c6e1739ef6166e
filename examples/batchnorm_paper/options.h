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

// Fills `options`; returns as parse() of ../common/options.h.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::paper
