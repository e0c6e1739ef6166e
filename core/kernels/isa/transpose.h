// Square blocks transposed in vector registers. Only for files in core/kernels/isa/: everything here is local to the
// including file.
#pragma once

#include <taper/core/kernels/isa/vectors.h>

namespace taper::kernels::TAPER_ISA {
namespace {

template <int... I>
struct Indices {};
template <int N, int... I>
struct MakeIndices : MakeIndices<N - 1, N - 1, I...> {};
template <int... I>
struct MakeIndices<0, I...> {
  using type = Indices<I...>;
};

// Exchanges the blocks beside the diagonal in each 2 S x 2 S block of W rows of W values.
template <int S, class V, int... I>
__attribute__((always_inline)) inline void exchange(V* row, Indices<I...>) {
  constexpr int W = sizeof...(I);
#pragma GCC unroll 16
  for (int i = 0; i < W; ++i) {
    if (i & S) continue;
    const V a = row[i], b = row[i + S];
    row[i] = __builtin_shufflevector(a, b, (I & S ? I - S + W : I)...);
    row[i + S] = __builtin_shufflevector(a, b, (I & S ? I + W : I + S)...);
  }
}

// Lane j of row[i] and lane i of row[j] change places, for as many rows as a row has lanes.
template <class T>
__attribute__((always_inline)) inline void transpose_block(Vector<T>* row) {
  constexpr int kWidth = kVectorLanes<T>;
  using Lanes = typename MakeIndices<kWidth>::type;
  if constexpr (kWidth > 8) exchange<8>(row, Lanes());
  if constexpr (kWidth > 4) exchange<4>(row, Lanes());
  if constexpr (kWidth > 2) exchange<2>(row, Lanes());
  exchange<1>(row, Lanes());
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
