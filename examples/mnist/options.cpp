#include "options.h"

#include <taper/core/parallel.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

#include "../common/validators.h"

namespace examples::mnist {
namespace {

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

int parse(int argc, char** argv, Options& options) {
  const int64_t many = int64_t{1} << 31;
  const int cores = std::max<int>(static_cast<int>(std::thread::hardware_concurrency()), taper::get_num_threads());
  options.threads = taper::get_num_threads();
  std::string net = "both";

  CLI::App app(
      "Trains the same MLP, 784-512-256-10, without and with batch normalisation on handwritten digits,\n"
      "and shows what the difference is.",
      "mnist");
  app.add_option("--data", options.data,
                 "folder with the files of MNIST, Fashion-MNIST or KMNIST, raw or .gz;\n"
                 "without it, digits drawn by the program (SynthDigits)")
      ->type_name("DIR")
      ->check(not_empty())
      ->envname("TAPER_DATA");
  app.add_option("--epochs", options.epochs, "times each training image is seen")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--batch-size", options.batch_size, "images in a step of training")
      ->type_name("N")
      ->check(whole<int64_t>(1, many))
      ->capture_default_str();
  app.add_option("--lr", options.lr, "learning rate of SGD (momentum 0.9)")
      ->type_name("RATE")
      ->check(learning_rate())
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of the initial weights and the order of the images")
      ->type_name("N")
      ->check(whole<uint64_t>(0, UINT64_MAX))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "processors to use; the results are the same for any number")
      ->type_name("N")
      ->check(whole(1, cores, ", the processors there are"))
      ->capture_default_str();
  app.add_option("--net", net,
                 "what to train: the MLP plain, bn (with batch normalisation) or both,\n"
                 "or cnn, a convolutional net with batch normalisation")
      ->type_name("NET")
      ->check(CLI::IsMember({"plain", "bn", "both", "cnn"}))
      ->capture_default_str();
  app.add_option("--train-size", options.train_size, "train on the first N images only")
      ->type_name("N")
      ->check(whole<int64_t>(2, many));
  app.add_option("--test-size", options.test_size, "test on the first N images only")
      ->type_name("N")
      ->check(whole<int64_t>(1, many));
  app.add_option("--out", options.out, "folder for the learning curves: mnist.csv and, if gnuplot is there, mnist.png")
      ->type_name("DIR")
      ->check(not_empty())
      ->capture_default_str();
  app.add_option("--json", options.json, "write the results for programs")->type_name("FILE")->check(not_empty());
  app.add_option("--save", options.save,
                 "keep the models: plain.safetensors, batchnorm.safetensors or cnn.safetensors, after each epoch")
      ->type_name("DIR")
      ->check(not_empty());
  app.footer(
      "Ctrl-C stops at the next step and keeps what is done; a second one stops at once.\n"
      "Exit code: 0 done, 1 something failed, 2 wrong command line, 130 stopped by Ctrl-C.");

  try {
    app.parse(argc, argv);
    if (net == "plain") options.nets = {Net::Plain};
    if (net == "bn") options.nets = {Net::BatchNorm};
    if (net == "cnn") options.nets = {Net::Cnn};
    if (net != "plain" && options.batch_size == 1) {
      throw CLI::ValidationError("--batch-size",
                                 "must be at least 2 for batch normalisation, which needs images to "
                                 "compare; got 1; --net plain trains without it");
    }
    return -1;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace examples::mnist
