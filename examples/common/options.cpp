#include "options.h"

#include <taper/core/blas.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <thread>

#include "validators.h"

namespace examples {
namespace {

constexpr int64_t kMany = int64_t{1} << 31;

CLI::Validator learning_rate() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        float value = 0;  // the weights are floats: what overflows or vanishes in one is no rate
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size() && value > 0 && std::isfinite(value)) return "";
        return "must be a finite number above 0; got " + text;
      },
      "");
}

}  // namespace

void add_shared_options(CLI::App& app, SharedOptions& options, const std::string& out) {
  const int cores = std::max<int>(static_cast<int>(std::thread::hardware_concurrency()), taper::get_num_threads());
  options.threads = taper::get_num_threads();
  app.add_option("--data", options.data,
                 "folder with the files of MNIST, Fashion-MNIST or KMNIST, raw or .gz;\n"
                 "without it, digits drawn by the program (SynthDigits)")
      ->type_name("DIR")
      ->check(not_empty())
      ->envname("TAPER_DATA");
  app.add_option("--seed", options.seed, "of the initial weights and the order of the images")
      ->type_name("N")
      ->check(whole<uint64_t>(0, UINT64_MAX))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "processors to use; the results are the same for any number")
      ->type_name("N")
      ->check(whole(1, cores, ", the processors there are"))
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for " + out)
      ->type_name("DIR")
      ->check(not_empty())
      ->capture_default_str();
  app.add_option("--json", options.json, "write the results for programs")->type_name("FILE")->check(not_empty());
}

void add_training_options(CLI::App& app, TrainingOptions& options, const std::string& optimizer) {
  app.add_option("--epochs", options.epochs, "times each training image is seen")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--batch-size", options.batch_size, "images in a step of training")
      ->type_name("N")
      ->check(whole<int64_t>(1, kMany))
      ->capture_default_str();
  app.add_option("--lr", options.lr, "learning rate " + optimizer)
      ->type_name("RATE")
      ->check(learning_rate())
      ->capture_default_str();
  app.add_option("--train-size", options.train_size, "train on the first N images only")
      ->type_name("N")
      ->check(whole<int64_t>(2, kMany));
}

void add_test_size(CLI::App& app, TrainingOptions& options) {
  app.add_option("--test-size", options.test_size, "test on the first N images only")
      ->type_name("N")
      ->check(whole<int64_t>(1, kMany));
}

int parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    const std::string advice = taper::blas::advice();
    if (!advice.empty()) std::cerr << advice << "\n";
    return -1;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace examples
