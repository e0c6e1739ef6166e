// Every table of this folder.
#pragma once

#include "ops/activation.h"
#include "ops/binary.h"
#include "ops/compare.h"
#include "ops/in_place.h"
#include "ops/index.h"
#include "ops/matmul.h"
#include "ops/order.h"
#include "ops/pooling.h"
#include "ops/rearrange.h"
#include "ops/reduce.h"
#include "ops/running.h"
#include "ops/scatter.h"
#include "ops/softmaxes.h"
#include "ops/unary.h"
#include "ops/views.h"

namespace ops {

template <class Op>
Rows<Op> all() {
  Rows<Op> rows;
  for (const auto& table : {activation<Op>(), binary<Op>(), compare<Op>(), in_place<Op>(), index<Op>(), matmul<Op>(),
                            order<Op>(), pooling<Op>(), rearrange<Op>(), reduce<Op>(), running<Op>(),
                            logcumsumexp<Op>(), scatter<Op>(), softmaxes<Op>(), unary<Op>(), views<Op>()}) {
    rows.insert(rows.end(), table.begin(), table.end());
  }
  return rows;
}

}  // namespace ops
