#include <taper/layers/batchnorm.h>

#include <taper/autograd/ops/batchnorm.h>
#include <taper/layers/batchnorm_internal.h>

namespace taper::nn {

Tensor functional::batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                              const BatchNormFuncOptions& options) {
  TAPER_CHECK_VALUE(options.momentum(),
                    "batch_norm: momentum must be a number here; got nullopt; the cumulative average "
                    "needs a count of batches, which the modules BatchNorm1d, 2d and 3d keep");
  return taper::batch_norm(input, options.weight(), options.bias(), running_mean, running_var, options.training(),
                           *options.momentum(), options.eps());
}

void BatchNormBase::register_tensors() {
  check("BatchNorm", options.num_features(), options.eps());
  TAPER_CHECK_VALUE(!options.momentum() || (*options.momentum() >= 0 && *options.momentum() <= 1),
                    "BatchNorm: momentum must be from 0 to 1, or nullopt; got ", *options.momentum());
  ChannelNorm::register_tensors(options.num_features(), options.affine(), options.track_running_stats());
}

void BatchNormBase::reset_running_stats() {
  ChannelNorm::reset_running_stats();
  num_skipped_batches_ = 0;
}

void BatchNormBase::freeze_statistics() {
  TAPER_CHECK(running_mean.defined() && running_var.defined(), "BatchNorm", num_spatial_dims(),
              "d: freeze_statistics needs running statistics; this layer has none; build it with "
              "track_running_stats(true)");
  statistics_frozen_ = true;
}

namespace {
constexpr const char* kFrozen = "statistics=frozen";
thread_local detail::BatchNormOverride* override_now = nullptr;
}  // namespace

std::string BatchNormBase::get_extra_state() const { return statistics_frozen_ ? kFrozen : ""; }

void BatchNormBase::set_extra_state(const std::string& text) {
  TAPER_CHECK_VALUE(text.empty() || text == kFrozen, "BatchNorm", num_spatial_dims(), "d: the extra state must be '",
                    kFrozen, "' or empty; got '", text, "'");
  if (text.empty()) {
    unfreeze_statistics();
  } else {
    freeze_statistics();
  }
}

detail::BatchNormOverride::BatchNormOverride() : outer_(override_now) { override_now = this; }
detail::BatchNormOverride::~BatchNormOverride() { override_now = outer_; }

Tensor BatchNormBase::layer_forward(const Tensor& x) {
  using taper::detail::BatchStatistics;
  _check_input_dim(x);
  const bool tracks = running_mean.defined() || running_var.defined();
  const bool updates = is_training() && tracks && !statistics_frozen_;
  if (updates && override_now) {
    if (Tensor output = override_now->forward(*this, x); output.defined()) return output;
  }
  int64_t* const count = updates && num_batches_tracked.defined() ? num_batches_tracked.data_ptr<int64_t>() : nullptr;
  const double momentum = options.momentum() ? *options.momentum() : count ? 1 / static_cast<double>(*count + 1) : 0;

  BatchStatistics batch;
  Tensor output = taper::detail::batch_norm(x, weight, bias, running_mean, running_var, updates || !tracks, momentum,
                                            options.eps(), batch);
  if (count && batch.state == BatchStatistics::Finite) {
    *count += 1;
    num_batches_tracked.impl()->storage()->bump_version();
  }
  if (updates && batch.state == BatchStatistics::NotFinite && num_skipped_batches_++ == 0) {
    const std::string where = path();
    warn(taper::detail::str(
        "BatchNorm", num_spatial_dims(), "d", where.empty() ? "" : " ", where,
        ": a batch has a channel whose mean or variance is NaN or infinite; it is kept out of the running "
        "statistics. More such batches are only counted: num_skipped_batches()"));
  }
  return output;
}

void BatchNormBase::pretty_print(std::ostream& stream) const {
  detail::FieldPrinter out(stream, taper::detail::str("taper::nn::BatchNorm", num_spatial_dims(), "d"));
  out("", {options.num_features()});
  out("eps, momentum, affine, track_running_stats",
      {options.eps(), options.momentum(), options.affine(), options.track_running_stats()});
  if (statistics_frozen_) out("statistics", {std::string("frozen")});
  out.end();
}

void BatchNormBase::_check_input_dim(const Tensor& input) {
  static constexpr const char* kSizes[] = {"[N, C] or [N, C, L]", "[N, C, H, W]", "[N, C, D, H, W]"};
  const auto takes = [&](size_t D) {  // N and C, and D spatial dimensions
    return input.dim() == static_cast<int64_t>(D) + 2 || (D == 1 && input.dim() == 2);
  };
  const size_t D = num_spatial_dims();
  if (takes(D)) return;
  std::string hint;
  for (size_t other = 1; other <= 3; ++other) {
    if (takes(other)) hint = taper::detail::str("; BatchNorm", other, "d takes ", kSizes[other - 1]);
  }
  throw ValueError(
      taper::detail::str("BatchNorm", D, "d: the input must be ", kSizes[D - 1], "; got sizes ", input.sizes(), hint));
}

BatchNorm1dImpl::~BatchNorm1dImpl() = default;
BatchNorm2dImpl::~BatchNorm2dImpl() = default;
BatchNorm3dImpl::~BatchNorm3dImpl() = default;

}  // namespace taper::nn
