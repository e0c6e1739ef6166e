// Where values are written to places that repeat, the last one stays: which ones those are, for the derivative.
#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/index.h>
#include <taper/core/kernels/indices.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <atomic>

namespace taper::kernels {
namespace {

// A bit for each place of a slice: set once a value goes there.
using Taken = std::vector<uint64_t>;

// Marks the place at `index` in [-size, size) of column k; not 0 when it was marked before.
inline uint64_t take(uint64_t* taken, int64_t index, int64_t size, int64_t inner, int64_t k) {
  const auto place = static_cast<uint64_t>((index + (index >> 63 & size)) * inner + k);
  const uint64_t bit = uint64_t{1} << place % 64, before = taken[place / 64] & bit;
  taken[place / 64] |= bit;
  return before;
}

// True when a place of the slice index[i, k] repeats. No branch: most often none does.
bool repeats(const int64_t* index, int64_t n, int64_t inner, int64_t size, uint64_t* taken) {
  uint64_t before = 0;
  for (int64_t i = 0; i < n; ++i, index += inner) {
    for (int64_t k = 0; k < inner; ++k) before |= take(taken, index[k], size, inner, k);
  }
  return before != 0;
}

// stays[i, k] = no later line has the place of index[i, k].
void mark_slice(const int64_t* index, int64_t n, int64_t inner, int64_t size, uint64_t* taken, bool* stays) {
  for (int64_t i = n; i-- > 0;) {
    for (int64_t k = 0; k < inner; ++k) {
      stays[i * inner + k] = take(taken, index[i * inner + k], size, inner, k) == 0;
    }
  }
}

// index[o, i, k] in [-size, size): where value i of the line (o, k) goes along it.
Tensor mark_last(IntArrayRef mask_sizes, const int64_t* index, int64_t outer, int64_t n, int64_t inner, int64_t size) {
  const size_t words = static_cast<size_t>(size * inner + 63) / 64;
  const auto slices = [&](const auto& f) {
    parallel_for(0, outer, (1 << 15) / (n * inner) + 1, [&](int64_t begin, int64_t end) {
      Taken taken;
      for (int64_t o = begin; o < end; ++o) {
        taken.assign(words, 0);
        f(o * n * inner, taken.data());
      }
    });
  };
  std::atomic<bool> repeat = false;
  slices([&](int64_t at, uint64_t* taken) {
    if (repeats(index + at, n, inner, size, taken)) repeat = true;
  });
  if (!repeat) return {};
  Tensor mask = empty(mask_sizes, kBool);
  bool* const stays = mask.data_ptr<bool>();
  slices([&](int64_t at, uint64_t* taken) { mark_slice(index + at, n, inner, size, taken, stays + at); });
  return mask;
}

}  // namespace

Tensor last_written(const Tensor& index, int64_t dim, int64_t size) {
  if (index.numel() == 0) return {};
  const Tensor list = contiguous(as_int64("last_written", index));
  const Lines lines(index.sizes(), wrap_dim("last_written", dim, index.dim()));
  return mark_last(index.sizes(), list.data_ptr<int64_t>(), lines.outer, lines.n, lines.inner, size);
}

Tensor last_written(IntArrayRef sizes, const std::vector<Tensor>& indices) {
  const IndexedDims indexed("last_written", indices);
  const DimVector &dims = indexed.dims, &common = indexed.sizes;
  const int64_t points = indexed.points;
  int64_t places = 1;
  if (points == 0 || std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) return {};
  // The places counted over the indexed dims alone: the others are written as a whole.
  Tensor place;
  for (const int64_t dim : dims) {
    const auto d = static_cast<size_t>(dim);
    places *= sizes[d];
    if (dims.size() == 1) {
      place = contiguous(as_int64("last_written", indices[d]));
      break;
    }
    const Tensor list = empty(common, kInt64);
    copy(list, indices[d]);
    int64_t* const total = (place.defined() ? place : place = zeros(common, kInt64)).data_ptr<int64_t>();
    const int64_t* const index = list.data_ptr<int64_t>();
    for (int64_t p = 0; p < points; ++p) total[p] = total[p] * sizes[d] + index[p] + (index[p] < 0 ? sizes[d] : 0);
  }
  // Of the sizes of the points, and 1 for the dims that follow them in the values: those behind the indexed dims, or
  // all others when these are not neighbours.
  const auto used = static_cast<int64_t>(dims.size()), rank = static_cast<int64_t>(sizes.size());
  DimVector mask_sizes = common;
  for (int64_t d = indexed.together ? dims.back() + 1 : used; d < rank; ++d) mask_sizes.push_back(1);
  return mark_last(mask_sizes, place.data_ptr<int64_t>(), 1, points, 1, places);
}

}  // namespace taper::kernels
