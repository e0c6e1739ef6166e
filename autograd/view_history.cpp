#include <taper/autograd/autograd_meta.h>

#include <taper/autograd/record.h>
#include <taper/autograd/view_geometry.h>

#include <algorithm>

namespace taper {

void autograd::detail::destroy_meta(AutogradMeta* meta) noexcept { delete meta; }

AutogradMeta::~AutogradMeta() {
  if (autograd::Life* l = life.load(std::memory_order_acquire)) {
    l->over.store(true, std::memory_order_release);
    intrusive_ptr<autograd::Life>::adopt(l).reset();
  }
}

namespace autograd {
namespace {

const intrusive_ptr<Node> kNoNode;

// True when the view's history is older than an in-place change that its base has recorded. A base that was given other
// memory (set_data) does not count.
bool is_stale_view(const TensorImpl* impl) {
  const TensorImpl* base = impl->base.get();
  return base && impl->view_kind != ViewKind::kConstant && base->meta && base->meta->changes != impl->base_changes &&
         base->storage() == impl->storage();
}

// The history of a stale view: through the base as it is now, or none where the base has none.
void renew_history(const Tensor& view) {
  const TensorImpl* impl = view.impl();
  TAPER_CHECK(impl->view_kind != ViewKind::kOfFunction, "autograd: the output of a custom Function that is a view (",
              impl->meta && impl->meta->grad_fn ? impl->meta->grad_fn->name() : "no longer recorded", ", of sizes ",
              impl->sizes(), ") must not be used after its base was changed in place, for the derivative of the ",
              "Function does not know of the change; clone() the output first");
  if (!requires_grad(impl->base.get())) return continue_at(view, {}, 0);
  auto rule = [g = geometry_in_base(view)](const Tensor& dy) { return scatter_view(dy, g); };
  const auto node = intrusive_ptr<Node>::adopt(new detail::LambdaNode("AsStridedBackward0", 1, std::move(rule)));
  detail::connect(*node, Inputs{Tensor(impl->base)});
  continue_at(view, node, node->add_output(view));
}

}  // namespace

AutogradMeta& ensure_meta(const Tensor& tensor) {
  TAPER_CHECK(tensor.defined(), "autograd: the tensor must be defined; got an empty handle");
  TensorImpl* impl = tensor.impl();
  if (!impl->meta) impl->meta = new AutogradMeta;
  return *impl->meta;
}

intrusive_ptr<Life> life_of(const Tensor& tensor) {
  std::atomic<Life*>& life = ensure_meta(tensor).life;
  Life* known = life.load(std::memory_order_acquire);
  if (!known) {
    auto made = intrusive_ptr<Life>::make();  // another thread may be faster
    if (life.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) known = made.detach();
  }
  return intrusive_ptr<Life>::share(known);
}

bool requires_grad(const TensorImpl* impl) {
  if (!impl) return false;
  if (is_stale_view(impl) && impl->view_kind == ViewKind::kRecorded) impl = impl->base.get();
  return impl->meta && (impl->meta->requires_grad || impl->meta->grad_fn);
}

void set_history(const Tensor& y, const intrusive_ptr<Node>& node) {
  const uint32_t nr = node->add_output(y);
  AutogradMeta& meta = ensure_meta(y);
  meta.output_nr = nr;
  meta.grad_fn = node;
  meta.requires_grad = false;
}

void continue_at(const Tensor& x, const intrusive_ptr<Node>& node, uint32_t nr) {
  AutogradMeta& meta = ensure_meta(x);
  const intrusive_ptr<Node> before = std::exchange(meta.grad_fn, node);
  meta.output_nr = nr;
  meta.requires_grad = false;
  const TensorImpl* base = x.impl()->base.get();
  x.impl()->base_changes = base && base->meta ? base->meta->changes : 0;
  if (!meta.retained) return;
  if (before) std::erase_if(before->extras().retained, [&](const auto& r) { return r.second == meta.retained; });
  if (node) return void(node->extras().retained.emplace_back(nr, meta.retained));
  meta.grad = std::exchange(meta.retained, {})->grad;  // from now on that of a leaf
}

const intrusive_ptr<Node>& current_grad_fn(const Tensor& tensor) {
  const TensorImpl* impl = tensor.impl();
  if (!impl) return kNoNode;
  if (is_stale_view(impl)) [[unlikely]]
    renew_history(tensor);
  return impl->meta ? impl->meta->grad_fn : kNoNode;
}

Edge gradient_edge(const Tensor& tensor) {
  if (const auto& fn = current_grad_fn(tensor)) return Edge{fn, {}, tensor.impl()->meta->output_nr};
  if (tensor.defined() && requires_grad(tensor.impl())) return Edge{{}, tensor.impl_ptr(), 0};
  return {};
}

}  // namespace autograd

}  // namespace taper
