// Tensors as text, in the layout of PyTorch's C++ frontend: every value, in columns of one width, 80 characters a line.
#include <taper/core/kernels/copy.h>
#include <taper/core/tensor.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace taper {
namespace {

constexpr int64_t kLineWidth = 80;

// How the values of one matrix (or vector) are written: the same for all of them.
struct Format {
  enum Kind { General, Fixed, Scientific } kind = General;
  int64_t width = 0;
  int precision = 6;  // significant digits of General
  double scale = 1;   // printed once, in front

  void append(std::string& out, double value) const {
    const auto to = std::back_inserter(out);
    value /= scale;
    switch (kind) {
      case General: fmt::format_to(to, "{:>{}.{}g}", value, width, precision); break;
      case Fixed: fmt::format_to(to, "{:>{}.4f}", value, width); break;
      case Scientific: fmt::format_to(to, "{:>{}.4e}", value, width); break;
    }
  }
  void append_scale(std::string& out) const { fmt::format_to(std::back_inserter(out), "{:.4g} *\n", scale); }
};

// Number of digits before the point: 3 for 123.4, -2 for 0.00123; 1 for 0.
double digits(double value) { return value == 0 ? 1 : std::floor(std::log10(value)) + 1; }

Format choose_format(const double* values, int64_t n) {
  Format format;
  bool all_integers = true, any_finite = false;
  double smallest = 1, largest = 1;
  for (int64_t i = 0; i < n; ++i) {
    if (!std::isfinite(values[i])) continue;
    const double x = std::abs(values[i]);
    all_integers = all_integers && x == std::ceil(x);
    smallest = any_finite ? std::min(smallest, x) : x;
    // Of the negative values only the first counts here, in PyTorch too, whose output this is to match.
    if (!any_finite || values[i] > largest) largest = x;
    any_finite = true;
  }
  const double low = digits(smallest), high = digits(largest);
  if (all_integers) {
    format.kind = high > 9 ? Format::Scientific : Format::General;
    format.width = high > 9 ? 11 : static_cast<int64_t>(high) + 1;
  } else if (high - low > 4) {
    format.kind = Format::Scientific;
    format.width = std::abs(high) > 99 || std::abs(low) > 99 ? 12 : 11;
  } else {
    format.kind = Format::Fixed;
    if (high > 5 || high < 0) {
      format.width = 7;
      format.scale = std::pow(10, high - 1);
    } else {
      format.width = high == 0 ? 7 : static_cast<int64_t>(high) + 6;
    }
  }
  return format;
}

void append_vector(std::string& out, const double* values, int64_t n) {
  const Format format = choose_format(values, n);
  if (format.scale != 1) format.append_scale(out);
  for (int64_t i = 0; i < n; ++i) {
    format.append(out, values[i]);
    out += '\n';
  }
}

// `indent` is "" or, below a header such as (1,.,.), " ".
// `precision` is the stream's in PyTorch: 6 until a matrix that is not all integers leaves it at 4 for those after it.
void append_matrix(std::string& out, const double* values, int64_t rows, int64_t columns, const char* indent,
                   int& precision) {
  Format format = choose_format(values, rows * columns);
  if (format.kind != Format::General) precision = 4;
  format.precision = precision;
  const bool scaled = format.scale != 1;
  const int64_t indented = indent[0] != '\0' ? 1 : 0;
  const int64_t per_line = (kLineWidth - indented) / (format.width + 1);
  out += indent;
  for (int64_t first = 0; first < columns; first += per_line) {
    const int64_t end = std::min(first + per_line, columns);
    if (per_line < columns) {
      if (first != 0) out += '\n';
      fmt::format_to(std::back_inserter(out), "Columns {} to {}{}", first + 1, end, indent);
    }
    if (scaled) {
      format.append_scale(out);
      out += indent;
    }
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = first; column < end; ++column) {
        format.append(out, values[row * columns + column]);
        out += column + 1 < end ? ' ' : '\n';
      }
      if (row + 1 < rows) {
        out += indent;
        if (scaled) out += ' ';
      }
    }
  }
}

// One matrix for each index of the leading dimensions, the first of them running fastest.
void append_matrices(std::string& out, const double* values, IntArrayRef sizes) {
  const size_t leading = sizes.size() - 2;
  const int64_t rows = sizes[leading], columns = sizes[leading + 1];
  std::vector<int64_t> index(leading, 0);
  int precision = 6;
  for (bool first = true;; first = false) {
    if (!first) out += '\n';
    int64_t offset = 0;
    out += '(';
    for (size_t d = 0; d < leading; ++d) {
      offset = offset * sizes[d] + index[d];
      fmt::format_to(std::back_inserter(out), "{},", index[d] + 1);
    }
    out += ".,.) = \n";
    append_matrix(out, values + offset * rows * columns, rows, columns, " ", precision);
    size_t d = 0;
    while (d < leading && ++index[d] == sizes[d]) index[d++] = 0;
    if (d == leading) return;
  }
}

}  // namespace

std::string Tensor::toString() const { return std::string("CPU") + to_string(dtype()) + "Type"; }

void Tensor::print() const {
  const std::string line = defined() ? detail::str("[", toString(), " ", sizes(), "]\n") : "[UndefinedTensor]\n";
  std::fputs(line.c_str(), stdout);
}

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "[ Tensor (undefined) ]";
  std::string out;
  if (tensor.numel() > 0) {
    const Tensor copy = kernels::to_dtype(tensor, kFloat64);
    const double* values = copy.data_ptr<double>();
    switch (tensor.dim()) {
      case 0: out = fmt::format("{:.6g}\n", values[0]); break;
      case 1: append_vector(out, values, tensor.numel()); break;
      case 2: {
        int precision = 6;
        append_matrix(out, values, tensor.size(0), tensor.size(1), "", precision);
        break;
      }
      default: append_matrices(out, values, tensor.sizes());
    }
  }
  out += "[ " + tensor.toString() + "{";
  for (int64_t d = 0; d < tensor.dim(); ++d) {
    if (d > 0) out += ',';
    out += std::to_string(tensor.size(d));
  }
  return out + "} ]";
}

}  // namespace taper
