// The results: as text, CSV, JSON and HTML.
#pragma once

#include <string>
#include <vector>

#include "experiment.h"
#include "options.h"

namespace examples::paper {

struct Finished {
  const Experiment* experiment;
  Outcome outcome;
  double seconds;
  std::vector<std::string> pngs;  // one for each picture; empty without gnuplot
};

// The experiment's table and whether its claim holds.
std::string text(const Finished& finished);
// Printed before and after a run with --quick.
std::string quick_note();
// Name, holds or not, seconds: one line per experiment.
std::string overview(const std::vector<Finished>& all);
std::string csv(const Columns& columns);
// {"data": ..., "seed": ..., "experiments": {name: {"holds": ..., "finding": ..., figures, "seconds": ...}}}; NaN and
// infinity are null.
std::string json(const std::vector<Finished>& all, const Options& options, const std::string& data, bool interrupted);
// A self-contained page: heading, three sentences, figures and table of each experiment.
std::string html(const std::vector<Finished>& all, const Options& options, const std::string& data);

}  // namespace examples::paper
