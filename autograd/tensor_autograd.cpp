// The autograd half of Tensor: its flags, gradient, hooks and history.
#include <taper/autograd/autograd.h>
#include <taper/autograd/autograd_meta.h>
#include <taper/autograd/record.h>

#include <algorithm>

namespace taper {

namespace {
const Tensor kUndefined;
std::atomic<unsigned> next_hook_id{0};
}  // namespace

bool Tensor::requires_grad() const { return get(), autograd::requires_grad(impl_.get()); }

const Tensor& Tensor::set_requires_grad(bool value) const {
  get();
  const bool leaf = is_leaf();
  TAPER_CHECK(leaf || value,
              "requires_grad_: a tensor with history always requires grad; use detach() for one without");
  if (!leaf) return *this;
  TAPER_CHECK_TYPE(!value || is_floating_point(), "requires_grad_: only floating-point tensors have gradients; got ",
                   dtype());
  if (value || impl_->meta) autograd::ensure_meta(*this).requires_grad = value;
  return *this;
}

bool Tensor::is_leaf() const { return get(), !autograd::current_grad_fn(*this); }
intrusive_ptr<autograd::Node> Tensor::grad_fn() const { return get(), autograd::current_grad_fn(*this); }
int64_t Tensor::output_nr() const { return get().meta ? get().meta->output_nr : 0; }

const Tensor& Tensor::grad() const {
  const AutogradMeta* meta = get().meta;
  if (!meta) return kUndefined;
  return meta->retained ? meta->retained->grad : meta->grad;
}

Tensor& Tensor::mutable_grad() const {
  AutogradMeta& meta = autograd::ensure_meta(*this);
  return meta.retained ? meta.retained->grad : meta.grad;
}

void Tensor::retain_grad() const {
  TAPER_CHECK(requires_grad(), "retain_grad: the tensor must require grad");
  if (is_leaf() || retains_grad()) return;
  AutogradMeta& meta = autograd::ensure_meta(*this);
  meta.retained = intrusive_ptr<autograd::GradCell>::make();
  meta.grad_fn->extras().retained.emplace_back(meta.output_nr, meta.retained);
}

bool Tensor::retains_grad() const { return get().meta && get().meta->retained; }

unsigned Tensor::register_hook(std::function<Tensor(const Tensor&)> hook) const {
  TAPER_CHECK(requires_grad(), "register_hook: the tensor must require grad");
  const unsigned id = next_hook_id++;
  const bool leaf = is_leaf();
  AutogradMeta& meta = autograd::ensure_meta(*this);
  meta.hooks.push_back({meta.output_nr, id, std::make_shared<decltype(hook)>(std::move(hook))});
  if (!leaf) meta.grad_fn->extras().hooks.push_back(meta.hooks.back());
  return id;
}

unsigned Tensor::register_hook(std::function<void(const Tensor&)> hook) const {
  return register_hook(std::function<Tensor(const Tensor&)>([hook = std::move(hook)](const Tensor& dy) {
    hook(dy);
    return Tensor();
  }));
}

void Tensor::remove_hook(unsigned index) const {
  AutogradMeta& meta = autograd::ensure_meta(*this);
  const auto hook = std::find_if(meta.hooks.begin(), meta.hooks.end(), [&](const auto& h) { return h.id == index; });
  TAPER_CHECK_INDEX(hook != meta.hooks.end(), "remove_hook: no hook ", index, " on this tensor");
  *hook->call = nullptr;  // at its node, which may be an earlier one than today's, too
  meta.hooks.erase(hook);
}

Tensor Tensor::detach() const {
  const TensorImpl& self = get();
  return Tensor(
      intrusive_ptr<TensorImpl>::make(self.storage(), self.dtype(), self.sizes(), self.strides(), self.offset()));
}

Tensor& Tensor::detach_() const {
  TAPER_CHECK(!is_view(), "detach_: a view cannot be cut from its base in place; use detach()");
  if (get().meta) autograd::continue_at(*this, {}, 0);
  return self();
}

void Tensor::set_data(const Tensor& value) const {
  TAPER_CHECK(value.dtype() == dtype() || is_leaf(), "set_data: a tensor with history keeps its dtype; got ",
              value.dtype(), " for ", dtype());
  TAPER_CHECK_TYPE(!requires_grad() || value.is_floating_point(),
                   "set_data: a tensor that requires grad must stay floating point; got ", value.dtype());
  impl_->set_value(*value.impl());
}

void Tensor::backward(const Tensor& gradient, optional<bool> retain_graph, bool create_graph,
                      optional<TensorList> inputs) const {
  get();
  TAPER_CHECK(!inputs || !inputs->empty(),
              "backward: the list of inputs must not be empty; leave it out for all leaves");
  autograd::backward({*this}, {gradient}, retain_graph, create_graph, inputs.value_or(TensorList()));
}

}  // namespace taper
