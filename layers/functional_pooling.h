// taper::nn::functional: pooling as functions, options by name.
//
//   namespace F = taper::nn::functional;
//   x = F::max_pool2d(x, F::MaxPool2dFuncOptions(3).stride(2).padding(1));
//   auto [y, indices] = F::max_pool2d_with_indices(x, 2);
#pragma once

#include <taper/layers/pooling.h>

namespace taper::nn::functional {

using MaxPool1dFuncOptions = MaxPool1dOptions;
using MaxPool2dFuncOptions = MaxPool2dOptions;
using AvgPool1dFuncOptions = AvgPool1dOptions;
using AvgPool2dFuncOptions = AvgPool2dOptions;
using AdaptiveMaxPool1dFuncOptions = AdaptiveMaxPool1dOptions;
using AdaptiveMaxPool2dFuncOptions = AdaptiveMaxPool2dOptions;
using AdaptiveAvgPool1dFuncOptions = AdaptiveAvgPool1dOptions;
using AdaptiveAvgPool2dFuncOptions = AdaptiveAvgPool2dOptions;

TAPER_API Tensor max_pool1d(const Tensor& input, const MaxPool1dFuncOptions& options);
TAPER_API Tensor max_pool2d(const Tensor& input, const MaxPool2dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& input, const MaxPool1dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& input, const MaxPool2dFuncOptions& options);
TAPER_API Tensor avg_pool1d(const Tensor& input, const AvgPool1dFuncOptions& options);
TAPER_API Tensor avg_pool2d(const Tensor& input, const AvgPool2dFuncOptions& options);
TAPER_API Tensor adaptive_max_pool1d(const Tensor& input, const AdaptiveMaxPool1dFuncOptions& options);
TAPER_API Tensor adaptive_max_pool2d(const Tensor& input, const AdaptiveMaxPool2dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& input,
                                                                      const AdaptiveMaxPool1dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& input,
                                                                      const AdaptiveMaxPool2dFuncOptions& options);
TAPER_API Tensor adaptive_avg_pool1d(const Tensor& input, const AdaptiveAvgPool1dFuncOptions& options);
TAPER_API Tensor adaptive_avg_pool2d(const Tensor& input, const AdaptiveAvgPool2dFuncOptions& options);

}  // namespace taper::nn::functional
