// The programs that random_program.h runs: steps drawn from a seed, and what came out.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace random_programs {

// clang-format off
enum class Op {
  kScale, kPlus, kTimes, kSin, kTanh, kClone,
  kSlice, kSelect, kTranspose, kFlatten, kUnsqueeze, kSqueeze, kDiagonal, kExpand, kChunk,
  kMulInPlace, kAddInPlace, kMulByInPlace, kCopyInPlace, kZeroInPlace, kTanhInPlace, kSinInPlace, kFillInPlace,
  kTransposeInPlace,
  kHook, kRetain, kCube, kDirty, kHalves, kSameValue,
  // From here on the gradient is not that of the loss as a function of the leaves.
  kDetach, kViewWithoutGrad, kChangeWithoutGrad, kHookThatScales,
};  // clang-format on
constexpr int kOps = static_cast<int>(Op::kHookThatScales) + 1;

struct Step {
  Op op;
  size_t a, b, i;  // operands, counted from the newest value backwards; an index
  double c;
};

struct Program {
  std::vector<std::vector<double>> leaves;
  std::vector<Step> steps;
  uint64_t losses;  // bit i: value i is part of the loss
  bool twice;       // a gradient of the gradient, too
  bool plain;       // the gradient is that of finite differences
};

constexpr double kNothing = -12345;  // in the place of an undefined gradient

struct Outcome {
  std::string error;  // of the step, or of the backward pass when `step` is -1
  int step = -1;
  double loss = 0;
  std::vector<double> gradients, retained, hooks;
};

inline Program program_of(uint64_t seed, bool plain) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return static_cast<size_t>(random() % n); };
  const auto number = [&] { return static_cast<double>(random() % 3001) / 1000 - 1.5; };
  Program p{{}, {}, random(), below(4) == 0, plain};
  p.leaves.resize(1 + below(2));
  for (auto& leaf : p.leaves) {
    for (int i = 0; i < 4; ++i) leaf.push_back(number());
  }
  const size_t length = 3 + below(10);
  for (size_t i = 0; i < length; ++i) {
    const auto ops = static_cast<uint64_t>(plain ? static_cast<int>(Op::kDetach) : kOps);
    p.steps.push_back({static_cast<Op>(below(ops)), below(5), below(5), below(6), number()});
  }
  return p;
}

inline std::vector<int64_t> stretched(std::vector<int64_t> sizes) {
  sizes.insert(sizes.begin(), 2);
  return sizes;
}

inline bool close(double a, double b, double tolerance) {
  return a == b || std::abs(a - b) <= tolerance * (1 + std::abs(a) + std::abs(b)) || (std::isnan(a) && std::isnan(b));
}
inline bool close(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!close(a[i], b[i], tolerance)) return false;
  }
  return true;
}

}  // namespace random_programs
