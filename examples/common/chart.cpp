#include "chart.h"

#include <algorithm>
#include <cmath>

#include "gnuplot.h"
#include "text.h"

namespace examples {
namespace {

constexpr int kPanelWidth = 480, kHeight = 400, kKeyLine = 18;
// Dark enough for thin lines on white.
constexpr const char* kColors[] = {"#7a1fa2", "#00803c", "#0072c6", "#d2501e",
                                   "#8a6a00", "#c2186b", "#00838f", "#555555"};
constexpr int kPoints[] = {7, 5, 9, 13, 11, 4, 6, 8};  // disc, square, triangle, ...

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

bool visible(const Series& series) {
  return std::any_of(series.y.begin(), series.y.end(), [](double y) { return std::isfinite(y); });
}

struct Range {
  double low = INFINITY, high = -INFINITY;
  void add(double value) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  }
};

// 1, 2, 5, 10, ... within the range, and more in a short one.
std::string log_tics(const Range& range) {
  const std::vector<double> steps =
      range.high < 10 * range.low ? std::vector<double>{1, 1.5, 2, 3, 4, 5, 6, 8} : std::vector<double>{1, 2, 5};
  std::string text;
  for (double decade = std::pow(10, std::floor(std::log10(range.low))); decade <= range.high; decade *= 10) {
    for (const double step : steps) {
      const double at = step * decade;
      if (at >= range.low * 0.999 && at <= range.high * 1.001) text += format("%s%.9g", text.empty() ? "" : ", ", at);
    }
  }
  return "(" + text + ")";
}

// What gnuplot is told of one axis: `member` of each series lies on it.
std::string settings(const char* name, const Axis& axis, const Panel& panel,
                     const std::vector<double> Series::*member) {
  Range all;
  double lowest_top = INFINITY;  // the highest point of the lowest series, of which a good part is to be seen
  bool bars = false, points = false;
  for (const Series& series : panel.series) {
    if (!visible(series)) continue;
    bars |= series.style == Style::kBars;
    points |= series.style == Style::kPoints;
    Range own;
    for (const double value : series.*member) own.add(value);
    all.add(own.low), all.add(own.high);
    lowest_top = std::min(lowest_top, own.high);
  }
  const double high = std::isnan(axis.high) ? all.high : axis.high;
  double low = std::isnan(axis.low) ? all.low : axis.low;
  if (lowest_top < low + (high - low) / 3) low = axis.log ? all.low : std::floor(all.low / 10) * 10;
  std::string text;
  if (axis.log) {
    const double space = points || member == &Series::y ? 1.2 : 1;  // nothing is to lie on the frame
    const Range range{low == all.low ? low / space : low, high == all.high ? high * space : high};
    text += format("set logscale %s; set %srange [%.9g:%.9g]\n", name, name, range.low, range.high);
    const double decades = std::log10(range.high / range.low);
    if (decades > 6) text += format("set format %s '10^{%%T}'\n", name);
    if (decades <= 2.5) text += format("set %stics %s; unset m%stics\n", name, log_tics(range).c_str(), name);
  } else if (bars && member == &Series::x) {
    text += format("set xrange [%g:%g]\n", all.low - 0.5, all.high + 0.5);
  } else if (bars) {  // from 0, with place for the figures above them
    text += format("set yrange [0:%g]\n", 1.12 * all.high);
  } else if (!std::isnan(axis.low) || !std::isnan(axis.high)) {
    text += format("set %srange [%s:%s]\n", name, std::isnan(axis.low) ? "*" : number(low).c_str(),
                   std::isnan(axis.high) ? "*" : number(axis.high).c_str());
  }
  if (points && !axis.log && member == &Series::x) text += "set offsets graph 0.03, graph 0.03, 0, 0\n";
  if (!axis.tics.empty()) text += format("set %stics %s\n", name, axis.tics.c_str());
  return text;
}

// The place of a name among those of the whole chart: it has the same colour in each panel.
size_t place(const Chart& chart, const std::string& title) {
  std::vector<std::string> names;
  for (const Panel& panel : chart.panels) {
    for (const Series& series : panel.series) {
      if (series.style == Style::kReference) continue;
      if (std::find(names.begin(), names.end(), series.title) == names.end()) names.push_back(series.title);
    }
  }
  return static_cast<size_t>(std::find(names.begin(), names.end(), title) - names.begin());
}

std::string with(const Series& series, size_t place, size_t index) {
  if (series.style == Style::kReference) return "lines dt 2 lw 1.5 lc rgb 'black'";
  const std::string color = format("lc rgb '%s'", kColors[place % std::size(kColors)]);
  if (series.style == Style::kBars) return "boxes " + color;
  if (series.style == Style::kLine) return "lines lw 2 " + color;
  const double size = std::max(0.6, 1.7 - 0.25 * static_cast<double>(index));  // of what coincides all is seen
  return format("linespoints lw 2 pt %d ps %g ", kPoints[place % std::size(kPoints)], size) + color;
}

int key_lines(const Panel& panel) {
  return static_cast<int>(std::count_if(panel.series.begin(), panel.series.end(),
                                        [](const Series& series) { return visible(series) && !series.title.empty(); }));
}

// Each series is a data block of its own.
std::string script(const Chart& chart, const Panel& panel, size_t index, int lines) {
  std::string data, plot, values;
  for (size_t s = 0; s < panel.series.size(); ++s) {
    const Series& series = panel.series[s];
    if (!visible(series)) continue;  // gnuplot gives up on a series without points
    const std::string name = format("$p%zus%zu", index, s);
    data += name + " << END\n";
    for (size_t i = 0; i < series.x.size(); ++i) data += number(series.x[i]) + ' ' + number(series.y[i]) + '\n';
    data += "END\n";
    plot += (plot.empty() ? "plot " : ", ") + name + " using 1:2 with " + with(series, place(chart, series.title), s) +
            (series.title.empty() ? " notitle" : " title " + quoted(series.title) + " noenhanced");
    if (series.style == Style::kBars) {
      values += ", " + name + " using 1:2:(sprintf('%.3g', $2)) with labels font ',8' offset 0,0.5 notitle";
    }
  }
  for (int i = key_lines(panel); i < lines; ++i) {  // so that the keys of all panels begin at the same height
    values += ", 1/0 with lines lc rgb 'white' title ' '";
  }
  data +=
      "reset; set grid; set boxwidth 0.38; set style fill solid; set autoscale xfix\n"
      "set key below center vertical maxcols 1 samplen 3\n";
  return data + format("set bmargin %d\n", 4 + lines) + labels(panel.title, panel.x.label, panel.y.label) +
         settings("x", panel.x, panel, &Series::x) + settings("y", panel.y, panel, &Series::y) + plot + values + '\n';
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
  std::vector<Panel> panels;
  int lines = 0;
  for (Panel panel : chart.panels) {
    for (Series& series : panel.series) {
      for (double& y : series.y) y = panel.y.log && y <= 0 ? NAN : y;  // no place for it on a logarithmic axis
    }
    if (std::none_of(panel.series.begin(), panel.series.end(), visible)) continue;
    lines = std::max(lines, key_lines(panel));
    panels.push_back(std::move(panel));
  }
  const size_t count = panels.size() + chart.maps.size();
  if (count == 0) {
    why = "there is nothing to see in it";
    return "";
  }
  std::string text = format("set multiplot layout 1,%zu\n", count);
  for (size_t i = 0; i < panels.size(); ++i) text += script(chart, panels[i], i, lines);
  for (size_t i = 0; i < chart.maps.size(); ++i) text += script(chart.maps[i], i);
  return gnuplot_png(text, kPanelWidth * static_cast<int>(count), kHeight + kKeyLine * lines, why);
}

}  // namespace examples
