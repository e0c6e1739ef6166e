#include <taper/autograd/record.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/sgd.h>
#include <taper/optim/sgd.h>

#include <algorithm>
#include <cmath>

namespace taper::optim {

void SGDOptions::check() const {
  TAPER_CHECK_VALUE(lr_ >= 0 && std::isfinite(lr_), "SGD: lr must be a finite number, 0 or more; got ", lr_);
  TAPER_CHECK_VALUE(momentum_ >= 0 && std::isfinite(momentum_),
                    "SGD: momentum must be a finite number, 0 or more; got ", momentum_);
  TAPER_CHECK_VALUE(std::isfinite(dampening_), "SGD: dampening must be a finite number; got ", dampening_);
  TAPER_CHECK_VALUE(weight_decay_ >= 0 && std::isfinite(weight_decay_),
                    "SGD: weight_decay must be a finite number, 0 or more; got ", weight_decay_);
  TAPER_CHECK_VALUE(!nesterov_ || (momentum_ > 0 && dampening_ == 0),
                    "SGD: nesterov needs a momentum above 0 and a dampening of 0; got momentum ", momentum_,
                    " and dampening ", dampening_);
}

void SGDOptions::visit(FieldVisitor& visitor) {
  visitor("lr", lr_);
  visitor("momentum", momentum_);
  visitor("dampening", dampening_);
  visitor("weight_decay", weight_decay_);
  visitor("nesterov", nesterov_);
  visitor("maximize", maximize_);
}

bool operator==(const SGDOptions& a, const SGDOptions& b) {
  return a.lr_ == b.lr_ && a.momentum_ == b.momentum_ && a.dampening_ == b.dampening_ &&
         a.weight_decay_ == b.weight_decay_ && a.nesterov_ == b.nesterov_ && a.maximize_ == b.maximize_;
}

namespace {

// A step that is checked and ready, and not yet taken.
class Step {
 public:
  explicit Step(size_t parameters) {
    items_.reserve(parameters);
    updated_.reserve(parameters);
  }

  // `where` = (group, position in it) for errors; `state` is null without momentum.
  void add(const Tensor& p, const SGDOptions& options, SGDParamState* state, std::pair<size_t, size_t> where);
  // Different parameters on the same memory would race, and the later would undo the earlier.
  void check_apart() const;
  // From here on nothing fails.
  void take();

 private:
  std::vector<kernels::SgdItem> items_;
  std::vector<const Tensor*> updated_;
  std::vector<Tensor> gradients_;                         // row-major copies of those that are not
  std::vector<std::pair<const Tensor*, Tensor>> copies_;  // parameters that are not row-major, and a copy that is
  std::vector<std::pair<SGDParamState*, Tensor>> new_buffers_;
};

std::string name(std::pair<size_t, size_t> where) {
  return detail::str("parameter ", where.second, " of group ", where.first);
}

// Of the parameter's sizes and dtype.
void check_like(const char* what, const Tensor& value, const Tensor& p, std::pair<size_t, size_t> where) {
  if (value.dtype() == p.dtype() && value.sizes().equals(p.sizes())) [[likely]]
    return;
  throw Error(detail::str("SGD::step: ", what, " must have the dtype and sizes of its parameter; got ", value.dtype(),
                          " of sizes ", value.sizes(), " for ", name(where), ", which is ", p.dtype(), " of sizes ",
                          p.sizes(), "; make the optimiser after converting the model"));
}

void Step::add(const Tensor& p, const SGDOptions& options, SGDParamState* state, std::pair<size_t, size_t> where) {
  const Tensor& g = p.grad();
  TAPER_CHECK_TYPE(p.is_floating_point(), "SGD::step: a parameter must be float32 or float64; got ", p.dtype(), " for ",
                   name(where));
  check_like("the gradient", g, p, where);
  const Tensor* source = &g;
  if (!g.is_contiguous()) source = &gradients_.emplace_back(g.contiguous());
  const Tensor* target = &p;
  if (!p.is_contiguous()) {
    autograd::check_in_place(p, "SGD::step");
    target = &copies_.emplace_back(&p, p.contiguous()).second;
  }
  const bool first = state && !state->momentum_buffer().defined();
  void* buffer = nullptr;
  if (first) {
    // momentum 0 + 1 d: the rule of the first step
    buffer = new_buffers_.emplace_back(state, zeros(p.sizes(), p.dtype())).second.data_ptr();
  } else if (state) {
    Tensor& b = state->momentum_buffer();
    check_like("the momentum buffer", b, p, where);
    if (!b.is_contiguous()) b = b.contiguous();  // put there by the program
    buffer = b.data_ptr();
  }
  const double fresh = first ? 1 : 1 - options.dampening();
  items_.push_back(
      {p.dtype(),
       p.numel(),
       target->data_ptr(),
       source->data_ptr(),
       buffer,
       {options.lr(), options.momentum(), options.weight_decay(), fresh, options.nesterov(), options.maximize()}});
  updated_.push_back(&p);
}

void Step::check_apart() const {
  std::vector<std::pair<const char*, const char*>> spans;  // [begin, end) of each
  spans.reserve(items_.size());
  for (const kernels::SgdItem& item : items_) {
    const char* begin = static_cast<const char*>(item.p);
    if (item.n > 0) spans.emplace_back(begin, begin + static_cast<size_t>(item.n) * element_size(item.dtype));
  }
  std::sort(spans.begin(), spans.end());
  for (size_t i = 1; i < spans.size(); ++i) {
    TAPER_CHECK(spans[i - 1].second <= spans[i].first,
                "SGD::step: the memory of different parameters must not overlap; got two that do; "
                "tie weights by using one tensor in both places");
  }
}

void Step::take() {
  kernels::sgd_step(items_);
  for (auto& [p, copy] : copies_) p->copy_(copy);
  for (auto& [state, buffer] : new_buffers_) state->momentum_buffer(std::move(buffer));
  // Whoever saved a parameter for backward is told that it has changed.
  for (const Tensor* p : updated_) p->impl()->storage()->bump_version();
}

}  // namespace

Tensor SGD::step(LossClosure closure) {
  Tensor loss;
  if (closure) {
    const AutoGradMode recording(true);
    loss = closure();
  }
  const NoGradGuard no_grad;
  const size_t parameters = size();
  TAPER_CHECK_VALUE(parameters > 0, "SGD::step: the optimiser must have parameters; got none; ",
                    "were the layers registered (register_module) before parameters() was called?");
  Step step(parameters);
  for (size_t g = 0; g < param_groups_.size(); ++g) {
    const auto* options = dynamic_cast<const SGDOptions*>(&param_groups_[g].options());
    TAPER_CHECK_TYPE(options, "SGD::step: the options of a group must be SGDOptions; those of group ", g, " are not");
    options->check();
    const std::vector<Tensor>& params = param_groups_[g].params();
    for (size_t i = 0; i < params.size(); ++i) {
      const Tensor& p = params[i];
      TAPER_CHECK(p.defined(), "SGD::step: a parameter must be defined; ", name({g, i}), " is not");
      if (!p.grad().defined()) continue;
      SGDParamState* state = nullptr;
      if (options->momentum() != 0) {
        std::unique_ptr<OptimizerParamState>& entry = state_[p.impl()];
        if (!entry) entry = make_param_state();
        state = static_cast<SGDParamState*>(entry.get());
      }
      step.add(p, *options, state, {g, i});
    }
  }
  step.check_apart();
  step.take();
  return loss;
}

}  // namespace taper::optim
