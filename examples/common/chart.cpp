#include "chart.h"

#include <algorithm>
#include <cmath>

#include "../common/gnuplot.h"
#include "../common/text.h"

namespace examples::paper {
namespace {

constexpr int kPanelWidth = 480, kHeight = 380;

std::string number(double value) { return std::isfinite(value) ? format("%.9g", value) : "NaN"; }

// For gnuplot, in single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string labels(const std::string& title, const std::string& x, const std::string& y) {
  return "set title " + quoted(title) + " noenhanced; set xlabel " + quoted(x) + " noenhanced; set ylabel " +
         quoted(y) + " noenhanced\n";
}

// Each series is a data block of its own.
std::string script(const Panel& panel, size_t index) {
  std::string data, plot;
  for (size_t s = 0; s < panel.series.size(); ++s) {
    const Series& series = panel.series[s];
    const bool any = std::any_of(series.y.begin(), series.y.end(), [](double y) { return std::isfinite(y); });
    if (!any) continue;  // gnuplot gives up on a series without points
    const std::string name = format("$p%zus%zu", index, s);
    data += name + " << END\n";
    for (size_t i = 0; i < series.x.size(); ++i) data += number(series.x[i]) + ' ' + number(series.y[i]) + '\n';
    data += "END\n";
    plot += (plot.empty() ? "plot " : ", ") + name + " using 1:2 with " + series.style + " title " +
            quoted(series.title) + " noenhanced";
  }
  if (plot.empty()) return "";
  return data + "reset; set grid; set key bottom right\n" + labels(panel.title, panel.x_label, panel.y_label) +
         panel.settings + '\n' + plot + '\n';
}

std::string tics(const char* axis, const std::vector<std::string>& names) {
  std::string text = format("set %stics (", axis);
  for (size_t i = 0; i < names.size(); ++i) text += (i > 0 ? ", " : "") + quoted(names[i]) + format(" %zu", i);
  return text + ")\n";
}

std::string script(const HeatMap& map, size_t index) {
  const std::string name = format("$m%zu", index);
  std::string data = name + " << END\n";
  for (size_t row = 0; row < map.value.size(); ++row) {
    for (size_t column = 0; column < map.value[row].size(); ++column) {
      const double value = map.value[row][column];
      data += format("%zu %zu %s\n", column, row, number(value).c_str());
    }
  }
  data += "END\n";
  return data +
         "reset; unset key; set tics nomirror out; set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', " +
         "3 '#5ec962', 4 '#fde725')\n" + format("set cbrange [%g:%g]\n", map.low, map.high) +
         format("set xrange [-0.5:%zu.5]; set yrange [-0.5:%zu.5]\n", map.columns.size() - 1, map.rows.size() - 1) +
         labels(map.title, map.x_label, map.y_label) + tics("x", map.columns) + tics("y", map.rows) + "plot " + name +
         " using 1:2:3 with image, " + name + " using 1:2:(sprintf('%.0f', $3))" +
         format(":($3 > %g ? 0x000000 : 0xffffff)", (map.low + map.high) / 2) + " with labels tc rgb variable\n";
}

}  // namespace

std::string draw(const Chart& chart, std::string& why) {
  const size_t count = chart.panels.size() + chart.maps.size();
  std::string text = format("set multiplot layout 1,%zu\n", count);
  for (size_t i = 0; i < chart.panels.size(); ++i) text += script(chart.panels[i], i);
  for (size_t i = 0; i < chart.maps.size(); ++i) text += script(chart.maps[i], i);
  return gnuplot_png(text, kPanelWidth * static_cast<int>(count), kHeight, why);
}

}  // namespace examples::paper
