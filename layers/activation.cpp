#include <taper/layers/activation.h>

#include <taper/core/factories.h>
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
SoftminImpl::SoftminImpl(int64_t dim) : SoftminImpl(SoftminOptions(dim)) {}
SoftminImpl::SoftminImpl(const SoftminOptions& options_) : options(options_) {}
GLUImpl::GLUImpl(const GLUOptions& options_) : options(options_) {}
PReLUImpl::PReLUImpl(const PReLUOptions& options_) : options(options_) { PReLUImpl::reset(); }
RReLUImpl::RReLUImpl(const RReLUOptions& options_) : options(options_) {}

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

void SoftminImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Softmin(dim=" << options.dim() << ")";
}
Tensor SoftminImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::softmin(input, options.dim()); });
}

void Softmax2dImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Softmax2d()"; }
Tensor Softmax2dImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    TAPER_CHECK(input.dim() == 3 || input.dim() == 4,
                "Softmax2d: the input must be [N, C, H, W] or [C, H, W]; got sizes ", input.sizes());
    return taper::softmax(input, -3);
  });
}

void GLUImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::GLU(dim=" << options.dim() << ")"; }
Tensor GLUImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::glu(input, options); });
}

void PReLUImpl::reset() {
  TAPER_CHECK_VALUE(options.num_parameters() >= 0, "PReLU: num_parameters must not be negative; got ",
                    options.num_parameters());
  weight = register_parameter("weight", full({options.num_parameters()}, options.init()));
}
void PReLUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::PReLU(num_parameters=" << options.num_parameters() << ")";
}
Tensor PReLUImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::prelu(input, weight); });
}

void RReLUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::RReLU(lower=" << options.lower() << ", upper=" << options.upper()
         << (options.inplace() ? ", inplace=true" : "") << ")";
}
Tensor RReLUImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] {
    return functional::rrelu(input, functional::RReLUFuncOptions()
                                        .lower(options.lower())
                                        .upper(options.upper())
                                        .training(is_training())
                                        .inplace(options.inplace()));
  });
}

}  // namespace taper::nn
