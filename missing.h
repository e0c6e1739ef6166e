// What libtorch has and taper has not: making or calling one is an error that says so in a line.
#pragma once

#include <taper/layers/module_holder.h>

#include <initializer_list>
#include <tuple>

#if __has_attribute(unavailable)  // with gcc 11 the names are unknown, as any other that is not there

// All are classes, functions too where that is possible: gcc reports the use of a function twice. It does not report
// every mention of a class (Name{3} passes), but each constructor that runs; clang reports both, so there the class
// alone is marked.
#define TAPER_MISSING(what) __attribute__((unavailable("taper: there is no " what "; see docs/porting.md")))
#ifdef __clang__
#define TAPER_MISSING_CLASS(what) TAPER_MISSING(what)
#define TAPER_MISSING_CONSTRUCTOR(what)
#else
#define TAPER_MISSING_CLASS(what)
#define TAPER_MISSING_CONSTRUCTOR(what) TAPER_MISSING(what)
#endif
// Whatever libtorch's takes; lists in braces have no type that Args could be.
#define TAPER_MISSING_CONSTRUCTORS(Name, mark)        \
  template <class... Args>                            \
  mark Name(Args&&...) {} /* NOLINT */                \
  template <class T>                                  \
  mark Name(std::initializer_list<T>) {} /* NOLINT */ \
  mark Name(compat::Missing, compat::Missing, compat::Missing = {}, compat::Missing = {}, compat::Missing = {}) {}
#define TAPER_MISSING_TYPE(Name, what, Base)                          \
  struct TAPER_MISSING_CLASS(what) Name : Base {                      \
    TAPER_MISSING_CONSTRUCTORS(Name, TAPER_MISSING_CONSTRUCTOR(what)) \
  };
#define TAPER_MISSING_LAYER(Name, Result)                                        \
  struct TAPER_MISSING_CLASS("nn::" #Name) Name : compat::MissingLayer<Result> { \
    TAPER_MISSING_CONSTRUCTORS(Name, TAPER_MISSING_CONSTRUCTOR("nn::" #Name))    \
    Name(std::shared_ptr<compat::MissingImpl<Result>>) {} /* NOLINT */           \
  };                                                                             \
  struct TAPER_MISSING("nn::" #Name) Name##Impl : compat::MissingImpl<Result> {  \
    using compat::MissingImpl<Result>::MissingImpl;                              \
  };                                                                             \
  using Name##Options = compat::MissingOptions;
#define TAPER_MISSING_FUNCTION(name, Options)                \
  TAPER_MISSING_TYPE(name, "nn::functional::" #name, Tensor) \
  using Options##FuncOptions = compat::MissingOptions;
// Of functions whose result is taken apart.
#define TAPER_MISSING_TUPLE(name, what, Result) \
  template <class... Args>                      \
  TAPER_MISSING(what)                           \
  Result name(Args&&...);

namespace taper {
namespace compat {

// Fit where they are used, so that the message stands alone.
struct Missing {
  Missing() = default;
  template <class T>
  Missing(T&&) {}  // NOLINT
  template <class T>
  Missing(std::initializer_list<T>) {}  // NOLINT
};
struct MissingOptimizer : Missing {
  template <class... Args>
  Tensor step(Args&&...);
  void zero_grad(bool = true);
};
struct MissingOptions {
  TAPER_MISSING_CONSTRUCTORS(MissingOptions, )
#define TAPER_SETTER(name) MissingOptions& name(Missing);
  // clang-format off
  TAPER_SETTER(activation) TAPER_SETTER(add_bias_kv) TAPER_SETTER(add_zero_attn) TAPER_SETTER(affine)
  TAPER_SETTER(align_corners) TAPER_SETTER(alpha) TAPER_SETTER(antialias) TAPER_SETTER(attn_mask)
  TAPER_SETTER(batch_first) TAPER_SETTER(beta) TAPER_SETTER(bias) TAPER_SETTER(bias_k) TAPER_SETTER(bias_v)
  TAPER_SETTER(blank) TAPER_SETTER(ceil_mode) TAPER_SETTER(count_include_pad)
  TAPER_SETTER(custom_decoder) TAPER_SETTER(custom_encoder) TAPER_SETTER(cutoffs) TAPER_SETTER(dilation)
  TAPER_SETTER(dim) TAPER_SETTER(dim_feedforward) TAPER_SETTER(distance_function) TAPER_SETTER(div_value)
  TAPER_SETTER(divisor_override) TAPER_SETTER(dropout) TAPER_SETTER(end_dim) TAPER_SETTER(eps)
  TAPER_SETTER(freeze) TAPER_SETTER(groups) TAPER_SETTER(hard) TAPER_SETTER(head_bias) TAPER_SETTER(history_size)
  TAPER_SETTER(include_last_offset) TAPER_SETTER(inplace) TAPER_SETTER(k) TAPER_SETTER(kdim)
  TAPER_SETTER(kernel_size) TAPER_SETTER(key_padding_mask) TAPER_SETTER(line_search_fn) TAPER_SETTER(lr)
  TAPER_SETTER(margin) TAPER_SETTER(max_eval) TAPER_SETTER(max_iter) TAPER_SETTER(max_norm) TAPER_SETTER(mode)
  TAPER_SETTER(momentum) TAPER_SETTER(need_weights) TAPER_SETTER(norm)
  TAPER_SETTER(norm_type) TAPER_SETTER(num_decoder_layers) TAPER_SETTER(num_encoder_layers)
  TAPER_SETTER(num_layers) TAPER_SETTER(offsets) TAPER_SETTER(output_padding) TAPER_SETTER(output_ratio)
  TAPER_SETTER(output_size) TAPER_SETTER(p) TAPER_SETTER(padding) TAPER_SETTER(padding_idx)
  TAPER_SETTER(padding_mode) TAPER_SETTER(per_sample_weights)
  TAPER_SETTER(recompute_scale_factor) TAPER_SETTER(reduction) TAPER_SETTER(scale_factor)
  TAPER_SETTER(scale_grad_by_freq) TAPER_SETTER(size) TAPER_SETTER(sparse) TAPER_SETTER(start_dim)
  TAPER_SETTER(static_k) TAPER_SETTER(static_v) TAPER_SETTER(stride) TAPER_SETTER(swap) TAPER_SETTER(tau)
  TAPER_SETTER(tolerance_change) TAPER_SETTER(tolerance_grad) TAPER_SETTER(track_running_stats)
  TAPER_SETTER(training) TAPER_SETTER(value) TAPER_SETTER(vdim) TAPER_SETTER(weight) TAPER_SETTER(zero_infinity)
  // clang-format on
#undef TAPER_SETTER
};
template <class Result>
struct MissingImpl : nn::Module {
  template <class... Args>
  explicit MissingImpl(Args&&...) {}
  template <class... Args>
  Result forward(Args&&...);
};
template <class Result>
struct MissingLayer : nn::ModuleHolder<MissingImpl<Result>> {
  MissingLayer() : nn::ModuleHolder<MissingImpl<Result>>(nullptr) {}
};
using Two = std::tuple<Tensor, Tensor>;
using Svd = std::tuple<Tensor, Tensor, Tensor>;

}  // namespace compat

namespace nn {
TAPER_MISSING_LAYER(AdaptiveAvgPool3d, Tensor)
TAPER_MISSING_LAYER(AdaptiveLogSoftmaxWithLoss, Tensor)
TAPER_MISSING_LAYER(AdaptiveMaxPool3d, Tensor)
TAPER_MISSING_LAYER(AlphaDropout, Tensor)
TAPER_MISSING_LAYER(AvgPool3d, Tensor)
TAPER_MISSING_LAYER(Bilinear, Tensor)
TAPER_MISSING_LAYER(CTCLoss, Tensor)
TAPER_MISSING_LAYER(ConstantPad3d, Tensor)
TAPER_MISSING_LAYER(Conv3d, Tensor)
TAPER_MISSING_LAYER(ConvTranspose3d, Tensor)
TAPER_MISSING_LAYER(CrossMapLRN2d, Tensor)
TAPER_MISSING_LAYER(Dropout3d, Tensor)
TAPER_MISSING_LAYER(EmbeddingBag, Tensor)
TAPER_MISSING_LAYER(FeatureAlphaDropout, Tensor)
TAPER_MISSING_LAYER(Fold, Tensor)
TAPER_MISSING_LAYER(FractionalMaxPool2d, Tensor)
TAPER_MISSING_LAYER(FractionalMaxPool3d, Tensor)
TAPER_MISSING_LAYER(InstanceNorm3d, Tensor)
TAPER_MISSING_LAYER(LPPool1d, Tensor)
TAPER_MISSING_LAYER(LPPool2d, Tensor)
TAPER_MISSING_LAYER(LocalResponseNorm, Tensor)
TAPER_MISSING_LAYER(MaxPool3d, Tensor)
TAPER_MISSING_LAYER(MaxUnpool1d, Tensor)
TAPER_MISSING_LAYER(MaxUnpool2d, Tensor)
TAPER_MISSING_LAYER(MaxUnpool3d, Tensor)
TAPER_MISSING_LAYER(MultiLabelMarginLoss, Tensor)
TAPER_MISSING_LAYER(MultiLabelSoftMarginLoss, Tensor)
TAPER_MISSING_LAYER(MultiMarginLoss, Tensor)
TAPER_MISSING_LAYER(MultiheadAttention, compat::Two)
TAPER_MISSING_LAYER(PixelShuffle, Tensor)
TAPER_MISSING_LAYER(PixelUnshuffle, Tensor)
TAPER_MISSING_LAYER(ReflectionPad3d, Tensor)
TAPER_MISSING_LAYER(ReplicationPad3d, Tensor)
TAPER_MISSING_LAYER(Transformer, Tensor)
TAPER_MISSING_LAYER(TransformerDecoder, Tensor)
TAPER_MISSING_LAYER(TransformerDecoderLayer, Tensor)
TAPER_MISSING_LAYER(TransformerEncoder, Tensor)
TAPER_MISSING_LAYER(TransformerEncoderLayer, Tensor)
TAPER_MISSING_LAYER(TripletMarginWithDistanceLoss, Tensor)
TAPER_MISSING_LAYER(Unflatten, Tensor)
TAPER_MISSING_LAYER(Unfold, Tensor)
TAPER_MISSING_LAYER(Upsample, Tensor)

namespace functional {
TAPER_MISSING_FUNCTION(adaptive_avg_pool3d, AdaptiveAvgPool3d)
TAPER_MISSING_FUNCTION(adaptive_max_pool3d, AdaptiveMaxPool3d)
TAPER_MISSING_TUPLE(adaptive_max_pool3d_with_indices, "nn::functional::adaptive_max_pool3d_with_indices", compat::Two)
TAPER_MISSING_TYPE(affine_grid, "nn::functional::affine_grid", Tensor)
TAPER_MISSING_FUNCTION(alpha_dropout, AlphaDropout)
TAPER_MISSING_FUNCTION(avg_pool3d, AvgPool3d)
TAPER_MISSING_TYPE(bilinear, "nn::functional::bilinear", Tensor)
TAPER_MISSING_FUNCTION(conv3d, Conv3d)
TAPER_MISSING_FUNCTION(conv_transpose3d, ConvTranspose3d)
TAPER_MISSING_FUNCTION(ctc_loss, CTCLoss)
TAPER_MISSING_FUNCTION(dropout3d, Dropout3d)
TAPER_MISSING_FUNCTION(embedding_bag, EmbeddingBag)
TAPER_MISSING_FUNCTION(feature_alpha_dropout, FeatureAlphaDropout)
TAPER_MISSING_FUNCTION(fold, Fold)
TAPER_MISSING_FUNCTION(fractional_max_pool2d, FractionalMaxPool2d)
TAPER_MISSING_TUPLE(fractional_max_pool2d_with_indices, "nn::functional::fractional_max_pool2d_with_indices",
                    compat::Two)
TAPER_MISSING_FUNCTION(fractional_max_pool3d, FractionalMaxPool3d)
TAPER_MISSING_TUPLE(fractional_max_pool3d_with_indices, "nn::functional::fractional_max_pool3d_with_indices",
                    compat::Two)
TAPER_MISSING_FUNCTION(grid_sample, GridSample)
TAPER_MISSING_FUNCTION(gumbel_softmax, GumbelSoftmax)
TAPER_MISSING_FUNCTION(interpolate, Interpolate)
TAPER_MISSING_FUNCTION(local_response_norm, LocalResponseNorm)
TAPER_MISSING_FUNCTION(lp_pool1d, LPPool1d)
TAPER_MISSING_FUNCTION(lp_pool2d, LPPool2d)
TAPER_MISSING_FUNCTION(max_pool3d, MaxPool3d)
TAPER_MISSING_TUPLE(max_pool3d_with_indices, "nn::functional::max_pool3d_with_indices", compat::Two)
TAPER_MISSING_FUNCTION(max_unpool1d, MaxUnpool1d)
TAPER_MISSING_FUNCTION(max_unpool2d, MaxUnpool2d)
TAPER_MISSING_FUNCTION(max_unpool3d, MaxUnpool3d)
TAPER_MISSING_TUPLE(multi_head_attention_forward, "nn::functional::multi_head_attention_forward", compat::Two)
TAPER_MISSING_FUNCTION(multi_margin_loss, MultiMarginLoss)
TAPER_MISSING_FUNCTION(multilabel_margin_loss, MultilabelMarginLoss)
TAPER_MISSING_FUNCTION(multilabel_soft_margin_loss, MultilabelSoftMarginLoss)
TAPER_MISSING_FUNCTION(pixel_shuffle, PixelShuffle)
TAPER_MISSING_FUNCTION(pixel_unshuffle, PixelUnshuffle)
TAPER_MISSING_FUNCTION(triplet_margin_with_distance_loss, TripletMarginWithDistanceLoss)
TAPER_MISSING_FUNCTION(unfold, Unfold)
using MaxUnpoolFuncOptions = compat::MissingOptions;
using MultiheadAttentionForwardFuncOptions = compat::MissingOptions;
}  // namespace functional
namespace parallel {
TAPER_MISSING_TYPE(data_parallel, "nn::parallel", Tensor)
}
}  // namespace nn

namespace optim {
using LBFGSOptions = compat::MissingOptions;
TAPER_MISSING_TYPE(LBFGS, "optim::LBFGS", compat::MissingOptimizer)
}  // namespace optim
namespace data::datasets {
TAPER_MISSING_TYPE(make_shared_chunk_dataset, "ChunkDataset", compat::Missing)
}
namespace jit {
TAPER_MISSING_TYPE(load, "TorchScript", compat::Missing)
TAPER_MISSING_TYPE(compile, "TorchScript", compat::Missing)
namespace script {
TAPER_MISSING_TYPE(Module, "TorchScript", compat::Missing)
}
TAPER_MISSING_TYPE(Module, "TorchScript", compat::Missing)
}  // namespace jit
namespace fft {
TAPER_MISSING_TYPE(fft, "torch::fft", Tensor)
TAPER_MISSING_TYPE(ifft, "torch::fft", Tensor)
TAPER_MISSING_TYPE(rfft, "torch::fft", Tensor)
TAPER_MISSING_TYPE(irfft, "torch::fft", Tensor)
}  // namespace fft
namespace linalg {
TAPER_MISSING_TYPE(inv, "torch::linalg", Tensor)
TAPER_MISSING_TYPE(det, "torch::linalg", Tensor)
TAPER_MISSING_TYPE(solve, "torch::linalg", Tensor)
TAPER_MISSING_TYPE(norm, "torch::linalg", Tensor)
TAPER_MISSING_TUPLE(svd, "torch::linalg", compat::Svd)
}  // namespace linalg
namespace cuda {
TAPER_MISSING_TYPE(getCurrentCUDAStream, "CUDA", compat::Missing)
}

}  // namespace taper

#undef TAPER_MISSING_TUPLE
#undef TAPER_MISSING_FUNCTION
#undef TAPER_MISSING_LAYER
#undef TAPER_MISSING_TYPE
#undef TAPER_MISSING_CONSTRUCTORS
#undef TAPER_MISSING_CONSTRUCTOR
#undef TAPER_MISSING_CLASS
#undef TAPER_MISSING

#endif
