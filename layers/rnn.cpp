#include <taper/layers/rnn.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/layers/init.h>

#include <cmath>

namespace taper::nn {

using utils::rnn::PackedSequence;

namespace {

template <class Mode, class Options>
detail::RNNOptionsBase base_options(Mode mode, const Options& o) {
  return detail::RNNOptionsBase(mode, o.input_size(), o.hidden_size())
      .num_layers(o.num_layers())
      .bias(o.bias())
      .batch_first(o.batch_first())
      .dropout(o.dropout())
      .bidirectional(o.bidirectional());
}

detail::RNNOptionsBase base_options(const RNNOptions& o) {
  if (std::holds_alternative<enumtype::kTanh>(o.nonlinearity())) return base_options(kRNN_TANH, o);
  return base_options(kRNN_RELU, o);
}

PackedSequence packed_like(const Tensor& data, const PackedSequence& input) {
  return PackedSequence(data, input.batch_sizes(), input.sorted_indices(), input.unsorted_indices());
}

Tensor select_sequences(const Tensor& state, const Tensor& indices) {
  return state.defined() && indices.defined() ? state.index_select(1, indices) : state;
}

}  // namespace

namespace detail {

void RNNBase::register_weights() {
  const RNNOptionsBase& o = options_base;
  const std::string name = short_name(*this);
  TAPER_CHECK_VALUE(o.input_size() >= 0, name, ": input_size must not be negative; got ", o.input_size());
  TAPER_CHECK_VALUE(o.hidden_size() > 0, name, ": hidden_size must be positive; got ", o.hidden_size());
  TAPER_CHECK_VALUE(o.num_layers() > 0, name, ": num_layers must be positive; got ", o.num_layers());
  TAPER_CHECK_VALUE(o.dropout() >= 0 && o.dropout() <= 1, name, ": dropout must be from 0 to 1; got ", o.dropout());
  TAPER_CHECK_VALUE(o.proj_size() >= 0 && o.proj_size() < o.hidden_size(), name,
                    ": proj_size must be from 0 (none) to hidden_size - 1; got ", o.proj_size(), " and hidden_size ",
                    o.hidden_size());
  TAPER_CHECK_VALUE(o.proj_size() == 0 || std::holds_alternative<enumtype::kLSTM>(o.mode()), name,
                    ": only an LSTM has a proj_size; got ", o.proj_size());
  if (o.dropout() > 0 && o.num_layers() == 1) {
    warn(taper::detail::str(name, ": dropout acts between layers, of which there is one; got dropout ", o.dropout(),
                            " and num_layers 1"));
  }
  const int64_t gates = std::holds_alternative<enumtype::kLSTM>(o.mode())  ? 4
                        : std::holds_alternative<enumtype::kGRU>(o.mode()) ? 3
                                                                           : 1;
  const int64_t width = gates * o.hidden_size(), output = o.proj_size() > 0 ? o.proj_size() : o.hidden_size();
  flat_weights_.clear();
  for (int64_t l = 0; l < o.num_layers(); ++l) {
    for (int64_t d = 0; d < num_directions(); ++d) {
      const std::string suffix = "_l" + std::to_string(l) + (d == 1 ? "_reverse" : "");
      const auto add = [&](const char* what, IntArrayRef sizes) {
        flat_weights_.push_back(register_parameter(what + suffix, empty(sizes)));
      };
      add("weight_ih", {width, l == 0 ? o.input_size() : output * num_directions()});
      add("weight_hh", {width, output});
      if (o.bias()) {
        add("bias_ih", {width});
        add("bias_hh", {width});
      }
      if (o.proj_size() > 0) add("weight_hr", {output, o.hidden_size()});
    }
  }
  reset_parameters();
}

void RNNBase::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(options_base.hidden_size()));
  for (const Tensor& weight : flat_weights_) init::uniform_(weight, -bound, bound);
}

void RNNBase::pretty_print(std::ostream& stream) const {
  const RNNOptionsBase& o = options_base;
  FieldPrinter out(stream, layer_name(typeid(*this)));
  out("input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional",
      {o.input_size(), o.hidden_size(), o.num_layers(), o.bias(), o.batch_first(), o.dropout(), o.bidirectional()});
  if (o.proj_size() > 0) out("proj_size", {o.proj_size()});
  out.end();
}

void RNNBase::check_input_size(const Tensor& input) const {
  TAPER_CHECK_VALUE(input.size(-1) == options_base.input_size(), short_name(*this),
                    ": the last dimension of the input must be input_size; got input sizes ", input.sizes(),
                    " and input_size = ", options_base.input_size());
}

void RNNBase::prepare_states(Tensor& h, Tensor& c, int64_t batch, bool is_batched, const Tensor& input) const {
  const RNNOptionsBase& o = options_base;
  const bool is_lstm = std::holds_alternative<enumtype::kLSTM>(o.mode());
  const auto prepare = [&](const char* what, Tensor& state, int64_t size) {
    const int64_t layers = o.num_layers() * num_directions();
    if (!state.defined()) {
      state = zeros({layers, batch, size}, input.dtype());
      return;
    }
    const DimVector wanted = is_batched ? DimVector{layers, batch, size} : DimVector{layers, size};
    TAPER_CHECK_VALUE(state.sizes() == IntArrayRef(wanted), short_name(*this), ": the state ", what,
                      " must have sizes ", wanted, "; got ", state.sizes());
    if (!is_batched) state = state.unsqueeze(1);
  };
  prepare("h", h, o.proj_size() > 0 ? o.proj_size() : o.hidden_size());
  if (is_lstm) prepare("c", c, o.hidden_size());
}

RNNBase::Output RNNBase::call(const Tensor& x, const Tensor& sizes, const Tensor& h, const Tensor& c) const {
  const RNNOptionsBase& o = options_base;
  const auto run = [&](const auto& function, const auto& hx) {
    if (sizes.defined()) {
      return function(x, sizes, hx, flat_weights_, o.bias(), o.num_layers(), o.dropout(), is_training(),
                      o.bidirectional());
    }
    return function(x, hx, flat_weights_, o.bias(), o.num_layers(), o.dropout(), is_training(), o.bidirectional(),
                    o.batch_first());
  };
  if (std::holds_alternative<enumtype::kLSTM>(o.mode())) {
    const auto [y, hn, cn] = run([](const auto&... args) { return lstm(args...); }, std::vector<Tensor>{h, c});
    return {y, hn, cn};
  }
  const auto [y, hn] = std::holds_alternative<enumtype::kGRU>(o.mode())
                           ? run([](const auto&... args) { return gru(args...); }, h)
                       : std::holds_alternative<enumtype::kRNN_TANH>(o.mode())
                           ? run([](const auto&... args) { return rnn_tanh(args...); }, h)
                           : run([](const auto&... args) { return rnn_relu(args...); }, h);
  return {y, hn, {}};
}

RNNBase::Output RNNBase::run(const Tensor& input, Tensor h, Tensor c) {
  TAPER_CHECK_VALUE(input.dim() == 2 || input.dim() == 3, short_name(*this), ": the input must be ",
                    options_base.batch_first() ? "[batch, steps, input_size]" : "[steps, batch, input_size]",
                    ", or [steps, input_size] without a batch; got sizes ", input.sizes());
  check_input_size(input);
  const bool is_batched = input.dim() == 3;
  const int64_t batch_dim = options_base.batch_first() ? 0 : 1;
  const Tensor x = is_batched ? input : input.unsqueeze(batch_dim);
  prepare_states(h, c, x.size(batch_dim), is_batched, input);
  Output out = call(x, {}, h, c);
  if (is_batched) return out;
  return {out.y.squeeze(batch_dim), out.h.squeeze(1), out.c.defined() ? out.c.squeeze(1) : out.c};
}

RNNBase::Output RNNBase::run_packed(const PackedSequence& input, Tensor h, Tensor c) {
  TAPER_CHECK_VALUE(input.data().dim() == 2, short_name(*this), ": packed data must be [rows, input_size]; got sizes ",
                    input.data().sizes());
  check_input_size(input.data());
  TAPER_CHECK_VALUE(input.batch_sizes().numel() > 0, short_name(*this), ": sequences must have at least one step");
  h = select_sequences(h, input.sorted_indices());
  c = select_sequences(c, input.sorted_indices());
  prepare_states(h, c, input.batch_sizes()[0].item<int64_t>(), true, input.data());
  const Output out = call(input.data(), input.batch_sizes(), h, c);
  return {out.y, select_sequences(out.h, input.unsorted_indices()), select_sequences(out.c, input.unsorted_indices())};
}

}  // namespace detail

#define TAPER_RNN_FORWARD(Impl)                                                                                \
  std::tuple<Tensor, Tensor> Impl::forward(const Tensor& input, Tensor hx) {                                   \
    return detail::call_module(*this, &input, [&]() -> std::tuple<Tensor, Tensor> {                            \
      const Output out = run(input, std::move(hx), {});                                                        \
      return {out.y, out.h};                                                                                   \
    });                                                                                                        \
  }                                                                                                            \
  std::tuple<PackedSequence, Tensor> Impl::forward_with_packed_input(const PackedSequence& input, Tensor hx) { \
    return detail::call_module(*this, &input.data(), [&]() -> std::tuple<PackedSequence, Tensor> {             \
      const Output out = run_packed(input, std::move(hx), {});                                                 \
      return {packed_like(out.y, input), out.h};                                                               \
    });                                                                                                        \
  }

RNNImpl::RNNImpl(const RNNOptions& options_) : RNNImplBase(base_options(options_)), options(options_) {
  RNNImpl::reset();
}
TAPER_RNN_FORWARD(RNNImpl)

GRUImpl::GRUImpl(const GRUOptions& options_) : RNNImplBase(base_options(kGRU, options_)), options(options_) {
  GRUImpl::reset();
}
TAPER_RNN_FORWARD(GRUImpl)
#undef TAPER_RNN_FORWARD

LSTMImpl::LSTMImpl(const LSTMOptions& options_)
    : RNNImplBase(base_options(kLSTM, options_).proj_size(options_.proj_size())), options(options_) {
  LSTMImpl::reset();
}

std::tuple<Tensor, std::tuple<Tensor, Tensor>> LSTMImpl::forward(const Tensor& input,
                                                                 optional<std::tuple<Tensor, Tensor>> hx_opt) {
  return detail::call_module(*this, &input, [&]() -> std::tuple<Tensor, std::tuple<Tensor, Tensor>> {
    const auto [h, c] = hx_opt.value_or(std::tuple<Tensor, Tensor>());
    const Output out = run(input, h, c);
    return {out.y, {out.h, out.c}};
  });
}
std::tuple<PackedSequence, std::tuple<Tensor, Tensor>> LSTMImpl::forward_with_packed_input(
    const PackedSequence& input, optional<std::tuple<Tensor, Tensor>> hx_opt) {
  return detail::call_module(*this, &input.data(), [&]() -> std::tuple<PackedSequence, std::tuple<Tensor, Tensor>> {
    const auto [h, c] = hx_opt.value_or(std::tuple<Tensor, Tensor>());
    const Output out = run_packed(input, h, c);
    return {packed_like(out.y, input), {out.h, out.c}};
  });
}

}  // namespace taper::nn
