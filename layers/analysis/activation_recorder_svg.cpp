// The plot of a Recorder: a row for each layer and side, distribution on the left, gradient norm on the right
// (logarithmic). Lengths are pixels.
#include <taper/layers/analysis/activation_recorder.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace taper::nn::utils {
namespace {

constexpr double kWidth = 920, kRow = 220, kPlotHeight = 150;
constexpr size_t kMostPoints = 1000;
constexpr const char *kInk = "#1f4e8c", *kBand = "#cfdcee";

using Line = std::vector<double>;  // one value per step; NaN is a gap

// Appends a line of text.
template <class... Args>
void put(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  out += '\n';
}

// A range of such values is finite too.
bool drawable(double v) { return std::abs(v) < 1e300; }

// The length of the UTF-8 character at `at`, 0 where there is none that XML allows.
size_t character(const std::string& text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const uint32_t first = byte(at);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  if (first < 0xc0 || first > 0xf7) return 0;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  uint32_t code = first & (0x7fU >> length);
  for (size_t i = 1; i < length; ++i) {
    if (byte(at + i) >> 6 != 2) return 0;
    code = code << 6 | (byte(at + i) & 0x3fU);
  }
  constexpr uint32_t kFirst[] = {0, 0, 0x80, 0x800, 0x10000};  // the smallest code of each length
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code >= kFirst[length] && code < 0x110000 && !surrogate && code >> 1 != 0x7fff ? length : 0;
}

// Names may have any bytes; a viewer refuses a file with one that is not XML.
std::string escaped(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = character(text, at);
    switch (text[at]) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      default: out += length > 0 ? text.substr(at, length) : "?";
    }
    at += std::max<size_t>(length, 1);
  }
  return out;
}

// Multiples of 1, 2 or 5 times a power of ten, about four of them, within the range and no closer than `closest`.
std::vector<double> ticks(double low, double high, double closest) {
  const double rough = (high - low) / 4, power = std::pow(10, std::floor(std::log10(rough)));
  const double wanted = power * (rough < 1.5 * power ? 1 : rough < 3.5 * power ? 2 : rough < 7.5 * power ? 5 : 10);
  const double step = std::max(wanted, closest);
  std::vector<double> at;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step && at.size() < 12; ++k) {
    at.push_back(k * step + 0.0);  // no -0
  }
  return at;
}

// From `begin` to `end` in the plot.
struct Axis {
  double low, high, begin, end;
  // The range of the finite values, with a margin, also around a single one.
  Axis(const std::vector<Line>& lines, double margin, double begin_, double end_)
      : low(INFINITY), high(-INFINITY), begin(begin_), end(end_) {
    for (const Line& line : lines) {
      for (const double v : line) {
        if (!drawable(v)) continue;
        low = std::min(low, v);
        high = std::max(high, v);
      }
    }
    if (low > high) low = 0, high = 1;
    double extra = margin * (high - low);
    if (!(high - low > 1e-9 * std::max(std::abs(low), std::abs(high))))
      extra = low == 0 ? 1 : std::max(std::abs(low) / 10, 1e-300);
    low -= extra;
    high += extra;
  }
  double operator()(double v) const { return begin + (v - low) / (high - low) * (end - begin); }
};

struct Plot {
  std::string title;
  std::vector<Line> lines;
  bool band;  // between the first line and the last
  bool log;   // the lines are logarithms to base 10
};

void draw(std::string& out, const Plot& plot, const Line& steps, double left, double right, double top) {
  const Axis x({steps}, 0, left, right), y(plot.lines, 0.05, top + kPlotHeight, top);
  put(out, R"(<text x="{}" y="{}" class="title">{}</text>)", left, top - 8, escaped(plot.title));
  for (const double t : ticks(y.low, y.high, plot.log && y.high - y.low > 2 ? 1 : 0)) {
    put(out, R"(<path class="grid" d="M{0} {1:.1f}H{2}"/><text x="{3}" y="{4:.1f}" text-anchor="end">{5:.3g}</text>)",
        left, y(t), right, left - 6, y(t) + 4, plot.log ? std::pow(10, t) : t);
  }
  for (const double t : ticks(x.low, x.high, 1)) {
    put(out, R"(<text x="{:.1f}" y="{}" text-anchor="middle">{:.0f}</text>)", x(t), top + kPlotHeight + 16, t);
  }
  put(out, R"(<text x="{}" y="{}" text-anchor="end">step</text>)", right, top + kPlotHeight + 30);
  const auto point = [&](char pen, const Line& line, size_t i) {
    return fmt::format("{}{:.1f} {:.1f}", pen, x(steps[i]), y(line[i]));
  };
  bool any = false;
  if (plot.band && plot.lines.size() > 1) {
    const Line &first = plot.lines.front(), &last = plot.lines.back();
    std::string path, back;
    for (size_t i = 0; i <= steps.size(); ++i) {
      const bool gap = i == steps.size() || !drawable(first[i]) || !drawable(last[i]);
      if (!gap) {
        path += point(back.empty() ? 'M' : 'L', first, i);
        back.insert(0, point('L', last, i));
      } else if (!back.empty()) {
        path += back + "Z";
        back.clear();
      }
    }
    if (!path.empty()) put(out, R"(<path fill="{}" stroke="none" d="{}"/>)", kBand, path);
  }
  for (size_t k = 0; k < plot.lines.size(); ++k) {
    std::string path;
    bool pen_down = false;
    for (size_t i = 0; i < steps.size(); ++i) {
      const bool gap = !drawable(plot.lines[k][i]);
      if (!gap) path += point(pen_down ? 'L' : 'M', plot.lines[k], i) + (pen_down ? "" : "h0");  // h0: a dot
      pen_down = !gap;
    }
    any |= !path.empty();
    const bool middle = k == plot.lines.size() / 2;
    put(out, R"(<path fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round" d="{}"/>)", kInk,
        middle ? 2 : 0.8, path);
  }
  if (!any) put(out, R"(<text x="{}" y="{}">nothing recorded</text>)", left + 10, top + kPlotHeight / 2);
}

// The distribution: percentiles from the lowest to the highest, or mean and standard deviation.
Plot distribution_plot(const std::vector<const Record*>& row, const std::vector<double>& percentiles) {
  const Record& first = *row.front();
  Plot plot{first.layer.empty() ? "model" : first.layer, {}, /*band=*/true, /*log=*/false};
  plot.title += first.side == Side::Input ? ", input: " : ", output: ";
  if (percentiles.empty()) {
    plot.title += "mean and standard deviation";
    plot.lines.resize(3);
    for (const Record* r : row) {
      plot.lines[0].push_back(r->mean - r->deviation);
      plot.lines[1].push_back(r->mean);
      plot.lines[2].push_back(r->mean + r->deviation);
    }
    return plot;
  }
  std::vector<std::pair<double, size_t>> order;
  for (size_t k = 0; k < percentiles.size(); ++k) order.emplace_back(percentiles[k], k);
  std::sort(order.begin(), order.end());
  plot.title += "percentiles";
  for (const auto& [q, k] : order) {
    plot.title += fmt::format("{} {}", plot.lines.empty() ? "" : ",", q);
    Line& line = plot.lines.emplace_back();
    for (const Record* r : row) line.push_back(r->percentiles[k]);
  }
  return plot;
}

Plot gradient_plot(const std::vector<const Record*>& row) {
  Plot plot{"gradient norm", std::vector<Line>(1), /*band=*/false, /*log=*/true};
  for (const Record* r : row) plot.lines[0].push_back(std::log10(r->gradient_norm));
  return plot;
}

}  // namespace

std::string detail::records_svg(const std::vector<Record>& records, const std::vector<double>& percentiles) {
  // Rows in the order in which they first appear.
  std::vector<std::vector<const Record*>> rows;
  for (const Record& r : records) {
    if (r.call != 0 || !r.training) continue;
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& other) {
      return other.front()->side == r.side && other.front()->layer == r.layer;
    });
    if (row != rows.end()) {
      row->push_back(&r);
    } else {
      rows.push_back({&r});
    }
  }

  const double height = kRow * std::max(1.0, static_cast<double>(rows.size()));
  std::string out;
  put(out,
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}")"
      R"( font-family="sans-serif" font-size="12">)",
      kWidth, height);
  out += "<style>.title{font-weight:bold}.grid{stroke:#ddd}</style>\n";
  out += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  if (rows.empty()) out += "<text x=\"70\" y=\"36\">nothing recorded</text>\n";
  double top = 36;
  for (std::vector<const Record*>& row : rows) {
    const size_t stride = (row.size() + kMostPoints - 1) / kMostPoints;
    for (size_t i = 0; i * stride < row.size(); ++i) row[i] = row[i * stride];
    row.resize((row.size() + stride - 1) / stride);
    Line steps;
    for (const Record* r : row) steps.push_back(static_cast<double>(r->step));
    draw(out, distribution_plot(row, percentiles), steps, 70, 560, top);
    draw(out, gradient_plot(row), steps, 640, 890, top);
    top += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace taper::nn::utils
