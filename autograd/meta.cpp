#include <taper/autograd/meta.h>

#include <taper/autograd/ops/strided.h>
#include <taper/autograd/record.h>

namespace taper {

void autograd::detail::destroy_meta(AutogradMeta* meta) noexcept { delete meta; }

namespace autograd {
namespace {

const intrusive_ptr<Node> kNoNode;

// True when the view's history is older than an in-place change that its base has recorded.
bool is_stale_view(const TensorImpl* impl) {
  return impl->base && impl->view_version != impl->storage()->version() && requires_grad(impl->base.get());
}

// What a view contributes to its base as it is now: dbase has dy at the view's elements and 0 elsewhere.
intrusive_ptr<Node> view_node(const Tensor& view) {
  const Tensor base(view.impl()->base);
  auto rule = [place = place_of(view)](const Tensor& dy) { return scatter_place(dy, place); };
  auto node =
      intrusive_ptr<Node>::adopt(new detail::LambdaNode<decltype(rule)>("AsStridedBackward0", 1, std::move(rule)));
  detail::connect(*node, Inputs{base});
  return node;
}

}  // namespace

AutogradMeta& ensure_meta(const Tensor& tensor) {
  TAPER_CHECK(tensor.defined(), "autograd: the tensor must be defined; got an empty handle");
  TensorImpl* impl = tensor.impl();
  if (!impl->meta) impl->meta = new AutogradMeta;
  return *impl->meta;
}

bool requires_grad(const TensorImpl* impl) {
  if (!impl) return false;
  return (impl->meta && (impl->meta->requires_grad || impl->meta->grad_fn)) || is_stale_view(impl);
}

void set_history(const Tensor& y, const intrusive_ptr<Node>& node) {
  const uint32_t nr = node->add_output(y);
  AutogradMeta& meta = ensure_meta(y);
  meta.output_nr = nr;
  meta.grad_fn = node;
  meta.requires_grad = false;
  y.impl()->view_version = y.impl()->storage()->version();
}

const intrusive_ptr<Node>& current_grad_fn(const Tensor& tensor) {
  const TensorImpl* impl = tensor.impl();
  if (!impl) return kNoNode;
  if (is_stale_view(impl)) set_history(tensor, view_node(tensor));
  return impl->meta ? impl->meta->grad_fn : kNoNode;
}

Edge gradient_edge(const Tensor& tensor) {
  if (const auto& fn = current_grad_fn(tensor)) return Edge{fn, {}, tensor.impl()->meta->output_nr};
  if (tensor.defined() && requires_grad(tensor.impl())) return Edge{{}, tensor.impl_ptr(), 0};
  return {};
}

}  // namespace autograd

// ---- the autograd half of Tensor ------------------------------------------------------------------------------------

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
  AutogradMeta& meta = autograd::ensure_meta(*this);
  auto& hooks = is_leaf() ? meta.hooks : meta.grad_fn->extras().hooks;
  hooks.push_back({meta.output_nr, id, std::move(hook)});
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
  auto& hooks = meta.grad_fn ? meta.grad_fn->extras().hooks : meta.hooks;
  const size_t removed = std::erase_if(hooks, [&](const autograd::TensorHook& hook) { return hook.id == index; });
  TAPER_CHECK_INDEX(removed > 0, "remove_hook: no hook ", index, " on this tensor");
}

Tensor Tensor::detach() const {
  const TensorImpl& self = get();
  return Tensor(
      intrusive_ptr<TensorImpl>::make(self.storage(), self.dtype(), self.sizes(), self.strides(), self.offset()));
}

Tensor& Tensor::detach_() const {
  TAPER_CHECK(!is_view(), "detach_: a view cannot be cut from its base in place; use detach()");
  if (AutogradMeta* meta = get().meta) {
    meta->grad_fn.reset();
    meta->requires_grad = false;
    meta->output_nr = 0;
  }
  return self();
}

void Tensor::set_data(const Tensor& value) const {
  TAPER_CHECK(value.dtype() == dtype() || is_leaf(), "set_data: a tensor with history keeps its dtype; got ",
              value.dtype(), " for ", dtype());
  TAPER_CHECK_TYPE(!requires_grad() || value.is_floating_point(),
                   "set_data: a tensor that requires grad must stay floating point; got ", value.dtype());
  impl_->set_value(*value.impl());
}

}  // namespace taper
