// taper::optim - optimisers and learning-rate schedules.
#pragma once

#include <taper/optim/adagrad.h>
#include <taper/optim/adam.h>
#include <taper/optim/optimizer.h>
#include <taper/optim/rmsprop.h>
#include <taper/optim/schedulers/cosine_annealing_lr.h>
#include <taper/optim/schedulers/exponential_lr.h>
#include <taper/optim/schedulers/lambda_lr.h>
#include <taper/optim/schedulers/linear_lr.h>
#include <taper/optim/schedulers/lr_scheduler.h>
#include <taper/optim/schedulers/multi_step_lr.h>
#include <taper/optim/schedulers/one_cycle_lr.h>
#include <taper/optim/schedulers/reduce_lr_on_plateau.h>
#include <taper/optim/schedulers/sequential_lr.h>
#include <taper/optim/schedulers/step_lr.h>
#include <taper/optim/sgd.h>
