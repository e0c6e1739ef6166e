// Inner loops of recurrent layers: the gates of one time step, `rows` sequences of H units each. Everything is
// contiguous, [rows, ...], but for what has a leading dimension.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

template <class T>
struct RnnLoops {
  // The recurrent product `gh` joins the input's product `gates`, which become what the derivative needs.
  //
  // gates [n] = h = act(gates + gh)
  void (*tanh)(int64_t n, T* gates, const T* gh, T* h);
  void (*relu)(int64_t n, T* gates, const T* gh, T* h);
  // gates [rows, 4 H] = (i, f, g, o), the activations of gates + gh; c_before = c, c = f c + i g, h = o tanh(c)
  void (*lstm)(int64_t rows, int64_t H, T* gates, const T* gh, T* c, T* c_before, T* h);
  // gates [rows, 4 H] = (r, z, n, gh of n), the first 3 H of which are the input's products: r and z are sigmoids of
  // gates + gh [rows, 3 H], n = tanh(gates + r gh); h = n + z (h - n)
  void (*gru)(int64_t rows, int64_t H, T* gates, const T* gh, T* h);

  // Given dh, the gradients `da` of the arguments of the activations.
  //
  void (*tanh_backward)(int64_t n, const T* dh, const T* gates, T* da);
  void (*relu_backward)(int64_t n, const T* dh, const T* gates, T* da);
  // da [rows, 4 H]; dc, of the state after the step, becomes that of the state before. With `h`, not null: o tanh(c)
  void (*lstm_backward)(int64_t rows, int64_t H, const T* dh, const T* gates, const T* c_before, T* dc, T* da, T* h);
  // da_x [rows, 3 H] of the input's products, da_h of the recurrent ones, which differ in n; dh becomes dh z
  void (*gru_backward)(int64_t rows, int64_t H, T* dh, const T* gates, const T* h_before, T* da_x, T* da_h);

  // y += x, [rows, n] both
  void (*add)(int64_t rows, int64_t n, const T* x, int64_t ldx, T* y, int64_t ldy);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(RnnLoops)
