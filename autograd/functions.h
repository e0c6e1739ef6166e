// The differentiable functions on tensors: a header for each family gives formula, shapes, derivative and errors, the
// source of its name holds the bodies. dy is the cotangent of the result y, dx the gradient of an input x.
#pragma once

#include <taper/autograd/ops/activation.h>
#include <taper/autograd/ops/batchnorm.h>
#include <taper/autograd/ops/binary.h>
#include <taper/autograd/ops/clamp_where.h>
#include <taper/autograd/ops/compare.h>
#include <taper/autograd/ops/conv.h>
#include <taper/autograd/ops/copy.h>
#include <taper/autograd/ops/cumulative.h>
#include <taper/autograd/ops/einsum.h>
#include <taper/autograd/ops/embedding.h>
#include <taper/autograd/ops/index.h>
#include <taper/autograd/ops/index_write.h>
#include <taper/autograd/ops/join.h>
#include <taper/autograd/ops/linalg.h>
#include <taper/autograd/ops/loss.h>
#include <taper/autograd/ops/matmul.h>
#include <taper/autograd/ops/normalization.h>
#include <taper/autograd/ops/padding.h>
#include <taper/autograd/ops/pooling.h>
#include <taper/autograd/ops/random.h>
#include <taper/autograd/ops/rearrange.h>
#include <taper/autograd/ops/reduce.h>
#include <taper/autograd/ops/rnn.h>
#include <taper/autograd/ops/scatter.h>
#include <taper/autograd/ops/sort.h>
#include <taper/autograd/ops/unary.h>
#include <taper/autograd/ops/view.h>

namespace taper {

// Second names: taper::alias(x, ...) is x.alias(...).
#define TAPER_WITH_SELF(...) (const Tensor& self __VA_OPT__(, ) __VA_ARGS__)
#define TAPER_ALIAS(R, alias, name, parameters, ...) \
  inline R alias TAPER_WITH_SELF parameters { return self.name(__VA_ARGS__); }
#define TAPER_ALIAS_IN_PLACE(alias, name, parameters, ...)
#include <taper/core/aliases.def>
#undef TAPER_WITH_SELF

}  // namespace taper
