// Every experiment has a source file of its own, named after it, that defines one of these.
#pragma once

#include "experiment.h"

namespace examples::paper {

extern const Experiment kBias;  // bias.cpp

}  // namespace examples::paper
