// Every line (the elements along the dimension) is copied out as items, a key and an index each, and these are sorted:
// by radix where they are many, which takes a pass over the line for each byte of the key.
#include <taper/core/kernels/sort.h>

#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/keys.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace taper::kernels {
namespace {

// ---- items ----------------------------------------------------------------------------------------------------------

// Items are all different and ordered by key, then index.
struct Narrow {  // keys of up to 32 bits, lines of up to 2^32 elements
  uint64_t bits;
  static Narrow make(uint64_t key, int64_t index) { return {key << 32 | static_cast<uint64_t>(index)}; }
  uint64_t key() const { return bits >> 32; }
  int64_t index() const { return static_cast<int64_t>(bits & 0xffffffff); }
  bool operator<(const Narrow& other) const { return bits < other.bits; }
};
struct Wide {
  uint64_t bits;
  int64_t at;
  static Wide make(uint64_t key, int64_t index) { return {key, index}; }
  uint64_t key() const { return bits; }
  int64_t index() const { return at; }
  bool operator<(const Wide& other) const { return bits < other.bits || (bits == other.bits && at < other.at); }
};

// ---- sorting n items that stand in the order of their indices -------------------------------------------------------

constexpr int64_t kRadixFrom = 200;  // from here on a pass for each byte is faster than comparing

// Sorts a, with scratch memory of the same length; the result is in one of the two, which is returned.
template <class Item>
Item* sort_items(Item* a, Item* scratch, int64_t n, size_t key_bytes) {
  if (n < kRadixFrom) {
    std::sort(a, a + n);
    return a;
  }
  int64_t counts[8][256] = {};
  for (int64_t i = 0; i < n; ++i) {
    for (size_t b = 0; b < key_bytes; ++b) ++counts[b][a[i].key() >> (8 * b) & 255];
  }
  for (size_t b = 0; b < key_bytes; ++b) {
    int64_t* starts = counts[b];
    if (starts[a[0].key() >> (8 * b) & 255] == n) continue;  // all alike
    int64_t sum = 0;
    for (size_t v = 0; v < 256; ++v) sum += std::exchange(starts[v], sum);
    for (int64_t i = 0; i < n; ++i) scratch[starts[a[i].key() >> (8 * b) & 255]++] = a[i];
    std::swap(a, scratch);
  }
  return a;
}

// The k smallest of the items make(0), ..., make(n - 1), in order, at the front of what is returned. none_below(i,
// item) is true when it is certain that none of the kBlock items from i on is smaller.
constexpr int64_t kBlock = 16;
template <class Item, class Make, class NoneBelow>
Item* smallest_items(Item* a, Item* scratch, int64_t n, int64_t k, size_t key_bytes, const Make& make,
                     const NoneBelow& none_below) {
  if (k * 16 > n) {
    for (int64_t i = 0; i < n; ++i) a[i] = make(i);
    return sort_items(a, scratch, n, key_bytes);
  }
  // Small k: a bounded heap of the k smallest so far, which few of the rest enter.
  for (int64_t i = 0; i < k; ++i) a[i] = make(i);
  std::make_heap(a, a + k);
  for (int64_t i = k; i < n && k > 0;) {
    if (i + kBlock <= n && none_below(i, a[0])) {
      i += kBlock;
      continue;
    }
    for (const int64_t end = std::min(i + kBlock, n); i < end; ++i) {
      const Item item = make(i);
      if (!(item < a[0])) continue;
      std::pop_heap(a, a + k);
      a[k - 1] = item;
      std::push_heap(a, a + k);
    }
  }
  std::sort_heap(a, a + k);
  return a;
}

// The item of a rank among n: those whose highest byte is the one of the rank, of these those with its next byte, ...
template <class Item>
Item select_item(Item* a, int64_t n, int64_t rank, size_t key_bytes) {
  if (n < kRadixFrom) {
    std::nth_element(a, a + rank, a + n);
    return a[rank];
  }
  for (size_t b = key_bytes; b-- > 0 && n > 1;) {
    const auto digit = [b](const Item& item) { return item.key() >> (8 * b) & 255; };
    int64_t counts[256] = {};
    for (int64_t i = 0; i < n; ++i) ++counts[digit(a[i])];
    size_t v = 0;
    while (rank >= counts[v]) rank -= counts[v++];
    if (counts[v] == n) continue;
    n = std::copy_if(a, a + n, a, [&](const Item& item) { return digit(item) == v; }) - a;
  }
  return a[rank];  // equal keys, in the order of their indices
}

// ---- lines ----------------------------------------------------------------------------------------------------------

// f(T{}, Item{}) for the dtype and the items that lines of length n of it need.
template <class F>
void dispatch_items(ScalarType dtype, int64_t n, const F& f) {
  dispatch(dtype, [&]<class T>(T zero) {
    if constexpr (sizeof(T) <= 4) {
      if (n <= int64_t{1} << 32) return f(zero, Narrow{});
    }
    f(zero, Wide{});
  });
}

// (values, indices), of x's sizes but for k along dim: body(lines, in, items, scratch, values, indices) for all lines,
// each from its first element on, with memory for n items each that every piece of the loop has of its own.
template <class Body>
std::tuple<Tensor, Tensor> for_each_line(const Tensor& x, int64_t dim, int64_t k, const Body& body) {
  const Lines lines(x.sizes(), dim);
  DimVector sizes(x.sizes().begin(), x.sizes().end());
  if (!sizes.empty()) sizes[static_cast<size_t>(dim)] = k;
  const Tensor y = empty(sizes, x.dtype()), index = empty(sizes, kInt64);
  if (y.numel() == 0) return {y, index};
  const Tensor c = contiguous(x);
  dispatch_items(x.dtype(), lines.n, [&]<class T, class Item>(T, Item) {
    const T* from = c.data_ptr<T>();
    T* values = y.data_ptr<T>();
    int64_t* indices = index.data_ptr<int64_t>();
    parallel_for(0, lines.count(), std::max<int64_t>(1, 8192 / std::max<int64_t>(1, lines.n)),
                 [&](int64_t begin, int64_t end) {
                   const auto memory = std::make_unique_for_overwrite<Item[]>(static_cast<size_t>(2 * lines.n));
                   for (int64_t line = begin; line < end; ++line) {
                     const int64_t to = lines.start(line, k);
                     body(lines, from + lines.start(line, lines.n), memory.get(), memory.get() + lines.n, values + to,
                          indices + to);
                   }
                 });
  });
  return {y, index};
}

template <class Item>
int64_t rank_of_median(const Item* a, int64_t n, uint64_t nan, bool skip_nan) {
  const int64_t nans = std::count_if(a, a + n, [&](const Item& item) { return item.key() == nan; });
  if (skip_nan) return nans == n ? 0 : (n - nans - 1) / 2;
  return nans > 0 ? n - nans : (n - 1) / 2;
}

// The last item of the longest run of equal keys. NaN equals nothing, not even itself.
template <class Item>
Item mode_of(const Item* a, int64_t n, optional<uint64_t> nan) {
  Item best = a[0];
  for (int64_t i = 0, longest = 0; i < n;) {
    int64_t end = i + 1;
    while (end < n && a[end].key() == a[i].key() && a[i].key() != nan) ++end;
    if (end - i > longest) {
      longest = end - i;
      best = a[end - 1];
    }
    i = end;
  }
  return best;
}

template <class T>
optional<uint64_t> nan_key() {
  if constexpr (is_float_type<T>) return key_of(std::numeric_limits<T>::quiet_NaN());
  return nullopt;
}

}  // namespace

std::tuple<Tensor, Tensor> sort(const Tensor& x, int64_t dim, int64_t k, bool descending) {
  if (is_half(x)) return in_float32(x.dtype(), sort, x, dim, k, descending);
  return for_each_line(
      x, dim, k,
      [&]<class T, class Item>(const Lines& lines, const T* in, Item* a, Item* scratch, T* values, int64_t* indices) {
        using Key = Unsigned<sizeof(T)>;
        const Key flip = descending ? static_cast<Key>(~Key{0}) : Key{0};
        const auto make = [&](int64_t i) {
          return Item::make(static_cast<Key>(key_of(in[i * lines.inner]) ^ flip), i);
        };
        // By value, which the compiler vectorises. A NaN compares false: then it is not certain.
        const auto none_below = [&](int64_t i, const Item& item) {
          if (lines.inner != 1) return false;
          const T worst = in[item.index()];
          bool certain = true;
          if (descending) {
            for (int64_t j = i; j < i + kBlock; ++j) certain &= in[j] <= worst;
          } else {
            for (int64_t j = i; j < i + kBlock; ++j) certain &= in[j] >= worst;
          }
          return certain;
        };
        a = smallest_items(a, scratch, lines.n, k, sizeof(T), make, none_below);
        for (int64_t i = 0; i < k; ++i) {
          const int64_t at = a[i].index();
          values[i * lines.inner] = in[at * lines.inner];
          indices[i * lines.inner] = at;
        }
      });
}

std::tuple<Tensor, Tensor> pick(const Tensor& x, int64_t dim, Pick what, int64_t rank) {
  if (is_half(x)) return in_float32(x.dtype(), pick, x, dim, what, rank);
  return for_each_line(
      x, dim, 1,
      [&]<class T, class Item>(const Lines& lines, const T* in, Item* a, Item* scratch, T* value, int64_t* index) {
        const optional<uint64_t> nan = nan_key<T>();
        const int64_t n = lines.n;
        for (int64_t i = 0; i < n; ++i) a[i] = Item::make(key_of(in[i * lines.inner]), i);
        if (what == Pick::Mode) {
          *index = mode_of(sort_items(a, scratch, n, sizeof(T)), n, nan).index();
        } else {
          int64_t r = what == Pick::Rank ? rank : (n - 1) / 2;
          if (what != Pick::Rank && nan) r = rank_of_median(a, n, *nan, what == Pick::NanMedian);
          *index = select_item(a, n, r, sizeof(T)).index();
        }
        *value = in[*index * lines.inner];
      });
}

Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right, const Tensor& sorter) {
  if (is_half(sorted)) return in_float32(kInt64, searchsorted, sorted, values, right, sorter);
  const Tensor c = contiguous(sorted), v = contiguous(values), s = sorter.defined() ? contiguous(sorter) : Tensor();
  Tensor y = empty(values.sizes(), kInt64);
  if (y.numel() == 0) return y;
  const int64_t n = sorted.sizes().back();
  const bool one_line = sorted.dim() == 1;
  const int64_t each = one_line ? y.numel() : values.sizes().back();  // values that share a line
  const int64_t* order = s.defined() ? s.data_ptr<int64_t>() : nullptr;
  for (int64_t i = 0; order && i < s.numel(); ++i) {
    TAPER_CHECK_INDEX(order[i] >= 0 && order[i] < n, "searchsorted: the indices of the sorter must be in [0, ", n - 1,
                      "]; got ", order[i]);
  }
  dispatch(sorted.dtype(), [&]<class T>(T) {
    const T *lines = c.data_ptr<T>(), *in = v.data_ptr<T>();
    int64_t* out = y.data_ptr<int64_t>();
    // Without a branch on what is found, which nobody can predict.
    const auto search = [&](const auto& goes_before, const auto& index) {
      parallel_for(0, y.numel(), 2048, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) {
          const int64_t offset = one_line ? 0 : i / each * n;
          int64_t low = 0;
          for (int64_t length = n; length > 0;) {
            const int64_t half = length / 2;
            const bool behind = !goes_before(in[i], lines[index(offset, low + half)]);
            low = behind ? low + half + 1 : low;
            length = behind ? length - half - 1 : half;
          }
          out[i] = low;
        }
      });
    };
    const auto find = [&](const auto& goes_before) {
      if (order) return search(goes_before, [&](int64_t offset, int64_t i) { return offset + order[offset + i]; });
      search(goes_before, [](int64_t offset, int64_t i) { return offset + i; });
    };
    right ? find([](T value, T at) { return at > value; }) : find([](T value, T at) { return at >= value; });
  });
  return y;
}

}  // namespace taper::kernels
