#include "report.h"

#include <taper/version.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "../common/text.h"

namespace examples::mnist {
namespace {

constexpr int kFirstColumn = 12, kColumn = 24;

std::string hex(uint64_t value) { return format("%016llx", static_cast<unsigned long long>(value)); }

// A line of the table: its name, then a cell for each net, right-aligned.
template <class Cell>
std::string row(const std::string& name, const std::vector<Result>& results, const Cell& cell) {
  std::string line = format("%-*s", kFirstColumn, name.c_str());
  for (const Result& result : results) line += format("%*s", kColumn, cell(result).c_str());
  return line + '\n';
}

nlohmann::ordered_json to_json(const Result& result) {
  nlohmann::ordered_json accuracy = nlohmann::json::array(), loss = accuracy;
  for (const Epoch& epoch : result.epochs) {
    accuracy.push_back(epoch.test_accuracy);
    loss.push_back(epoch.loss);
  }
  return {{"test_accuracy", result.accuracy()},
          {"test_accuracy_by_epoch", accuracy},
          {"train_loss_by_epoch", loss},
          {"train_seconds", result.seconds()},
          {"images_per_second", result.images_per_second()},
          {"diverged", result.diverged},
          {"weights_checksum", hex(result.checksum)}};
}

}  // namespace

std::string table(const std::vector<Result>& results, int64_t epochs) {
  std::string text = row("", results, [](const Result& r) { return r.title; });
  text += row("epoch", results, [](const Result&) { return std::string("test      loss"); });
  for (size_t i = 0; i < static_cast<size_t>(epochs); ++i) {
    if (std::none_of(results.begin(), results.end(), [&](const Result& r) { return i < r.epochs.size(); })) break;
    text += row(format("%5zu", i + 1), results, [&](const Result& r) {
      return i < r.epochs.size() ? format("%6.2f %%%10.4f", r.epochs[i].test_accuracy, r.epochs[i].loss)
                                 : std::string(r.diverged ? "diverged" : "interrupted");
    });
  }
  text += row("images/s", results, [](const Result& r) { return with_commas(r.images_per_second()); });
  text += row("seconds", results, [](const Result& r) { return format("%.2f", r.seconds()); });
  text += row("checksum", results, [](const Result& r) { return hex(r.checksum); });
  return text;
}

std::string csv(const std::vector<Result>& results) {
  std::string text = "net,epoch,loss,test_accuracy,train_seconds\n";
  for (const Result& result : results) {
    for (size_t i = 0; i < result.epochs.size(); ++i) {
      const Epoch& epoch = result.epochs[i];
      text +=
          format("%s,%zu,%.6g,%.2f,%.3f\n", result.name.c_str(), i + 1, epoch.loss, epoch.test_accuracy, epoch.seconds);
    }
  }
  return text;
}

std::string json(const std::vector<Result>& results, const Options& options, const std::string& data,
                 bool interrupted) {
  nlohmann::ordered_json all = {{"version", taper::kVersion},
                                {"data", data},
                                {"train_images", options.train_size},
                                {"test_images", options.test_size},
                                {"seed", options.seed},
                                {"threads", options.threads},
                                {"epochs", options.epochs},
                                {"batch_size", options.batch_size},
                                {"lr", options.lr},
                                {"momentum", kMomentum},
                                {"precision", options.bf16 ? "bf16" : "float32"},
                                {"interrupted", interrupted}};
  for (const Result& result : results) all[result.name] = to_json(result);
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace examples::mnist
