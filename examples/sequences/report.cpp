#include "report.h"

#include <taper/version.h>

#include <nlohmann/json.hpp>

#include "../common/text.h"

namespace examples::sequences {

std::string table(const Result& result) {
  std::string text = "epoch        test      loss    images/s   seconds\n";
  for (size_t i = 0; i < result.epochs.size(); ++i) {
    const Epoch& epoch = result.epochs[i];
    text += format("%5zu %9.2f %% %9.4f %11s %9.1f\n", i + 1, epoch.test_accuracy, epoch.loss,
                   with_commas(epoch.images_per_second).c_str(), epoch.seconds);
  }
  text += "\nrows read   recognised\n";
  for (size_t row = 4; row <= result.accuracy_after.size(); row += 4) {
    text += format("%9zu %10.2f %%\n", row, result.accuracy_after[row - 1]);
  }
  return text;
}

std::string csv(const Result& result) {
  std::string text = "rows,test_accuracy\n";
  for (size_t i = 0; i < result.accuracy_after.size(); ++i) {
    text += format("%zu,%.2f\n", i + 1, result.accuracy_after[i]);
  }
  return text;
}

std::string json(const Result& result, const Options& options, const std::string& data, bool interrupted) {
  nlohmann::ordered_json all = {{"version", taper::kVersion},
                                {"data", data},
                                {"train_images", options.train_size},
                                {"test_images", options.test_size},
                                {"seed", options.seed},
                                {"threads", options.threads},
                                {"batch_size", options.batch_size},
                                {"lr", options.lr},
                                {"net", options.gru ? "GRU" : "LSTM"},
                                {"hidden", options.hidden},
                                {"layers", options.layers},
                                {"interrupted", interrupted},
                                {"epochs", nlohmann::ordered_json::array()},
                                {"accuracy_after_rows", result.accuracy_after}};
  for (const Epoch& epoch : result.epochs) {
    all["epochs"].push_back({{"train_loss", epoch.loss},
                             {"test_accuracy", epoch.test_accuracy},
                             {"train_seconds", epoch.seconds},
                             {"images_per_second", epoch.images_per_second}});
  }
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace examples::sequences
