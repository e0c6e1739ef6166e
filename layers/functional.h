// The layers that are functions too, taper::nn::functional, for models that keep no state for them. Each function is
// declared in the header of its layer.
//
//   namespace F = taper::nn::functional;
//   x = F::dropout(F::relu(fc1(x)), F::DropoutFuncOptions().p(0.5).training(is_training()));
#pragma once

#include <taper/layers/activation.h>
#include <taper/layers/batchnorm.h>
#include <taper/layers/conv.h>
#include <taper/layers/distance.h>
#include <taper/layers/dropout.h>
#include <taper/layers/embedding.h>
#include <taper/layers/instancenorm.h>
#include <taper/layers/linear.h>
#include <taper/layers/loss.h>
#include <taper/layers/loss_margin.h>
#include <taper/layers/normalization.h>
#include <taper/layers/padding.h>
#include <taper/layers/pooling.h>
