#include "options.h"

#include "../common/validators.h"

namespace examples::dcgan {

int parse(int argc, char** argv, Options& options) {
  CLI::App app("Two nets teach each other: one draws digits, the other tells them from real ones (DCGAN).", "dcgan");
  add_shared_options(app, options, "pictures, losses.csv and generator.safetensors");
  add_training_options(app, options, "of Adam (beta1 0.5), for both nets");
  app.add_option("--width", options.width, "channels of the outer layers, twice as many in the inner ones")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1024))
      ->capture_default_str();
  app.add_option("--every", options.every, "steps of training from one picture to the next")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1'000'000'000))
      ->capture_default_str();
  app.footer(
      "Ctrl-C stops at the next step and keeps what is done; a second one stops at once.\n"
      "Exit code: 0 done, 1 something failed, 2 wrong command line, 130 stopped by Ctrl-C.");
  app.callback([&] {
    if (options.batch_size == 1) throw CLI::ValidationError("--batch-size", "must be at least 2 for BatchNorm; got 1");
  });
  return examples::parse(app, argc, argv);
}

}  // namespace examples::dcgan
