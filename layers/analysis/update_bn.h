// taper::nn::utils: the population statistics of BatchNorm layers, taken over a whole data set (Ioffe and Szegedy 2015,
// algorithm 2), and how far the running ones are from them.
//
//   taper::nn::utils::update_bn(*loader, net);                                  // before net->eval()
//   std::puts(taper::nn::utils::bn_report(taper::nn::utils::measure_bn(*loader, net)).c_str());
//
// Worth doing after training with a large momentum or small batches, after averaging weights (SWA), and to adapt a net
// to shifted data without labels (AdaBN, https://arxiv.org/abs/1603.04779).
#pragma once

#include <taper/layers/module_holder.h>

#include <tuple>

namespace taper::nn::utils {

// How far one pair of statistics (m, v) is from another (mean, var), as the layer's output sees it: the channel that is
// furthest away.
struct StatisticsDistance {
  double mean = 0;       // |m - mean| / sqrt(var + eps), in standard deviations
  double deviation = 0;  // |ln sqrt((v + eps) / (var + eps))|; 0.1: the standard deviations differ by a factor of 1.1
};

// What one pass over the data tells about a layer. Tensors are [C], float64.
struct BatchNormStatistics {
  std::string layer;            // "features.1", as in named_modules()
  int64_t batches = 0;          // that count
  int64_t values = 0;           // elements of each channel, in all of them
  int64_t skipped_batches = 0;  // left out: a mean or variance is NaN, infinite or too large for the running buffers

  // The population: E[x] over all elements, and the unbiased Var[x] = sum (x - E[x])^2 / (values - 1).
  Tensor mean, var;
  // What the layer had before: in training the moving average, or without momentum the cumulative one.
  Tensor running_mean, running_var;
  // The plain average of the batches' means and unbiased variances, E_B[mu] and m / (m - 1) E_B[sigma^2], as algorithm
  // 2 has it and as a layer without momentum accumulates it. It gives a short last batch the weight of a full one, and
  // leaves out the variance between the means of batches, which is large for sorted data.
  Tensor cumulative_mean, cumulative_var;

  StatisticsDistance running, cumulative;  // of those from the population
};

namespace detail {

TAPER_API std::vector<BatchNormStatistics> run_bn(const char* op, Module& model, bool update,
                                                  const std::function<int64_t()>& forward_all);

// A batch's input: itself, .data of an Example, the first of a pair or tuple; lists of those are stacked.
TAPER_API Tensor stack_inputs(const std::vector<Tensor>& inputs);
template <class Batch>
Tensor bn_input(const Batch& batch) {
  if constexpr (std::is_convertible_v<const Batch&, Tensor>) {
    return batch;
  } else if constexpr (requires { Tensor(batch.data); }) {
    return batch.data;
  } else if constexpr (requires { Tensor(std::get<0>(batch)); }) {
    return std::get<0>(batch);
  } else {
    static_assert(
        requires { batch.begin() != batch.end(); },
        "a batch must be a Tensor, an Example with a Tensor as data, a pair or tuple with a Tensor first, or a list of "
        "those");
    std::vector<Tensor> inputs;
    for (const auto& sample : batch) inputs.push_back(bn_input(sample));
    return stack_inputs(inputs);
  }
}

template <class Loader, class Model>
std::vector<BatchNormStatistics> run_bn(const char* op, bool update, Loader& loader, Model& model) {
  if constexpr (!std::is_base_of_v<Module, Model>) {
    return run_bn(op, update, loader, nn::detail::module_of(model));
  } else if constexpr (requires { loader->begin(); }) {
    return run_bn(op, update, *loader, model);  // what make_data_loader returns
  } else {
    return run_bn(op, model, update, [&] {
      int64_t batches = 0;
      for (auto&& batch : loader) {
        const Tensor input = bn_input(batch);
        (void)nn::detail::call_forward(model, input);
        ++batches;
      }
      return batches;
    });
  }
}

}  // namespace detail

// Gives every BatchNorm below `model`, at any depth, the statistics of the whole data set: E[x] and the unbiased Var[x]
// of all elements that reach it in one pass over `loader`, whatever the sizes of the batches. The BatchNorms before it
// normalise each batch by that batch's own statistics, as in training; all other modules are in evaluation mode, since
// Dropout would add variance that evaluation does not have. Nothing is recorded for differentiation.
//
//   loader  gives batches: Tensors, Examples (their data), pairs or tuples (the first), lists of those (stacked); a
//           data loader, what make_data_loader returns, a std::vector; iterated once
//   model   holder, shared_ptr or reference of a module whose forward takes a Tensor
//
// Layers whose statistics are frozen, that have none or that forward does not reach stay as they are and are not in the
// result. num_batches_tracked becomes the number of batches that count, num_skipped_batches() that of those left out
// (NaN, infinity), of which there is one warning. A last batch of one element per channel counts; it is normalised by
// the statistics of the batches before it.
//
// Afterwards every module is in the mode it was in. On an error (from the loader, from forward, no batch at all, only
// batches with NaN) no statistics are changed.
template <class Loader, class Model>
std::vector<BatchNormStatistics> update_bn(Loader&& loader, Model&& model) {
  return detail::run_bn("update_bn", true, loader, model);
}

// The same without changing the layers.
template <class Loader, class Model>
std::vector<BatchNormStatistics> measure_bn(Loader&& loader, Model&& model) {
  return detail::run_bn("measure_bn", false, loader, model);
}

// The distance of (m, v) from (mean, var), all [C].
TAPER_API StatisticsDistance statistics_distance(const Tensor& m, const Tensor& v, const Tensor& mean,
                                                 const Tensor& var, double eps);

// One line per layer: elements, and the distances of the running and of the cumulative statistics from the
// population's.
TAPER_API std::string bn_report(const std::vector<BatchNormStatistics>& layers);

}  // namespace taper::nn::utils
