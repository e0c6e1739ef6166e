// The differentiable functions on tensors, by family; the file autograd/ops/<family>.cpp holds each with its
// derivative. Operands broadcast as in PyTorch (sizes aligned at the right, 1 stretches), dtypes promote by
// promote_types, and a number never widens a tensor of its own kind. dy is the cotangent of y in the derivatives given
// here.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// ---- arithmetic.cpp -------------------------------------------------------------------------------------------------
// y = a + alpha b                          da = dy, db = alpha dy
TAPER_API Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
TAPER_API Tensor add(const Tensor& a, const Scalar& b, const Scalar& alpha = 1);
// y = a - alpha b                          da = dy, db = -alpha dy
TAPER_API Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
TAPER_API Tensor sub(const Tensor& a, const Scalar& b, const Scalar& alpha = 1);
// y = a b                                  da = dy b, db = dy a
TAPER_API Tensor mul(const Tensor& a, const Tensor& b);
TAPER_API Tensor mul(const Tensor& a, const Scalar& b);
// y = a / b (integers divide to floats)    da = dy / b, db = -dy y / b
TAPER_API Tensor div(const Tensor& a, const Tensor& b);
TAPER_API Tensor div(const Tensor& a, const Scalar& b);
// y = a^b                                  da = dy b a^(b-1), db = dy y ln a (0 where a = 0 and b >= 0)
TAPER_API Tensor pow(const Tensor& a, const Tensor& b);
TAPER_API Tensor pow(const Tensor& a, const Scalar& b);
TAPER_API Tensor pow(const Scalar& a, const Tensor& b);
// y = max(a, b); the gradient is halved between equal values, as in PyTorch
TAPER_API Tensor maximum(const Tensor& a, const Tensor& b);
TAPER_API Tensor minimum(const Tensor& a, const Tensor& b);
// y = x + value a b                        y = x + value a / b
TAPER_API Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1);
TAPER_API Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1);

// ---- pointwise.cpp --------------------------------------------------------------------------------------------------
TAPER_API Tensor neg(const Tensor& x);         // dx = -dy
TAPER_API Tensor abs(const Tensor& x);         // dx = dy sign(x)
TAPER_API Tensor sign(const Tensor& x);        // dx = 0
TAPER_API Tensor exp(const Tensor& x);         // dx = dy y
TAPER_API Tensor expm1(const Tensor& x);       // dx = dy (y + 1)
TAPER_API Tensor log(const Tensor& x);         // dx = dy / x
TAPER_API Tensor log1p(const Tensor& x);       // dx = dy / (1 + x)
TAPER_API Tensor sqrt(const Tensor& x);        // dx = dy / (2 y)
TAPER_API Tensor rsqrt(const Tensor& x);       // dx = -dy y^3 / 2
TAPER_API Tensor square(const Tensor& x);      // dx = 2 dy x
TAPER_API Tensor reciprocal(const Tensor& x);  // dx = -dy y^2
TAPER_API Tensor sin(const Tensor& x);         // dx = dy cos x
TAPER_API Tensor cos(const Tensor& x);         // dx = -dy sin x
TAPER_API Tensor erf(const Tensor& x);         // dx = dy 2/sqrt(pi) exp(-x^2)
TAPER_API Tensor floor(const Tensor& x);       // dx = 0
TAPER_API Tensor ceil(const Tensor& x);        // dx = 0
TAPER_API Tensor round(const Tensor& x);       // half to even; dx = 0
// min <= y <= max; dx = dy where min <= x <= max
TAPER_API Tensor clamp(const Tensor& x, const optional<Scalar>& min = nullopt, const optional<Scalar>& max = nullopt);
// y = condition ? a : b
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b);
TAPER_API Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b);

// ---- activation.cpp -------------------------------------------------------------------------------------------------
// Those whose name ends in _ overwrite x and return it.
TAPER_API Tensor relu(const Tensor& x);     // max(x, 0)
TAPER_API Tensor sigmoid(const Tensor& x);  // 1 / (1 + exp(-x))
TAPER_API Tensor tanh(const Tensor& x);
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
#define TAPER_COMPARE(name)                                \
  TAPER_API Tensor name(const Tensor& a, const Tensor& b); \
  TAPER_API Tensor name(const Tensor& a, const Scalar& b);
TAPER_COMPARE(eq)
TAPER_COMPARE(ne)
TAPER_COMPARE(lt)
TAPER_COMPARE(le)
TAPER_COMPARE(gt)
TAPER_COMPARE(ge)
#undef TAPER_COMPARE
TAPER_API Tensor logical_not(const Tensor& x);
TAPER_API Tensor logical_and(const Tensor& a, const Tensor& b);
TAPER_API Tensor logical_or(const Tensor& a, const Tensor& b);
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
TAPER_API Tensor prod(const Tensor& x, optional<ScalarType> dtype = nullopt);
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
// ln sum exp x, without overflow
TAPER_API Tensor logsumexp(const Tensor& x, IntArrayRef dim, bool keepdim = false);
// Adds up whatever broadcasting from `sizes` would have repeated, so that the result has `sizes`.
TAPER_API Tensor sum_to_size(const Tensor& x, IntArrayRef sizes);

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
TAPER_API std::vector<Tensor> broadcast_tensors(TensorList tensors);
TAPER_API Tensor cat(TensorList tensors, int64_t dim = 0);
TAPER_API Tensor stack(TensorList tensors, int64_t dim = 0);

// ---- index.cpp ------------------------------------------------------------------------------------------------------
TAPER_API Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
TAPER_API Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
TAPER_API Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
TAPER_API Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
TAPER_API Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value);
TAPER_API Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);
TAPER_API Tensor masked_select(const Tensor& x, const Tensor& mask);
TAPER_API Tensor nonzero(const Tensor& x);
// Class indices (int64, any sizes) -> int64 of sizes [..., num_classes]; -1 counts the classes from the largest index.
TAPER_API Tensor one_hot(const Tensor& index, int64_t num_classes = -1);

// ---- matmul.cpp -----------------------------------------------------------------------------------------------------
TAPER_API Tensor mm(const Tensor& a, const Tensor& b);      // [m,k] [k,n] -> [m,n]
TAPER_API Tensor bmm(const Tensor& a, const Tensor& b);     // [b,m,k] [b,k,n] -> [b,m,n]
TAPER_API Tensor mv(const Tensor& a, const Tensor& x);      // [m,k] [k] -> [m]
TAPER_API Tensor dot(const Tensor& a, const Tensor& b);     // [k] [k] -> []
TAPER_API Tensor outer(const Tensor& a, const Tensor& b);   // [m] [n] -> [m,n]
TAPER_API Tensor matmul(const Tensor& a, const Tensor& b);  // the rules of PyTorch's matmul for 1, 2 and more dims
TAPER_API Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                       const Scalar& alpha = 1);
// y = x weight^T + bias: x [..., in], weight [out, in], bias [out] or undefined -> [..., out]
TAPER_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

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

// ---- normalization.cpp (batch_norm: autograd/ops/batch_norm.h) ------------------------------------------------------
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
