#include "options.h"

#include "../common/validators.h"

namespace examples::mnist {

int parse(int argc, char** argv, Options& options) {
  CLI::App app(
      "Trains the same MLP, 784-512-256-10, without and with batch normalisation on handwritten digits,\n"
      "and compares the results.",
      "mnist");
  add_shared_options(app, options, "the learning curves: mnist.csv and, if gnuplot is there, mnist.png");
  add_training_options(app, options, "of SGD (momentum 0.9)");
  add_test_size(app, options);
  std::string net = "both";
  app.add_option("--net", net,
                 "network to train: the MLP, plain, bn (with batch normalisation) or both,\n"
                 "or cnn, a convolutional network with batch normalisation")
      ->type_name("NET")
      ->check(CLI::IsMember({"plain", "bn", "both", "cnn"}))
      ->capture_default_str();
  add_precision(app, options);
  app.add_option("--save", options.save,
                 "folder for the models: plain.safetensors, batchnorm.safetensors or cnn.safetensors, after each epoch")
      ->type_name("DIR")
      ->check(not_empty());
  app.callback([&] {
    if (net == "plain") options.nets = {Net::Plain};
    if (net == "bn") options.nets = {Net::BatchNorm};
    if (net == "cnn") options.nets = {Net::Cnn};
    if (net != "plain" && options.batch_size == 1) {
      throw CLI::ValidationError("--batch-size",
                                 "must be at least 2 for batch normalisation, which needs images to "
                                 "compare; got 1; --net plain trains without it");
    }
  });
  return examples::parse(app, argc, argv);
}

}  // namespace examples::mnist
