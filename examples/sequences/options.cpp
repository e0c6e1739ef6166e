#include "options.h"

#include "../common/validators.h"

namespace examples::sequences {

int parse(int argc, char** argv, Options& options) {
  CLI::App app("Trains an LSTM that reads handwritten digits row by row.", "sequences");
  add_shared_options(app, options, "sequences.safetensors, the weights, and rows.csv");
  add_training_options(app, options, "of Adam");
  add_test_size(app, options);
  app.add_option("--hidden", options.hidden, "units of a layer")
      ->type_name("N")
      ->check(whole<int64_t>(1, 4096))
      ->capture_default_str();
  app.add_option("--layers", options.layers, "layers, one above the other")
      ->type_name("N")
      ->check(whole<int64_t>(1, 100))
      ->capture_default_str();
  app.add_flag("--gru", options.gru, "a GRU instead of an LSTM");
  return examples::parse(app, argc, argv);
}

}  // namespace examples::sequences
