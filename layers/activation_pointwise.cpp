#include <taper/layers/activation_pointwise.h>

#include <taper/layers/functional.h>

#include <ostream>

namespace taper::nn {
namespace {

const char* inplace_too(bool inplace) { return inplace ? ", inplace=true" : ""; }
const char* inplace_alone(bool inplace) { return inplace ? "inplace=true" : ""; }

}  // namespace

ELUImpl::ELUImpl(const ELUOptions& options_) : options(options_) {}
SELUImpl::SELUImpl(const SELUOptions& options_) : options(options_) {}
CELUImpl::CELUImpl(const CELUOptions& options_) : options(options_) {}
SoftplusImpl::SoftplusImpl(const SoftplusOptions& options_) : options(options_) {}
HardtanhImpl::HardtanhImpl(const HardtanhOptions& options_) : options(options_) { HardtanhImpl::reset(); }
ReLU6Impl::ReLU6Impl(const ReLU6Options& options_) : options(options_) {}
ThresholdImpl::ThresholdImpl(double threshold, double value) : ThresholdImpl(ThresholdOptions(threshold, value)) {}
ThresholdImpl::ThresholdImpl(const ThresholdOptions& options_) : options(options_) {}
HardshrinkImpl::HardshrinkImpl(const HardshrinkOptions& options_) : options(options_) {}
SoftshrinkImpl::SoftshrinkImpl(const SoftshrinkOptions& options_) : options(options_) {}

void ELUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ELU("
         << "alpha=" << options.alpha() << inplace_too(options.inplace()) << ")";
}
Tensor ELUImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::elu(input, options); });
}

void SELUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::SELU(" << inplace_alone(options.inplace()) << ")";
}
Tensor SELUImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::selu(input, options); });
}

void CELUImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::CELU("
         << "alpha=" << options.alpha() << inplace_too(options.inplace()) << ")";
}
Tensor CELUImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::celu(input, options); });
}

void SoftplusImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Softplus("
         << "beta=" << options.beta() << ", threshold=" << options.threshold() << ")";
}
Tensor SoftplusImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::softplus(input, options); });
}

void LogSigmoidImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::LogSigmoid()"; }
Tensor LogSigmoidImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::logsigmoid(input); });
}

void MishImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Mish()"; }
Tensor MishImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::mish(input); });
}

void SoftsignImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Softsign()"; }
Tensor SoftsignImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::softsign(input); });
}

void TanhshrinkImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Tanhshrink()"; }
Tensor TanhshrinkImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::tanhshrink(input); });
}

void HardtanhImpl::reset() {
  TAPER_CHECK_VALUE(options.min_val() < options.max_val(), "Hardtanh: min_val must be below max_val; got ",
                    options.min_val(), " and ", options.max_val());
}
void HardtanhImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Hardtanh("
         << "min_val=" << options.min_val() << ", max_val=" << options.max_val() << inplace_too(options.inplace())
         << ")";
}
Tensor HardtanhImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::hardtanh(input, options); });
}

void ReLU6Impl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ReLU6(" << inplace_alone(options.inplace()) << ")";
}
Tensor ReLU6Impl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::relu6(input, options); });
}

void ThresholdImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Threshold("
         << "threshold=" << options.threshold() << ", value=" << options.value() << inplace_too(options.inplace())
         << ")";
}
Tensor ThresholdImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return functional::threshold(input, options); });
}

void HardshrinkImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Hardshrink(" << options.lambda() << ")";
}
Tensor HardshrinkImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::hardshrink(input, options); });
}

void SoftshrinkImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Softshrink(" << options.lambda() << ")";
}
Tensor SoftshrinkImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return functional::softshrink(input, options); });
}

}  // namespace taper::nn
