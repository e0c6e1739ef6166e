// Charts: what is to be drawn, and the picture gnuplot makes of it. Colours, keys and scales are chart.cpp's, the same
// in all of them: the keys stand below the coordinate systems, where there are no curves, and a name has one colour.
#pragma once

#include <cmath>
#include <string>
#include <vector>

namespace examples {

// How a series is drawn; kBars are told apart by their place on the axis, and show their values.
enum class Style { kLine, kPoints, kBars, kReference };

// Points that belong together. Values that are no numbers leave a gap.
struct Series {
  std::string title;  // in the key; empty: none
  std::vector<double> x, y;
  Style style = Style::kLine;
};

struct Axis {
  std::string label;
  double low = NAN, high = NAN;  // NAN: as the data are. A lower end gives way to a series that stays below it
  bool log = false;
  std::string tics = "";  // gnuplot's, such as "500" or "('one' 1, 'two' 2)"
};

// One coordinate system.
struct Panel {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
};

// A grid of colours: value[row][column], rows from below.
struct HeatMap {
  std::string title, x_label, y_label;
  std::vector<std::string> columns, rows;
  std::vector<std::vector<double>> value;
  double low = 0, high = 100;  // of the colours
};

// Panels, then heat maps, side by side. A panel in which there is nothing to see is left out.
struct Chart {
  std::vector<Panel> panels;
  std::vector<HeatMap> maps;
};

// The chart as PNG. Empty, with the reason in `why`, when gnuplot is not there or fails.
std::string draw(const Chart& chart, std::string& why);

}  // namespace examples
