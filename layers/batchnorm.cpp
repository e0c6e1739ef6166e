#include <taper/layers/batchnorm.h>

#include <taper/autograd/ops/batch_norm.h>
#include <taper/core/factories.h>

#include <ostream>

namespace taper::nn {

Tensor functional::batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                              const BatchNormFuncOptions& options) {
  TAPER_CHECK_VALUE(options.momentum(),
                    "batch_norm: momentum must be a number here; got nullopt; the cumulative average "
                    "needs a count of batches, which the modules BatchNorm1d and BatchNorm2d keep");
  return taper::batch_norm(input, options.weight(), options.bias(), running_mean, running_var, options.training(),
                           *options.momentum(), options.eps());
}

template <size_t D, class Derived>
void BatchNormImplBase<D, Derived>::reset() {
  const int64_t C = options.num_features();
  TAPER_CHECK_VALUE(C >= 0, "BatchNorm: num_features must not be negative; got ", C);
  TAPER_CHECK_VALUE(options.eps() >= 0, "BatchNorm: eps must not be negative; got ", options.eps());
  TAPER_CHECK_VALUE(!options.momentum() || (*options.momentum() >= 0 && *options.momentum() <= 1),
                    "BatchNorm: momentum must be from 0 to 1, or nullopt; got ", *options.momentum());
  const bool affine = options.affine(), track = options.track_running_stats();
  weight = this->register_parameter("weight", affine ? ones({C}) : Tensor(), affine);
  bias = this->register_parameter("bias", affine ? zeros({C}) : Tensor(), affine);
  running_mean = this->register_buffer("running_mean", track ? zeros({C}) : Tensor());
  running_var = this->register_buffer("running_var", track ? ones({C}) : Tensor());
  num_batches_tracked = this->register_buffer("num_batches_tracked", track ? zeros({}, kInt64) : Tensor());
  num_skipped_batches_ = 0;
}

template <size_t D, class Derived>
void BatchNormImplBase<D, Derived>::reset_running_stats() {
  if (running_mean.defined()) running_mean.zero_();
  if (running_var.defined()) running_var.fill_(1);
  if (num_batches_tracked.defined()) num_batches_tracked.zero_();
  num_skipped_batches_ = 0;
}

template <size_t D, class Derived>
void BatchNormImplBase<D, Derived>::reset_parameters() {
  const NoGradGuard no_grad;
  reset_running_stats();
  if (weight.defined()) weight.fill_(1);
  if (bias.defined()) bias.zero_();
}

template <size_t D, class Derived>
Tensor BatchNormImplBase<D, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, [&] {
    _check_input_dim(input);
    const bool tracks = running_mean.defined() || running_var.defined();
    const bool updates = this->is_training() && tracks;
    int64_t* const count = updates && num_batches_tracked.defined() ? num_batches_tracked.data_ptr<int64_t>() : nullptr;
    const double momentum = options.momentum() ? *options.momentum() : count ? 1 / static_cast<double>(*count + 1) : 0;

    taper::detail::BatchStatistics batch;
    Tensor output = taper::detail::batch_norm(input, weight, bias, running_mean, running_var,
                                              this->is_training() || !tracks, momentum, options.eps(), batch);
    if (count && batch == taper::detail::BatchStatistics::Finite) {
      *count += 1;
      num_batches_tracked.impl()->storage()->bump_version();
    }
    if (updates && batch == taper::detail::BatchStatistics::NotFinite && num_skipped_batches_++ == 0) {
      const std::string path = this->path();
      warn(taper::detail::str(
          "BatchNorm", D, "d", path.empty() ? "" : " ", path,
          ": a batch has a channel whose mean or variance is NaN or infinite; it is kept out of the running "
          "statistics. More such batches are only counted: num_skipped_batches()"));
    }
    return output;
  });
}

template <size_t D, class Derived>
void BatchNormImplBase<D, Derived>::pretty_print(std::ostream& stream) const {
  const auto text = [](bool value) { return value ? "true" : "false"; };
  stream << "taper::nn::BatchNorm" << D << "d(" << options.num_features() << ", eps=" << options.eps() << ", momentum=";
  if (options.momentum())
    stream << *options.momentum();
  else
    stream << "None";
  stream << ", affine=" << text(options.affine()) << ", track_running_stats=" << text(options.track_running_stats())
         << ")";
}

// Files from before PyTorch 0.4.1 have no count.
template <size_t D, class Derived>
bool BatchNormImplBase<D, Derived>::may_be_missing(const std::string& name) const {
  return name == "num_batches_tracked";
}

void BatchNorm1dImpl::_check_input_dim(const Tensor& input) {
  TAPER_CHECK_VALUE(input.dim() == 2 || input.dim() == 3,
                    "BatchNorm1d: the input must be [N, C] or [N, C, L]; got sizes ", input.sizes(),
                    input.dim() == 4 ? "; BatchNorm2d takes [N, C, H, W]" : "");
}

void BatchNorm2dImpl::_check_input_dim(const Tensor& input) {
  TAPER_CHECK_VALUE(input.dim() == 4, "BatchNorm2d: the input must be [N, C, H, W]; got sizes ", input.sizes(),
                    input.dim() == 2 || input.dim() == 3 ? "; BatchNorm1d takes [N, C] and [N, C, L]" : "");
}

template class BatchNormImplBase<1, BatchNorm1dImpl>;
template class BatchNormImplBase<2, BatchNorm2dImpl>;

}  // namespace taper::nn
