#include "all.h"

namespace examples::paper {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all = {kFigure1,        kLearningRates, kInception,      kSigmoid,
                                              kBias,           kScale,         kCovariateShift, kBatchSize,
                                              kRegularization, kDepth,         kSensitivity,    kShift};
  return all;
}

}  // namespace examples::paper
