#include <taper/layers/utils/inference.h>

#include <taper/autograd/functions.h>
#include <taper/core/blas.h>
#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/layers/activation.h>
#include <taper/layers/analysis/fusion.h>
#include <taper/layers/dropout.h>
#include <taper/layers/flatten.h>
#include <taper/layers/identity.h>
#include <taper/layers/instancenorm.h>
#include <taper/layers/normalization.h>
#include <taper/layers/pooling.h>
#include <taper/layers/sequential.h>

#include <algorithm>
#include <typeindex>
#include <unordered_map>

namespace taper::nn::utils {
namespace {

// Of a piece's largest input and output together: they stay in the second or third cache.
constexpr int64_t kPieceBytes = 2 << 20;

// ---- known layers ---------------------------------------------------------------------------------------------------

// Whether the layer treats each sample, along dim 0 of an input of that rank, by itself.
using KeepsSamplesApart = bool (*)(const Module& layer, int64_t rank);

bool in_any_batch(const Module&, int64_t rank) { return rank > 0; }
template <int64_t R>
bool in_rank(const Module&, int64_t rank) {
  return rank == R;
}
bool along_other_dim(int64_t dim, int64_t rank) { return rank > 0 && dim != 0 && dim != -rank; }
template <class Impl>
bool along_dim(const Module& layer, int64_t rank) {
  return along_other_dim(layer.as<Impl>()->options.dim(), rank);
}

const std::unordered_map<std::type_index, KeepsSamplesApart>& known_layers() {
  static const std::unordered_map<std::type_index, KeepsSamplesApart> kKnown = [] {
    std::unordered_map<std::type_index, KeepsSamplesApart> all;
    const auto add = [&](KeepsSamplesApart apart, std::initializer_list<std::type_index> types) {
      for (const std::type_index& type : types) all[type] = apart;
    };
#define TAPER_TYPE(Name) std::type_index(typeid(Name##Impl))
    add(in_any_batch, {TAPER_TYPE(ReLU),      TAPER_TYPE(ReLU6),      TAPER_TYPE(Sigmoid),    TAPER_TYPE(Tanh),
                       TAPER_TYPE(LeakyReLU), TAPER_TYPE(GELU),       TAPER_TYPE(SiLU),       TAPER_TYPE(ELU),
                       TAPER_TYPE(SELU),      TAPER_TYPE(CELU),       TAPER_TYPE(Softplus),   TAPER_TYPE(LogSigmoid),
                       TAPER_TYPE(Mish),      TAPER_TYPE(Softsign),   TAPER_TYPE(Tanhshrink), TAPER_TYPE(Hardtanh),
                       TAPER_TYPE(Threshold), TAPER_TYPE(Hardshrink), TAPER_TYPE(Softshrink), TAPER_TYPE(RReLU),
                       TAPER_TYPE(Dropout),   TAPER_TYPE(Dropout2d),  TAPER_TYPE(Identity)});
    add([](const Module&, int64_t rank) { return rank > 1; },
        {TAPER_TYPE(Linear), TAPER_TYPE(GroupNorm), TAPER_TYPE(PReLU)});
    add([](const Module& layer, int64_t rank) { return rank > 1 && layer.as<BatchNormBase>()->running_mean.defined(); },
        {TAPER_TYPE(BatchNorm1d), TAPER_TYPE(BatchNorm2d), TAPER_TYPE(BatchNorm3d)});
    add(in_rank<3>, {TAPER_TYPE(Conv1d), TAPER_TYPE(MaxPool1d), TAPER_TYPE(AvgPool1d), TAPER_TYPE(AdaptiveMaxPool1d),
                     TAPER_TYPE(AdaptiveAvgPool1d), TAPER_TYPE(InstanceNorm1d)});
    add(in_rank<4>, {TAPER_TYPE(Conv2d), TAPER_TYPE(MaxPool2d), TAPER_TYPE(AvgPool2d), TAPER_TYPE(AdaptiveMaxPool2d),
                     TAPER_TYPE(AdaptiveAvgPool2d), TAPER_TYPE(InstanceNorm2d), TAPER_TYPE(Softmax2d)});
    add(along_dim<SoftmaxImpl>, {TAPER_TYPE(Softmax)});
    add(along_dim<SoftminImpl>, {TAPER_TYPE(Softmin)});
    add(along_dim<LogSoftmaxImpl>, {TAPER_TYPE(LogSoftmax)});
    add(along_dim<GLUImpl>, {TAPER_TYPE(GLU)});
    add([](const Module& layer,
           int64_t rank) { return along_other_dim(layer.as<FlattenImpl>()->options.start_dim(), rank); },
        {TAPER_TYPE(Flatten)});
    add(
        [](const Module& layer, int64_t rank) {
          return rank > static_cast<int64_t>(layer.as<LayerNormImpl>()->options.normalized_shape().size());
        },
        {TAPER_TYPE(LayerNorm)});
#undef TAPER_TYPE
    return all;
  }();
  return kKnown;
}

bool is(const Module& module, const std::type_info& type) { return typeid(module) == type; }

void check(const Module& sequential) {
  for (const auto& pointer : sequential.children()) {
    const Module& child = *pointer;
    TAPER_CHECK(!child.is_training(), "optimize_for_inference: the model must be in evaluation mode; '", child.path(),
                "' is not; call eval() first");
    if (is(child, typeid(SequentialImpl))) {
      check(child);
    } else {
      TAPER_CHECK_TYPE(known_layers().count(typeid(child)) > 0,
                       "optimize_for_inference: the model must consist of taper's own layers; got ",
                       nn::detail::layer_name(typeid(child)), " as '", child.path(),
                       "'; fold_batchnorm takes any model");
    }
  }
}

// The layers of a Sequential in the order of their calls, without those that do nothing.
void collect(SequentialImpl& sequential, std::vector<AnyModule>& layers) {
  for (const AnyModule& item : sequential) {
    Module& module = *item.ptr();
    if (is(module, typeid(SequentialImpl))) {
      collect(*module.as<SequentialImpl>(), layers);
    } else if (!is(module, typeid(IdentityImpl)) && !is(module, typeid(DropoutImpl)) &&
               !is(module, typeid(Dropout2dImpl))) {
      layers.push_back(item);
    }
  }
}

// ---- steps ----------------------------------------------------------------------------------------------------------

// `fresh`: nobody else reads x, so that it may be changed.
using Step = std::function<Tensor(const Tensor& x, bool fresh)>;

template <class T>
Step linear_step(const LinearImpl& layer, bool relu) {
  const Tensor weight = layer.weight.detach().contiguous();
  const int64_t out = weight.size(0), in = weight.size(1);
  const auto packed =
      std::make_shared<blas::PackedMatrix<T>>(true, out, in, weight.data_ptr<T>(), std::max<int64_t>(in, 1));
  const Tensor bias = layer.bias.defined() ? layer.bias.detach().contiguous() : Tensor();
  return [=](const Tensor& input, bool) {
    TAPER_CHECK_VALUE(input.dim() > 0 && input.size(-1) == in,
                      "Linear: the last dimension of the input must be "
                      "in_features; got input sizes ",
                      input.sizes(), " and in_features = ", in);
    const Tensor x = input.contiguous();
    std::vector<int64_t> sizes = x.sizes().vec();
    sizes.back() = out;
    Tensor y = empty(sizes, x.dtype());
    packed->multiply(out == 0 ? 0 : y.numel() / out, x.data_ptr<T>(), in, bias.defined() ? bias.data_ptr<T>() : nullptr,
                     relu, y.data_ptr<T>(), out);
    return y;
  };
}

// Others run their own forward, on a copy of what is not fresh if they change their input.
Step layer_step(const AnyModule& layer, bool in_place) {
  const auto shared = std::make_shared<AnyModule>(layer);
  return [=](const Tensor& x, bool fresh) { return shared->forward(in_place && !fresh ? x.clone() : x); };
}

Step relu_step() {
  return [](const Tensor& x, bool fresh) { return fresh ? Tensor(x).relu_() : relu(x); };
}

}  // namespace

struct InferenceFunction::Program {
  std::vector<Step> steps;
  int64_t rank = 0;
  ScalarType dtype = kFloat32;
  bool apart = true;  // no layer mixes samples
  int64_t sample_bytes = 1;
  double largest_difference = 0;

  // The steps of these layers, tried on the example.
  Program(std::vector<AnyModule> layers, const Tensor& example) : rank(example.dim()), dtype(example.dtype()) {
    const auto is_at = [&](size_t i, const std::type_info& type) {
      return i < layers.size() && is(*layers[i].ptr(), type);
    };
    for (size_t i = 0; i + 1 < layers.size(); ++i) {  // the maximum of max(0, x) is max(0, the maximum of x)
      if (is_at(i, typeid(ReLUImpl)) && (is_at(i + 1, typeid(MaxPool1dImpl)) || is_at(i + 1, typeid(MaxPool2dImpl)))) {
        std::swap(layers[i], layers[i + 1]);
      }
    }
    Tensor x = example.detach();
    for (size_t i = 0; i < layers.size(); ++i) {
      const Module& layer = *layers[i].ptr();
      apart = apart && known_layers().at(typeid(layer))(layer, x.dim());
      if (is_at(i, typeid(LinearImpl))) {
        const auto& linear = *layer.as<LinearImpl>();
        const bool relu = is_at(i + 1, typeid(ReLUImpl));
        steps.push_back(linear.weight.dtype() == kFloat64 ? linear_step<double>(linear, relu)
                                                          : linear_step<float>(linear, relu));
        i += relu;
      } else if (is_at(i, typeid(ReLUImpl))) {
        steps.push_back(relu_step());
      } else {
        const Tensor copy = x.clone();
        const bool in_place = !is_at(i, typeid(FlattenImpl)) && layers[i].forward(copy).data_ptr() == copy.data_ptr();
        steps.push_back(layer_step(layers[i], in_place));
      }
      const Tensor y = steps.back()(x, false);
      const size_t bytes = static_cast<size_t>(x.numel() + y.numel()) * x.element_size();
      sample_bytes = std::max(sample_bytes, static_cast<int64_t>(bytes) / example.size(0));
      x = y;
    }
  }

  Tensor run(const Tensor& input) const {
    Tensor x = input;
    for (const Step& step : steps) x = step(x, x.data_ptr() != input.data_ptr());
    return x;
  }

  // In as many pieces as keep all threads busy, each small enough for the caches.
  Tensor run_in_pieces(const Tensor& input) const {
    const int64_t samples = input.size(0), threads = get_num_threads();
    const int64_t most = std::max<int64_t>(kPieceBytes / sample_bytes, 1);
    if (samples <= most) return run(input);
    const int64_t rounds = (samples - 1) / (most * threads) + 1;
    const int64_t size = (samples - 1) / (rounds * threads) + 1;
    std::vector<Tensor> outputs(static_cast<size_t>((samples - 1) / size + 1));
    parallel_for(0, samples, size, [&](int64_t first, int64_t last) {
      const InferenceMode no_recording;
      outputs[static_cast<size_t>(first / size)] = run(input.narrow(0, first, last - first));
    });
    return cat(outputs, 0);
  }
};

Tensor InferenceFunction::operator()(const Tensor& input) const {
  const Program& program = *program_;
  TAPER_CHECK(
      !(input.requires_grad() && GradMode::is_enabled()),
      "optimize_for_inference: the function has no derivative; got an input that requires grad; call the model, "
      "or use NoGradGuard or input.detach()");
  TAPER_CHECK_VALUE(input.dim() == program.rank, "optimize_for_inference: inputs must have ", program.rank,
                    " dimensions, as the example has; got sizes ", input.sizes());
  TAPER_CHECK_TYPE(input.dtype() == program.dtype, "optimize_for_inference: inputs must be ", program.dtype,
                   ", as the example is; got ", input.dtype(), "; convert with .to(dtype)");
  const InferenceMode no_recording;
  const Tensor x = input.detach();
  const Tensor y = program.apart ? program.run_in_pieces(x) : program.run(x);
  return y.data_ptr() == x.data_ptr() ? y.clone() : y;
}

double InferenceFunction::largest_difference() const { return program_->largest_difference; }
bool InferenceFunction::splits_batches() const { return program_->apart; }

InferenceFunction optimize_module_for_inference(const Module& model, const Tensor& example) {
  TAPER_CHECK_TYPE(is(model, typeid(SequentialImpl)), "optimize_for_inference: the model must be a Sequential; got ",
                   nn::detail::layer_name(typeid(model)),
                   ", whose forward is not known; fold_batchnorm takes any model");
  TAPER_CHECK(!model.is_training(), "optimize_for_inference: the model must be in evaluation mode; call eval() first");
  TAPER_CHECK_VALUE(example.dim() > 0 && example.numel() > 0,
                    "optimize_for_inference: the example must be an input of the model; got sizes ", example.sizes());
  check(model);
  const InferenceMode no_recording;
  const auto copy = detail::clone_for_inference(model);
  auto& sequential = *copy->as<SequentialImpl>();
  const Tensor want = sequential.forward(example.clone());
  detail::fold_in_place(*copy, [&] { return sequential.forward(example.clone()); });
  std::vector<AnyModule> layers;
  collect(sequential, layers);
  const auto program = std::make_shared<InferenceFunction::Program>(layers, example);
  InferenceFunction function(program);
  program->largest_difference = (function(example) - want).abs().max().item<double>();
  return function;
}

}  // namespace taper::nn::utils
