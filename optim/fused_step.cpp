#include <taper/autograd/record.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/optim/fused_step_internal.h>

#include <algorithm>

namespace taper::optim::detail {

using taper::detail::str;

FusedStep::FusedStep(const char* name, const std::vector<OptimizerParamGroup>& groups) : name_(name) {
  size_t parameters = 0;
  for (const OptimizerParamGroup& group : groups) parameters += group.params().size();
  TAPER_CHECK_VALUE(parameters > 0, name, "::step: the optimiser must have parameters; got none; ",
                    "were the layers registered (register_module) before parameters() was called?");
  items_.reserve(parameters);
  updated_.reserve(parameters);
}

std::string FusedStep::place() const { return str("parameter ", where_.second, " of group ", where_.first); }

// `value` must have the parameter's sizes and dtype.
void FusedStep::check_like(const char* what, const Tensor& value, const Tensor& p) const {
  if (value.dtype() == p.dtype() && value.sizes().equals(p.sizes())) [[likely]]
    return;
  throw Error(str(name_, "::step: ", what, " must have the dtype and sizes of its parameter; got ", value.dtype(),
                  " of sizes ", value.sizes(), " for ", place(), ", which is ", p.dtype(), " of sizes ", p.sizes(),
                  "; make the optimiser after converting the model"));
}

bool FusedStep::add(const Tensor& p, Where where) {
  where_ = where;
  TAPER_CHECK(p.defined(), name_, "::step: a parameter must be defined; ", place(), " is not");
  const Tensor& g = p.grad();
  if (!g.defined()) return false;
  TAPER_CHECK_TYPE(p.is_floating_point(), name_, "::step: a parameter must be " TAPER_FLOATS "; got ", p.dtype(),
                   " for ", place());
  check_like("the gradient", g, p);
  const Tensor* source = &g;
  if (!g.is_contiguous()) source = &gradients_.emplace_back(g.contiguous());
  kernels::OptimItem item{};
  item.dtype = p.dtype();
  item.n = p.numel();
  item.g = source->data_ptr();
  if (p.is_contiguous()) {
    item.p = p.data_ptr();
    current_ = &items_.emplace_back(item);
  } else {
    autograd::detail::check_apart(p, str(name_, "::step").c_str());
    Strided& strided = strided_.emplace_back(Strided{&p, empty(p.sizes(), p.dtype()), item});
    current_ = &strided.item;
    current_->p = strided.copy.data_ptr();
  }
  updated_.push_back(&p);
  return true;
}

bool FusedStep::state(int index, const char* what, Tensor& tensor, double first) {
  const Tensor& p = *updated_.back();
  void*& memory = current_->state[index];
  if (!tensor.defined()) {
    memory = new_states_.emplace_back(&tensor, full(p.sizes(), first, p.dtype())).second.data_ptr();
    return true;
  }
  check_like(what, tensor, p);
  if (!tensor.is_contiguous()) tensor = tensor.contiguous();  // set by the program
  memory = tensor.data_ptr();
  return false;
}

int64_t FusedStep::count(int64_t& counter) {
  counters_.push_back(&counter);
  return counter + 1;
}

void FusedStep::check_apart() const {
  std::vector<std::pair<const char*, const char*>> spans;  // [begin, end) of each
  spans.reserve(items_.size());
  for (const kernels::OptimItem& item : items_) {
    const char* begin = static_cast<const char*>(item.p);
    if (item.n > 0) spans.emplace_back(begin, begin + static_cast<size_t>(item.n) * element_size(item.dtype));
  }
  std::sort(spans.begin(), spans.end());
  for (size_t i = 1; i < spans.size(); ++i) {
    TAPER_CHECK(spans[i - 1].second <= spans[i].first, name_,
                "::step: the memory of different parameters must not overlap; got two that do; "
                "tie weights by using one tensor in both places");
  }
}

void FusedStep::apply() {
  check_apart();
  kernels::optim_step(items_);
  for (Strided& strided : strided_) {
    strided.copy.copy_(*strided.p);
    kernels::optim_step(strided.item);
    strided.p->copy_(strided.copy);
  }
  for (auto& [tensor, value] : new_states_) *tensor = std::move(value);
  for (int64_t* counter : counters_) ++*counter;
  // Nodes that saved a parameter for backward see that it has changed.
  for (const Tensor* p : updated_) p->impl()->storage()->bump_version();
}

}  // namespace taper::optim::detail
