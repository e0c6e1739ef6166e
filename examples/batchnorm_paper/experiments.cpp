#include "experiments.h"

namespace examples::paper {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all = {kBias};
  return all;
}

}  // namespace examples::paper
