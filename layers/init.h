// taper::nn::init: functions that fill a tensor with initial values and return it. Nothing is recorded on the tape.
//
// fan_in and fan_out are the numbers of values that one output, one input value is connected to: for a weight
// [out, in, kernel...], in and out times the size of the kernel.
#pragma once

#include <taper/layers/enum.h>

namespace taper::nn::init {

using NonlinearityType =
    std::variant<enumtype::kLinear, enumtype::kConv1D, enumtype::kConv2D, enumtype::kConv3D, enumtype::kConvTranspose1D,
                 enumtype::kConvTranspose2D, enumtype::kConvTranspose3D, enumtype::kSigmoid, enumtype::kTanh,
                 enumtype::kReLU, enumtype::kLeakyReLU>;
using FanModeType = std::variant<enumtype::kFanIn, enumtype::kFanOut>;

// What keeps the variance of activations through a nonlinearity: 5/3 for tanh, sqrt(2) for ReLU, sqrt(2 / (1 +
// param^2)) for LeakyReLU of slope param, 1 for the others.
TAPER_API double calculate_gain(NonlinearityType nonlinearity, double param = 0.01);

TAPER_API Tensor constant_(Tensor tensor, Scalar value);
TAPER_API Tensor ones_(Tensor tensor);
TAPER_API Tensor zeros_(Tensor tensor);
TAPER_API Tensor uniform_(Tensor tensor, double low = 0, double high = 1);
TAPER_API Tensor normal_(Tensor tensor, double mean = 0, double std = 1);
// The identity, for a matrix.
TAPER_API Tensor eye_(Tensor matrix);
// Convolution weights (3 to 5 dims) that pass as many channels through unchanged as there are.
TAPER_API Tensor dirac_(Tensor tensor);
// Rows (or columns, if there are fewer of them) that are orthonormal times gain; all dims after the first count as one.
// Saxe et al. 2013.
TAPER_API Tensor orthogonal_(Tensor tensor, double gain = 1);
// In each column of a matrix ceil(sparsity * rows) zeros, the rest normal with deviation std. Martens 2010.
TAPER_API Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01);
// Uniform on +-gain sqrt(6 / (fan_in + fan_out)); normal of deviation gain sqrt(2 / (fan_in + fan_out)).
// Glorot and Bengio 2010.
TAPER_API Tensor xavier_uniform_(Tensor tensor, double gain = 1);
TAPER_API Tensor xavier_normal_(Tensor tensor, double gain = 1);
// With s = calculate_gain(nonlinearity, a) / sqrt(fan): uniform on +-sqrt(3) s; normal of deviation s. He et al. 2015.
TAPER_API Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanModeType mode = kFanIn,
                                  NonlinearityType nonlinearity = kLeakyReLU);
TAPER_API Tensor kaiming_normal_(Tensor tensor, double a = 0, FanModeType mode = kFanIn,
                                 NonlinearityType nonlinearity = kLeakyReLU);

// (fan_in, fan_out); needs two dims or more.
TAPER_API std::tuple<int64_t, int64_t> _calculate_fan_in_and_fan_out(const Tensor& tensor);

}  // namespace taper::nn::init
