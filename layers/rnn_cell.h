// RNNCell, LSTMCell and GRUCell: one step of an RNN, LSTM and GRU (rnn.h), for loops over time of the program's own.
//
//   input    [B, input_size], or [input_size] without a batch
//   hx       the state h, of an LSTMCell (h, c), each [B, hidden_size] or [hidden_size]; zeros if absent
//   result   the state after the step
//
//   weight_ih [G hidden_size, input_size], weight_hh [G hidden_size, hidden_size], bias_ih and bias_hh [G hidden_size]
//   (undefined with bias(false)): uniform on +-1/sqrt(hidden_size), drawn in this order from the default generator
//
//   taper::nn::LSTMCell cell(28, 128);
//   taper::optional<std::tuple<taper::Tensor, taper::Tensor>> state;
//   for (int64_t t = 0; t < x.size(0); ++t) state = cell(x[t], state);
//
// ValueError for a hidden_size that is not positive and for inputs and states that do not fit.
#pragma once

#include <taper/layers/any.h>
#include <taper/layers/enum.h>
#include <taper/layers/layer.h>

namespace taper::nn {

struct RNNCellOptions {
  using nonlinearity_t = std::variant<enumtype::kTanh, enumtype::kReLU>;
  RNNCellOptions(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_ARG(int64_t, input_size);
  TAPER_ARG(int64_t, hidden_size);
  TAPER_ARG(bool, bias) = true;
  TAPER_ARG(nonlinearity_t, nonlinearity) = kTanh;
};
struct LSTMCellOptions {
  LSTMCellOptions(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_ARG(int64_t, input_size);
  TAPER_ARG(int64_t, hidden_size);
  TAPER_ARG(bool, bias) = true;
};
struct GRUCellOptions {
  GRUCellOptions(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}
  TAPER_ARG(int64_t, input_size);
  TAPER_ARG(int64_t, hidden_size);
  TAPER_ARG(bool, bias) = true;
};

namespace detail {

struct RNNCellOptionsBase {
  RNNCellOptionsBase(int64_t input_size, int64_t hidden_size, bool bias, int64_t num_chunks)
      : input_size_(input_size), hidden_size_(hidden_size), bias_(bias), num_chunks_(num_chunks) {}
  TAPER_ARG(int64_t, input_size);
  TAPER_ARG(int64_t, hidden_size);
  TAPER_ARG(bool, bias);
  // G, the number of gates.
  TAPER_ARG(int64_t, num_chunks);
};

// What the three share; module->as<RNNCellBase>() finds one of any kind.
class TAPER_API RNNCellBase : public virtual Module {
 public:
  explicit RNNCellBase(const RNNCellOptionsBase& options) : options_base(options) {}

  void reset_parameters();
  void pretty_print(std::ostream& stream) const override;

  RNNCellOptionsBase options_base;
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;

 protected:
  void register_weights();
  // ValueError for an input that does not fit; [B, input_size].
  Tensor batched(const Tensor& input) const;
  // The same for a state of it, which is zeros if undefined.
  Tensor batched(const Tensor& state, const char* what, const Tensor& input) const;
  // What is printed of the nonlinearity; "" for none.
  virtual std::string get_nonlinearity_str() const { return ""; }
};

template <class Derived>
class RNNCellImplBase : public RNNCellBase, public Cloneable<Derived> {
 public:
  using RNNCellBase::RNNCellBase;
  void reset() override { register_weights(); }
};

}  // namespace detail

class TAPER_API RNNCellImpl : public detail::RNNCellImplBase<RNNCellImpl> {
 public:
  RNNCellImpl(int64_t input_size, int64_t hidden_size) : RNNCellImpl(RNNCellOptions(input_size, hidden_size)) {}
  explicit RNNCellImpl(const RNNCellOptions& options_);

  Tensor forward(const Tensor& input, Tensor hx = {});

  RNNCellOptions options;

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, AnyValue(Tensor())})
  std::string get_nonlinearity_str() const override;
};
TAPER_MODULE(RNNCell);

class TAPER_API LSTMCellImpl : public detail::RNNCellImplBase<LSTMCellImpl> {
 public:
  LSTMCellImpl(int64_t input_size, int64_t hidden_size) : LSTMCellImpl(LSTMCellOptions(input_size, hidden_size)) {}
  explicit LSTMCellImpl(const LSTMCellOptions& options_);

  // (h, c) both
  std::tuple<Tensor, Tensor> forward(const Tensor& input, optional<std::tuple<Tensor, Tensor>> hx_opt = {});

  LSTMCellOptions options;

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, AnyValue(optional<std::tuple<Tensor, Tensor>>())})
};
TAPER_MODULE(LSTMCell);

class TAPER_API GRUCellImpl : public detail::RNNCellImplBase<GRUCellImpl> {
 public:
  GRUCellImpl(int64_t input_size, int64_t hidden_size) : GRUCellImpl(GRUCellOptions(input_size, hidden_size)) {}
  explicit GRUCellImpl(const GRUCellOptions& options_);

  Tensor forward(const Tensor& input, Tensor hx = {});

  GRUCellOptions options;

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, AnyValue(Tensor())})
};
TAPER_MODULE(GRUCell);

}  // namespace taper::nn
