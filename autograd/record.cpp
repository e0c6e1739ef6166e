#include <taper/autograd/record.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/module_scope.h>
#include <taper/autograd/view_geometry.h>
#include <taper/core/kernels/elementwise.h>

namespace taper::autograd {
namespace detail {

bool should_record(Inputs inputs) {
  if (!GradMode::is_enabled()) return false;
  for (const Input& input : inputs) {
    if (requires_grad(input.tensor->impl())) return true;
  }
  return false;
}
bool should_record(TensorList inputs) {
  if (!GradMode::is_enabled()) return false;
  for (const Tensor& input : inputs) {
    if (requires_grad(input.impl())) return true;
  }
  return false;
}
bool should_record(const Tensor& x, Inputs operands) {
  return GradMode::is_enabled() && (requires_grad(x.impl()) || should_record(operands));
}

void connect(Node& node, Inputs inputs) {
  Edge* edge = node.edges();
  for (const Input& input : inputs) *edge++ = gradient_edge(*input.tensor);
}

void connect(Node& node, TensorList inputs) {
  Edge* edge = node.edges();
  for (const Tensor& input : inputs) *edge++ = gradient_edge(input);
}

void finish(const intrusive_ptr<Node>& node, const Tensor& y) {
  if (anomaly_enabled()) [[unlikely]]
    node->extras().module_path = current_module_path();
  set_history(y, node);
}

void saved_already_freed(const Node& node) {
  throw Error(taper::detail::str(
      "backward: ", node.name(), node.where(),
      " has no saved values any more: an earlier backward through this graph freed them; call that one with "
      "retain_graph = true, or compute the forward pass again"));
}

}  // namespace detail

void check_in_place(const Tensor& x, const char* op) {
  TAPER_CHECK(x.defined(), op, ": the tensor must be defined; got an empty handle");
  const TensorImpl& impl = *x.impl();
  if (!GradMode::is_enabled()) return;
  const auto check_no_leaf = [&](const TensorImpl& t, const char* what) {
    TAPER_CHECK(!t.meta || !t.meta->requires_grad || t.meta->grad_fn, op, what,
                " that requires grad must not be changed in place while its use is recorded (sizes ", impl.sizes(),
                "); do it under NoGradGuard, or on a copy");
  };
  check_no_leaf(impl, ": a leaf");
  if (!impl.base) return;
  check_no_leaf(*impl.base, ": a view of a leaf");
  if (requires_grad(impl.base.get())) check_view_kind(x, op);
}

void check_view_kind(const Tensor& x, const char* op) {
  const TensorImpl& impl = *x.impl();
  TAPER_CHECK(!impl.base || impl.base->storage() == impl.storage(), op, ": a view whose base was given other memory ",
              "(set_data) must not be changed in place while recording is on (sizes ", impl.sizes(),
              "); clone() it first");
  TAPER_CHECK(impl.view_kind != ViewKind::kConstant, op, ": a view that was made without recording (NoGradGuard, ",
              "InferenceMode) must not be changed in place while recording is on (sizes ", impl.sizes(),
              "); make the view and the change both with recording or both without, or change a copy");
  TAPER_CHECK(impl.view_kind != ViewKind::kOfFunction, op, ": the output of a custom Function that is a view (",
              impl.meta && impl.meta->grad_fn ? impl.meta->grad_fn->name() : "not recorded", ", of sizes ",
              impl.sizes(), ") must not be changed in place, for the derivative of the Function does not know of the ",
              "change; clone() the output first");
}

void make_view(const Tensor& y, const Tensor& x) {
  TensorImpl& view = *y.impl();
  view.base = x.impl()->base ? x.impl()->base : x.impl_ptr();
  view.base_changes = view.base->meta ? view.base->meta->changes : 0;
  view.view_kind = GradMode::is_enabled() ? x.impl()->view_kind : ViewKind::kConstant;
}

Tensor old_value(const Tensor& x) {
  Tensor old = x.detach();
  if (const auto& fn = current_grad_fn(x)) {
    AutogradMeta& meta = ensure_meta(old);
    meta.grad_fn = fn;
    meta.output_nr = x.impl()->meta->output_nr;
  }
  return old;
}

namespace {

// x's new value is output `nr` of `node`; the version counter has moved already.
void continue_history(const Tensor& x, const intrusive_ptr<Node>& node, uint32_t nr) {
  if (!x.is_view()) {
    ++ensure_meta(x).changes;
    return continue_at(x, node, nr);
  }
  // The base of a view whose elements were written: dbase = dy, but 0 at the view; dvalue = dy at the view. The view
  // itself follows when it is asked for its history next (current_grad_fn).
  const Tensor base(x.impl()->base);
  auto rule = [g = geometry_in_base(x)](const Tensor& dy, const Needs& needs) {
    return Grads{needs[0] ? zero_view(dy, g) : Tensor(), needs[1] ? gather_view(dy, g) : Tensor()};
  };
  const auto copy = intrusive_ptr<Node>::adopt(new detail::LambdaNode("CopySlices", 2, std::move(rule)));
  copy->edges()[0] = gradient_edge(base);
  copy->edges()[1] = Edge{node, {}, nr};
  if (detail::anomaly_enabled()) [[unlikely]]
    copy->extras().module_path = current_module_path();
  const uint32_t base_nr = copy->add_output(base);
  continue_history(base, copy, base_nr);
}

}  // namespace

void assign(const Tensor& x, const Tensor& value) {
  // Of x's sizes and dtype, so that value's history fits x.
  Tensor y = value.dtype() == x.dtype() ? value : value.to(x.dtype());
  if (y.sizes() != x.sizes()) y = y.expand(x.sizes());
  kernels::copy(x, y);
  x.impl()->storage()->bump_version();
  continue_history(x, y.grad_fn(), static_cast<uint32_t>(y.output_nr()));
}

void rebase_history(const Tensor& x, const intrusive_ptr<Node>& node) {
  const uint32_t nr = node->add_output(x);
  continue_history(x, node, nr);
}

}  // namespace taper::autograd
