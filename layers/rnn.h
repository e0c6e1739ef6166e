// Recurrent layers: RNN (Elman 1990), LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000; with proj_size Sak et
// al. 2014) and GRU (Cho et al. 2014). The formulas are those of autograd/ops/rnn.h. Single steps are in rnn_cell.h.
//
//   input    [T, B, input_size]; [B, T, input_size] with batch_first; [T, input_size] without a batch; or a
//            PackedSequence (utils/rnn.h) of sequences of different lengths
//   output   [T, B, D O], [B, T, D O] or [T, D O], of the last layer; or a PackedSequence
//   h, c     the states before the first step (zeros if absent) and after the last: [num_layers D, B, O] and
//            [num_layers D, B, hidden_size], without a batch [num_layers D, ...]; layer by layer, in each the one
//            backwards behind the one forwards
//
// with D = 2 for bidirectional layers, otherwise 1, and O = proj_size, or hidden_size if that is 0.
//
//   weight_ih_l0  [G hidden_size, input_size], of the layers after the first [G hidden_size, D O]
//   weight_hh_l0  [G hidden_size, O]; the gates are in PyTorch's order: i, f, g, o (LSTM, G = 4), r, z, n (GRU, G = 3)
//   bias_ih_l0, bias_hh_l0  [G hidden_size]; absent with bias(false)
//   weight_hr_l0  [proj_size, hidden_size], with proj_size
//
// and so on with _l1, ...; those of the direction backwards end in _reverse. All are uniform on +-1/sqrt(hidden_size),
// drawn in PyTorch's order from the default generator.
//
//   taper::nn::LSTM lstm(taper::nn::LSTMOptions(28, 128).num_layers(2).bidirectional(true).batch_first(true));
//   auto [y, state] = lstm(x);               // x [32, 28, 28]: y [32, 28, 256]
//   auto [h, c] = state;                     // [4, 32, 128] both
//   auto [more, next] = lstm(x2, state);     // continues
//
// ValueError for options out of range, when the layer is constructed, and for inputs and states that do not fit.
#pragma once

#include <taper/layers/any.h>
#include <taper/layers/enum.h>
#include <taper/layers/layer.h>
#include <taper/layers/utils/rnn.h>

namespace taper::nn {

// Options of all three. dropout: in training, the probability with which elements of the output of each layer but the
// last are dropped, from 0 to 1.
#define TAPER_RNN_ARGS                  \
  TAPER_ARG(int64_t, input_size);       \
  TAPER_ARG(int64_t, hidden_size);      \
  TAPER_ARG(int64_t, num_layers) = 1;   \
  TAPER_ARG(bool, bias) = true;         \
  TAPER_ARG(bool, batch_first) = false; \
  TAPER_ARG(double, dropout) = 0.0;     \
  TAPER_ARG(bool, bidirectional) = false

struct RNNOptions {
  using nonlinearity_t = std::variant<enumtype::kTanh, enumtype::kReLU>;
  RNNOptions(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_RNN_ARGS;
  TAPER_ARG(nonlinearity_t, nonlinearity) = kTanh;
};

struct LSTMOptions {
  LSTMOptions(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_RNN_ARGS;
  // Size of the output and of h, smaller than hidden_size; 0: hidden_size, without a projection.
  TAPER_ARG(int64_t, proj_size) = 0;
};

struct GRUOptions {
  GRUOptions(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_RNN_ARGS;
};

namespace detail {

struct RNNOptionsBase {
  using rnn_options_base_mode_t =
      std::variant<enumtype::kLSTM, enumtype::kGRU, enumtype::kRNN_TANH, enumtype::kRNN_RELU>;
  RNNOptionsBase(rnn_options_base_mode_t mode, int64_t input_size, int64_t hidden_size)
      : mode_(mode), input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_ARG(rnn_options_base_mode_t, mode);
  TAPER_RNN_ARGS;
  TAPER_ARG(int64_t, proj_size) = 0;
};

// What the three share; module->as<RNNBase>() finds one of any kind.
class TAPER_API RNNBase : public virtual Module {
 public:
  explicit RNNBase(const RNNOptionsBase& options) : options_base(options) {}

  void reset_parameters();
  // All parameters in their order.
  std::vector<Tensor> all_weights() const { return flat_weights_; }
  // Does nothing: weights are read where they lie.
  void flatten_parameters() {}
  void pretty_print(std::ostream& stream) const override;

  RNNOptionsBase options_base;

 protected:
  struct Output {
    Tensor y, h, c;
  };
  void register_weights();
  Output run(const Tensor& input, Tensor h, Tensor c);
  Output run_packed(const utils::rnn::PackedSequence& input, Tensor h, Tensor c);

 private:
  int64_t num_directions() const { return options_base.bidirectional() ? 2 : 1; }
  void check_input_size(const Tensor& input) const;
  // h and c as [num_layers D, B, size], zeros where they are undefined.
  void prepare_states(Tensor& h, Tensor& c, int64_t batch, bool is_batched, const Tensor& input) const;
  // `sizes` undefined: the input is padded.
  Output call(const Tensor& input, const Tensor& sizes, const Tensor& h, const Tensor& c) const;

  std::vector<Tensor> flat_weights_;
};

template <class Derived>
class RNNImplBase : public RNNBase, public Cloneable<Derived> {
 public:
  using RNNBase::RNNBase;
  void reset() override { register_weights(); }
};

}  // namespace detail
#undef TAPER_RNN_ARGS

class TAPER_API RNNImpl : public detail::RNNImplBase<RNNImpl> {
 public:
  RNNImpl(int64_t input_size, int64_t hidden_size) : RNNImpl(RNNOptions(input_size, hidden_size)) {}
  explicit RNNImpl(const RNNOptions& options_);

  std::tuple<Tensor, Tensor> forward(const Tensor& input, Tensor hx = {});
  std::tuple<utils::rnn::PackedSequence, Tensor> forward_with_packed_input(
      const utils::rnn::PackedSequence& packed_input, Tensor hx = {});

  RNNOptions options;

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, AnyValue(Tensor())})
};
TAPER_MODULE(RNN);

class TAPER_API LSTMImpl : public detail::RNNImplBase<LSTMImpl> {
 public:
  LSTMImpl(int64_t input_size, int64_t hidden_size) : LSTMImpl(LSTMOptions(input_size, hidden_size)) {}
  explicit LSTMImpl(const LSTMOptions& options_);

  // hx_opt: (h, c)
  std::tuple<Tensor, std::tuple<Tensor, Tensor>> forward(const Tensor& input,
                                                         optional<std::tuple<Tensor, Tensor>> hx_opt = {});
  std::tuple<utils::rnn::PackedSequence, std::tuple<Tensor, Tensor>> forward_with_packed_input(
      const utils::rnn::PackedSequence& packed_input, optional<std::tuple<Tensor, Tensor>> hx_opt = {});

  LSTMOptions options;

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, AnyValue(optional<std::tuple<Tensor, Tensor>>())})
};
TAPER_MODULE(LSTM);

class TAPER_API GRUImpl : public detail::RNNImplBase<GRUImpl> {
 public:
  GRUImpl(int64_t input_size, int64_t hidden_size) : GRUImpl(GRUOptions(input_size, hidden_size)) {}
  explicit GRUImpl(const GRUOptions& options_);

  std::tuple<Tensor, Tensor> forward(const Tensor& input, Tensor hx = {});
  std::tuple<utils::rnn::PackedSequence, Tensor> forward_with_packed_input(
      const utils::rnn::PackedSequence& packed_input, Tensor hx = {});

  GRUOptions options;

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, AnyValue(Tensor())})
};
TAPER_MODULE(GRU);

}  // namespace taper::nn
