// An experiment: a function that trains or computes, and reports whether the paper's claim holds.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "../common/chart.h"

namespace examples::paper {

class Lab;

// A named number, list of numbers or string, for --json.
using Figure = std::variant<double, std::vector<double>, std::string>;

struct Picture {
  std::string name;     // of the file, without .png
  std::string caption;  // one sentence for the report
  Chart chart;
};

// Named columns of equal length, for CSV.
struct Columns {
  std::string name;  // of the file, without .csv
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

struct Outcome {
  bool holds = false;
  // What was checked, with the figures: "BatchNorm reached 97.1 % in 900 steps, ..."
  std::string finding;
  std::string table;  // for the terminal, lines that end in '\n'
  std::vector<std::pair<std::string, Figure>> figures;
  std::vector<Picture> pictures;
  std::vector<Columns> data;
};

struct Experiment {
  const char* name;   // the subcommand
  const char* title;  // a heading
  const char* did;    // a sentence: what is done
  const char* paper;  // a sentence: what the paper (or whoever is named) says
  Outcome (*run)(Lab& lab);
};

// All of them, in the order of the report. (experiments/all.cpp)
const std::vector<Experiment>& experiments();

}  // namespace examples::paper
