// The operations of tests/ops against libtorch: results and gradients in float32 and float64, of contiguous and
// scattered operands, of whole numbers (ties, kinks) and, elementwise, of NaN, infinities and extremes.
// `taper_torch_tests "[figures]"` prints the largest differences.
#include "catch.h"
#include "compare.h"
#include "ops/activation.h"
#include "ops/binary.h"
#include "ops/compare.h"
#include "ops/in_place.h"
#include "ops/index.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/running.h"
#include "ops/softmaxes.h"
#include "ops/unary.h"
#include "ops/views.h"

namespace {

using namespace compare;

struct Family {
  const char* name;
  ops::Rows<Both> (*table)();
  Checks checks = {.special = kOrdinary};
};

const Family kFamilies[] = {
    {"unary", ops::unary<Both>, {.gaps = {"the derivative for 'inplace version of"}}},
    {"binary", ops::binary<Both>, {}},
    {"activation", ops::activation<Both>, {}},
    {"compare", ops::compare<Both>, {}},
    {"running", ops::running<Both>, {}},
    {"logcumsumexp", ops::logcumsumexp<Both>, {1e-4}},
    {"softmaxes", ops::softmaxes<Both>},
    {"reduce", ops::reduce<Both>},
    {"views", ops::views<Both>},
    {"in place", ops::in_place<Both>},
    {"index", ops::index<Both>},
    // Sums of 784 products, which may cancel: either library is within half of this of the exact sum.
    {"matmul", ops::matmul<Both>, {.result32 = 1e-4, .gradient32 = 5e-5, .special = kOrdinary}},
};

void check(const std::string& name) {
  for (const Family& family : kFamilies) {
    if (family.name == name) compare::check(rows_of(family.table()), family.checks);
  }
}

}  // namespace

TEST_CASE("elementwise functions of one tensor equal libtorch's") { check("unary"); }
TEST_CASE("elementwise functions of two and three tensors equal libtorch's") { check("binary"); }
TEST_CASE("activations equal libtorch's") { check("activation"); }
TEST_CASE("softmax and log_softmax equal libtorch's") { check("softmaxes"); }
TEST_CASE("comparisons equal libtorch's") { check("compare"); }
TEST_CASE("reductions equal libtorch's") { check("reduce"); }
TEST_CASE("running results and reductions of several kinds equal libtorch's") {
  check("running");
  check("logcumsumexp");
}
TEST_CASE("views, joins, copies and conversions equal libtorch's") { check("views"); }
TEST_CASE("operations in place and through views equal libtorch's") { check("in place"); }
TEST_CASE("indexing equals libtorch's") { check("index"); }
TEST_CASE("products, distances and einsum equal libtorch's") { check("matmul"); }

TEST_CASE("the largest differences to libtorch, by family", "[.figures]") {
  for (const Family& family : kFamilies) {
    const Largest l = compare::check(rows_of(family.table()), family.checks);
    WARN(family.name << ": result " << l.difference.result << " (" << l.result_at << "), gradient "
                     << l.difference.gradient << " (" << l.gradient_at << ")");
  }
}
