#include <taper/layers/activation.h>

#include <taper/layers/functional.h>

#include <ostream>

namespace taper::nn {

ReLUImpl::ReLUImpl(const ReLUOptions& options_) : options(options_) {}
LeakyReLUImpl::LeakyReLUImpl(const LeakyReLUOptions& options_) : options(options_) {}
GELUImpl::GELUImpl(GELUOptions options_) : options(std::move(options_)) {}
SoftmaxImpl::SoftmaxImpl(int64_t dim) : SoftmaxImpl(SoftmaxOptions(dim)) {}
SoftmaxImpl::SoftmaxImpl(const SoftmaxOptions& options_) : options(options_) {}
LogSoftmaxImpl::LogSoftmaxImpl(int64_t dim) : LogSoftmaxImpl(LogSoftmaxOptions(dim)) {}
LogSoftmaxImpl::LogSoftmaxImpl(const LogSoftmaxOptions& options_) : options(options_) {}

void ReLUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ReLU(" << (options.inplace() ? "inplace=true" : "") << ")";
}
Tensor ReLUImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::relu(input, options); });
}

void SigmoidImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Sigmoid()"; }
Tensor SigmoidImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::sigmoid(input); });
}

void TanhImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Tanh()"; }
Tensor TanhImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::tanh(input); });
}

void LeakyReLUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::LeakyReLU(negative_slope=" << options.negative_slope()
         << (options.inplace() ? ", inplace=true" : "") << ")";
}
Tensor LeakyReLUImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::leaky_relu(input, options); });
}

void GELUImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::GELU()"; }
Tensor GELUImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::gelu(input, options); });
}

void SiLUImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::SiLU()"; }
Tensor SiLUImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::silu(input); });
}

void SoftmaxImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Softmax(dim=" << options.dim() << ")";
}
Tensor SoftmaxImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::softmax(input, options.dim()); });
}

void LogSoftmaxImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::LogSoftmax(dim=" << options.dim() << ")";
}
Tensor LogSoftmaxImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::log_softmax(input, options.dim()); });
}

}  // namespace taper::nn
