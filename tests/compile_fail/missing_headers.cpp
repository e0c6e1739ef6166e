// Headers of what libtorch has and taper has not; one of each kind, as gcc takes files of the same text for one.
#include <torch/nn/functional/vision.h>  // error: there is no nn::functional::grid_sample; see docs/porting.md
#include <torch/nn/options/adaptive.h>   // error: there is no nn::AdaptiveLogSoftmaxWithLoss; see docs/porting.md
#include <torch/nn/options/transformerlayer.h>  // error: there is no nn::Transformer; see docs/porting.md
