// Recurrent layers without autograd: all time steps of one layer, in D directions (1, or 2 with the one backwards).
//
// The N rows of sequences are those of step 0, of step 1, ...; step t has batch_sizes[t] of them, one of each sequence
// that is so long. The longest come first, so that sizes never grow; B = batch_sizes[0].
#pragma once

#include <taper/core/tensor.h>

#include <vector>

namespace taper::kernels {

enum class RnnCell : int8_t { Tanh, Relu, Lstm, Gru };

// Rows of a weight for each unit.
inline int64_t gates_of(RnnCell cell) { return cell == RnnCell::Lstm ? 4 : cell == RnnCell::Gru ? 3 : 1; }

// Of one direction, or their gradients: w_ih [G H, I], w_hh [G H, O], b_ih and b_hh [G H], w_hr [O, H]. The biases may
// be undefined; so may w_hr, and then O = H.
struct RnnWeights {
  Tensor w_ih, w_hh, b_ih, b_hh, w_hr;
};

struct RnnResult {
  Tensor y;     // [N, D O]
  Tensor h, c;  // after the last step of each sequence: [D, B, O] and, of an LSTM, [D, B, H]
  // For the derivative (isa/rnn.h): the activations of the gates and the states before each row.
  Tensor gates, h_before, c_before;  // [D, N, ...]
};
// x [N, I], h0 [D, B, O] and, of an LSTM, c0 [D, B, H]
RnnResult rnn_layer(RnnCell cell, const Tensor& x, const std::vector<int64_t>& batch_sizes, const Tensor& h0,
                    const Tensor& c0, const std::vector<RnnWeights>& weights);

struct RnnGrads {
  Tensor x, h0, c0;
  std::vector<RnnWeights> weights;
};
// dy, dh and dc are the cotangents of y, h and c, undefined for zeros; of `saved` the last three tensors are read.
RnnGrads rnn_layer_backward(RnnCell cell, const Tensor& x, const std::vector<int64_t>& batch_sizes,
                            const std::vector<RnnWeights>& weights, const RnnResult& saved, const Tensor& dy,
                            const Tensor& dh, const Tensor& dc, bool needs_dx, bool needs_dweights);

}  // namespace taper::kernels
