// Packing selects rows of the padded batch, padding writes them to their places; both are differentiable.
#include <taper/layers/utils/rnn.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>

#include <algorithm>
#include <numeric>

namespace taper::nn::utils::rnn {
namespace {

// The row of step t of sequence b in a padded batch whose first two dimensions are one.
int64_t padded_row(int64_t t, int64_t b, int64_t T, int64_t B, bool batch_first) {
  return batch_first ? b * T + t : t * B + b;
}

// [T, B, sizes after the first of x], or [B, T, ...]
DimVector padded_sizes(const Tensor& x, int64_t T, int64_t B, bool batch_first) {
  DimVector sizes{batch_first ? B : T, batch_first ? T : B};
  for (const int64_t size : x.sizes().slice(1)) sizes.push_back(size);
  return sizes;
}

// `value`, with the rows of `data` at `rows` of the first two dimensions.
Tensor spread(const Tensor& data, const std::vector<int64_t>& rows, IntArrayRef sizes, double value) {
  DimVector flat{sizes[0] * sizes[1]};
  for (const int64_t size : sizes.slice(2)) flat.push_back(size);
  return full(flat, value, data.dtype()).index_copy(0, tensor(rows), data).view(sizes);
}

std::vector<int64_t> numbers(const Tensor& x) {
  const Tensor y = x.to(kInt64).contiguous();
  return {y.data_ptr<int64_t>(), y.data_ptr<int64_t>() + y.numel()};
}

}  // namespace

Tensor invert_permutation(const Tensor& permutation) {
  if (!permutation.defined()) return {};
  std::vector<int64_t> inverse(static_cast<size_t>(permutation.numel()));
  int64_t i = 0;
  for (const int64_t to : numbers(permutation)) {
    TAPER_CHECK_VALUE(to >= 0 && to < permutation.numel(), "invert_permutation: ", to, " is no place among ",
                      permutation.numel());
    inverse[static_cast<size_t>(to)] = i++;
  }
  return tensor(inverse);
}

PackedSequence::PackedSequence(Tensor data, Tensor batch_sizes, Tensor sorted_indices, Tensor unsorted_indices)
    : data_(std::move(data)),
      batch_sizes_(std::move(batch_sizes)),
      sorted_indices_(std::move(sorted_indices)),
      unsorted_indices_(unsorted_indices.defined() ? std::move(unsorted_indices)
                                                   : invert_permutation(sorted_indices_)) {}

PackedSequence PackedSequence::to(const TensorOptions& options) const {
  return PackedSequence(data_.to(options), batch_sizes_, sorted_indices_, unsorted_indices_);
}

PackedSequence pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first, bool enforce_sorted) {
  TAPER_CHECK_VALUE(input.dim() >= 2 && input.numel() > 0, "pack_padded_sequence: the input must have at least 2 ",
                    "dimensions and an element; got sizes ", input.sizes());
  const int64_t T = input.size(batch_first ? 1 : 0), B = input.size(batch_first ? 0 : 1);
  TAPER_CHECK_VALUE(lengths.dim() == 1 && lengths.numel() == B, "pack_padded_sequence: there must be a length for ",
                    "each of ", B, " sequences; got lengths of sizes ", lengths.sizes());
  Tensor sorted_indices;
  if (!enforce_sorted) std::tie(lengths, sorted_indices) = sort(lengths, -1, true);
  const std::vector<int64_t> length = numbers(lengths);
  const bool is_sorted = std::is_sorted(length.rbegin(), length.rend());
  TAPER_CHECK_VALUE(is_sorted, "pack_padded_sequence: lengths must not grow; got ", taper::detail::str(length),
                    "; with enforce_sorted = false any order will do");
  TAPER_CHECK_VALUE(length.back() > 0 && length.front() <= T, "pack_padded_sequence: lengths must be from 1 to ", T,
                    ", the steps of the input; got ", taper::detail::str(length));
  std::vector<int64_t> place(length.size());
  std::iota(place.begin(), place.end(), 0);
  if (sorted_indices.defined()) place = numbers(sorted_indices);
  std::vector<int64_t> rows, batch_sizes;
  for (int64_t t = 0; t < length.front(); ++t) {
    size_t b = 0;
    for (; b < length.size() && length[b] > t; ++b) rows.push_back(padded_row(t, place[b], T, B, batch_first));
    batch_sizes.push_back(static_cast<int64_t>(b));
  }
  return PackedSequence(input.flatten(0, 1).index_select(0, tensor(rows)), tensor(batch_sizes), sorted_indices);
}

std::tuple<Tensor, Tensor> pad_packed_sequence(const PackedSequence& sequence, bool batch_first, double padding_value,
                                               optional<int64_t> total_length) {
  const std::vector<int64_t> batch_sizes = numbers(sequence.batch_sizes());
  TAPER_CHECK_VALUE(!batch_sizes.empty(), "pad_packed_sequence: the sequence must have at least one step");
  const int64_t longest = static_cast<int64_t>(batch_sizes.size()), T = total_length.value_or(longest),
                B = batch_sizes[0];
  TAPER_CHECK_VALUE(T >= longest, "pad_packed_sequence: total_length must be at least the longest length, ", longest,
                    "; got ", T);
  std::vector<int64_t> place(static_cast<size_t>(B)), rows, lengths(place.size());
  std::iota(place.begin(), place.end(), 0);
  if (sequence.unsorted_indices().defined()) place = numbers(invert_permutation(sequence.unsorted_indices()));
  TAPER_CHECK_VALUE(place.size() == lengths.size(), "pad_packed_sequence: there must be an index for each of ", B,
                    " sequences; got ", place.size());
  for (int64_t t = 0; t < longest; ++t) {
    for (int64_t b = 0; b < batch_sizes[static_cast<size_t>(t)]; ++b) {
      const int64_t to = place[static_cast<size_t>(b)];
      rows.push_back(padded_row(t, to, T, B, batch_first));
      lengths[static_cast<size_t>(to)] = t + 1;
    }
  }
  const Tensor& data = sequence.data();
  return {spread(data, rows, padded_sizes(data, T, B, batch_first), padding_value), tensor(lengths)};
}

Tensor pad_sequence(TensorList sequences, bool batch_first, double padding_value) {
  TAPER_CHECK_VALUE(!sequences.empty(), "pad_sequence: there must be a sequence");
  int64_t longest = 0;
  for (const Tensor& x : sequences) {
    TAPER_CHECK_VALUE(x.dim() > 0 && sequences[0].dim() > 0 && x.sizes().slice(1) == sequences[0].sizes().slice(1),
                      "pad_sequence: sequences must have the same sizes but for the first; got ", sequences[0].sizes(),
                      " and ", x.sizes());
    longest = std::max(longest, x.size(0));
  }
  const int64_t B = static_cast<int64_t>(sequences.size());
  std::vector<int64_t> rows;
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t t = 0; t < sequences[static_cast<size_t>(b)].size(0); ++t) {
      rows.push_back(padded_row(t, b, longest, B, batch_first));
    }
  }
  return spread(cat(sequences), rows, padded_sizes(sequences[0], longest, B, batch_first), padding_value);
}

PackedSequence pack_sequence(TensorList sequences, bool enforce_sorted) {
  std::vector<int64_t> lengths;
  const Tensor padded = pad_sequence(sequences);
  for (const Tensor& x : sequences) lengths.push_back(x.size(0));
  return pack_padded_sequence(padded, tensor(lengths), false, enforce_sorted);
}

}  // namespace taper::nn::utils::rnn
