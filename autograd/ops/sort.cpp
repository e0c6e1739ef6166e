// Order: sort and what follows from it. Values come with the indices they had; gradients go back there.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/sort.h>
#include <taper/core/kernels/unique.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace taper {

using namespace autograd;

namespace {

using Pair = std::tuple<Tensor, Tensor>;
using Triple = std::tuple<Tensor, Tensor, Tensor>;

// y = x at the index along dim (no element twice)          dx = dy at the index, 0 elsewhere
Tensor picked(const char* node, const Tensor& x, const Tensor& y, int64_t dim, const Tensor& index) {
  return record(node, {x}, y, [sizes = x.impl()->sizes(), dim, index = save(index)](const Tensor& dy) {
    return scatter(zeros(sizes, dy.dtype()), dim, index.get(), dy);
  });
}

// One element of each slice along dim, and its index.
Pair pick_one(const char* op, const char* node, const Tensor& x, int64_t dim, bool keepdim, kernels::Pick what,
              int64_t rank = 0) {
  dim = wrap_dim(op, dim, x.dim());
  TAPER_CHECK_INDEX(x.dim() == 0 || x.size(dim) > 0, op, ": dimension ", dim, " must not be empty; got sizes ",
                    x.sizes());
  auto [y, index] = kernels::pick(x, dim, what, rank);
  y = picked(node, x, y, dim, index);
  if (keepdim || x.dim() == 0) return {y, index};
  return {y.squeeze(dim), index.squeeze(dim)};
}

// y = the median of all elements                           dx = dy where x = y, shared evenly between equal elements
Tensor median_of_all(const char* op, const char* node, const Tensor& x, kernels::Pick what) {
  if (x.numel() == 0) {
    TAPER_CHECK_VALUE(x.is_floating_point(), op, ": a tensor of integers must not be empty; got sizes ", x.sizes());
    return full({}, std::numeric_limits<double>::quiet_NaN(), x.dtype()) + sum(x);
  }
  const Tensor flat = kernels::contiguous(x.detach()).view({x.numel()});
  const Tensor y = std::get<0>(kernels::pick(flat, 0, what, 0)).reshape({}).detach();
  return record(node, {x}, y, [x = save(x), y = save_result(y)](const Tensor& dy) {
    const Tensor value = x.get(), middle = y.get();
    const Tensor equal = logical_or(value == middle, logical_and(isnan(value), isnan(middle)));
    return where(equal, dy / sum(equal), 0);
  });
}

}  // namespace

// ---- with a derivative ----------------------------------------------------------------------------------------------

Pair sort(const Tensor& x, optional<bool>, int64_t dim, bool descending) {
  dim = wrap_dim("sort", dim, x.dim());
  auto [y, index] = kernels::sort(x, dim, size_along(x, dim), descending);
  return {picked("SortBackward0", x, y, dim, index), index};
}
Pair sort(const Tensor& x, int64_t dim, bool descending) { return sort(x, optional<bool>(), dim, descending); }
Tensor argsort(const Tensor& x, int64_t dim, bool descending) { return std::get<1>(sort(x.detach(), dim, descending)); }
Tensor msort(const Tensor& x) { return std::get<0>(sort(x, 0)); }

Pair topk(const Tensor& x, int64_t k, int64_t dim, bool largest, bool) {
  dim = wrap_dim("topk", dim, x.dim());
  const int64_t size = size_along(x, dim);
  TAPER_CHECK(k >= 0 && k <= size, "topk: k must be in [0, ", size, "], the size of dimension ", dim, "; got ", k);
  // Of a zero-dim tensor the value comes back even for k = 0, as in PyTorch: there are no sizes for less.
  auto [y, index] = kernels::sort(x, dim, x.dim() == 0 ? 1 : k, largest);
  return {picked("TopkBackward0", x, y, dim, index), index};
}

Pair kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  dim = wrap_dim("kthvalue", dim, x.dim());
  const int64_t size = size_along(x, dim);
  TAPER_CHECK(k >= 1 && k <= size, "kthvalue: k must be in [1, ", size, "], the size of dimension ", dim, "; got ", k);
  return pick_one("kthvalue", "KthvalueBackward0", x, dim, keepdim, kernels::Pick::Rank, k - 1);
}
Pair median(const Tensor& x, int64_t dim, bool keepdim) {
  return pick_one("median", "MedianBackward1", x, dim, keepdim, kernels::Pick::Median);
}
Pair nanmedian(const Tensor& x, int64_t dim, bool keepdim) {
  return pick_one("nanmedian", "NanmedianBackward1", x, dim, keepdim, kernels::Pick::NanMedian);
}
Pair mode(const Tensor& x, int64_t dim, bool keepdim) {
  return pick_one("mode", "ModeBackward0", x, dim, keepdim, kernels::Pick::Mode);
}
Tensor median(const Tensor& x) { return median_of_all("median", "MedianBackward0", x, kernels::Pick::Median); }
Tensor nanmedian(const Tensor& x) {
  return median_of_all("nanmedian", "NanmedianBackward0", x, kernels::Pick::NanMedian);
}

// ---- searching ------------------------------------------------------------------------------------------------------

Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values, bool out_int32, bool right,
                    optional<std::string_view> side, const optional<Tensor>& sorter) {
  TAPER_CHECK_VALUE(!side || *side == "left" || *side == "right", "searchsorted: the side must be left or right; got ",
                    *side);
  TAPER_CHECK_VALUE(!side || !right || *side == "right", "searchsorted: right = true and side left exclude each other");
  const Tensor& sorted = sorted_sequence;
  bool fits = sorted.dim() == 1 || (sorted.dim() > 0 && sorted.dim() == values.dim());
  for (int64_t d = 0; fits && sorted.dim() > 1 && d + 1 < sorted.dim(); ++d) fits = sorted.size(d) == values.size(d);
  TAPER_CHECK(fits, "searchsorted: the sequence must be a vector or have the sizes of the values but for the last; ",
              "got ", sorted.sizes(), " and values ", values.sizes());
  const bool has_sorter = sorter && sorter->defined();
  if (has_sorter) {
    TAPER_CHECK_TYPE(sorter->dtype() == kInt64, "searchsorted: the sorter must be int64; got ", sorter->dtype());
    TAPER_CHECK(sorter->sizes() == sorted.sizes(), "searchsorted: the sorter must have the sizes of the sequence; got ",
                sorter->sizes(), " and ", sorted.sizes());
  }
  const ScalarType dtype = kernels::result_type(sorted, values);
  const Tensor y = kernels::searchsorted(sorted.detach().to(dtype), values.detach().to(dtype),
                                         right || (side && *side == "right"), has_sorter ? *sorter : Tensor());
  return out_int32 ? y.to(kInt32) : y;
}
Tensor searchsorted(const Tensor& sorted_sequence, const Scalar& value, bool out_int32, bool right,
                    optional<std::string_view> side, const optional<Tensor>& sorter) {
  TAPER_CHECK(sorted_sequence.dim() == 1, "searchsorted: the sequence for a number must be a vector; got sizes ",
              sorted_sequence.sizes());
  return searchsorted(sorted_sequence, scalar_like(sorted_sequence, value), out_int32, right, side, sorter);
}
Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool out_int32, bool right) {
  TAPER_CHECK(boundaries.dim() == 1, "bucketize: the boundaries must be a vector; got sizes ", boundaries.sizes());
  return searchsorted(boundaries, values, out_int32, right);
}
Tensor bucketize(const Scalar& value, const Tensor& boundaries, bool out_int32, bool right) {
  return searchsorted(boundaries, value, out_int32, right);
}

Tensor isin(const Tensor& elements, const Tensor& test_elements, bool, bool invert) {
  const ScalarType dtype = kernels::result_type(elements, test_elements);
  return kernels::isin(elements.detach().to(dtype), test_elements.detach().to(dtype), invert);
}
Tensor isin(const Tensor& elements, const Scalar& test_element, bool, bool invert) {
  return isin(elements, scalar_like(elements, test_element), false, invert);
}
Tensor isin(const Scalar& element, const Tensor& test_elements, bool, bool invert) {
  return isin(scalar_like(test_elements, element), test_elements, false, invert);
}

// ---- counting -------------------------------------------------------------------------------------------------------

namespace {

Triple empty_unless_asked_for(const kernels::Unique& u) {
  const auto or_empty = [](const Tensor& t) { return t.defined() ? t : empty({0}, kInt64); };
  return {u.values, or_empty(u.inverse), or_empty(u.counts)};
}

// Inverse and counts in any case, as in PyTorch.
Triple unique_slices(const char* op, const Tensor& x, int64_t dim, bool consecutive) {
  dim = wrap_dim(op, dim, x.dim());
  const NoGradGuard no_grad;
  const Tensor plain = atleast_1d(x.detach()), slices = plain.movedim(dim, 0);
  const int64_t n = slices.size(0);
  TAPER_CHECK(n == 0 || x.numel() > 0, op, ": no dimension but the one named must be empty; got sizes ", x.sizes(),
              " and dimension ", dim);
  const auto u = kernels::unique_rows(slices.reshape({n, n == 0 ? 0 : x.numel() / n}), consecutive);
  return {index_select(plain, dim, u.values), u.inverse, u.counts};
}

}  // namespace

Triple _unique2(const Tensor& x, bool, bool return_inverse, bool return_counts) {
  return empty_unless_asked_for(kernels::unique(x.detach(), return_inverse, return_counts));
}
Pair _unique(const Tensor& x, bool sorted, bool return_inverse) {
  auto [values, inverse, counts] = _unique2(x, sorted, return_inverse, false);
  return {values, inverse};
}
Triple unique_dim(const Tensor& x, int64_t dim, bool, bool, bool) { return unique_slices("unique_dim", x, dim, false); }
Triple unique_consecutive(const Tensor& x, bool return_inverse, bool return_counts, optional<int64_t> dim) {
  if (dim) return unique_slices("unique_consecutive", x, *dim, true);
  return empty_unless_asked_for(kernels::unique_consecutive(x.detach(), return_inverse, return_counts));
}

Tensor bincount(const Tensor& x, const optional<Tensor>& weights, int64_t minlength) {
  TAPER_CHECK_TYPE(is_integral(x.dtype(), false), "bincount: the values must be integers; got ", x.dtype());
  TAPER_CHECK(x.dim() == 1, "bincount: the values must be a vector; got sizes ", x.sizes());
  TAPER_CHECK_VALUE(minlength >= 0, "bincount: minlength must not be negative; got ", minlength);
  Tensor w = weights ? *weights : Tensor();
  if (w.defined()) {
    TAPER_CHECK(w.sizes() == x.sizes(), "bincount: one weight a value is needed; got sizes ", w.sizes(), " and ",
                x.sizes());
    w = w.detach().to(w.is_floating_point() ? w.dtype() : kFloat64);
  }
  if (x.numel() == 0) return zeros({minlength}, kInt64);
  const Tensor plain = x.to(kInt64);
  const int64_t low = plain.min().item<int64_t>(), high = plain.max().item<int64_t>();
  TAPER_CHECK_VALUE(low >= 0, "bincount: the values must not be negative; got ", low);
  TAPER_CHECK_VALUE(high < INT64_MAX, "bincount: the values must be below ", INT64_MAX, "; got ", high);
  return kernels::bincount(plain, w, std::max(minlength, high + 1));
}

Tensor histc(const Tensor& x, int64_t bins, const Scalar& min, const Scalar& max) {
  TAPER_CHECK_TYPE(x.is_floating_point(), "histc: the input must be " TAPER_FLOATS "; got ", x.dtype());
  TAPER_CHECK_VALUE(bins > 0, "histc: the number of bins must be positive; got ", bins);
  const Tensor plain = x.detach();
  double low = min.toDouble(), high = max.toDouble();
  if (low == high && x.numel() > 0) {
    low = plain.min().item<double>();
    high = plain.max().item<double>();
  }
  if (low == high) {
    const double by = std::max(1.0, 1e-7 * std::abs(low));  // a step that a float of this size can take
    low -= by;
    high += by;
  }
  TAPER_CHECK_VALUE(std::isfinite(low) && std::isfinite(high), "histc: the range must be finite; got [", low, ", ",
                    high, "]");
  TAPER_CHECK_VALUE(low < high, "histc: max must be larger than min; got ", min, " and ", max);
  return kernels::histc(plain, bins, low, high);
}

}  // namespace taper
