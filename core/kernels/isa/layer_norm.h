// Inner loops of layer normalisation: rows of n values, each with statistics of its own.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

template <class T>
struct LayerNormLoops {
  // y = (x - mean) invstd weight + bias for [rows, n], with mean and invstd = 1 / sqrt(var + eps) of each row, which
  // are stored; weight and bias [n] may be null
  void (*forward)(const T* x, int64_t rows, int64_t n, const T* weight, const T* bias, double eps, T* y, double* mean,
                  double* invstd);
  // With h = (x - mean) invstd and g = dy weight: dx = invstd (g - mean of g - h mean of g h). Adds dy h to dweight [n]
  // and dy to dbias [n]. dx and both of the others may be null.
  void (*backward)(const T* dy, const T* x, int64_t rows, int64_t n, const T* weight, const double* mean,
                   const double* invstd, T* dx, double* dweight, double* dbias);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(LayerNormLoops)
