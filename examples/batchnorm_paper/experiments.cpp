#include "experiments.h"

namespace examples::paper {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all = {kFigure1, kLearningRates, kSigmoid, kBias, kBatchSize, kRegularization};
  return all;
}

}  // namespace examples::paper
