// taper::nn: modules, layers, losses, their functions, initial values and helpers.
#pragma once

#include <taper/layers/activation.h>
#include <taper/layers/activation_pointwise.h>
#include <taper/layers/batchnorm.h>
#include <taper/layers/dropout.h>
#include <taper/layers/flatten.h>
#include <taper/layers/functional.h>
#include <taper/layers/functional_batchnorm.h>
#include <taper/layers/functional_layer.h>
#include <taper/layers/functional_loss.h>
#include <taper/layers/functional_pooling.h>
#include <taper/layers/identity.h>
#include <taper/layers/init.h>
#include <taper/layers/linear.h>
#include <taper/layers/loss.h>
#include <taper/layers/module_list.h>
#include <taper/layers/pooling.h>
#include <taper/layers/sequential.h>
#include <taper/layers/summary.h>
#include <taper/layers/utils/clip_grad.h>
#include <taper/layers/utils/covariate_shift.h>
#include <taper/layers/utils/distribution.h>
#include <taper/layers/utils/fusion.h>
#include <taper/layers/utils/parameters.h>
#include <taper/layers/utils/recorder.h>
#include <taper/layers/utils/update_bn.h>
