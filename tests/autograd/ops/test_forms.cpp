// Every row of tests/ops recorded, under no_grad and in inference mode, as a function and in place.
#include "catch.h"
#include "ops/all.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>

using namespace taper;

TEST_CASE("every operation, in both forms, gives the same bits recorded, under no_grad and in inference mode") {
  for (const ops::Row<ops::Ours>& row : ops::all<ops::Ours>()) {
    size_t ran = 0;
    for (const ops::Operands& operands : row.operands) {
      manual_seed(1);
      std::vector<Tensor> x;
      const double width = row.smooth.high - row.smooth.low;
      for (const ops::Sizes& sizes : operands) x.push_back((rand(sizes) * width + row.smooth.low).requires_grad_());
      for (const auto& op : {std::optional(row.op.function), row.op.in_place}) {
        if (!op) continue;
        Tensor recorded;
        try {
          recorded = op->ours({}, x);
        } catch (const Error&) {
          continue;  // operands it refuses
        }
        ++ran;
        if (recorded.is_same(x[0])) continue;  // nothing to do
        INFO(row.name << " of " << x[0].sizes());
        CHECK(recorded.requires_grad() == (recorded.grad_fn() != nullptr));
        {
          const NoGradGuard no_grad;
          const Tensor y = op->ours({}, x);
          CHECK_FALSE(y.requires_grad());
          CHECK(support::same_bits(y, recorded));
        }
        const InferenceMode inference;
        const Tensor y = op->ours({}, x);
        CHECK_FALSE(y.requires_grad());
        CHECK(support::same_bits(y, recorded));
        for (const Tensor& input : x) CHECK(input._version() == 0);
      }
    }
    INFO(row.name);
    CHECK((ran > 0 || row.node == ops::kUnchecked));
  }
}
