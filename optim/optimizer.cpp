#include <taper/autograd/grad_mode.h>
#include <taper/autograd/node.h>
#include <taper/core/factories.h>
#include <taper/optim/optimizer.h>

#include <limits>
#include <typeinfo>
#include <unordered_set>

namespace taper::optim {
namespace {

[[noreturn]] void must_override(const char* what) {
  throw NotImplementedError(std::string("optimizer: ") + what + " must be overridden by the derived class; it is not");
}

using Seen = std::unordered_set<const void*>;

Seen impls(const std::vector<OptimizerParamGroup>& groups) {
  Seen seen;
  for (const OptimizerParamGroup& group : groups) {
    for (const Tensor& p : group.params()) seen.insert(p.impl());
  }
  return seen;
}

// `seen` has the parameters of other groups; `first` is the position of params[0] in its group.
void check_parameters(const std::vector<Tensor>& params, size_t group, size_t first, Seen seen) {
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& p = params[i];
    const std::string which = detail::str("parameter ", first + i, " of group ", group);
    TAPER_CHECK_VALUE(p.defined(), "Optimizer: a parameter must be defined; ", which, " is not; leave it out");
    TAPER_CHECK_TYPE(p.is_floating_point(), "Optimizer: a parameter must be float32 or float64; ", which, " is ",
                     p.dtype(), " of sizes ", p.sizes());
    TAPER_CHECK_VALUE(p.is_leaf(), "Optimizer: a parameter must be a leaf; ", which, " of sizes ", p.sizes(),
                      " is the result of ", p.grad_fn()->name(), "; pass the tensors it was computed from");
    TAPER_CHECK_VALUE(seen.insert(p.impl()).second, "Optimizer: a parameter must be listed once; ", which, " of sizes ",
                      p.sizes(), " is there already");
  }
}

}  // namespace

std::unique_ptr<OptimizerParamState> OptimizerParamState::clone() const { must_override("OptimizerParamState::clone"); }
void OptimizerParamState::visit(FieldVisitor&) { must_override("OptimizerParamState::visit"); }
std::unique_ptr<OptimizerOptions> OptimizerOptions::clone() const { must_override("OptimizerOptions::clone"); }
double OptimizerOptions::get_lr() const { must_override("OptimizerOptions::get_lr"); }
void OptimizerOptions::set_lr(double) { must_override("OptimizerOptions::set_lr"); }
double OptimizerOptions::get_momentum() const { must_override("OptimizerOptions::get_momentum"); }
void OptimizerOptions::set_momentum(double) { must_override("OptimizerOptions::set_momentum"); }
void OptimizerOptions::visit(FieldVisitor&) { must_override("OptimizerOptions::visit"); }

const OptimizerOptions& OptimizerParamGroup::options() const {
  TAPER_CHECK(options_, "OptimizerParamGroup::options: the group must have options; it was made without, which stands ",
              "for the optimiser's defaults; add it to an optimiser first, or call set_options");
  return *options_;
}

Optimizer::Optimizer(std::vector<OptimizerParamGroup> param_groups, std::unique_ptr<OptimizerOptions> defaults)
    : defaults_(std::move(defaults)) {
  TAPER_CHECK_VALUE(defaults_, "Optimizer: the default options must not be null");
  defaults_->check();
  for (const OptimizerParamGroup& group : param_groups) add_param_group(group);
}

Optimizer::Optimizer(std::vector<Tensor> parameters, std::unique_ptr<OptimizerOptions> defaults)
    : Optimizer(std::vector<OptimizerParamGroup>{OptimizerParamGroup(std::move(parameters))}, std::move(defaults)) {}

Optimizer::~Optimizer() = default;

void Optimizer::add_param_group(const OptimizerParamGroup& param_group) {
  OptimizerParamGroup group = param_group;
  if (!group.has_options()) group.set_options(defaults_->clone());
  const OptimizerOptions &options = group.options(), &defaults = *defaults_;
  TAPER_CHECK_TYPE(typeid(options) == typeid(defaults), "Optimizer: the options of group ", param_groups_.size(),
                   " must be of the same type as the defaults; give each optimiser its own kind of options");
  options.check();
  check_parameters(group.params(), param_groups_.size(), 0, impls(param_groups_));
  param_groups_.push_back(std::move(group));
}

void Optimizer::add_parameters(const std::vector<Tensor>& parameters) {
  if (param_groups_.empty()) return add_param_group(parameters);
  std::vector<Tensor>& params = param_groups_[0].params();
  check_parameters(parameters, 0, params.size(), impls(param_groups_));
  params.insert(params.end(), parameters.begin(), parameters.end());
}

std::vector<Tensor>& Optimizer::parameters() {
  return const_cast<std::vector<Tensor>&>(std::as_const(*this).parameters());
}
const std::vector<Tensor>& Optimizer::parameters() const {
  TAPER_CHECK_INDEX(!param_groups_.empty(), "Optimizer::parameters: there must be a parameter group; got none");
  return param_groups_[0].params();
}

size_t Optimizer::size() const noexcept {
  size_t n = 0;
  for (const OptimizerParamGroup& group : param_groups_) n += group.params().size();
  return n;
}

void Optimizer::zero_grad(bool set_to_none) {
  for (const OptimizerParamGroup& group : param_groups_) {
    for (const Tensor& p : group.params()) {
      if (!p.defined() || !p.grad().defined()) continue;
      Tensor& grad = p.mutable_grad();
      if (set_to_none) {
        grad.reset();
      } else {
        if (grad.requires_grad()) grad = grad.detach();  // made with create_graph
        grad.zero_();
      }
    }
  }
}

// ---- saving and loading ---------------------------------------------------------------------------------------------

namespace {

using Dict = OrderedDict<std::string, Tensor>;

std::string group_key(size_t group) { return detail::str("param_groups.", group, "."); }
std::string state_key(size_t parameter) { return detail::str("state.", parameter, "."); }

class Saver final : public FieldVisitor {
 public:
  Saver(Dict& state, std::string prefix) : state_(state), prefix_(std::move(prefix)) {}
  void operator()(const char* name, double& value) override { save(name, scalar_tensor(value, kFloat64)); }
  void operator()(const char* name, bool& value) override { save(name, scalar_tensor(value, kBool)); }
  void operator()(const char* name, int64_t& value) override { save(name, scalar_tensor(value, kInt64)); }
  void operator()(const char* name, Tensor& value) override {
    if (value.defined()) save(name, value.detach());
  }

 private:
  void save(const char* name, Tensor value) { state_.insert(prefix_ + name, std::move(value)); }

  Dict& state_;
  std::string prefix_;
};

// Reads fields out of a dictionary, and notes what is wrong with it.
class Loader final : public FieldVisitor {
 public:
  explicit Loader(const Dict& state) : state_(state) {
    for (const auto& item : state) {
      const std::string& key = item.key();
      if (const size_t end = key.find('.', key.find('.') + 1); end != key.npos)
        prefixes_.insert(key.substr(0, end + 1));
    }
  }

  // Of the fields to come; tensors among them must be like `parameter`.
  void enter(std::string prefix, const Tensor* parameter = nullptr) {
    prefix_ = std::move(prefix);
    parameter_ = parameter;
  }
  void operator()(const char* name, double& value) override {
    if (const Tensor* t = find(name, true); t && fits(name, *t, kFloat64, {})) value = t->item<double>();
  }
  void operator()(const char* name, bool& value) override {
    if (const Tensor* t = find(name, true); t && fits(name, *t, kBool, {})) value = t->item<bool>();
  }
  void operator()(const char* name, int64_t& value) override {
    const Tensor* t = find(name, true);
    if (!t || !fits(name, *t, kInt64, {})) return;
    const auto count = t->item<int64_t>();
    const bool counts_on = count >= 0 && count < std::numeric_limits<int64_t>::max();
    if (!counts_on) return note(detail::str(prefix_, name, " (", count, ", which is no count)"));
    value = count;
  }
  void operator()(const char* name, Tensor& value) override {
    const Tensor* t = find(name, false);
    if (t && fits(name, *t, parameter_->dtype(), parameter_->sizes())) value = t->detach().clone().contiguous();
  }
  // The numbers of a group's parameters: first, first + 1, ...
  void check_params(size_t first, size_t n) {
    const Tensor* t = find("params", true);
    if (!t || !fits("params", *t, kInt64, {static_cast<int64_t>(n)})) return;
    const Tensor numbers = t->contiguous();
    for (size_t i = 0; i < n; ++i) {
      if (const int64_t number = numbers.data_ptr<int64_t>()[i]; number != static_cast<int64_t>(first + i)) {
        return note(detail::str(prefix_, "params (", number, " at position ", i, " where ", first + i, " is due)"));
      }
    }
  }
  // Whether the dictionary has a key with this prefix of two words.
  bool has(const std::string& prefix) const { return prefixes_.count(prefix) != 0; }
  void check() {
    std::string message;
    append(message, " missing keys:", missing_);
    std::vector<std::string> unexpected;
    for (const auto& item : state_) {
      if (known_.count(item.key()) == 0) unexpected.push_back(item.key());
    }
    append(message, " unexpected keys:", unexpected);
    append(message, " values that do not fit:", misfits_);
    TAPER_CHECK(message.empty(), "load_state_dict: the state must fit the optimiser, which is left as it was;",
                message);
  }
  // Whether all was there and fitted so far.
  bool complete() const { return missing_.empty() && misfits_.empty(); }

 private:
  void note(std::string misfit) { misfits_.push_back(std::move(misfit)); }
  const Tensor* find(const char* name, bool required) {
    const std::string key = prefix_ + name;
    const Tensor* t = state_.find(key);
    known_.insert(key);
    if (t && t->defined()) return t;
    if (required) missing_.push_back(key);
    return nullptr;
  }
  bool fits(const char* name, const Tensor& t, ScalarType dtype, IntArrayRef sizes) {
    if (t.dtype() == dtype && t.sizes().equals(sizes)) return true;
    note(detail::str(prefix_, name, " (", dtype, " of sizes ", sizes, " here, ", t.dtype(), " of sizes ", t.sizes(),
                     " in the state)"));
    return false;
  }
  static void append(std::string& out, const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    if (!out.empty()) out += ';';
    out += title;
    for (size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? " " : ", ") + lines[i];
  }

  const Dict& state_;
  std::string prefix_;
  const Tensor* parameter_ = nullptr;
  std::unordered_set<std::string> prefixes_, known_;
  std::vector<std::string> missing_, misfits_;
};

}  // namespace

OrderedDict<std::string, Tensor> Optimizer::state_dict() const {
  Dict result;
  size_t number = 0;
  for (const OptimizerParamGroup& group : param_groups_) {
    for (const Tensor& p : group.params()) {
      if (const auto found = state_.find(p.impl()); found != state_.end()) {
        Saver saver(result, state_key(number));
        found->second->visit(saver);
      }
      ++number;
    }
  }
  number = 0;
  for (size_t g = 0; g < param_groups_.size(); ++g) {
    Saver saver(result, group_key(g));
    param_groups_[g].options().clone()->visit(saver);
    const int64_t first = static_cast<int64_t>(number);
    number += param_groups_[g].params().size();
    result.insert(group_key(g) + "params", arange(first, static_cast<int64_t>(number)));
  }
  return result;
}

void Optimizer::load_state_dict(const OrderedDict<std::string, Tensor>& state) {
  const NoGradGuard no_grad;
  Loader loader(state);
  size_t groups = 0;
  while (loader.has(group_key(groups))) ++groups;
  TAPER_CHECK(groups == param_groups_.size(), "load_state_dict: the state must have the optimiser's ",
              param_groups_.size(), " parameter groups; got ", groups, "; make the optimiser as when it was saved");

  StateMap states;
  size_t number = 0;
  for (size_t g = 0; g < groups; ++g) {
    const std::vector<Tensor>& params = param_groups_[g].params();
    const std::unique_ptr<OptimizerOptions> options = param_groups_[g].options().clone();
    loader.enter(group_key(g));
    options->visit(loader);
    if (loader.complete()) options->check();
    loader.check_params(number, params.size());
    for (const Tensor& p : params) {
      const std::string prefix = state_key(number++);
      if (!loader.has(prefix)) continue;
      std::unique_ptr<OptimizerParamState> loaded = make_param_state();
      if (!loaded) continue;  // its keys are unexpected
      loader.enter(prefix, &p);
      loaded->visit(loader);
      states[p.impl()] = std::move(loaded);
    }
  }
  loader.check();

  for (size_t g = 0; g < groups; ++g) {  // in place: the program may hold references to them
    loader.enter(group_key(g));
    param_groups_[g].options().visit(loader);
  }
  state_.swap(states);
}

}  // namespace taper::optim
