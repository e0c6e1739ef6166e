#include <taper/layers/rnn_cell.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/layers/init.h>

#include <cmath>

namespace taper::nn {
namespace detail {

void RNNCellBase::register_weights() {
  const RNNCellOptionsBase& o = options_base;
  TAPER_CHECK_VALUE(o.input_size() >= 0 && o.hidden_size() > 0, short_name(*this), ": input_size must not be negative ",
                    "and hidden_size must be positive; got ", o.input_size(), " and ", o.hidden_size());
  const int64_t width = o.num_chunks() * o.hidden_size();
  weight_ih = register_parameter("weight_ih", empty({width, o.input_size()}));
  weight_hh = register_parameter("weight_hh", empty({width, o.hidden_size()}));
  bias_ih = register_parameter("bias_ih", o.bias() ? empty({width}) : Tensor(), o.bias());
  bias_hh = register_parameter("bias_hh", o.bias() ? empty({width}) : Tensor(), o.bias());
  reset_parameters();
}

void RNNCellBase::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(options_base.hidden_size()));
  for (const Tensor& weight : {weight_ih, weight_hh, bias_ih, bias_hh}) {
    if (weight.defined()) init::uniform_(weight, -bound, bound);
  }
}

void RNNCellBase::pretty_print(std::ostream& stream) const {
  const RNNCellOptionsBase& o = options_base;
  FieldPrinter out(stream, layer_name(typeid(*this)));
  out("", {o.input_size()})("", {o.hidden_size()});
  if (!o.bias()) out("bias", {o.bias()});
  const std::string nonlinearity = get_nonlinearity_str();
  if (!nonlinearity.empty() && nonlinearity != "kTanh") out("nonlinearity", {nonlinearity});
  out.end();
}

Tensor RNNCellBase::batched(const Tensor& input) const {
  TAPER_CHECK_VALUE((input.dim() == 1 || input.dim() == 2) && input.size(-1) == options_base.input_size(),
                    short_name(*this), ": the input must be [batch, input_size], or [input_size] without a batch; got ",
                    "sizes ", input.sizes(), " and input_size = ", options_base.input_size());
  return input.dim() == 1 ? input.unsqueeze(0) : input;
}

Tensor RNNCellBase::batched(const Tensor& state, const char* what, const Tensor& input) const {
  const int64_t batch = input.dim() == 1 ? 1 : input.size(0), size = options_base.hidden_size();
  if (!state.defined()) return zeros({batch, size}, input.dtype());
  const DimVector wanted = input.dim() == 1 ? DimVector{size} : DimVector{batch, size};
  TAPER_CHECK_VALUE(state.sizes() == IntArrayRef(wanted), short_name(*this), ": the state ", what, " must have sizes ",
                    wanted, "; got ", state.sizes());
  return input.dim() == 1 ? state.unsqueeze(0) : state;
}

}  // namespace detail

namespace {

Tensor as_the_input(const Tensor& state, const Tensor& input) { return input.dim() == 1 ? state.squeeze(0) : state; }

}  // namespace

RNNCellImpl::RNNCellImpl(const RNNCellOptions& options_)
    : RNNCellImplBase({options_.input_size(), options_.hidden_size(), options_.bias(), 1}), options(options_) {
  RNNCellImpl::reset();
}

std::string RNNCellImpl::get_nonlinearity_str() const { return enumtype::get_enum_name(options.nonlinearity()); }

Tensor RNNCellImpl::forward(const Tensor& input, Tensor hx) {
  return detail::call_module(*this, &input, [&] {
    const Tensor x = batched(input), h = batched(hx, "h", input);
    const bool is_tanh = std::holds_alternative<enumtype::kTanh>(options.nonlinearity());
    return as_the_input(is_tanh ? rnn_tanh_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
                                : rnn_relu_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh),
                        input);
  });
}

LSTMCellImpl::LSTMCellImpl(const LSTMCellOptions& options_)
    : RNNCellImplBase({options_.input_size(), options_.hidden_size(), options_.bias(), 4}), options(options_) {
  LSTMCellImpl::reset();
}

std::tuple<Tensor, Tensor> LSTMCellImpl::forward(const Tensor& input, optional<std::tuple<Tensor, Tensor>> hx_opt) {
  return detail::call_module(*this, &input, [&]() -> std::tuple<Tensor, Tensor> {
    const auto given = hx_opt.value_or(std::tuple<Tensor, Tensor>());
    const Tensor x = batched(input);
    const auto [h, c] = lstm_cell(x, {batched(std::get<0>(given), "h", input), batched(std::get<1>(given), "c", input)},
                                  weight_ih, weight_hh, bias_ih, bias_hh);
    return {as_the_input(h, input), as_the_input(c, input)};
  });
}

GRUCellImpl::GRUCellImpl(const GRUCellOptions& options_)
    : RNNCellImplBase({options_.input_size(), options_.hidden_size(), options_.bias(), 3}), options(options_) {
  GRUCellImpl::reset();
}

Tensor GRUCellImpl::forward(const Tensor& input, Tensor hx) {
  return detail::call_module(*this, &input, [&] {
    const Tensor x = batched(input), h = batched(hx, "h", input);
    return as_the_input(gru_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh), input);
  });
}

}  // namespace taper::nn
