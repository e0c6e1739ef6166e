// The common part of the comparison of functions: the sizes, the values that functions are called with, and the rows.
#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace bench {

using torch::Tensor;
using Tensors = std::vector<Tensor>;
using Sizes = std::vector<int64_t>;

// n elements of float32, and the shapes that functions take them in.
struct Size {
  const char* name;
  int64_t n;
  Sizes matrix, cube, narrow;  // narrow: the last dimension is small
  Sizes images, tokens;        // [N, C, H, W]; [rows, width], as in a transformer
  Sizes scores, logits;        // of attention, [N, heads, T, T]; [rows, words]
};

inline const std::array<Size, 4>& all_sizes() {
  static const std::array<Size, 4> sizes = {
      Size{"tiny", 10, {2, 5}, {1, 2, 5}, {5, 2}, {1, 1, 2, 5}, {2, 5}, {1, 1, 2, 5}, {2, 5}},
      Size{"4KB", 1 << 10, {32, 32}, {4, 8, 32}, {256, 4}, {1, 4, 16, 16}, {4, 256}, {1, 2, 16, 32}, {1, 1024}},
      Size{"1MB",
           1 << 18,
           {512, 512},
           {16, 64, 256},
           {1 << 16, 4},
           {4, 16, 64, 64},
           {341, 768},
           {1, 4, 256, 256},
           {5, 50257}},
      Size{"64MB",
           1 << 24,
           {4096, 4096},
           {64, 512, 512},
           {1 << 22, 4},
           {64, 64, 64, 64},
           {21845, 768},
           {16, 16, 256, 256},
           {333, 50257}},
  };
  return sizes;
}

inline int64_t numel(const Sizes& sizes) {
  int64_t n = 1;
  for (const int64_t size : sizes) n *= size;
  return n;
}

// The first elements of the largest tensor, which is drawn once: `which` of up to three that share no memory.
inline Tensor uniform(const Sizes& sizes, size_t which = 0) {
  static Tensors pool(3);
  if (!pool[which].defined()) {
    torch::manual_seed(10 + which);
    pool[which] = torch::rand({all_sizes().back().n});
  }
  return pool[which].slice(0, 0, numel(sizes)).view(sizes);
}
inline Tensor normal(const Sizes& sizes, size_t which = 0) {
  static Tensors pool(3);
  if (!pool[which].defined()) {
    torch::manual_seed(20 + which);
    pool[which] = torch::randn({all_sizes().back().n});
  }
  return pool[which].slice(0, 0, numel(sizes)).view(sizes);
}
inline Tensor mask(const Sizes& sizes) { return uniform(sizes, 2) > 0.5; }
inline Tensor index(int64_t high, const Sizes& sizes) { return torch::randint(high, sizes, torch::kLong); }
inline Tensor integers(const Sizes& sizes, int64_t high = 1000) { return torch::randint(1, high, sizes, torch::kLong); }

struct Row {
  const char* family;
  const char* name;
  Tensors (*inputs)(const Size& s);
  Tensor (*function)(const Tensors& x);
  int grads;  // how many of the inputs, from the first, get a gradient in the backward pass; 0: there is none
};
using Rows = std::vector<Row>;

#define IN(...) [](const Size& s) -> Tensors { return {__VA_ARGS__}; }
#define F(...) [](const Tensors& x) -> Tensor { return __VA_ARGS__; }

// What many rows are called with.
inline Tensors one_uniform(const Size& s) { return {uniform(s.matrix)}; }
inline Tensors one_normal(const Size& s) { return {normal(s.matrix)}; }
inline Tensors two_uniform(const Size& s) { return {uniform(s.matrix), uniform(s.matrix, 1)}; }
inline Tensors two_normal(const Size& s) { return {normal(s.matrix), normal(s.matrix, 1)}; }
inline Tensors three_uniform(const Size& s) { return {uniform(s.matrix), uniform(s.matrix, 1), uniform(s.matrix, 2)}; }

}  // namespace bench
