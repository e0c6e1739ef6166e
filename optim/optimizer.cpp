#include <taper/autograd/grad_mode.h>
#include <taper/autograd/node.h>
#include <taper/core/float_types.h>
#include <taper/optim/optimizer.h>

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

// `seen` are the parameters of all groups so far; `first` is the position of params[0] in its group.
void check_parameters(const std::vector<Tensor>& params, size_t group, size_t first, Seen seen) {
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& p = params[i];
    const std::string which = taper::detail::str("parameter ", first + i, " of group ", group);
    TAPER_CHECK_VALUE(p.defined(), "Optimizer: a parameter must be defined; ", which, " is not; leave it out");
    TAPER_CHECK_TYPE(p.is_floating_point(), "Optimizer: a parameter must be " TAPER_FLOATS "; ", which, " is ",
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

namespace {

class FieldChecker final : public FieldVisitor {
 public:
  explicit FieldChecker(const char* optimizer) : optimizer_(optimizer) {}

 private:
  void ranged(const char* name, double& value, bool inside, const char* domain) override {
    TAPER_CHECK_VALUE(inside, optimizer_, ": ", name, " must be ", domain, "; got ", value);
  }

  const char* const optimizer_;
};

}  // namespace

void OptimizerOptions::check_fields(const char* optimizer) const {
  FieldChecker checker(optimizer);
  const_cast<OptimizerOptions*>(this)->visit(checker);  // which changes nothing
}

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
  warn("Optimizer::add_parameters() is deprecated in libtorch; use add_param_group()");
  if (param_groups_.empty()) return add_param_group(parameters);
  std::vector<Tensor>& params = param_groups_[0].params();
  check_parameters(parameters, 0, params.size(), impls(param_groups_));
  params.insert(params.end(), parameters.begin(), parameters.end());
}

std::vector<Tensor>& Optimizer::parameters() {
  return const_cast<std::vector<Tensor>&>(std::as_const(*this).parameters());
}
const std::vector<Tensor>& Optimizer::parameters() const {
  warn("Optimizer::parameters() is deprecated in libtorch; use param_groups()[0].params()");
  TAPER_CHECK_INDEX(!param_groups_.empty(), "Optimizer::parameters: there must be a parameter group; got none");
  return param_groups_[0].params();
}

size_t Optimizer::size() const {
  warn("Optimizer::size() is deprecated in libtorch; use the sizes of param_groups()[i].params()");
  size_t n = 0;
  for (const OptimizerParamGroup& group : param_groups_) n += group.params().size();
  return n;
}

Tensor Optimizer::begin_step(const LossClosure& closure) {
  Tensor loss;
  if (closure) {
    const AutoGradMode recording(true);
    loss = closure();
  }
  std::erase_if(state_, [](const auto& entry) { return entry.second && entry.second->is_orphan(); });
  return loss;
}

OptimizerParamState& Optimizer::param_state(const Tensor& p) {
  std::unique_ptr<OptimizerParamState>& entry = state_[p.impl()];
  if (entry && entry->is_orphan()) entry.reset();  // of a destroyed parameter at the same address
  if (!entry) entry = make_param_state();
  if (!entry) must_override("Optimizer::make_param_state");
  if (!entry->parameter_) entry->parameter_ = autograd::life_of(p);
  return *entry;
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

}  // namespace taper::optim
