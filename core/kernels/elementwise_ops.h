// The names of the elementwise operations and the tables of their loops. core/elementwise.def says what each computes.
#pragma once

#include <cstdint>

namespace taper::kernels {

#define TAPER_NAME(Name, ...) Name,
enum class UnaryOp : uint8_t {
#define TAPER_UNARY_LOOP TAPER_NAME
#include <taper/core/elementwise.def>
  Count
};
enum class BinaryOp : uint8_t {
#define TAPER_BINARY_LOOP TAPER_NAME
#include <taper/core/elementwise.def>
  Count
};
enum class TernaryOp : uint8_t {
#define TAPER_TERNARY_LOOP TAPER_NAME
#include <taper/core/elementwise.def>
  Count
};
enum class CompareOp : uint8_t {
#define TAPER_COMPARE_LOOP TAPER_NAME
#include <taper/core/elementwise.def>
  Count
};
enum class PredicateOp : uint8_t {
#define TAPER_PREDICATE_LOOP TAPER_NAME
#include <taper/core/elementwise.def>
  Count
};
#undef TAPER_NAME

// One row of an elementwise operation: data[0] is the result, data[1], data[2], ... the operands; strides are in bytes,
// 0 for a value that stays the same. The result may be exactly one of the operands, but not overlap one otherwise.
// `param` points to what the operation needs besides, in the dtype of the operands: Params, or null for none.
using Loop = void (*)(int64_t n, char* const* data, const int64_t* strides, const void* param);

// The numbers p of core/elementwise.def.
template <class T>
struct Params {
  T a, b, c;
};

// The loops of one dtype, by operation; null where there is none, or it is in another unit (core/elementwise.def).
struct ElementwiseLoops {
  Loop unary[static_cast<int>(UnaryOp::Count)];
  Loop derivative[static_cast<int>(UnaryOp::Count)];  // operands dy and x; of activations
  Loop binary[static_cast<int>(BinaryOp::Count)];
  Loop ternary[static_cast<int>(TernaryOp::Count)];
  Loop compare[static_cast<int>(CompareOp::Count)];
  Loop predicate[static_cast<int>(PredicateOp::Count)];

  Loop operator[](UnaryOp op) const { return unary[static_cast<int>(op)]; }
  Loop operator[](BinaryOp op) const { return binary[static_cast<int>(op)]; }
  Loop operator[](TernaryOp op) const { return ternary[static_cast<int>(op)]; }
  Loop operator[](CompareOp op) const { return compare[static_cast<int>(op)]; }
  Loop operator[](PredicateOp op) const { return predicate[static_cast<int>(op)]; }
};

}  // namespace taper::kernels
