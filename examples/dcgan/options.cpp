#include "options.h"

#include "../common/validators.h"

namespace examples::dcgan {

int parse(int argc, char** argv, Options& options) {
  CLI::App app("Trains a generative adversarial network (DCGAN) on handwritten digits.", "dcgan");
  add_shared_options(app, options, "images, losses.csv and generator.safetensors");
  add_training_options(app, options, "of Adam (beta1 0.5), for both networks");
  app.add_option("--width", options.width, "channels of the outer layers, twice as many in the inner ones")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1024))
      ->capture_default_str();
  app.add_option("--every", options.every, "training steps between two images")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1'000'000'000))
      ->capture_default_str();
  need_two_per_batch(app, options);
  return examples::parse(app, argc, argv);
}

}  // namespace examples::dcgan
