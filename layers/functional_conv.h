// Convolutions as functions, options by name. Formulas and shapes: taper::conv2d in autograd/functions.h.
//
//   namespace F = taper::nn::functional;
//   F::conv2d(x, weight, F::Conv2dFuncOptions().bias(b).stride(2).padding({1, 0}));
#pragma once

#include <taper/core/arg.h>
#include <taper/core/expanding_array.h>
#include <taper/core/tensor.h>
#include <taper/layers/enum.h>

namespace taper::nn {
namespace detail {

// Numbers; kValid: none; kSame: such that the size stays (for a stride of 1).
template <size_t D>
using conv_padding_t = std::variant<ExpandingArray<D>, enumtype::kValid, enumtype::kSame>;

}  // namespace detail

namespace functional {

template <size_t D>
struct ConvFuncOptions {
  using padding_t = nn::detail::conv_padding_t<D>;
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_ARG(ExpandingArray<D>, stride) = 1;
  TAPER_ARG(padding_t, padding) = 0;

 public:
  decltype(auto) padding(std::initializer_list<int64_t> list) { return padding(padding_t(ExpandingArray<D>(list))); }
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
  TAPER_ARG(int64_t, groups) = 1;
};
using Conv1dFuncOptions = ConvFuncOptions<1>;
using Conv2dFuncOptions = ConvFuncOptions<2>;

template <size_t D>
struct ConvTransposeFuncOptions {
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_ARG(ExpandingArray<D>, stride) = 1;
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  // Added to the size of the output at the end; below stride or dilation.
  TAPER_ARG(ExpandingArray<D>, output_padding) = 0;
  TAPER_ARG(int64_t, groups) = 1;
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
};
using ConvTranspose1dFuncOptions = ConvTransposeFuncOptions<1>;
using ConvTranspose2dFuncOptions = ConvTransposeFuncOptions<2>;

TAPER_API Tensor conv1d(const Tensor& x, const Tensor& weight, const Conv1dFuncOptions& options = {});
TAPER_API Tensor conv2d(const Tensor& x, const Tensor& weight, const Conv2dFuncOptions& options = {});
TAPER_API Tensor conv_transpose1d(const Tensor& x, const Tensor& weight,
                                  const ConvTranspose1dFuncOptions& options = {});
TAPER_API Tensor conv_transpose2d(const Tensor& x, const Tensor& weight,
                                  const ConvTranspose2dFuncOptions& options = {});

}  // namespace functional
}  // namespace taper::nn
