// taper::nn: modules, layers, losses, their functions (functional.h), initial values and helpers.
#pragma once

#include <taper/layers/analysis/activation_recorder.h>
#include <taper/layers/analysis/covariate_shift.h>
#include <taper/layers/analysis/distribution.h>
#include <taper/layers/analysis/fusion.h>
#include <taper/layers/analysis/update_bn.h>
#include <taper/layers/flatten.h>
#include <taper/layers/functional.h>
#include <taper/layers/functional_layer.h>
#include <taper/layers/identity.h>
#include <taper/layers/init.h>
#include <taper/layers/module_dict.h>
#include <taper/layers/module_list.h>
#include <taper/layers/parameter_dict.h>
#include <taper/layers/parameter_list.h>
#include <taper/layers/rnn.h>
#include <taper/layers/rnn_cell.h>
#include <taper/layers/sequential.h>
#include <taper/layers/summary.h>
#include <taper/layers/utils/clip_grad.h>
#include <taper/layers/utils/inference.h>
#include <taper/layers/utils/parameters.h>
