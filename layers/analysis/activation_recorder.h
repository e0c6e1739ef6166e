// Recorder: statistics of layers of a model while it trains - distributions of their inputs or outputs over the steps,
// dead and saturated units, gradients - and where the first NaN came from.
//
//   taper::nn::utils::Recorder recorder(net, {"act1", "act3"},
//                                       taper::nn::utils::RecorderOptions().every(100).input(true).output(false));
//   for (auto& batch : *loader) {
//     ... zero_grad, forward, backward, as always ...
//     optimizer.step();
//     recorder.step();
//   }
//   std::ofstream("activations.csv") << recorder.csv();
//   std::ofstream("activations.svg") << recorder.svg();  // for any browser
//   if (const auto& bad = recorder.first_non_finite()) std::puts(to_string(*bad).c_str());
//
// Training stays the same to the last bit. A model without a recorder has no overhead.
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/analysis/distribution.h>
#include <taper/layers/module_holder.h>

namespace taper::nn::utils {

struct RecorderOptions {
  // Records steps 0, every, 2 every, ...; at least 1.
  TAPER_ARG(int64_t, every) = 1;
  // Whether the (first) input and the output of each layer are recorded.
  TAPER_ARG(bool, input) = false;
  TAPER_ARG(bool, output) = true;
  // From 0 to 100, as describe() takes them.
  TAPER_ARG(std::vector<double>, percentiles) = {15, 50, 85};
  // One unit (index in dimension 1) instead of all.
  TAPER_ARG(optional<int64_t>, unit);
  // Records in evaluation and under NoGradGuard too, not only layers in training mode while autograd records.
  TAPER_ARG(bool, evaluation) = false;
  // Looks for NaN and infinity in every step, until the first is found, instead of in the recorded steps alone.
  TAPER_ARG(bool, watch) = true;

 public:
  // Elements below `low` or above `high` count as saturated: 0.01 and 0.99 for the output of a sigmoid.
  RecorderOptions& saturation(double low, double high) {
    saturation_ = {low, high};
    return *this;
  }
  const optional<std::pair<double, double>>& saturation() const { return saturation_; }

 private:
  optional<std::pair<double, double>> saturation_;
};

enum class Side { Input, Output };

// One side of a layer in one call.
struct Record : Distribution {
  int64_t step = 0;
  int64_t call = 0;  // 0, 1, ... where forward calls the layer several times in the step
  std::string layer;
  Side side = Side::Output;
  bool training = true;  // the layer's mode
  // |dL/dx|, x being the input or output; NaN before backward, or without one. After several backwards through one
  // graph that of the last.
  double gradient_norm = kNone;
};

struct NonFinite {
  std::string layer;
  int64_t step = 0;
  Side side = Side::Output;
  bool gradient = false;  // in the gradient; else in the input or output itself
};
// "the gradient of the output of fc2, step 57"
TAPER_API std::string to_string(const NonFinite& place);

// The layers are found when the recorder is made, by the names that named_modules() gives them; without names they are
// all modules that have none below them. Unknown names (the error lists those there are) and options outside their
// ranges are ValueErrors.
//
//  - A layer is observed when it is called as fc(x), by a Sequential or, for taper's own layers, in any way; on the
//    thread that made the recorder, which must destroy it too. Inputs and outputs that are no Tensors are skipped.
//  - A step lasts from one call of step() to the next, and must contain its backward.
//  - Memory: a Record, about 200 bytes, for every recorded step, layer, side and call, until clear().
//  - The model may be destroyed first; its records stay. A clone of it, or a layer that replaces another, is not
//    recorded.
//  - Several recorders may watch one model.
class TAPER_API Recorder : private CallObserver {
 public:
  explicit Recorder(const Module& model, const std::vector<std::string>& layers = {}, RecorderOptions options = {});
  // A holder or pointer.
  template <class Model>
  requires(!std::is_base_of_v<Module, Model>) explicit Recorder(const Model& model,
                                                                const std::vector<std::string>& layers = {},
                                                                RecorderOptions options = {})
      : Recorder(nn::detail::module_of(model), layers, std::move(options)) {}
  ~Recorder() override;

  // Ends a step: to be called once per step, after the optimiser's step().
  void step();
  // The number of the current step, from 0.
  int64_t steps() const;

  // In the order of the forwards.
  const std::vector<Record>& records() const;
  // Forgets the records; what first_non_finite() found stays.
  void clear();
  // The earliest NaN or infinity in a recorded side of a layer or in its gradient. Backward meets the last layer first.
  const optional<NonFinite>& first_non_finite() const;

  // A header line, then one for each record, quoted as in RFC 4180: step, call, layer, side (input or output),
  // training (1 or 0), count, non_finite, mean, deviation, a column for each percentile (p15, p50, p85), dead,
  // saturated, gradient_norm. Numbers read back to the same bits; NaN is an empty field.
  std::string csv() const;
  // A plot for every layer and side: percentiles (without any: mean and standard deviation) and gradient norm over the
  // steps; of each step the first call, in training. Of long runs 1,000 evenly spaced steps.
  std::string svg() const;

 private:
  void before(const Module& module, const Tensor* input) override;
  void after(const Module& module, const Tensor& output) override;
  void observe(const Module& module, const Tensor& values, Side side);

  struct State;
  std::shared_ptr<State> state_;  // hooks on tensors know it weakly
};

namespace detail {
TAPER_API std::string records_svg(const std::vector<Record>& records, const std::vector<double>& percentiles);
}

}  // namespace taper::nn::utils
