// Charts: what is to be drawn, and the picture gnuplot makes of it.
#pragma once

#include <string>
#include <vector>

namespace examples::paper {

// Points that belong together. Values that are no numbers leave a gap.
struct Series {
  std::string title;
  std::vector<double> x, y;
  std::string style = "lines lw 2";  // gnuplot's
};

// One coordinate system.
struct Panel {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  std::string settings;  // more of gnuplot's, such as "set logscale x; set yrange [0:1]"
};

// A grid of colours: value[row][column], rows from below.
struct HeatMap {
  std::string title, x_label, y_label;
  std::vector<std::string> columns, rows;
  std::vector<std::vector<double>> value;
  double low = 0, high = 100;  // of the colours
};

// Panels, then heat maps, side by side.
struct Chart {
  std::vector<Panel> panels;
  std::vector<HeatMap> maps;
};

// The chart as PNG. Empty, with the reason in `why`, when gnuplot is not there or fails.
std::string draw(const Chart& chart, std::string& why);

}  // namespace examples::paper
