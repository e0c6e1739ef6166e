// taper::nn::utils: BatchNorm folded into the layer before or after it, for inference. In evaluation a BatchNorm is a
// fixed linear map of each channel, y = scale x + shift with scale = weight / sqrt(running_var + eps) and shift = bias
// - running_mean scale (Ioffe and Szegedy 2015, section 3.1), so that it and a Linear before or after it are one
// Linear, and it and a Conv2d before it one Conv2d.
//
//   auto folded = taper::nn::utils::fold_batchnorm(net, batch);   // net stays as it is
//   folded.model->forward(x);                                     // faster; at most folded.largest_difference away
#pragma once

#include <taper/layers/batchnorm.h>
#include <taper/layers/conv.h>
#include <taper/layers/linear.h>

#include <utility>

namespace taper::nn::utils {

// weight' = scale weight and bias' = scale bias + shift, for a layer with weight [C, ...] and bias [C] (or undefined:
// 0) before a BatchNorm of C channels. Computed in double, returned in weight's dtype. An error without running
// statistics, for another number of channels, for a running_var + eps that is not positive, and for a layer in training
// mode whose statistics are not frozen: it normalises by its batches.
TAPER_API std::pair<Tensor, Tensor> fuse_bn_weights(const Tensor& weight, const Tensor& bias, const BatchNormBase& bn);

// bn(linear(x)) for x: [N, in_features] as one Linear with a bias, in evaluation mode; both stay as they are. The
// errors are those of fuse_bn_weights.
TAPER_API Linear fuse_linear_bn_eval(const Linear& linear, const BatchNorm1d& bn);
// bn(conv(x)) for x: [N, in_channels, H, W] as one Conv2d with a bias, likewise.
TAPER_API Conv2d fuse_conv_bn_eval(const Conv2d& conv, const BatchNorm2d& bn);
// linear(bn(x)) for x: [N, in_features], likewise: weight' = weight scale (by columns), bias' = bias + weight shift.
TAPER_API Linear fuse_bn_linear_eval(const BatchNorm1d& bn, const Linear& linear);

template <class M>
struct Folded {
  M model;
  int64_t pairs = 0;              // folded BatchNorms
  double largest_difference = 0;  // the largest |folded - original| of an output element on the batch
};

namespace detail {
struct FoldedInPlace {
  int64_t pairs = 0;
  double largest_difference = 0;
};
TAPER_API FoldedInPlace fold_in_place(Module& model, const std::function<Tensor()>& forward);
// A clone that leaves the state of the default generator unchanged.
TAPER_API std::shared_ptr<Module> clone_for_inference(const Module& model);
}  // namespace detail

// A copy of `model` in evaluation mode in which every BatchNorm that follows or precedes a Linear in a Sequential is
// folded into it (into the one before, if there are two), and every BatchNorm2d that follows a Conv2d into that; an
// Identity replaces it, so that all others keep their names. The Sequentials may be nested in each other and in custom
// modules, a pair may be in two of them, and Identity and Dropout, which do nothing in evaluation, may be between. A
// Sequential is assumed to be called as a whole: a forward that uses an intermediate result of one gets another one.
// The original stays unchanged.
//
//   model    a holder or shared_ptr of a cloneable module (Sequential, Cloneable) whose forward takes and returns
//            a Tensor
//   example  an input, to find which BatchNorms have inputs [N, C], the only ones with the channels of a Linear, and to
//            measure the difference between the two models
template <class M>
Folded<M> fold_batchnorm(const M& model, const Tensor& example) {
  const auto& original = nn::detail::module_of(model);
  using Impl = std::remove_cvref_t<decltype(original)>;
  const auto copy = std::dynamic_pointer_cast<Impl>(detail::clone_for_inference(original));
  TAPER_CHECK(copy, "fold_batchnorm: clone() must return a module of the type it copies; got another from ",
              original.name());
  const auto folded =
      detail::fold_in_place(*copy, [&]() -> Tensor { return nn::detail::call_forward(*copy, example); });
  return {M(copy), folded.pairs, folded.largest_difference};
}

}  // namespace taper::nn::utils
