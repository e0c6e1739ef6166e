#include <taper/layers/init.h>

#include <taper/autograd/grad_mode.h>
#include <taper/core/blas.h>
#include <taper/core/factories.h>

#include <algorithm>
#include <cmath>

namespace taper::nn::init {
namespace {

void check_matrix(const char* op, const Tensor& tensor) {
  TAPER_CHECK_VALUE(tensor.dim() == 2, op, ": the tensor must be a matrix; got sizes ", tensor.sizes());
}

double kaiming_std(const Tensor& tensor, double a, const FanModeType& mode, const NonlinearityType& nonlinearity) {
  const auto [fan_in, fan_out] = _calculate_fan_in_and_fan_out(tensor);
  const int64_t fan = std::holds_alternative<enumtype::kFanIn>(mode) ? fan_in : fan_out;
  return fan == 0 ? 0 : calculate_gain(nonlinearity, a) / std::sqrt(static_cast<double>(fan));
}

double xavier_std(const Tensor& tensor, double gain) {
  const auto [fan_in, fan_out] = _calculate_fan_in_and_fan_out(tensor);
  return fan_in + fan_out == 0 ? 0 : gain * std::sqrt(2.0 / static_cast<double>(fan_in + fan_out));
}

// Makes the n rows of q (n x m, n <= m) orthonormal, so that the triangular factor has a positive diagonal:
// Gram-Schmidt, every row twice, which is as exact as Householder's method (Giraud et al. 2005).
void orthonormalise_rows(double* q, int64_t n, int64_t m) {
  std::vector<double> c(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    double* row = q + i * m;
    for (int pass = 0; pass < 2 && i > 0; ++pass) {
      blas::gemm(false, true, 1, i, m, 1.0, row, m, q, m, 0.0, c.data(), i);    // c = row Q^T
      blas::gemm(false, false, 1, m, i, -1.0, c.data(), i, q, m, 1.0, row, m);  // row -= c Q
    }
    double squares = 0;
    for (int64_t j = 0; j < m; ++j) squares += row[j] * row[j];
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (int64_t j = 0; j < m; ++j) row[j] *= scale;
  }
}

}  // namespace

std::tuple<int64_t, int64_t> _calculate_fan_in_and_fan_out(const Tensor& tensor) {
  TAPER_CHECK_VALUE(tensor.dim() >= 2, "fan in and fan out: the tensor must have two dims or more; got sizes ",
                    tensor.sizes());
  int64_t kernel = 1;
  for (int64_t d = 2; d < tensor.dim(); ++d) kernel *= tensor.size(d);
  return {tensor.size(1) * kernel, tensor.size(0) * kernel};
}

double calculate_gain(NonlinearityType nonlinearity, double param) {
  if (std::holds_alternative<enumtype::kTanh>(nonlinearity)) return 5.0 / 3.0;
  if (std::holds_alternative<enumtype::kReLU>(nonlinearity)) return std::sqrt(2.0);
  if (std::holds_alternative<enumtype::kLeakyReLU>(nonlinearity)) return std::sqrt(2.0 / (1 + param * param));
  return 1;
}

Tensor constant_(Tensor tensor, Scalar value) {
  const NoGradGuard no_grad;
  return tensor.fill_(value);
}
Tensor ones_(Tensor tensor) { return constant_(std::move(tensor), 1); }
Tensor zeros_(Tensor tensor) { return constant_(std::move(tensor), 0); }

Tensor uniform_(Tensor tensor, double low, double high) {
  const NoGradGuard no_grad;
  return tensor.uniform_(low, high);
}

Tensor normal_(Tensor tensor, double mean, double std) {
  const NoGradGuard no_grad;
  return tensor.normal_(mean, std);
}

Tensor eye_(Tensor matrix) {
  check_matrix("eye_", matrix);
  const NoGradGuard no_grad;
  return matrix.copy_(eye(matrix.size(0), matrix.size(1), matrix.options()));
}

Tensor dirac_(Tensor tensor) {
  TAPER_CHECK_VALUE(tensor.dim() >= 3 && tensor.dim() <= 5, "dirac_: the tensor must have 3, 4 or 5 dims; got sizes ",
                    tensor.sizes());
  const NoGradGuard no_grad;
  tensor.zero_();
  for (int64_t c = 0; c < std::min(tensor.size(0), tensor.size(1)); ++c) {
    Tensor centre = tensor[c][c];
    if (centre.numel() == 0) break;
    while (centre.dim() > 0) centre = centre[centre.size(0) / 2];
    centre.fill_(1);
  }
  return tensor;
}

Tensor orthogonal_(Tensor tensor, double gain) {
  TAPER_CHECK_VALUE(tensor.dim() >= 2, "orthogonal_: the tensor must have two dims or more; got sizes ",
                    tensor.sizes());
  if (tensor.numel() == 0) return tensor;
  const NoGradGuard no_grad;
  const int64_t rows = tensor.size(0), columns = tensor.numel() / rows;
  Tensor q = randn({rows, columns});  // of the default dtype whatever the tensor's, as PyTorch draws them
  if (rows > columns) q = q.t();
  q = q.to(kFloat64).contiguous();
  orthonormalise_rows(q.data_ptr<double>(), q.size(0), q.size(1));
  if (rows > columns) q = q.t();
  return tensor.copy_((q * gain).reshape(tensor.sizes()));
}

Tensor sparse_(Tensor tensor, double sparsity, double std) {
  check_matrix("sparse_", tensor);
  TAPER_CHECK_VALUE(sparsity >= 0 && sparsity <= 1, "sparse_: sparsity must be from 0 to 1; got ", sparsity);
  const NoGradGuard no_grad;
  const int64_t rows = tensor.size(0);
  const int64_t zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  tensor.normal_(0, std);
  for (int64_t column = 0; column < tensor.size(1); ++column) {
    const Tensor order = randperm(rows);
    for (int64_t i = 0; i < zeros; ++i) tensor[order.data_ptr<int64_t>()[i]][column].fill_(0);
  }
  return tensor;
}

Tensor xavier_uniform_(Tensor tensor, double gain) {
  const double bound = std::sqrt(3.0) * xavier_std(tensor, gain);
  return uniform_(std::move(tensor), -bound, bound);
}

Tensor xavier_normal_(Tensor tensor, double gain) {
  const double std = xavier_std(tensor, gain);
  return normal_(std::move(tensor), 0, std);
}

Tensor kaiming_uniform_(Tensor tensor, double a, FanModeType mode, NonlinearityType nonlinearity) {
  const double bound = std::sqrt(3.0) * kaiming_std(tensor, a, mode, nonlinearity);
  return uniform_(std::move(tensor), -bound, bound);
}

Tensor kaiming_normal_(Tensor tensor, double a, FanModeType mode, NonlinearityType nonlinearity) {
  const double std = kaiming_std(tensor, a, mode, nonlinearity);
  return normal_(std::move(tensor), 0, std);
}

}  // namespace taper::nn::init

void taper::nn::detail::init_weight_and_bias(const Tensor& weight, const Tensor& bias) {
  if (weight.numel() > 0) init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const int64_t fan_in = std::get<0>(init::_calculate_fan_in_and_fan_out(weight));
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
  init::uniform_(bias, -bound, bound);
}
