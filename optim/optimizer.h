// Optimizer: the base of every optimiser - parameters in groups, options for each group, state for each parameter.
//
//   taper::optim::SGD optimizer(net->parameters(), taper::optim::SGDOptions(0.1).momentum(0.9));
//   for (auto& batch : *loader) {
//     optimizer.zero_grad();
//     loss(net(batch.data), batch.target).backward();
//     optimizer.step();
//   }
//
// Groups give some parameters options of their own:
//
//   std::vector<taper::optim::OptimizerParamGroup> groups;
//   groups.emplace_back(weights, std::make_unique<taper::optim::SGDOptions>(0.1));
//   groups.emplace_back(biases);  // the defaults
//   taper::optim::SGD optimizer(groups, taper::optim::SGDOptions(0.01));
//
// Parameters are leaf tensors of a floating-point type, each listed once. step() skips those without a gradient.
//
// A custom optimiser: options derived from OptimizerCloneableOptions, state from OptimizerCloneableParamState, and
// step(). To be saved, both override visit().
#pragma once

#include <taper/autograd/life.h>
#include <taper/core/ordered_dict.h>

#include <cmath>
#include <memory>
#include <unordered_map>

namespace taper::serialize {
class OutputArchive;
class InputArchive;
}  // namespace taper::serialize

namespace taper::optim {

// Visits the numbers, flags and tensors of options or of a parameter's state, each by its name: for saving, loading,
// comparing and checking.
class FieldVisitor {
 public:
  virtual void operator()(const char* /*name*/, double& /*value*/) {}
  virtual void operator()(const char* /*name*/, bool& /*value*/) {}
  // A count, 0 or more.
  virtual void operator()(const char* /*name*/, int64_t& /*value*/) {}
  // Of the parameter's sizes and dtype; an undefined tensor is not saved.
  virtual void operator()(const char* /*name*/, Tensor& /*value*/) {}

  // Numbers with a domain, which OptimizerOptions::check_fields() checks.
  void finite(const char* name, double& value) { ranged(name, value, std::isfinite(value), "a finite number"); }
  void non_negative(const char* name, double& value) {
    ranged(name, value, value >= 0 && std::isfinite(value), "a finite number, 0 or more");
  }
  void from_0_to_1(const char* name, double& value) { ranged(name, value, value >= 0 && value <= 1, "from 0 to 1"); }

 protected:
  ~FieldVisitor() = default;
  virtual void ranged(const char* name, double& value, bool, const char*) { (*this)(name, value); }
};

// The state of an optimiser for one parameter, such as a momentum buffer.
class TAPER_API OptimizerParamState {
 public:
  OptimizerParamState() = default;
  // The copy belongs to no parameter yet.
  OptimizerParamState(const OptimizerParamState&) {}
  OptimizerParamState& operator=(const OptimizerParamState&) { return *this; }
  virtual ~OptimizerParamState() = default;
  virtual std::unique_ptr<OptimizerParamState> clone() const;
  virtual void visit(FieldVisitor& visitor);

 private:
  friend class Optimizer;
  bool is_orphan() const { return parameter_ && parameter_->over; }
  intrusive_ptr<autograd::Life> parameter_;  // null until the optimiser uses the state
};

template <class Derived>
class OptimizerCloneableParamState : public OptimizerParamState {
  std::unique_ptr<OptimizerParamState> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

// The settings of a group. They may be changed between steps, as schedulers do with the learning rate. Functions that a
// derived class does not override throw NotImplementedError.
class TAPER_API OptimizerOptions {
 public:
  virtual ~OptimizerOptions() = default;
  virtual std::unique_ptr<OptimizerOptions> clone() const;
  virtual double get_lr() const;
  virtual void set_lr(double lr);
  // For schedulers that cycle the momentum.
  virtual double get_momentum() const;
  virtual void set_momentum(double momentum);
  // ValueError, with the value, for a setting outside its domain. By default all values are valid.
  virtual void check() const {}
  virtual void visit(FieldVisitor& visitor);

 protected:
  // Checks the fields for which visit() gives a domain; `optimizer` is its name, for errors.
  void check_fields(const char* optimizer) const;
};
// Whether all visited fields are equal.
TAPER_API bool operator==(const OptimizerOptions& a, const OptimizerOptions& b);

template <class Derived>
class OptimizerCloneableOptions : public OptimizerOptions {
  std::unique_ptr<OptimizerOptions> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

// Parameters and their options. A copy has options of its own and shares the parameters.
class TAPER_API OptimizerParamGroup {
 public:
  OptimizerParamGroup(std::vector<Tensor> params) : params_(std::move(params)) {}  // NOLINT: as libtorch
  OptimizerParamGroup(std::vector<Tensor> params, std::unique_ptr<OptimizerOptions> options)
      : params_(std::move(params)), options_(std::move(options)) {}
  OptimizerParamGroup(const OptimizerParamGroup& other)
      : params_(other.params_),
        options_(other.options_ ? other.options_->clone() : nullptr),
        initial_lr_(other.initial_lr_) {}
  OptimizerParamGroup(OptimizerParamGroup&&) = default;
  OptimizerParamGroup& operator=(OptimizerParamGroup other) noexcept {
    params_.swap(other.params_);
    options_.swap(other.options_);
    initial_lr_ = other.initial_lr_;
    return *this;
  }

  // A group without options gets the optimiser's defaults.
  bool has_options() const { return options_ != nullptr; }
  OptimizerOptions& options() { return const_cast<OptimizerOptions&>(std::as_const(*this).options()); }
  const OptimizerOptions& options() const;
  void set_options(std::unique_ptr<OptimizerOptions> options) { options_ = std::move(options); }
  std::vector<Tensor>& params() { return params_; }
  const std::vector<Tensor>& params() const { return params_; }
  // The learning rate of the group when the first schedule was made, which is the base rate of every later one; nullopt
  // before. (A OneCycleLR sets it to its own first rate.) Saved with the optimiser.
  optional<double> initial_lr() const { return initial_lr_; }
  void set_initial_lr(optional<double> lr) { initial_lr_ = lr; }

 private:
  std::vector<Tensor> params_;
  std::unique_ptr<OptimizerOptions> options_;
  optional<double> initial_lr_;
};

class TAPER_API Optimizer {
 public:
  // Computes loss and gradients: zero_grad, forward, backward; returns the loss.
  using LossClosure = std::function<Tensor()>;
  // By the parameter's impl(). A new parameter at the address of a destroyed one does not get its state, which the next
  // step() drops.
  using StateMap = std::unordered_map<const void*, std::unique_ptr<OptimizerParamState>>;

  Optimizer(std::vector<OptimizerParamGroup> param_groups, std::unique_ptr<OptimizerOptions> defaults);
  Optimizer(std::vector<Tensor> parameters, std::unique_ptr<OptimizerOptions> defaults);
  // Copying would share the parameters and not the state; state_dict() and load_state_dict() copy an optimiser.
  Optimizer(const Optimizer&) = delete;
  Optimizer(Optimizer&&) = default;
  virtual ~Optimizer();

  // Updates every parameter that has a gradient by the optimiser's rule, in place and without recording. A closure is
  // called first (recording on) and its loss returned; otherwise the result is undefined. Everything is checked before
  // the first parameter is changed. Gradients are unchanged.
  virtual Tensor step(LossClosure closure = nullptr) = 0;
  // Fills every gradient with zeros, or drops it.
  void zero_grad(bool set_to_none = false);

  // Parameters must be defined leaves of a floating-point dtype, none of them listed twice; options must be of the
  // optimiser's own type. An error adds nothing.
  void add_param_group(const OptimizerParamGroup& param_group);
  // Appends to the first group. This, parameters() and size() are deprecated, as in libtorch, and warn; use
  // add_param_group and param_groups.
  void add_parameters(const std::vector<Tensor>& parameters);

  std::vector<OptimizerParamGroup>& param_groups() noexcept { return param_groups_; }
  const std::vector<OptimizerParamGroup>& param_groups() const noexcept { return param_groups_; }
  // Those of the first group.
  std::vector<Tensor>& parameters();
  const std::vector<Tensor>& parameters() const;
  // The number of parameters in all groups.
  size_t size() const;
  OptimizerOptions& defaults() noexcept { return *defaults_; }
  const OptimizerOptions& defaults() const noexcept { return *defaults_; }
  StateMap& state() noexcept { return state_; }
  const StateMap& state() const noexcept { return state_; }

  // The whole state as a flat dictionary of tensors, with parameters numbered through all groups from 0:
  //   state.0.momentum_buffer    the state of parameter 0 (sharing its data with the optimiser); counts are zero-dim
  //                              tensors of int64
  //   param_groups.0.lr          a setting of group 0: a zero-dim tensor of float64, of bool for a flag
  //   param_groups.0.initial_lr  float64, once a schedule was made; optional when loading
  //   param_groups.0.params      the numbers of its parameters, int64
  OrderedDict<std::string, Tensor> state_dict() const;
  // Copies the values of `state`. Everything is checked first - the numbers of groups and of parameters in each,
  // missing and unexpected keys, sizes, dtypes, values - and an Error, which lists all that is wrong, leaves the
  // optimiser unchanged.
  void load_state_dict(const OrderedDict<std::string, Tensor>& state);
  // Writes state_dict() to an archive, and loads from one that has nothing else (serialize/serialize.h).
  virtual void save(serialize::OutputArchive& archive) const;
  virtual void load(serialize::InputArchive& archive);

 protected:
  // An empty state, for loading. Null, the default, for an optimiser without state.
  virtual std::unique_ptr<OptimizerParamState> make_param_state() const { return nullptr; }
  // The state of a parameter, created if there is none.
  template <class State>
  State& state_of(const Tensor& p) {
    return static_cast<State&>(param_state(p));
  }
  // To be called first in step(): returns the loss of the closure, computed with recording on (undefined without one),
  // and drops the states of destroyed parameters.
  Tensor begin_step(const LossClosure& closure);

  std::vector<OptimizerParamGroup> param_groups_;
  StateMap state_;
  std::unique_ptr<OptimizerOptions> defaults_;

 private:
  OptimizerParamState& param_state(const Tensor& p);
};

namespace detail {

// What the optimisers here share: constructors, state, and a step that is one pass over memory for all parameters
// together, with the same bits for any number of threads.
template <class Options, class State>
class TAPER_API FusedOptimizer : public Optimizer {
 public:
  explicit FusedOptimizer(std::vector<OptimizerParamGroup> param_groups, const Options& defaults)
      : Optimizer(std::move(param_groups), std::make_unique<Options>(defaults)) {}
  explicit FusedOptimizer(std::vector<Tensor> params, const Options& defaults)
      : Optimizer(std::move(params), std::make_unique<Options>(defaults)) {}
  // Without options where all have defaults; the learning rate of SGD has none.
  explicit FusedOptimizer(
      std::vector<OptimizerParamGroup> param_groups) requires std::is_default_constructible_v<Options>
      : FusedOptimizer(std::move(param_groups), Options()) {}
  explicit FusedOptimizer(std::vector<Tensor> params) requires std::is_default_constructible_v<Options>
      : FusedOptimizer(std::move(params), Options()) {}

 protected:
  std::unique_ptr<OptimizerParamState> make_param_state() const override { return std::make_unique<State>(); }
  // step(): rule_of(step, options, state) returns the rule of a parameter, whose state is state()
  // (fused_step_internal.h, which is not installed).
  template <class RuleOf>
  Tensor fused_step(const char* name, const LossClosure& closure, const RuleOf& rule_of);
};

}  // namespace detail
}  // namespace taper::optim
