#include "plot.h"

#include <algorithm>
#include <cmath>

#include "../common/gnuplot.h"
#include "../common/text.h"

namespace examples::mnist {
namespace {

// Each net is an indexed block of `epoch accuracy loss`.
std::string script(const std::vector<Result>& results) {
  std::string text = "$curves << END\n";
  for (const Result& result : results) {
    for (size_t i = 0; i < result.epochs.size(); ++i) {
      const Epoch& epoch = result.epochs[i];
      const std::string loss = std::isfinite(epoch.loss) ? format("%g", epoch.loss) : "NaN";
      text += format("%zu %g %s\n", i + 1, epoch.test_accuracy, loss.c_str());
    }
    text += "\n\n";
  }
  text +=
      "END\n"
      "set multiplot layout 1,2\n"
      "set xlabel 'epoch'; set xtics 1; set grid\n"
      "set autoscale fix; set offsets 0.1, 0.1, graph 0.05, graph 0.05\n";
  if (results[0].epochs.size() > 10) text += "set xtics autofreq\n";
  const auto plot = [&](const char* settings, int column) {
    text += settings;
    for (size_t i = 0; i < results.size(); ++i) {
      text += format("%s $curves index %zu using 1:%d with linespoints lw 2 pt 7 title '%s'", i == 0 ? "plot" : ",", i,
                     column, results[i].title.c_str());
    }
    text += '\n';
  };
  plot("set title 'test accuracy, percent'; set key bottom right\n", 2);
  // gnuplot gives up on a panel without points.
  const bool losses = std::any_of(results.begin(), results.end(),
                                  [](const Result& result) { return std::isfinite(result.epochs[0].loss); });
  if (losses) plot("set title 'training loss'; set key top right\n", 3);
  return text;
}

}  // namespace

std::string plot_png(const std::vector<Result>& results, std::string& why) {
  return gnuplot_png(script(results), 1000, 420, why);
}

}  // namespace examples::mnist
