#include "plot.h"

#include <algorithm>

#include "../common/chart.h"
#include "../common/text.h"

namespace examples::mnist {
namespace {

// `value` of each epoch as a curve for each net; of a single epoch, which makes no curve, a bar for each net.
Panel panel(const std::string& title, const std::string& label, double Epoch::*value,
            const std::vector<Result>& results) {
  const bool bars =
      std::all_of(results.begin(), results.end(), [](const Result& result) { return result.epochs.size() == 1; });
  Panel panel{title, {bars ? "after one epoch" : "epoch"}, {label}, {}};
  if (!bars && results.back().epochs.size() <= 10) panel.x.tics = "1";
  for (const Result& result : results) {
    Series series{result.title, {}, {}, bars ? Style::kBars : Style::kPoints};
    for (const Epoch& epoch : result.epochs) {
      series.x.push_back(static_cast<double>(series.x.size() + 1));
      series.y.push_back(epoch.*value);
    }
    if (bars) {
      series.x = {static_cast<double>(panel.series.size())};
      panel.x.tics += format("%s'' %g", panel.series.empty() ? "(" : ", ", series.x[0]);
    }
    panel.series.push_back(series);
  }
  if (bars) panel.x.tics += ")";
  return panel;
}

}  // namespace

std::string plot_png(const std::vector<Result>& results, std::string& why) {
  return draw({{panel("test accuracy", "test accuracy, %", &Epoch::test_accuracy, results),
                panel("training loss", "training loss", &Epoch::loss, results)},
               {}},
              why);
}

}  // namespace examples::mnist
