#include <taper/core/kernels/elementwise_select.h>

#include <taper/core/kernels/isa/elementwise.h>
#include <taper/core/kernels/loop_nest.h>

namespace taper::kernels {
namespace {

// The words of core/elementwise.def.
constexpr bool keeps = false, real = true;
constexpr int64_t cheap = kCheapGrain, costly = kCostlyGrain;

#define TAPER_INFO(Name, name, dtype, cost, ...) {#name, dtype, cost},
#define TAPER_INFO_OF_BOOL(Name, name, ...) {#name, keeps, cheap},
constexpr OpInfo kUnary[] = {
#define TAPER_UNARY_LOOP TAPER_INFO
#define TAPER_ACTIVATION_LOOP(Name, name, dtype, cost, value, integers, derivative_cost, ...) \
  {#name, dtype, cost, derivative_cost},
#include <taper/core/elementwise.def>
};
constexpr OpInfo kBinary[] = {
#define TAPER_BINARY_LOOP TAPER_INFO
#include <taper/core/elementwise.def>
};
constexpr OpInfo kTernary[] = {
#define TAPER_TERNARY_LOOP TAPER_INFO
#include <taper/core/elementwise.def>
};
constexpr OpInfo kCompare[] = {
#define TAPER_COMPARE_LOOP TAPER_INFO_OF_BOOL
#include <taper/core/elementwise.def>
};
constexpr OpInfo kPredicate[] = {
#define TAPER_PREDICATE_LOOP TAPER_INFO_OF_BOOL
#include <taper/core/elementwise.def>
};
#undef TAPER_INFO
#undef TAPER_INFO_OF_BOOL

constexpr const OpInfo* infos(UnaryOp) { return kUnary; }
constexpr const OpInfo* infos(BinaryOp) { return kBinary; }
constexpr const OpInfo* infos(TernaryOp) { return kTernary; }
constexpr const OpInfo* infos(CompareOp) { return kCompare; }
constexpr const OpInfo* infos(PredicateOp) { return kPredicate; }

const ElementwiseLoops& isa_loops(ScalarType dtype) {
  return *dispatch_floating(dtype, "elementwise", []<class T>(T) { return &loops<FloatElementwiseLoops<T>>().of; });
}

}  // namespace

template <class Op>
const OpInfo& info(Op op) {
  return infos(op)[static_cast<int>(op)];
}

template <class Op>
Loop loop_for(Op op, ScalarType dtype) {
  Loop loop;
  if (is_floating_point(dtype)) {
    loop = isa_loops(compute_dtype(dtype))[op];
    if (!loop) loop = libm_loops(compute_dtype(dtype))[op];
  } else {
    loop = integer_loops(dtype)[op];
  }
  if (!loop) [[unlikely]]
    no_loop(info(op).name, dtype);
  return loop;
}

#define TAPER_INSTANTIATE(Op)          \
  template const OpInfo& info<Op>(Op); \
  template Loop loop_for<Op>(Op, ScalarType);
TAPER_INSTANTIATE(UnaryOp)
TAPER_INSTANTIATE(BinaryOp)
TAPER_INSTANTIATE(TernaryOp)
TAPER_INSTANTIATE(CompareOp)
TAPER_INSTANTIATE(PredicateOp)
#undef TAPER_INSTANTIATE

Loop derivative_loop(UnaryOp op, ScalarType dtype) {
  return isa_loops(compute_dtype(dtype)).derivative[static_cast<int>(op)];
}

void no_loop(const char* op, ScalarType dtype) {
  throw TypeError(detail::str(op, ": the operation does not take ", dtype,
                              " tensors; convert them first, for example with .to(",
                              is_integral(dtype, false) ? "taper::kFloat32" : "taper::kInt64", ")"));
}

}  // namespace taper::kernels
