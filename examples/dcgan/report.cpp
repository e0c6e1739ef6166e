#include "report.h"

#include <taper/version.h>

#include <nlohmann/json.hpp>

#include "../common/text.h"

namespace examples::dcgan {

std::string table(const std::vector<Record>& records) {
  std::string text =
      "            loss of the                  probability of being real\n"
      " step   discriminator   generator    real images    generated\n";
  for (const Record& r : records) {
    text += format("%5lld %15.4f %11.4f %12.1f %% %10.1f %%\n", static_cast<long long>(r.step), r.discriminator,
                   r.generator, 100 * r.real, 100 * r.fake);
  }
  return text;
}

std::string csv(const std::vector<Record>& records) {
  std::string text = "step,discriminator_loss,generator_loss,real,drawn\n";
  for (const Record& r : records) {
    text += format("%lld,%.6g,%.6g,%.6g,%.6g\n", static_cast<long long>(r.step), r.discriminator, r.generator, r.real,
                   r.fake);
  }
  return text;
}

std::string json(const std::vector<Record>& records, const Options& options, const std::string& data,
                 bool interrupted) {
  nlohmann::ordered_json all = {{"version", taper::kVersion},
                                {"data", data},
                                {"train_images", options.train_size},
                                {"seed", options.seed},
                                {"threads", options.threads},
                                {"epochs", options.epochs},
                                {"batch_size", options.batch_size},
                                {"lr", options.lr},
                                {"width", options.width},
                                {"interrupted", interrupted},
                                {"records", nlohmann::ordered_json::array()}};
  for (const Record& r : records) {
    all["records"].push_back({{"step", r.step},
                              {"discriminator_loss", r.discriminator},
                              {"generator_loss", r.generator},
                              {"real", r.real},
                              {"drawn", r.fake},
                              {"images_per_second", r.images_per_second}});
  }
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace examples::dcgan
