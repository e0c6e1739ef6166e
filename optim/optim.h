// taper::optim - optimisers and learning-rate schedules.
#pragma once

#include <taper/optim/adagrad.h>
#include <taper/optim/adam.h>
#include <taper/optim/optimizer.h>
#include <taper/optim/rmsprop.h>
#include <taper/optim/schedulers/cosine_annealing_lr.h>
#include <taper/optim/schedulers/lr_scheduler.h>
#include <taper/optim/schedulers/one_cycle_lr.h>
#include <taper/optim/schedulers/step_lr.h>
#include <taper/optim/sgd.h>
