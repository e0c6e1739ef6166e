#include "report.h"

#include <taper/version.h>

#include <nlohmann/json.hpp>

#include "../common/text.h"

namespace examples::resnet {

std::string table(const std::vector<Epoch>& epochs) {
  std::string text = "epoch        test      loss    images/s   seconds\n";
  for (size_t i = 0; i < epochs.size(); ++i) {
    const Epoch& epoch = epochs[i];
    text += format("%5zu %9.2f %% %9.4f %11s %9.1f\n", i + 1, epoch.test_accuracy, epoch.loss,
                   with_commas(epoch.images_per_second).c_str(), epoch.seconds);
  }
  return text;
}

std::string csv(const std::vector<Epoch>& epochs) {
  std::string text = "epoch,loss,test_accuracy,learning_rate,train_seconds\n";
  for (size_t i = 0; i < epochs.size(); ++i) {
    const Epoch& epoch = epochs[i];
    text += format("%zu,%.6g,%.2f,%.6g,%.3f\n", i + 1, epoch.loss, epoch.test_accuracy, epoch.lr, epoch.seconds);
  }
  return text;
}

std::string json(const std::vector<Epoch>& epochs, const Options& options, const std::string& data, int64_t parameters,
                 bool interrupted) {
  nlohmann::ordered_json all = {{"version", taper::kVersion},
                                {"data", data},
                                {"train_images", options.train_size},
                                {"test_images", options.test_size},
                                {"seed", options.seed},
                                {"threads", options.threads},
                                {"batch_size", options.batch_size},
                                {"lr", options.lr},
                                {"blocks", options.blocks},
                                {"width", options.width},
                                {"augment", options.augment},
                                {"parameters", parameters},
                                {"interrupted", interrupted},
                                {"epochs", nlohmann::ordered_json::array()}};
  for (const Epoch& epoch : epochs) {
    all["epochs"].push_back({{"train_loss", epoch.loss},
                             {"test_accuracy", epoch.test_accuracy},
                             {"learning_rate", epoch.lr},
                             {"train_seconds", epoch.seconds},
                             {"images_per_second", epoch.images_per_second}});
  }
  if (!epochs.empty()) all["test_accuracy"] = epochs.back().test_accuracy;
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace examples::resnet
