// taper: a small torch with a tape. One include for everything a program needs.
#pragma once

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/indexing.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/core/show_config.h>
#include <taper/core/tensor.h>
#include <taper/data/data.h>
#include <taper/layers/nn.h>
#include <taper/missing.h>
#include <taper/optim/optim.h>
#include <taper/serialize/serialize.h>
#include <taper/version.h>
