// Sequences of different lengths in one batch: padded to the longest, or packed without padding, as RNN, LSTM and GRU
// take them.
//
//   namespace rnn = taper::nn::utils::rnn;
//   auto packed = rnn::pack_sequence({taper::randn({5, 3}), taper::randn({2, 3})});
//   auto [y, state] = lstm->forward_with_packed_input(packed);
//   auto [padded, lengths] = rnn::pad_packed_sequence(y);                // [5, 2, hidden], [5, 2]
#pragma once

#include <taper/core/tensor.h>

namespace taper::nn::utils::rnn {

// The permutation that undoes `permutation` [n]; undefined for an undefined one.
TAPER_API Tensor invert_permutation(const Tensor& permutation);

// The rows of all sequences at step 0, those at step 1, ..., the longest sequence first. The functions below make it.
//
//   data              [sum of all lengths, *]
//   batch_sizes       [longest], int64: how many sequences have the step
//   sorted_indices    [B], int64: which of the original sequences is the longest, the next, ...; undefined where they
//                     were sorted already
//   unsorted_indices  its inverse
class TAPER_API PackedSequence {
 public:
  explicit PackedSequence(Tensor data, Tensor batch_sizes, Tensor sorted_indices = {}, Tensor unsorted_indices = {});

  const Tensor& data() const { return data_; }
  const Tensor& batch_sizes() const { return batch_sizes_; }
  const Tensor& sorted_indices() const { return sorted_indices_; }
  const Tensor& unsorted_indices() const { return unsorted_indices_; }

  // With converted data.
  PackedSequence to(const TensorOptions& options) const;
  PackedSequence cpu() const { return *this; }
  bool is_cuda() const { return false; }

 private:
  Tensor data_, batch_sizes_, sorted_indices_, unsorted_indices_;
};

// input [T, B, *], or [B, T, *] if batch_first, with lengths [B], from 1 to T. With enforce_sorted lengths must not
// grow; otherwise the sequences are sorted. ValueError for other lengths.
TAPER_API PackedSequence pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first = false,
                                              bool enforce_sorted = true);

// Undoes it: (padded [T, B, *], or [B, T, *] if batch_first, lengths [B]), in the original order. T is the longest
// length, or total_length; ValueError where that is shorter.
TAPER_API std::tuple<Tensor, Tensor> pad_packed_sequence(const PackedSequence& sequence, bool batch_first = false,
                                                         double padding_value = 0.0,
                                                         optional<int64_t> total_length = nullopt);

// B sequences [length, *], of any lengths -> [longest, B, *], or [B, longest, *] if batch_first. ValueError for no
// sequence and for sizes that differ elsewhere.
TAPER_API Tensor pad_sequence(TensorList sequences, bool batch_first = false, double padding_value = 0);

// B sequences [length, *], of lengths from 1; with enforce_sorted, lengths must not grow.
TAPER_API PackedSequence pack_sequence(TensorList sequences, bool enforce_sorted = true);

}  // namespace taper::nn::utils::rnn
