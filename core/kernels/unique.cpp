// Elements are found again by their keys, in a hash table while there are few different ones; many are sorted.
#include <taper/core/kernels/unique.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/keys.h>
#include <taper/core/kernels/sort.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace taper::kernels {
namespace {

// The first n elements of row-major memory as a row of their own.
Tensor flat_view(const Tensor& x, int64_t n) { return view_of(x, {n}, {1}); }

// Different keys, numbered from 0 in the order they came. Open addressing: a key is in the first slot from its own on
// that was free when it came. At most half of the slots are taken.
template <class Key>
class KeyTable {
 public:
  KeyTable() : slots_(size_t{1} << (64 - shift_)) {}

  // The number of the key; of a new one the number of keys so far.
  uint64_t number(Key key) {
    Slot* slot = find(key);
    if (slot->next == 0) {
      if (2 * (size_ + 1) > slots_.size()) {
        grow();
        slot = find(key);
      }
      *slot = {key, static_cast<Number>(++size_)};
    }
    return slot->next - 1;
  }
  bool has(Key key) const { return find(key)->next != 0; }

 private:
  static constexpr size_t kLarge = size_t{1} << 18;
  using Number = std::conditional_t<sizeof(Key) == 8, uint64_t, uint32_t>;
  struct Slot {
    Key key = 0;
    Number next = 0;  // the number plus 1; 0 in a free slot
  };

  Slot* find(Key key) const {
    // The highest bits of a product depend on all bits of the key.
    const uint64_t mixed = (key ^ uint64_t{key} >> 32) * 0x9e3779b97f4a7c15;
    size_t at = mixed >> shift_;
    // One branch, which is nearly always the same, whether the key is there or not.
    while (static_cast<int>(slots_[at].next != 0) & static_cast<int>(slots_[at].key != key)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return const_cast<Slot*>(&slots_[at]);
  }
  void grow() {
    const int by = slots_.size() < kLarge ? 2 : 1;  // powers of two; memory counts more than time for the largest
    std::vector<Slot> old(slots_.size() << by);
    old.swap(slots_);
    shift_ -= by;
    for (const Slot& slot : old) {
      if (slot.next != 0) *find(slot.key) = slot;
    }
  }

  int shift_ = 64 - 8;
  uint64_t size_ = 0;
  std::vector<Slot> slots_;
};

// The first of each run of equal neighbours among n elements, the place order[i] (or i) of each in it.
template <class T>
Unique runs(const T* x, int64_t n, const int64_t* order, bool inverse, bool counts, const Tensor& like) {
  Unique result;
  result.values = empty({n}, like.dtype());
  if (inverse) result.inverse = empty(like.sizes(), kInt64);
  if (counts) result.counts = empty({n}, kInt64);
  if (n == 0) return result;
  T *out = result.values.data_ptr<T>(), first = x[0];
  int64_t *at = inverse ? result.inverse.data_ptr<int64_t>() : nullptr, run = 0, start = 0;
  int64_t* times = counts ? result.counts.data_ptr<int64_t>() : nullptr;
  // Without a branch on what is equal, nor on what is asked for.
  const auto walk = [&](auto with_inverse, auto with_counts) {
    for (int64_t i = 0; i < n; ++i) {
      const bool is_new = i > 0 && x[i] != x[i - 1];
      run += is_new;
      first = is_new ? x[i] : first;
      start = is_new ? i : start;
      out[run] = first;
      if constexpr (with_inverse) at[order ? order[i] : i] = run;
      if constexpr (with_counts) times[run] = i + 1 - start;
    }
  };
  constexpr std::true_type yes;
  constexpr std::false_type no;
  inverse ? (counts ? walk(yes, yes) : walk(yes, no)) : (counts ? walk(no, yes) : walk(no, no));
  // A part that is most of the memory keeps it.
  const auto part = [n, size = run + 1](const Tensor& t) {
    const Tensor used = flat_view(t, size);
    return 2 * size < n ? to_dtype(used, t.dtype()) : used;
  };
  result.values = part(result.values);
  if (counts) result.counts = part(result.counts);
  return result;
}

// The same by a table, as long as at most one element in eight is different from those before.
template <class T>
bool unique_of_few(const T* x, int64_t n, bool inverse, bool counts, const Tensor& like, Unique& result) {
  constexpr int64_t kMost = 1 << 16;  // the table still fits into caches
  const auto most = static_cast<size_t>(std::min(n / 8, kMost));
  KeyTable<Unsigned<sizeof(T)>> table;
  std::vector<T> firsts;
  std::vector<int64_t> times;
  const Tensor places = inverse ? empty(like.sizes(), kInt64) : Tensor();
  int64_t* place = inverse ? places.data_ptr<int64_t>() : nullptr;
  for (int64_t i = 0; i < n; ++i) {
    if (x[i] != x[i]) return false;
    const uint64_t number = table.number(key_of(x[i]));
    if (number == firsts.size()) {
      if (firsts.size() == most) return false;
      firsts.push_back(x[i]);
      if (counts) times.push_back(0);
    }
    if (place) place[i] = static_cast<int64_t>(number);
    if (counts) ++times[number];
  }
  const auto size = static_cast<int64_t>(firsts.size());
  const Tensor unsorted = empty({size}, like.dtype());
  std::copy(firsts.begin(), firsts.end(), unsorted.data_ptr<T>());
  const auto [values, order] = sort(unsorted, 0, size, false);
  result.values = values;
  const int64_t* from = order.template data_ptr<int64_t>();
  if (inverse) {
    std::vector<int64_t> ranks(firsts.size());
    for (int64_t r = 0; r < size; ++r) ranks[static_cast<size_t>(from[r])] = r;
    for (int64_t i = 0; i < n; ++i) place[i] = ranks[static_cast<size_t>(place[i])];
    result.inverse = places;
  }
  if (counts) {
    result.counts = empty({size}, kInt64);
    for (int64_t r = 0; r < size; ++r) {
      result.counts.data_ptr<int64_t>()[r] = times[static_cast<size_t>(from[r])];
    }
  }
  return true;
}

}  // namespace

Unique unique(const Tensor& x, bool inverse, bool counts) {
  if (is_half(x)) {
    const Unique wide = unique(to_dtype(x, kFloat32), inverse, counts);
    return {rounded(wide.values, x.dtype()), wide.inverse, wide.counts};
  }
  const Tensor flat = flat_view(contiguous(x), x.numel());
  Unique result;
  dispatch(x.dtype(), [&]<class T>(T) {
    if (unique_of_few(flat.data_ptr<T>(), flat.numel(), inverse, counts, x, result)) return;
    const auto [values, order] = sort(flat, 0, flat.numel(), false);
    result = runs(values.data_ptr<T>(), flat.numel(), order.data_ptr<int64_t>(), inverse, counts, x);
  });
  return result;
}

Unique unique_consecutive(const Tensor& x, bool inverse, bool counts) {
  if (is_half(x)) {
    const Unique wide = unique_consecutive(to_dtype(x, kFloat32), inverse, counts);
    return {rounded(wide.values, x.dtype()), wide.inverse, wide.counts};
  }
  const Tensor c = contiguous(x);
  return dispatch(x.dtype(), [&]<class T>(T) { return runs(c.data_ptr<T>(), x.numel(), nullptr, inverse, counts, x); });
}

Unique unique_rows(const Tensor& x, bool consecutive) {
  if (is_half(x)) return unique_rows(to_dtype(x, kFloat32), consecutive);
  const int64_t n = x.size(0), width = x.size(1);
  const Tensor c = contiguous(x);
  std::vector<int64_t> order(static_cast<size_t>(n)), firsts, counts;
  std::iota(order.begin(), order.end(), 0);
  Unique result{{}, empty({n}, kInt64), {}};
  int64_t* inverse = result.inverse.data_ptr<int64_t>();
  dispatch(x.dtype(), [&]<class T>(T) {
    const T* values = c.data_ptr<T>();
    if (!consecutive) {
      std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        const T *p = values + a * width, *q = values + b * width;
        return std::lexicographical_compare(p, p + width, q, q + width, [](T u, T v) { return key_of(u) < key_of(v); });
      });
    }
    const T* before = nullptr;
    for (const int64_t i : order) {
      const T* row = values + i * width;
      if (!before || !std::equal(row, row + width, before)) {
        firsts.push_back(i);
        counts.push_back(0);
      }
      ++counts.back();
      inverse[i] = static_cast<int64_t>(firsts.size()) - 1;
      before = row;
    }
  });
  for (auto [list, to] : {std::pair{&firsts, &result.values}, std::pair{&counts, &result.counts}}) {
    *to = empty({static_cast<int64_t>(list->size())}, kInt64);
    std::copy(list->begin(), list->end(), to->data_ptr<int64_t>());
  }
  return result;
}

Tensor isin(const Tensor& elements, const Tensor& among, bool invert) {
  if (is_half(elements)) return in_float32(kBool, isin, elements, among, invert);
  const Tensor e = contiguous(elements), a = contiguous(among);
  Tensor y = empty(elements.sizes(), kBool);
  dispatch(elements.dtype(), [&]<class T>(T) {
    KeyTable<Unsigned<sizeof(T)>> table;
    const T *in = e.data_ptr<T>(), *test = a.data_ptr<T>();
    for (int64_t i = 0; i < a.numel(); ++i) {
      if (test[i] == test[i]) table.number(key_of(test[i]));
    }
    bool* out = y.data_ptr<bool>();
    parallel_for(0, y.numel(), 2048, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) out[i] = table.has(key_of(in[i])) != invert;
    });
  });
  return y;
}

Tensor bincount(const Tensor& x, const Tensor& weights, int64_t size) {
  if (weights.defined() && is_half(weights)) return bincount(x, to_dtype(weights, kFloat32), size);
  const Tensor at = contiguous(to_dtype(x, kInt64));
  const int64_t *index = at.data_ptr<int64_t>(), n = at.numel();
  if (!weights.defined()) {
    Tensor y = zeros({size}, kInt64);
    int64_t* out = y.data_ptr<int64_t>();
    for (int64_t i = 0; i < n; ++i) ++out[index[i]];
    return y;
  }
  const Tensor w = contiguous(weights);
  Tensor y = zeros({size}, weights.dtype());
  dispatch_floating(weights.dtype(), "bincount", [&]<class T>(T) {
    T* out = y.data_ptr<T>();
    for (int64_t i = 0; i < n; ++i) out[index[i]] += w.data_ptr<T>()[i];
  });
  return y;
}

Tensor histc(const Tensor& x, int64_t bins, double low, double high) {
  if (is_half(x)) return in_float32(x.dtype(), histc, x, bins, low, high);
  const Tensor c = contiguous(x);
  Tensor y = zeros({bins}, x.dtype());
  std::vector<int64_t> counts(static_cast<size_t>(bins));  // a float stops counting at 2^24
  dispatch_floating(x.dtype(), "histc", [&]<class T>(T) {
    const T first = static_cast<T>(low), last = static_cast<T>(high), *in = c.data_ptr<T>();
    TAPER_CHECK_VALUE(first < last && std::isfinite(last - first),
                      "histc: the range must have a length that the dtype can hold; got [", low, ", ", high, "] for ",
                      x.dtype());
    for (int64_t i = 0; i < c.numel(); ++i) {
      if (!(in[i] >= first && in[i] <= last)) continue;
      const auto bin = static_cast<int64_t>((in[i] - first) / (last - first) * static_cast<T>(bins));
      ++counts[static_cast<size_t>(std::min(bin, bins - 1))];
    }
    for (size_t b = 0; b < counts.size(); ++b) y.data_ptr<T>()[b] = static_cast<T>(counts[b]);
  });
  return y;
}

}  // namespace taper::kernels
