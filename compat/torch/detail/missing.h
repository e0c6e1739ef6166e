// What libtorch has and taper has not: using one of these names is an error that says so in a line.
#pragma once

#include <taper/layers/module_holder.h>

#define TAPER_MISSING(what) __attribute__((unavailable("taper: there is no " what "; see docs/porting.md")))
#define TAPER_MISSING_TYPE(Name, what)                \
  struct TAPER_MISSING(what) Name : compat::Missing { \
    using Missing::Missing;                           \
  };
#define TAPER_MISSING_FUNCTION(name, what) \
  template <class... Args>                 \
  TAPER_MISSING(what)                      \
  compat::Missing name(Args&&...);
#define TAPER_MISSING_LAYER(Name, Result)                                               \
  struct TAPER_MISSING("nn::" #Name) Name : ModuleHolder<compat::MissingImpl<Result>> { \
    using ModuleHolder<compat::MissingImpl<Result>>::ModuleHolder;                      \
  };                                                                                    \
  struct TAPER_MISSING("nn::" #Name) Name##Impl : compat::MissingImpl<Result> {         \
    using compat::MissingImpl<Result>::MissingImpl;                                     \
  };                                                                                    \
  TAPER_MISSING_TYPE(Name##Options, "nn::" #Name)

namespace taper {
namespace compat {

// Fit where they are used, so that the message stands alone.
struct Missing {
  template <class... Args>
  Missing(Args&&...) {}  // NOLINT
};
template <class Result>
struct MissingImpl : nn::Module {
  template <class... Args>
  explicit MissingImpl(Args&&...) {}
  template <class... Args>
  Result forward(Args&&...);
};
using Two = std::tuple<Tensor, Tensor>;
using Three = std::tuple<Tensor, Two>;

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
TAPER_MISSING_LAYER(GRU, compat::Two)
TAPER_MISSING_LAYER(GRUCell, Tensor)
TAPER_MISSING_LAYER(InstanceNorm3d, Tensor)
TAPER_MISSING_LAYER(LPPool1d, Tensor)
TAPER_MISSING_LAYER(LPPool2d, Tensor)
TAPER_MISSING_LAYER(LSTM, compat::Three)
TAPER_MISSING_LAYER(LSTMCell, compat::Two)
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
TAPER_MISSING_LAYER(RNN, compat::Two)
TAPER_MISSING_LAYER(RNNCell, Tensor)
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
TAPER_MISSING_FUNCTION(adaptive_avg_pool3d, "nn::functional::adaptive_avg_pool3d")
TAPER_MISSING_FUNCTION(adaptive_max_pool3d, "nn::functional::adaptive_max_pool3d")
TAPER_MISSING_FUNCTION(affine_grid, "nn::functional::affine_grid")
TAPER_MISSING_FUNCTION(alpha_dropout, "nn::functional::alpha_dropout")
TAPER_MISSING_FUNCTION(avg_pool3d, "nn::functional::avg_pool3d")
TAPER_MISSING_FUNCTION(bilinear, "nn::functional::bilinear")
TAPER_MISSING_FUNCTION(conv3d, "nn::functional::conv3d")
TAPER_MISSING_FUNCTION(conv_transpose3d, "nn::functional::conv_transpose3d")
TAPER_MISSING_FUNCTION(ctc_loss, "nn::functional::ctc_loss")
TAPER_MISSING_FUNCTION(dropout3d, "nn::functional::dropout3d")
TAPER_MISSING_FUNCTION(embedding_bag, "nn::functional::embedding_bag")
TAPER_MISSING_FUNCTION(feature_alpha_dropout, "nn::functional::feature_alpha_dropout")
TAPER_MISSING_FUNCTION(fold, "nn::functional::fold")
TAPER_MISSING_FUNCTION(fractional_max_pool2d, "nn::functional::fractional_max_pool2d")
TAPER_MISSING_FUNCTION(fractional_max_pool3d, "nn::functional::fractional_max_pool3d")
TAPER_MISSING_FUNCTION(grid_sample, "nn::functional::grid_sample")
TAPER_MISSING_FUNCTION(gumbel_softmax, "nn::functional::gumbel_softmax")
TAPER_MISSING_FUNCTION(interpolate, "nn::functional::interpolate")
TAPER_MISSING_FUNCTION(local_response_norm, "nn::functional::local_response_norm")
TAPER_MISSING_FUNCTION(lp_pool1d, "nn::functional::lp_pool1d")
TAPER_MISSING_FUNCTION(lp_pool2d, "nn::functional::lp_pool2d")
TAPER_MISSING_FUNCTION(max_pool3d, "nn::functional::max_pool3d")
TAPER_MISSING_FUNCTION(max_unpool1d, "nn::functional::max_unpool1d")
TAPER_MISSING_FUNCTION(max_unpool2d, "nn::functional::max_unpool2d")
TAPER_MISSING_FUNCTION(max_unpool3d, "nn::functional::max_unpool3d")
TAPER_MISSING_FUNCTION(multi_head_attention_forward, "nn::functional::multi_head_attention_forward")
TAPER_MISSING_FUNCTION(multi_margin_loss, "nn::functional::multi_margin_loss")
TAPER_MISSING_FUNCTION(multilabel_margin_loss, "nn::functional::multilabel_margin_loss")
TAPER_MISSING_FUNCTION(multilabel_soft_margin_loss, "nn::functional::multilabel_soft_margin_loss")
TAPER_MISSING_FUNCTION(pixel_shuffle, "nn::functional::pixel_shuffle")
TAPER_MISSING_FUNCTION(pixel_unshuffle, "nn::functional::pixel_unshuffle")
TAPER_MISSING_FUNCTION(unfold, "nn::functional::unfold")
TAPER_MISSING_TYPE(GridSampleFuncOptions, "nn::functional::grid_sample")
TAPER_MISSING_TYPE(InterpolateFuncOptions, "nn::functional::interpolate")
}  // namespace functional
namespace parallel {
TAPER_MISSING_FUNCTION(data_parallel, "nn::parallel")
}
namespace utils::rnn {
TAPER_MISSING_FUNCTION(pack_padded_sequence, "nn::utils::rnn")
TAPER_MISSING_FUNCTION(pack_sequence, "nn::utils::rnn")
TAPER_MISSING_FUNCTION(pad_packed_sequence, "nn::utils::rnn")
TAPER_MISSING_FUNCTION(pad_sequence, "nn::utils::rnn")
}  // namespace utils::rnn
}  // namespace nn

namespace optim {
TAPER_MISSING_TYPE(LBFGS, "optim::LBFGS")
TAPER_MISSING_TYPE(LBFGSOptions, "optim::LBFGS")
}  // namespace optim
namespace data::datasets {
TAPER_MISSING_FUNCTION(make_shared_chunk_dataset, "ChunkDataset")
}
namespace jit {
TAPER_MISSING_FUNCTION(load, "TorchScript")
TAPER_MISSING_FUNCTION(compile, "TorchScript")
namespace script {
TAPER_MISSING_TYPE(Module, "TorchScript")
}
TAPER_MISSING_TYPE(Module, "TorchScript")
}  // namespace jit
namespace fft {
TAPER_MISSING_FUNCTION(fft, "torch::fft")
TAPER_MISSING_FUNCTION(ifft, "torch::fft")
TAPER_MISSING_FUNCTION(rfft, "torch::fft")
TAPER_MISSING_FUNCTION(irfft, "torch::fft")
}  // namespace fft
namespace linalg {
TAPER_MISSING_FUNCTION(inv, "torch::linalg")
TAPER_MISSING_FUNCTION(det, "torch::linalg")
TAPER_MISSING_FUNCTION(solve, "torch::linalg")
TAPER_MISSING_FUNCTION(svd, "torch::linalg")
TAPER_MISSING_FUNCTION(norm, "torch::linalg")
}  // namespace linalg
namespace cuda {
TAPER_MISSING_FUNCTION(getCurrentCUDAStream, "CUDA")
}

}  // namespace taper

#undef TAPER_MISSING_LAYER
#undef TAPER_MISSING_FUNCTION
#undef TAPER_MISSING_TYPE
#undef TAPER_MISSING
