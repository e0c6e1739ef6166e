#include "options.h"

#include "../common/validators.h"

namespace examples::resnet {

int parse(int argc, char** argv, Options& options) {
  CLI::App app("Trains a small ResNet, with learning-rate warm-up and decay and random image augmentation.", "resnet");
  add_shared_options(app, options, "resnet.safetensors, the weights, and resnet.csv");
  app.get_option("--data")->description(
      "folder with the files of MNIST, Fashion-MNIST or KMNIST, raw or .gz; with CIFAR-10's binary files;\n"
      "or with folders train and test of a folder of PNG files of one size for each class;\n"
      "without it, generated digits (SynthDigits)");
  add_training_options(app, options, "of SGD (momentum 0.9), its maximum");
  add_test_size(app, options);
  app.add_option("--blocks", options.blocks, "residual blocks in each of the three stages; layers: 2 + 6 N")
      ->type_name("N")
      ->check(whole<int64_t>(1, 100))
      ->capture_default_str();
  app.add_option("--width", options.width, "channels in the first stage, twice and four times as many in the others")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1024))
      ->capture_default_str();
  add_precision(app, options);
  app.add_flag("!--no-augment", options.augment, "train without augmentation");
  need_two_per_batch(app, options);
  return examples::parse(app, argc, argv);
}

}  // namespace examples::resnet
