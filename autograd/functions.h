// The differentiable functions on tensors, by family; the file autograd/ops/<family>.cpp holds each with its
// derivative. Operands broadcast as in PyTorch (sizes aligned at the right, 1 stretches), dtypes promote by
// promote_types, and a number never widens a tensor of its own kind. dy is the cotangent of y in the derivatives given
// here.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

// ---- of one pattern -------------------------------------------------------------------------------------------------
#define TAPER_UNARY(name) TAPER_API Tensor name(const Tensor& x);
#define TAPER_COMPARE(name)                                \
  TAPER_API Tensor name(const Tensor& a, const Tensor& b); \
  TAPER_API Tensor name(const Tensor& a, const Scalar& b);
#define TAPER_BINARY TAPER_COMPARE
#include <taper/core/elementwise.def>
#define TAPER_WITH_SELF(...) (const Tensor& self __VA_OPT__(, ) __VA_ARGS__)
#define TAPER_ALIAS(R, alias, name, parameters, ...) \
  inline R alias TAPER_WITH_SELF parameters { return self.name(__VA_ARGS__); }
#define TAPER_ALIAS_IN_PLACE(alias, name, parameters, ...)
#include <taper/core/aliases.def>
#undef TAPER_WITH_SELF

// ---- arithmetic.cpp -------------------------------------------------------------------------------------------------
// y = a + alpha b                          da = dy, db = alpha dy
TAPER_API Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
TAPER_API Tensor add(const Tensor& a, const Scalar& b, const Scalar& alpha = 1);
// y = a - alpha b                          da = dy, db = -alpha dy
TAPER_API Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
TAPER_API Tensor sub(const Tensor& a, const Scalar& b, const Scalar& alpha = 1);
// y = a^b                                  db = dy y ln a (0 where a = 0 and b >= 0)
TAPER_API Tensor pow(const Scalar& a, const Tensor& b);
// y = max(a, b); the gradient is halved between equal values, as in PyTorch
TAPER_API Tensor maximum(const Tensor& a, const Tensor& b);
TAPER_API Tensor minimum(const Tensor& a, const Tensor& b);
// y = b - alpha a
inline Tensor rsub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1) { return sub(b, a, alpha); }
inline Tensor rsub(const Tensor& a, const Scalar& b, const Scalar& alpha = 1) { return b - a * alpha; }
// y = x + value a b                        y = x + value a / b
TAPER_API Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1);
TAPER_API Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1);

// ---- arithmetic_more.cpp --------------------------------------------------------------------------------------------
// The quotient rounded "trunc" (towards 0) or "floor" (down), by nullopt as it is; integers stay integers. An integer
// divided by 0 is an error. da = db = 0
TAPER_API Tensor div(const Tensor& a, const Tensor& b, optional<std::string_view> rounding_mode);
TAPER_API Tensor div(const Tensor& a, const Scalar& b, optional<std::string_view> rounding_mode);
TAPER_API Tensor remainder(const Scalar& a, const Tensor& b);
// The angle of the point (b, a)              da = dy b / (a^2 + b^2), db = -dy a / (a^2 + b^2)
TAPER_API Tensor atan2(const Tensor& a, const Tensor& b);
inline Tensor arctan2(const Tensor& a, const Tensor& b) { return atan2(a, b); }
// y = sqrt(a^2 + b^2), without overflow      da = dy a / y, db = dy b / y
TAPER_API Tensor hypot(const Tensor& a, const Tensor& b);
// y = ln(e^a + e^b), without overflow        da = dy sigmoid(a - b), db = dy sigmoid(b - a)
TAPER_API Tensor logaddexp(const Tensor& a, const Tensor& b);
TAPER_API Tensor xlogy(const Scalar& a, const Tensor& b);
// y = x + weight (end - x), exact at both ends   dx = dy (1 - weight), dend = dy weight, dweight = dy (end - x)
TAPER_API Tensor lerp(const Tensor& x, const Tensor& end, const Scalar& weight);
TAPER_API Tensor lerp(const Tensor& x, const Tensor& end, const Tensor& weight);
// The larger (smaller) one, or the one that is not NaN; equal values' dy goes to a
TAPER_API Tensor fmax(const Tensor& a, const Tensor& b);
TAPER_API Tensor fmin(const Tensor& a, const Tensor& b);

// ---- pointwise.cpp --------------------------------------------------------------------------------------------------
// min <= y <= max; dx = dy where min <= x <= max
TAPER_API Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max = nullopt);
// With tensors, to whose elements dy goes where they bind: max where it is below min, too.
TAPER_API Tensor clamp(const Tensor& x, const optional<Tensor>& min = nullopt, const optional<Tensor>& max = nullopt);
// y = condition ? a : b
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b);
TAPER_API Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b);
TAPER_API Tensor where(const Tensor& condition, const Scalar& a, const Scalar& b);

// ---- math.cpp -------------------------------------------------------------------------------------------------------
// The derivative of order n of digamma; dx = dy polygamma(n + 1, x)
TAPER_API Tensor polygamma(int64_t n, const Tensor& x);
// NaN, inf and -inf replaced: by 0, the largest and the lowest number of the dtype unless given; there dx = 0.
TAPER_API Tensor nan_to_num(const Tensor& x, optional<double> nan = nullopt, optional<double> posinf = nullopt,
                            optional<double> neginf = nullopt);
inline Tensor positive(const Tensor& x) { return x; }

// ---- bitwise.cpp: of integers and bool, without derivative ----------------------------------------------------------
inline Tensor bitwise_and(const Scalar& a, const Tensor& b) { return bitwise_and(b, a); }
inline Tensor bitwise_or(const Scalar& a, const Tensor& b) { return bitwise_or(b, a); }
inline Tensor bitwise_xor(const Scalar& a, const Tensor& b) { return bitwise_xor(b, a); }

// ---- activation.cpp -------------------------------------------------------------------------------------------------
// Those whose name ends in _ overwrite x and return it.
TAPER_API Tensor leaky_relu(const Tensor& x, const Scalar& negative_slope = 0.01);
TAPER_API Tensor& leaky_relu_(Tensor& x, const Scalar& negative_slope = 0.01);
TAPER_API Tensor gelu(const Tensor& x);  // x Phi(x), exact (erf)
TAPER_API Tensor silu(const Tensor& x);  // x sigmoid(x)
// a sigmoid(b) for the halves a, b of x along dim
TAPER_API Tensor glu(const Tensor& x, int64_t dim = -1);
// x > 0 ? x : w x; weight has one slope, or one for each channel (dim 1)
TAPER_API Tensor prelu(const Tensor& x, const Tensor& weight);
// x > 0 ? x : r x; in training r is drawn for each value, uniformly from [lower, upper], else it is their mean
TAPER_API Tensor rrelu(const Tensor& x, const Scalar& lower = 1.0 / 8, const Scalar& upper = 1.0 / 3,
                       bool training = false);
TAPER_API Tensor& rrelu_(Tensor& x, const Scalar& lower = 1.0 / 8, const Scalar& upper = 1.0 / 3,
                         bool training = false);
// Along `dim`; the result of every slice sums to 1 (its exponential, for log_softmax).
TAPER_API Tensor softmax(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor log_softmax(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);
// Zeroes each value with probability p and scales the rest by 1/(1-p); the input itself when `train` is false.
TAPER_API Tensor dropout(const Tensor& x, double p, bool train);

// ---- activation_pointwise.cpp ---------------------------------------------------------------------------------------
// x > 0 ? scale x : alpha scale (exp(input_scale x) - 1)
TAPER_API Tensor elu(const Tensor& x, const Scalar& alpha = 1, const Scalar& scale = 1, const Scalar& input_scale = 1);
TAPER_API Tensor& elu_(Tensor& x, const Scalar& alpha = 1, const Scalar& scale = 1, const Scalar& input_scale = 1);
TAPER_API Tensor selu(const Tensor& x);  // elu of alpha 1.6733 and scale 1.0507
TAPER_API Tensor& selu_(Tensor& x);
TAPER_API Tensor celu(const Tensor& x, const Scalar& alpha = 1);  // elu of input_scale 1 / alpha
TAPER_API Tensor& celu_(Tensor& x, const Scalar& alpha = 1);
// ln(1 + exp(beta x)) / beta; x where beta x > threshold
TAPER_API Tensor softplus(const Tensor& x, const Scalar& beta = 1, const Scalar& threshold = 20);
TAPER_API Tensor log_sigmoid(const Tensor& x);  // -ln(1 + exp(-x))
TAPER_API Tensor mish(const Tensor& x);         // x tanh(softplus(x))
TAPER_API Tensor& mish_(Tensor& x);
TAPER_API Tensor softsign(const Tensor& x);    // x / (1 + |x|)
TAPER_API Tensor tanhshrink(const Tensor& x);  // x - tanh(x)
// Cut off below min_val and above max_val, where the derivative is 0; of integers too.
TAPER_API Tensor hardtanh(const Tensor& x, const Scalar& min_val = -1, const Scalar& max_val = 1);
TAPER_API Tensor& hardtanh_(Tensor& x, const Scalar& min_val = -1, const Scalar& max_val = 1);
TAPER_API Tensor relu6(const Tensor& x);  // hardtanh from 0 to 6
TAPER_API Tensor& relu6_(Tensor& x);
// x > threshold ? x : value
TAPER_API Tensor threshold(const Tensor& x, const Scalar& threshold, const Scalar& value);
TAPER_API Tensor& threshold_(Tensor& x, const Scalar& threshold, const Scalar& value);
TAPER_API Tensor hardshrink(const Tensor& x, const Scalar& lambd = 0.5);  // 0 where |x| <= lambd
TAPER_API Tensor softshrink(const Tensor& x, const Scalar& lambd = 0.5);  // towards 0 by lambd, not beyond

// ---- compare.cpp (results are bool, without derivative) -------------------------------------------------------------
TAPER_API Tensor logical_and(const Tensor& a, const Tensor& b);
TAPER_API Tensor logical_or(const Tensor& a, const Tensor& b);
TAPER_API Tensor logical_xor(const Tensor& a, const Tensor& b);
TAPER_API Tensor signbit(const Tensor& x);  // below 0, or -0
// Of the tensor, as the methods
inline bool is_floating_point(const Tensor& x) { return x.is_floating_point(); }
inline bool is_signed(const Tensor& x) { return x.is_signed(); }
inline bool is_nonzero(const Tensor& x) { return x.is_nonzero(); }
inline bool is_inference(const Tensor& x) { return x.is_inference(); }
inline int64_t get_device(const Tensor& x) { return x.get_device(); }
TAPER_API Tensor isnan(const Tensor& x);
TAPER_API Tensor isinf(const Tensor& x);
TAPER_API Tensor isfinite(const Tensor& x);
TAPER_API Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
                         bool equal_nan = false);
// Same sizes and values | all |a - b| <= atol + rtol |b|
TAPER_API bool equal(const Tensor& a, const Tensor& b);
TAPER_API bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
                        bool equal_nan = false);

// ---- reduce.cpp (an empty list of dims means all) -------------------------------------------------------------------
// Integer and bool inputs sum to int64. Floats are summed in blocked lanes combined in double.
TAPER_API Tensor sum(const Tensor& x, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor sum(const Tensor& x, IntArrayRef dim, bool keepdim = false, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor mean(const Tensor& x, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor mean(const Tensor& x, IntArrayRef dim, bool keepdim = false, optional<ScalarType> dtype = nullopt);
// Two-pass; unbiased divides by m - 1.
TAPER_API Tensor var(const Tensor& x, bool unbiased = true);
TAPER_API Tensor var(const Tensor& x, IntArrayRef dim, bool unbiased = true, bool keepdim = false);
TAPER_API Tensor std(const Tensor& x, bool unbiased = true);
TAPER_API Tensor std(const Tensor& x, IntArrayRef dim, bool unbiased = true, bool keepdim = false);
// The divisor is m - correction, of 1 unless given. With an integer for it, say optional<int64_t>(0): a plain 0 is
// `unbiased`, as in libtorch.
TAPER_API Tensor var(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim = false);
TAPER_API Tensor std(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim = false);
// (standard deviation or variance, mean)
#define TAPER_MOMENTS(name)                                                                                 \
  TAPER_API std::tuple<Tensor, Tensor> name(const Tensor& x, bool unbiased = true);                         \
  TAPER_API std::tuple<Tensor, Tensor> name(const Tensor& x, IntArrayRef dim, bool unbiased = true,         \
                                            bool keepdim = false);                                          \
  TAPER_API std::tuple<Tensor, Tensor> name(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, \
                                            bool keepdim = false);
TAPER_MOMENTS(std_mean)
TAPER_MOMENTS(var_mean)
#undef TAPER_MOMENTS
// A number alone is a dim, not `unbiased`.
#define TAPER_DIM(name)                                                                          \
  inline detail::TensorPair name(const Tensor& x, int dim) { return name(x, IntArrayRef(dim)); } \
  inline detail::TensorPair name(const Tensor& x, int64_t dim) { return name(x, IntArrayRef(dim)); }
TAPER_DIM(var_mean)
TAPER_DIM(std_mean)
#undef TAPER_DIM
TAPER_API Tensor prod(const Tensor& x, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor prod(const Tensor& x, int64_t dim, bool keepdim = false, optional<ScalarType> dtype = nullopt);
// The sum of what is not NaN | how many elements are not 0
TAPER_API Tensor nansum(const Tensor& x, IntArrayRef dim = {}, bool keepdim = false,
                        optional<ScalarType> dtype = nullopt);
TAPER_API Tensor count_nonzero(const Tensor& x, IntArrayRef dim = {});
// (amin, amax)
TAPER_API std::tuple<Tensor, Tensor> aminmax(const Tensor& x, optional<int64_t> dim = nullopt, bool keepdim = false);
// The sum of a matrix's diagonal
TAPER_API Tensor trace(const Tensor& x);
// The extreme value(s); NaN wins. With a dim also its (first) index, and the gradient goes to that element; over all
// elements (and in amax/amin) it is shared evenly between equal ones.
TAPER_API Tensor max(const Tensor& x);
TAPER_API Tensor min(const Tensor& x);
TAPER_API std::tuple<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API std::tuple<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API Tensor amax(const Tensor& x, IntArrayRef dim = {}, bool keepdim = false);
TAPER_API Tensor amin(const Tensor& x, IntArrayRef dim = {}, bool keepdim = false);
TAPER_API Tensor argmax(const Tensor& x, optional<int64_t> dim = nullopt, bool keepdim = false);
TAPER_API Tensor argmin(const Tensor& x, optional<int64_t> dim = nullopt, bool keepdim = false);
TAPER_API Tensor all(const Tensor& x);
TAPER_API Tensor all(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API Tensor any(const Tensor& x);
TAPER_API Tensor any(const Tensor& x, int64_t dim, bool keepdim = false);
// (sum |x|^p)^(1/p); p = inf is the largest magnitude
TAPER_API Tensor norm(const Tensor& x, const Scalar& p = 2);
TAPER_API Tensor norm(const Tensor& x, const optional<Scalar>& p, IntArrayRef dim, bool keepdim = false);
// The same of x as that dtype
TAPER_API Tensor norm(const Tensor& x, const optional<Scalar>& p, ScalarType dtype);
TAPER_API Tensor norm(const Tensor& x, const optional<Scalar>& p, IntArrayRef dim, bool keepdim, ScalarType dtype);
// ln sum exp x, without overflow
TAPER_API Tensor logsumexp(const Tensor& x, IntArrayRef dim, bool keepdim = false);
// Adds up whatever broadcasting from `sizes` would have repeated, so that the result has `sizes`.
TAPER_API Tensor sum_to_size(const Tensor& x, IntArrayRef sizes);

// ---- cumulative.cpp -------------------------------------------------------------------------------------------------
// y_i = x_0 + ... + x_i along dim, accumulated in double; integers and bool give int64 unless dtype says otherwise
//                                          dx_i = dy_i + dy_(i+1) + ...
TAPER_API Tensor cumsum(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);
// y_i = x_0 ... x_i                        dx_i = sum_(j >= i) dy_j prod_(k <= j, k != i) x_k, zeros included
TAPER_API Tensor cumprod(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);
// y_i = ln(e^x_0 + ... + e^x_i), without overflow     dx_i = sum_(j >= i) dy_j exp(x_i - y_j)
TAPER_API Tensor logcumsumexp(const Tensor& x, int64_t dim);

// ---- view.cpp, join.cpp ---------------------------------------------------------------------------------------------
TAPER_API Tensor reshape(const Tensor& x, IntArrayRef sizes);
TAPER_API Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
TAPER_API Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
TAPER_API Tensor permute(const Tensor& x, IntArrayRef dims);
TAPER_API Tensor t(const Tensor& x);
TAPER_API Tensor squeeze(const Tensor& x);
TAPER_API Tensor squeeze(const Tensor& x, int64_t dim);
TAPER_API Tensor unsqueeze(const Tensor& x, int64_t dim);
TAPER_API Tensor select(const Tensor& x, int64_t dim, int64_t index);
TAPER_API Tensor slice(const Tensor& x, int64_t dim = 0, optional<int64_t> start = nullopt,
                       optional<int64_t> end = nullopt, int64_t step = 1);
TAPER_API Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
TAPER_API Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);
TAPER_API std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
TAPER_API std::vector<Tensor> split(const Tensor& x, int64_t split_size, int64_t dim = 0);
TAPER_API std::vector<Tensor> split_with_sizes(const Tensor& x, IntArrayRef split_sizes, int64_t dim = 0);
TAPER_API std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);
// The dims of `source` go where `destination` says; the others keep their order.
TAPER_API Tensor movedim(const Tensor& x, IntArrayRef source, IntArrayRef destination);
TAPER_API Tensor movedim(const Tensor& x, int64_t source, int64_t destination);
// One dimension as several; one size may be -1.
TAPER_API Tensor unflatten(const Tensor& x, int64_t dim, IntArrayRef sizes);
TAPER_API Tensor ravel(const Tensor& x);
// A zero-dim tensor gets dims in front; in atleast_3d a matrix gets its third dim behind.
TAPER_API Tensor atleast_1d(const Tensor& x);
TAPER_API Tensor atleast_2d(const Tensor& x);
TAPER_API Tensor atleast_3d(const Tensor& x);
TAPER_API std::vector<Tensor> atleast_1d(TensorList tensors);
TAPER_API std::vector<Tensor> atleast_2d(TensorList tensors);
TAPER_API std::vector<Tensor> atleast_3d(TensorList tensors);
TAPER_API std::vector<Tensor> broadcast_tensors(TensorList tensors);
// `sections` parts whose sizes differ by at most 1, the larger ones first; or cuts before `indices`.
TAPER_API std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim = 0);
TAPER_API std::vector<Tensor> tensor_split(const Tensor& x, IntArrayRef indices, int64_t dim = 0);
TAPER_API std::vector<Tensor> tensor_split(const Tensor& x, const Tensor& indices_or_sections, int64_t dim = 0);
// Equal parts (or cuts) along dim 1 (0 of a vector), 0 and 2.
TAPER_API std::vector<Tensor> hsplit(const Tensor& x, int64_t sections);
TAPER_API std::vector<Tensor> hsplit(const Tensor& x, IntArrayRef indices);
TAPER_API std::vector<Tensor> vsplit(const Tensor& x, int64_t sections);
TAPER_API std::vector<Tensor> vsplit(const Tensor& x, IntArrayRef indices);
TAPER_API std::vector<Tensor> dsplit(const Tensor& x, int64_t sections);
TAPER_API std::vector<Tensor> dsplit(const Tensor& x, IntArrayRef indices);
TAPER_API Tensor cat(TensorList tensors, int64_t dim = 0);
TAPER_API Tensor concat(TensorList tensors, int64_t dim = 0);
TAPER_API Tensor stack(TensorList tensors, int64_t dim = 0);
// cat of atleast_1d along dim 1 (0 of vectors), of atleast_2d along dim 0, of atleast_3d along dim 2, of columns.
TAPER_API Tensor hstack(TensorList tensors);
TAPER_API Tensor vstack(TensorList tensors);
TAPER_API Tensor row_stack(TensorList tensors);
TAPER_API Tensor dstack(TensorList tensors);
TAPER_API Tensor column_stack(TensorList tensors);
// The matrices along the diagonal of a larger one that is 0 elsewhere.
TAPER_API Tensor block_diag(TensorList tensors);
// Vectors as the axes of a grid; indexing "xy" swaps the first two axes of the results.
TAPER_API std::vector<Tensor> meshgrid(TensorList tensors, std::string_view indexing = "ij");
// All tuples of values, one from each vector, as rows; and of r values of one vector, in order.
TAPER_API Tensor cartesian_prod(TensorList tensors);
TAPER_API Tensor combinations(const Tensor& x, int64_t r = 2, bool with_replacement = false);

// ---- rearrange.cpp: the values elsewhere; gradients go back the way the values came ---------------------------------
TAPER_API Tensor flip(const Tensor& x, IntArrayRef dims);  // the other way round along dims
TAPER_API Tensor fliplr(const Tensor& x);
TAPER_API Tensor flipud(const Tensor& x);
// k quarter turns from the first of the dims towards the second
TAPER_API Tensor rot90(const Tensor& x, int64_t k = 1, IntArrayRef dims = {0, 1});
// What leaves at one end comes back at the other; without dims the flattened tensor is rolled.
TAPER_API Tensor roll(const Tensor& x, IntArrayRef shifts, IntArrayRef dims = {});
TAPER_API Tensor tile(const Tensor& x, IntArrayRef dims);
// Each value (slice along dim) several times; without dim those of the flattened tensor. Of `repeats` alone: the
// indices that this takes, [0, 0, 2] for repeats [2, 0, 1].
TAPER_API Tensor repeat_interleave(const Tensor& repeats, optional<int64_t> output_size = nullopt);
TAPER_API Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, optional<int64_t> dim = nullopt,
                                   optional<int64_t> output_size = nullopt);
TAPER_API Tensor repeat_interleave(const Tensor& x, int64_t repeats, optional<int64_t> dim = nullopt,
                                   optional<int64_t> output_size = nullopt);
// y[..., i, j] = x[..., i, j] where j - i <= diagonal (tril) or >= diagonal (triu), else 0
TAPER_API Tensor tril(const Tensor& x, int64_t diagonal = 0);
TAPER_API Tensor triu(const Tensor& x, int64_t diagonal = 0);
// The indices [2, n], row by row, of those places in a matrix
TAPER_API Tensor tril_indices(int64_t row, int64_t col, int64_t offset = 0, const TensorOptions& options = kInt64);
TAPER_API Tensor triu_indices(int64_t row, int64_t col, int64_t offset = 0, const TensorOptions& options = kInt64);
// The diagonal of a matrix (a copy), or a matrix of zeros with the vector as its diagonal
TAPER_API Tensor diag(const Tensor& x, int64_t diagonal = 0);
// Matrices in dims dim1 and dim2 of the result whose diagonals are x's last dim; of the flattened tensor.
TAPER_API Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);
TAPER_API Tensor diagflat(const Tensor& x, int64_t offset = 0);
// [..., C r^2, H, W] <-> [..., C, H r, W r]; and channels dealt out by `groups`: c = g n + i -> i groups + g
TAPER_API Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
TAPER_API Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);
TAPER_API Tensor channel_shuffle(const Tensor& x, int64_t groups);

// ---- sort.cpp -------------------------------------------------------------------------------------------------------
// Order along a dim; NaN is larger than all, -0 equals 0, equal values keep their order. Indices are int64. dx = dy at
// the places the values came from.
TAPER_API std::tuple<Tensor, Tensor> sort(const Tensor& x, int64_t dim = -1, bool descending = false);
TAPER_API std::tuple<Tensor, Tensor> sort(const Tensor& x, optional<bool> stable, int64_t dim = -1,
                                          bool descending = false);
TAPER_API Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false);
template <class Bool>  // so that the dim of argsort(x, 1) is no bool
requires std::is_same_v<Bool, bool> Tensor argsort(const Tensor& x, Bool stable, int64_t dim = -1,
                                                   bool descending = false) {
  return x.argsort(stable, dim, descending);
}
TAPER_API Tensor msort(const Tensor& x);  // the values of sort along dim 0
// The k largest (or smallest), in order
TAPER_API std::tuple<Tensor, Tensor> topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true,
                                          bool sorted = true);
// The k-th smallest, from 1 on
TAPER_API std::tuple<Tensor, Tensor> kthvalue(const Tensor& x, int64_t k, int64_t dim = -1, bool keepdim = false);
// The middle value, the lower one of two; NaN where there is one, or without them. Over all values the gradient is
// shared evenly between equal ones.
TAPER_API Tensor median(const Tensor& x);
TAPER_API std::tuple<Tensor, Tensor> median(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API Tensor nanmedian(const Tensor& x);
TAPER_API std::tuple<Tensor, Tensor> nanmedian(const Tensor& x, int64_t dim, bool keepdim = false);
// The most frequent value, the smallest of several, and the last index of it
TAPER_API std::tuple<Tensor, Tensor> mode(const Tensor& x, int64_t dim = -1, bool keepdim = false);

// Without derivative from here on.
// Where each value would go in the sorted last dim (of the same leading dims, or one for all): before equal ones, or,
// right or side "right", behind them. sorter is the argsort of a sequence that is not sorted.
TAPER_API Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values, bool out_int32 = false,
                              bool right = false, optional<std::string_view> side = nullopt,
                              const optional<Tensor>& sorter = {});
TAPER_API Tensor searchsorted(const Tensor& sorted_sequence, const Scalar& value, bool out_int32 = false,
                              bool right = false, optional<std::string_view> side = nullopt,
                              const optional<Tensor>& sorter = {});
TAPER_API Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool out_int32 = false, bool right = false);
TAPER_API Tensor bucketize(const Scalar& value, const Tensor& boundaries, bool out_int32 = false, bool right = false);
// (the different values in order, where each value of x went, how often each occurred); what is not asked for is empty.
TAPER_API std::tuple<Tensor, Tensor> _unique(const Tensor& x, bool sorted = true, bool return_inverse = false);
TAPER_API std::tuple<Tensor, Tensor, Tensor> _unique2(const Tensor& x, bool sorted = true, bool return_inverse = false,
                                                      bool return_counts = false);
// The same of slices along a dim
TAPER_API std::tuple<Tensor, Tensor, Tensor> unique_dim(const Tensor& x, int64_t dim, bool sorted = true,
                                                        bool return_inverse = false, bool return_counts = false);
// Only neighbours that are equal become one, without sorting.
TAPER_API std::tuple<Tensor, Tensor, Tensor> unique_consecutive(const Tensor& x, bool return_inverse = false,
                                                                bool return_counts = false,
                                                                optional<int64_t> dim = nullopt);
// How often each of 0, 1, 2, ... occurs in a vector of them, at least minlength long; or their weights added up
TAPER_API Tensor bincount(const Tensor& x, const optional<Tensor>& weights = {}, int64_t minlength = 0);
// How many values fall into each of `bins` equal parts of [min, max] (of the range of x when both are 0)
TAPER_API Tensor histc(const Tensor& x, int64_t bins = 100, const Scalar& min = 0, const Scalar& max = 0);
// Which elements are among the test_elements (or, invert, are not)
TAPER_API Tensor isin(const Tensor& elements, const Tensor& test_elements, bool assume_unique = false,
                      bool invert = false);
TAPER_API Tensor isin(const Tensor& elements, const Scalar& test_element, bool assume_unique = false,
                      bool invert = false);
TAPER_API Tensor isin(const Scalar& element, const Tensor& test_elements, bool assume_unique = false,
                      bool invert = false);

// ---- index.cpp ------------------------------------------------------------------------------------------------------
TAPER_API Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
TAPER_API Tensor gather(const Tensor& x, int64_t dim, const Tensor& index, bool sparse_grad = false);
TAPER_API Tensor index(const Tensor& x, ArrayRef<TensorIndex> indices);
TAPER_API Tensor index_put(const Tensor& x, ArrayRef<TensorIndex> indices, const Tensor& value,
                           bool accumulate = false);
TAPER_API Tensor& index_put_(Tensor& x, ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate = false);
// The values at these places of the flattened tensor; negative indices count from the end.
TAPER_API Tensor take(const Tensor& x, const Tensor& index);
// gather whose operands broadcast except along dim; without dim both are flattened.
TAPER_API Tensor take_along_dim(const Tensor& x, const Tensor& indices, optional<int64_t> dim = nullopt);
TAPER_API Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value);
TAPER_API Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);
TAPER_API Tensor masked_select(const Tensor& x, const Tensor& mask);
TAPER_API Tensor nonzero(const Tensor& x);  // [n, dims], row-major order
TAPER_API Tensor argwhere(const Tensor& x);
TAPER_API std::vector<Tensor> nonzero_numpy(const Tensor& x);  // one vector for each dim
TAPER_API std::vector<Tensor> where(const Tensor& condition);  // the same
// Class indices (int64, any sizes) -> int64 of sizes [..., num_classes]; -1 counts the classes from the largest index.
TAPER_API Tensor one_hot(const Tensor& index, int64_t num_classes = -1);

// ---- scatter.cpp ----------------------------------------------------------------------------------------------------
// y = x, with values of src in it:     y[..., index[..., i, ...], ...] = src[..., i, ...]
//
//   x      any sizes, as many dims as index
//   index  int64; at most as large as src, and as x except along dim
//
// Places that no index names keep x's value; of several values for one place the last stays. reduce "add" and
// "multiply" combine with what is there. dx = dy, 0 where replaced; dsrc = dy at the indices, 0 for what did not stay.
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value);
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce);
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value,
                         std::string_view reduce);
TAPER_API Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
// reduce "sum", "prod", "mean", "amax" or "amin" of the values for one place, with x's own unless include_self is
// false. The gradient of extremes is shared evenly between equal ones.
TAPER_API Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                                std::string_view reduce, bool include_self = true);

// ---- index_write.cpp ------------------------------------------------------------------------------------------------
// The slices of source at the indices along dim: added (times alpha), or in place of x's, or a number there. Of several
// for one place the last stays, unless they are added, and has the gradient.
TAPER_API Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                           const Scalar& alpha = 1);
TAPER_API Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
TAPER_API Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value);
TAPER_API Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value);
// y = x with source, in order, at these places of the flattened tensor (the last stays); or where mask is true
TAPER_API Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate = false);
TAPER_API Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source);
// y = x with src in place of x.select(dim, index), x.slice(dim, start, end, step), x.diagonal(offset, dim1, dim2)
TAPER_API Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index);
TAPER_API Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim = 0, optional<int64_t> start = nullopt,
                               optional<int64_t> end = nullopt, int64_t step = 1);
TAPER_API Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset = 0, int64_t dim1 = 0,
                                  int64_t dim2 = 1);

// ---- matmul.cpp -----------------------------------------------------------------------------------------------------
TAPER_API Tensor mm(const Tensor& a, const Tensor& b);      // [m,k] [k,n] -> [m,n]
TAPER_API Tensor bmm(const Tensor& a, const Tensor& b);     // [b,m,k] [b,k,n] -> [b,m,n]
TAPER_API Tensor mv(const Tensor& a, const Tensor& x);      // [m,k] [k] -> [m]
TAPER_API Tensor dot(const Tensor& a, const Tensor& b);     // [k] [k] -> []
TAPER_API Tensor outer(const Tensor& a, const Tensor& b);   // [m] [n] -> [m,n]
TAPER_API Tensor matmul(const Tensor& a, const Tensor& b);  // the rules of PyTorch's matmul for 1, 2 and more dims
TAPER_API Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                       const Scalar& alpha = 1);
// y = beta x + alpha product, where x broadcasts to the product's sizes and counts for nothing when beta is 0
TAPER_API Tensor addmv(const Tensor& x, const Tensor& a, const Tensor& v, const Scalar& beta = 1,
                       const Scalar& alpha = 1);  // a v
TAPER_API Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                      const Scalar& alpha = 1);  // outer(a, b)
TAPER_API Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                         const Scalar& alpha = 1);  // bmm(a, b)
TAPER_API Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                        const Scalar& alpha = 1);  // bmm(a, b) summed over the batch
// y = x weight^T + bias: x [..., in], weight [out, in], bias [out] or undefined -> [..., out]
TAPER_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// ---- einsum.cpp -----------------------------------------------------------------------------------------------------
// Einstein's summation: a letter for each dimension of each operand; y is the product summed over the letters that the
// right side leaves out (without `->`: those that occur more than once; the rest stand in alphabetical order). A letter
// twice in one operand is its diagonal, `...` the dimensions that broadcast. Operands are contracted from left to
// right, each two by one bmm.
//   einsum("ij,jk->ik", {a, b})   einsum("...ij->...ji", {a})   einsum("i,j,ij", {x, y, a})
TAPER_API Tensor einsum(std::string_view equation, TensorList operands);
// The sum over dims_a of a, each beside one of dims_b of b; the remaining dims of a, then of b.
TAPER_API Tensor tensordot(const Tensor& a, const Tensor& b, IntArrayRef dims_a, IntArrayRef dims_b);
// The sum over the last dims of both; with a number, the product.
TAPER_API Tensor inner(const Tensor& a, const Tensor& b);

// ---- linalg.cpp -----------------------------------------------------------------------------------------------------
// Every element of a times b: block [i, j] is a[i, j] b; the smaller rank is filled up with 1 at the left.
TAPER_API Tensor kron(const Tensor& a, const Tensor& b);
// The vector product along dim, of size 3 (the first such one unless given).
TAPER_API Tensor cross(const Tensor& a, const Tensor& b, optional<int64_t> dim = nullopt);
// The distances of all pairs of rows: a [..., n, k], b [..., m, k] -> [..., n, m], by the p-norm. compute_mode is taken
// for libtorch's sake: the result never goes by way of a^2 - 2 a b + b^2, which loses digits.
TAPER_API Tensor cdist(const Tensor& a, const Tensor& b, double p = 2, optional<int64_t> compute_mode = nullopt);
// Those of the pairs of rows of one matrix x [n, k], without a row and itself: [n (n - 1) / 2], in the order 01, 02,
// ..., 12, 13, ...
TAPER_API Tensor pdist(const Tensor& x, double p = 2);

// ---- random.cpp (PyTorch's stream; dx = 0) --------------------------------------------------------------------------
// 1 with the probability that x or p says, else 0; of the dtype of x
TAPER_API Tensor bernoulli(const Tensor& x);
TAPER_API Tensor bernoulli(const Tensor& x, double p);
TAPER_API Tensor bernoulli(const Tensor& x, const Tensor& p);
// x [c] or [n, c]: weights, not negative, of classes -> int64 [num_samples] or [n, num_samples]: classes drawn in
// proportion, without replacement each at most once
TAPER_API Tensor multinomial(const Tensor& x, int64_t num_samples, bool replacement = false);
// Normal values of the mean and standard deviation that stand at each place
TAPER_API Tensor normal(const Tensor& mean, double std = 1);
TAPER_API Tensor normal(double mean, const Tensor& std);
TAPER_API Tensor normal(const Tensor& mean, const Tensor& std);
TAPER_API Tensor normal(double mean, double std, IntArrayRef sizes, const TensorOptions& options = {});

// ---- pool.cpp -------------------------------------------------------------------------------------------------------
// One value of each window of planes: [C, H, W] or [N, C, H, W], of lines for 1d: [C, L] or [N, C, L]; float32 or
// float64. Windows of `kernel_size` positions, `dilation` apart, start every `stride` (that of the kernel when empty)
// from `padding` positions before the input on; with in the size of the input
//   out = floor((in + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1
// or, in ceil_mode, ceil, without windows that would start behind the input. padding is at most half the kernel. Lists
// have one number an axis, or one for all.
// y = the largest value of each window; NaN is larger than all, padding smaller. dy goes to the first of equal ones.
TAPER_API Tensor max_pool1d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            IntArrayRef dilation = 1, bool ceil_mode = false);
TAPER_API Tensor max_pool2d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            IntArrayRef dilation = 1, bool ceil_mode = false);
// (y, where it stands in its plane: h W + w, int64)
TAPER_API std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, IntArrayRef kernel_size,
                                                             IntArrayRef stride = {}, IntArrayRef padding = 0,
                                                             IntArrayRef dilation = 1, bool ceil_mode = false);
TAPER_API std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, IntArrayRef kernel_size,
                                                             IntArrayRef stride = {}, IntArrayRef padding = 0,
                                                             IntArrayRef dilation = 1, bool ceil_mode = false);
// y = the sum of each window, padding counting as 0, divided by the positions of the window within input and padding;
// without count_include_pad by those within the input; or by divisor_override.
TAPER_API Tensor avg_pool1d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            bool ceil_mode = false, bool count_include_pad = true);
TAPER_API Tensor avg_pool2d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            bool ceil_mode = false, bool count_include_pad = true,
                            optional<int64_t> divisor_override = nullopt);
// output_size windows: window o of an axis is [floor(o in / out), ceil((o + 1) in / out)).
TAPER_API Tensor adaptive_avg_pool1d(const Tensor& x, IntArrayRef output_size);
TAPER_API Tensor adaptive_avg_pool2d(const Tensor& x, IntArrayRef output_size);
// (y, indices) as of max_pool2d_with_indices
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool1d(const Tensor& x, IntArrayRef output_size);
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool2d(const Tensor& x, IntArrayRef output_size);

// ---- conv.cpp -------------------------------------------------------------------------------------------------------
// y[n, k, v] = bias[k] + sum over c and r of weight[k, c, r] x[n, c, v stride + r dilation - padding], 0 outside of x
//
//   x       [N, in, L] or [N, in, H, W], N optional      y  [N, out, ...]
//   weight  [out, in / groups, ...]; the channels of x and y fall into `groups` parts that only meet each other
//   sizes   of y: floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
//
// stride, padding and dilation are one number or one for each of H and W. padding "same" keeps the size (stride 1),
// "valid" is 0. What does not fit is an error that shows the sizes.
TAPER_API Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, IntArrayRef stride = 1,
                        IntArrayRef padding = 0, IntArrayRef dilation = 1, int64_t groups = 1);
TAPER_API Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, IntArrayRef stride = 1,
                        IntArrayRef padding = 0, IntArrayRef dilation = 1, int64_t groups = 1);
namespace detail {
template <class T>
concept PaddingName = std::is_convertible_v<const T&, std::string_view>;  // what the number 0 is not
TAPER_API Tensor conv_named(int64_t dims, const Tensor& input, const Tensor& weight, const Tensor& bias,
                            IntArrayRef stride, std::string_view padding, IntArrayRef dilation, int64_t groups);
}  // namespace detail
template <detail::PaddingName Name>
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride, const Name& padding,
              IntArrayRef dilation = 1, int64_t groups = 1) {
  return detail::conv_named(1, input, weight, bias, stride, padding, dilation, groups);
}
template <detail::PaddingName Name>
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride, const Name& padding,
              IntArrayRef dilation = 1, int64_t groups = 1) {
  return detail::conv_named(2, input, weight, bias, stride, padding, dilation, groups);
}
// The gradient of such a convolution's input as a function: each value of x spreads weight over y.
//
//   weight  [in, out / groups, ...]
//   sizes   of y: (size - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1
TAPER_API Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                                  IntArrayRef stride = 1, IntArrayRef padding = 0, IntArrayRef output_padding = 0,
                                  int64_t groups = 1, IntArrayRef dilation = 1);
TAPER_API Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                                  IntArrayRef stride = 1, IntArrayRef padding = 0, IntArrayRef output_padding = 0,
                                  int64_t groups = 1, IntArrayRef dilation = 1);

// ---- pad.cpp --------------------------------------------------------------------------------------------------------
// y = x with a border: pad[0] values before and pad[1] after the last dimension, pad[2] and pad[3] for the last but
// one, and so on. Negative numbers cut off. dx = dy without the border.
TAPER_API Tensor constant_pad_nd(const Tensor& x, IntArrayRef pad, const Scalar& value = 0);
// The same by mode: "constant", or of the last 1, 2 or 3 dimensions, which have one or two before them, "reflect"
// (edges not repeated, pad below the size), "replicate" the edge, or "circular" (pad at most the size). dx = dy added
// up.
TAPER_API Tensor pad(const Tensor& x, IntArrayRef pad, std::string_view mode = "constant",
                     optional<double> value = nullopt);
TAPER_API Tensor reflection_pad1d(const Tensor& x, IntArrayRef padding);
TAPER_API Tensor reflection_pad2d(const Tensor& x, IntArrayRef padding);
TAPER_API Tensor replication_pad1d(const Tensor& x, IntArrayRef padding);
TAPER_API Tensor replication_pad2d(const Tensor& x, IntArrayRef padding);

// ---- normalization.cpp (batch_norm: autograd/ops/batchnorm.h) ------------------------------------------------------
// y = (x - mean) / sqrt(var + eps) weight + bias, statistics of their own (var biased, as careful as batch_norm's) for
//   layer_norm     each place of the dims before the last ones, which are normalized_shape, as weight and bias are
//   group_norm     each sample and group of neighbouring channels of x [N, C, ...]; weight, bias [C]
//   instance_norm  each sample and channel of x [N, C, ...]; weight, bias [C]
// Undefined weight and bias are 1 and 0.
TAPER_API Tensor layer_norm(const Tensor& x, IntArrayRef normalized_shape, const Tensor& weight = {},
                            const Tensor& bias = {}, double eps = 1e-5, bool cudnn_enable = true);
TAPER_API Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight = {}, const Tensor& bias = {},
                            double eps = 1e-5, bool cudnn_enabled = true);
// Running statistics [C], where defined, become (1 - momentum) running + momentum the average over the samples (of the
// unbiased variance), unless one is NaN or infinite. Without use_input_stats x is normalised by them instead.
TAPER_API Tensor instance_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                               const Tensor& running_var, bool use_input_stats, double momentum, double eps,
                               bool cudnn_enabled = false);

// ---- embedding.cpp --------------------------------------------------------------------------------------------------
// y[...] = weight[indices[...]]; dweight = dy added up at the indices, except padding_idx (none when negative), divided
// by how often each index occurs with scale_grad_by_freq. Dense: sparse is an error.
TAPER_API Tensor embedding(const Tensor& weight, const Tensor& indices, int64_t padding_idx = -1,
                           bool scale_grad_by_freq = false, bool sparse = false);
// Scales the rows of the weight that the indices name and whose norm is above max_norm down to it.
TAPER_API Tensor embedding_renorm_(const Tensor& weight, const Tensor& indices, double max_norm, double norm_type);

// ---- copy.cpp -------------------------------------------------------------------------------------------------------
TAPER_API Tensor clone(const Tensor& x);
TAPER_API Tensor detach(const Tensor& x);

}  // namespace taper
