// Charts, drawn by gnuplot. Colours, legends and scales are chosen in chart.cpp, alike in all charts: legends are below
// the axes, where there are no curves, and a name has one colour.
#pragma once

#include <cmath>
#include <string>
#include <vector>

namespace examples {

// How a series is drawn; kBars show their values.
enum class Style { kLine, kPoints, kBars, kReference };

// Points that belong together. Values that are no numbers leave a gap.
struct Series {
  std::string title;  // in the legend; empty: none
  std::vector<double> x, y;
  Style style = Style::kLine;
};

struct Axis {
  std::string label;
  double low = NAN, high = NAN;  // NAN: from the data; `low` is ignored by a series that stays below it
  bool log = false;
  std::string tics = "";  // gnuplot's, such as "500" or "('one' 1, 'two' 2)"
};

// One pair of axes.
struct Panel {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
};

// A heat map: value[row][column], rows from the bottom.
struct HeatMap {
  std::string title, x_label, y_label;
  std::vector<std::string> columns, rows;
  std::vector<std::vector<double>> value;
  double low = 0, high = 100;  // of the colour scale
};

// Panels, then heat maps, side by side. Empty panels are left out.
struct Chart {
  std::vector<Panel> panels;
  std::vector<HeatMap> maps;
};

// The chart as PNG. Empty, with the reason in `why`, if gnuplot is not installed or fails.
std::string draw(const Chart& chart, std::string& why);

}  // namespace examples
