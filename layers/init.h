// taper::nn::init: functions that fill a tensor with initial values and return it. Nothing is recorded on the tape.
//
// fan_in and fan_out are the numbers of inputs of one output and of outputs of one input: for a weight
// [out, in, kernel...], in and out times the size of the kernel.
#pragma once

#include <taper/layers/enum.h>

namespace taper::nn::init {

using NonlinearityType =
    std::variant<enumtype::kLinear, enumtype::kConv1D, enumtype::kConv2D, enumtype::kConv3D, enumtype::kConvTranspose1D,
                 enumtype::kConvTranspose2D, enumtype::kConvTranspose3D, enumtype::kSigmoid, enumtype::kTanh,
                 enumtype::kReLU, enumtype::kLeakyReLU>;
using FanModeType = std::variant<enumtype::kFanIn, enumtype::kFanOut>;

// The gain that keeps the variance of activations through a nonlinearity: 5/3 for tanh, sqrt(2) for ReLU,
// sqrt(2 / (1 + param^2)) for LeakyReLU of slope param, 1 for the others.
TAPER_API double calculate_gain(NonlinearityType nonlinearity, double param = 0.01);

TAPER_API Tensor constant_(Tensor tensor, Scalar value);
TAPER_API Tensor ones_(Tensor tensor);
TAPER_API Tensor zeros_(Tensor tensor);
TAPER_API Tensor uniform_(Tensor tensor, double low = 0, double high = 1);
TAPER_API Tensor normal_(Tensor tensor, double mean = 0, double std = 1);
// The identity matrix; ValueError unless there are two dimensions.
TAPER_API Tensor eye_(Tensor matrix);
// Convolution weights (3 to 5 dimensions, else ValueError) that pass as many channels through unchanged as there are.
TAPER_API Tensor dirac_(Tensor tensor);
// Orthonormal rows (or columns, if there are fewer of them) times gain; all dimensions after the first count as one.
// ValueError for fewer than two dimensions. Saxe et al. 2013, section 3.
TAPER_API Tensor orthogonal_(Tensor tensor, double gain = 1);
// ceil(sparsity * rows) zeros in each column of a matrix, the rest normal with standard deviation std. ValueError for a
// sparsity outside [0, 1] and for what is no matrix. Martens 2010, section 5.
TAPER_API Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01);
// Uniform on +-gain sqrt(6 / (fan_in + fan_out)); normal with standard deviation gain sqrt(2 / (fan_in + fan_out)).
// ValueError for fewer than two dimensions. Glorot and Bengio 2010, equation 16.
TAPER_API Tensor xavier_uniform_(Tensor tensor, double gain = 1);
TAPER_API Tensor xavier_normal_(Tensor tensor, double gain = 1);
// With s = calculate_gain(nonlinearity, a) / sqrt(fan): uniform on +-sqrt(3) s; normal with standard deviation s. fan
// is fan_in or fan_out, by mode. ValueError for fewer than two dimensions. He et al. 2015, equation 10.
TAPER_API Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanModeType mode = kFanIn,
                                  NonlinearityType nonlinearity = kLeakyReLU);
TAPER_API Tensor kaiming_normal_(Tensor tensor, double a = 0, FanModeType mode = kFanIn,
                                 NonlinearityType nonlinearity = kLeakyReLU);

// (fan_in, fan_out); ValueError for fewer than two dimensions.
TAPER_API std::tuple<int64_t, int64_t> _calculate_fan_in_and_fan_out(const Tensor& tensor);

}  // namespace taper::nn::init

namespace taper::nn::detail {
// The initial values of Linear and of convolutions: weight by kaiming_uniform_ with a = sqrt(5), then bias, where it is
// defined; both uniform on +-1 / sqrt(fan_in), as in PyTorch.
TAPER_API void init_weight_and_bias(const Tensor& weight, const Tensor& bias);
}  // namespace taper::nn::detail
