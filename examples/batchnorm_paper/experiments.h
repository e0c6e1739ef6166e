// Every experiment has a source file of its own, named after it, that defines one of these.
#pragma once

#include "experiment.h"

namespace examples::paper {

extern const Experiment kFigure1;         // figure1.cpp
extern const Experiment kLearningRates;   // learning_rates.cpp
extern const Experiment kSigmoid;         // sigmoid.cpp
extern const Experiment kBias;            // bias.cpp
extern const Experiment kBatchSize;       // batch_size.cpp
extern const Experiment kRegularization;  // regularization.cpp

}  // namespace examples::paper
