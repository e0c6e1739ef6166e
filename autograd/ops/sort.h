// Order: sorting, quantiles by rank, search, sets, counts. NaN is larger than all, -0 equals 0, equal elements keep
// their order. Indices are int64. A dim out of range is an IndexError.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

// ---- along a dim: (elements, indices), y[i] = x[indices[i]]              dx = dy at the indices ---------------------

TAPER_API std::tuple<Tensor, Tensor> sort(const Tensor& x, int64_t dim = -1, bool descending = false);
TAPER_API std::tuple<Tensor, Tensor> sort(const Tensor& x, optional<bool> stable, int64_t dim = -1,
                                          bool descending = false);
// The indices of sort alone.
TAPER_API Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false);
template <class Bool>  // so that the dim of argsort(x, 1) is no bool
requires std::is_same_v<Bool, bool> Tensor argsort(const Tensor& x, Bool stable, int64_t dim = -1,
                                                   bool descending = false) {
  return x.argsort(stable, dim, descending);
}
// The elements of sort along dim 0.
TAPER_API Tensor msort(const Tensor& x);
// The k largest (or smallest), in order. An Error unless 0 <= k <= the size of dim.
TAPER_API std::tuple<Tensor, Tensor> topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true,
                                          bool sorted = true);
// The k-th smallest, from 1 on. An Error unless 1 <= k <= the size of dim.
TAPER_API std::tuple<Tensor, Tensor> kthvalue(const Tensor& x, int64_t k, int64_t dim = -1, bool keepdim = false);
// The middle element, the lower one of two; NaN where there is one, or without them (nanmedian). Over all elements the
// gradient is shared evenly between equal ones.
TAPER_API Tensor median(const Tensor& x);
TAPER_API std::tuple<Tensor, Tensor> median(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API Tensor nanmedian(const Tensor& x);
TAPER_API std::tuple<Tensor, Tensor> nanmedian(const Tensor& x, int64_t dim, bool keepdim = false);
// The most frequent element, the smallest of several, and its last index.
TAPER_API std::tuple<Tensor, Tensor> mode(const Tensor& x, int64_t dim = -1, bool keepdim = false);

// ---- search, without derivative from here on ------------------------------------------------------------------------

// Where each value would go in the sorted last dim (of the same leading dims, or one sequence for all): before equal
// elements, or after them (right, or side "right"). sorter is the argsort of a sequence that is not sorted. ValueError
// for another side.
TAPER_API Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values, bool out_int32 = false,
                              bool right = false, optional<std::string_view> side = nullopt,
                              const optional<Tensor>& sorter = {});
TAPER_API Tensor searchsorted(const Tensor& sorted_sequence, const Scalar& value, bool out_int32 = false,
                              bool right = false, optional<std::string_view> side = nullopt,
                              const optional<Tensor>& sorter = {});
// The same for values of any sizes and a vector of boundaries.
TAPER_API Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool out_int32 = false, bool right = false);
TAPER_API Tensor bucketize(const Scalar& value, const Tensor& boundaries, bool out_int32 = false, bool right = false);

// ---- sets and counts ------------------------------------------------------------------------------------------------

// (the different elements in order, the index of each element of x among them, how often each occurs); what is not
// asked for is empty.
TAPER_API std::tuple<Tensor, Tensor> _unique(const Tensor& x, bool sorted = true, bool return_inverse = false);
TAPER_API std::tuple<Tensor, Tensor, Tensor> _unique2(const Tensor& x, bool sorted = true, bool return_inverse = false,
                                                      bool return_counts = false);
// The same of slices along a dim.
TAPER_API std::tuple<Tensor, Tensor, Tensor> unique_dim(const Tensor& x, int64_t dim, bool sorted = true,
                                                        bool return_inverse = false, bool return_counts = false);
// Only consecutive equal elements (or slices along dim) become one, without sorting.
TAPER_API std::tuple<Tensor, Tensor, Tensor> unique_consecutive(const Tensor& x, bool return_inverse = false,
                                                                bool return_counts = false,
                                                                optional<int64_t> dim = nullopt);
// How often each of 0, 1, 2, ... occurs in a vector of integers, or the sum of their weights: [max(x) + 1], but at
// least [minlength]. ValueError for negative integers.
TAPER_API Tensor bincount(const Tensor& x, const optional<Tensor>& weights = {}, int64_t minlength = 0);
// How many elements fall into each of `bins` equal parts of [min, max] (of the range of x when both are 0). ValueError
// for an empty or infinite range.
TAPER_API Tensor histc(const Tensor& x, int64_t bins = 100, const Scalar& min = 0, const Scalar& max = 0);
// Which elements are among the test_elements (or, invert, are not); bool, of the sizes of elements.
TAPER_API Tensor isin(const Tensor& elements, const Tensor& test_elements, bool assume_unique = false,
                      bool invert = false);
TAPER_API Tensor isin(const Tensor& elements, const Scalar& test_element, bool assume_unique = false,
                      bool invert = false);
TAPER_API Tensor isin(const Scalar& element, const Tensor& test_elements, bool assume_unique = false,
                      bool invert = false);

}  // namespace taper
