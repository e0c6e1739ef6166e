// Recurrent networks, as functions: what the layers RNN, LSTM and GRU (layers/rnn.h) call.
//
// At each step, with x the input and h the state before it, sigma the logistic function:
//
//   rnn_tanh   h' = tanh(W_ih x + b_ih + W_hh h + b_hh); rnn_relu the same with max(., 0)
//   lstm       (i, f, g, o) = W_ih x + b_ih + W_hh h + b_hh,
//              c' = sigma(f) c + sigma(i) tanh(g), h' = sigma(o) tanh(c'), or W_hr times that
//   gru        (r, z, n) = W_ih x + b_ih, (r', z', n') = W_hh h + b_hh,
//              h' = (1 - u) tanh(n + sigma(r + r') n') + u h with u = sigma(z + z')
//
// Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000; Sak et al. 2014 (W_hr); Cho et al. 2014.
//
//   input         [T, B, I], or [B, T, I] if batch_first; float32 or float64
//   hx            the states before the first step: h0 [num_layers D, B, O], of an LSTM also c0 [num_layers D, B, H];
//                 D = 2 if bidirectional, otherwise 1, and O = H but for an LSTM with W_hr [O, H]
//   params        for each layer and direction W_ih [G H, I], W_hh [G H, O], if has_biases b_ih and b_hh [G H], and, of
//                 an LSTM whose h0 and c0 differ in the last size, W_hr; G = 1, 4 and 3; a layer after the first has
//                 I = D O
//   results       output [T, B, D O] (batch_first: [B, T, D O]) of the last layer, and the states after the last step,
//                 of the sizes of hx
//   dropout       in training, the probability with which the output of each layer but the last is dropped
//
// With `batch_sizes` [T], int64 and never growing, `data` [sum of batch_sizes, I] is what pack_padded_sequence makes of
// sequences of different lengths (layers/utils/rnn.h), and so is the output.
//
// All steps are one operation on the tape, with its own derivative for all operands (kernels/rnn.h). An Error or
// ValueError for sizes that do not fit and for no step at all, a TypeError for operands of different dtypes.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

TAPER_API std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& input, TensorList hx, TensorList params,
                                                  bool has_biases, int64_t num_layers, double dropout, bool train,
                                                  bool bidirectional, bool batch_first);
TAPER_API std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& data, const Tensor& batch_sizes, TensorList hx,
                                                  TensorList params, bool has_biases, int64_t num_layers,
                                                  double dropout, bool train, bool bidirectional);

#define TAPER_RNN_FUNCTION(name)                                                                                       \
  TAPER_API std::tuple<Tensor, Tensor> name(const Tensor& input, const Tensor& hx, TensorList params, bool has_biases, \
                                            int64_t num_layers, double dropout, bool train, bool bidirectional,        \
                                            bool batch_first);                                                         \
  TAPER_API std::tuple<Tensor, Tensor> name(const Tensor& data, const Tensor& batch_sizes, const Tensor& hx,           \
                                            TensorList params, bool has_biases, int64_t num_layers, double dropout,    \
                                            bool train, bool bidirectional);
TAPER_RNN_FUNCTION(gru)
TAPER_RNN_FUNCTION(rnn_tanh)
TAPER_RNN_FUNCTION(rnn_relu)
#undef TAPER_RNN_FUNCTION

// One step: input [B, I], h (and c) [B, H] -> h' (and c').
TAPER_API std::tuple<Tensor, Tensor> lstm_cell(const Tensor& input, TensorList hx, const Tensor& w_ih,
                                               const Tensor& w_hh, const Tensor& b_ih = {}, const Tensor& b_hh = {});
TAPER_API Tensor gru_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,
                          const Tensor& b_ih = {}, const Tensor& b_hh = {});
TAPER_API Tensor rnn_tanh_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,
                               const Tensor& b_ih = {}, const Tensor& b_hh = {});
TAPER_API Tensor rnn_relu_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,
                               const Tensor& b_ih = {}, const Tensor& b_hh = {});

}  // namespace taper
