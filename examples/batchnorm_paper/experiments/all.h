// One of these is defined by each source file, which has its name.
#pragma once

#include "../experiment.h"

namespace examples::paper {

extern const Experiment kFigure1;         // figure1.cpp
extern const Experiment kLearningRates;   // learning_rates.cpp
extern const Experiment kInception;       // inception.cpp
extern const Experiment kSigmoid;         // sigmoid.cpp
extern const Experiment kBias;            // bias.cpp
extern const Experiment kScale;           // scale.cpp
extern const Experiment kCovariateShift;  // covariate_shift.cpp
extern const Experiment kBatchSize;       // batch_size.cpp
extern const Experiment kRegularization;  // regularization.cpp
extern const Experiment kDepth;           // depth.cpp
extern const Experiment kSensitivity;     // sensitivity.cpp
extern const Experiment kShift;           // shift.cpp

}  // namespace examples::paper
