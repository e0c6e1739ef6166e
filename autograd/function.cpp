#include <taper/autograd/function.h>

#include <taper/autograd/module_scope.h>
#include <taper/core/factories.h>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>

namespace taper::autograd {

namespace {

bool contains(const tensor_list& list, const Tensor& t) {
  return std::any_of(list.begin(), list.end(), [&](const Tensor& each) { return each.is_same(t); });
}

}  // namespace

std::string demangled(const char* type_name) {
  int status = 0;
  char* text = abi::__cxa_demangle(type_name, nullptr, nullptr, &status);
  std::string name = status == 0 && text ? text : type_name;
  std::free(text);
  return name;
}

// ---- AutogradContext ------------------------------------------------------------------------------------------------

tensor_list AutogradContext::get_saved_variables() const {
  TAPER_CHECK(!freed_, "get_saved_variables: an earlier backward through this graph freed the saved tensors of ",
              node_ ? node_->name() : "this function", "; call that one with retain_graph = true");
  if (!to_save_.empty()) return to_save_;  // still inside forward
  tensor_list tensors;
  tensors.reserve(saved_.size());
  for (const SavedTensor& saved : saved_) tensors.push_back(saved.get());
  return tensors;
}

bool AutogradContext::needs_input_grad(size_t output_edge_index) const {
  TAPER_CHECK_INDEX(node_ && output_edge_index < node_->num_inputs(), "needs_input_grad: the index must be below ",
                    node_ ? node_->num_inputs() : 0, ", the number of forward's arguments; got ", output_edge_index);
  return Needs(*node_)[output_edge_index];
}

// ---- CustomNode -----------------------------------------------------------------------------------------------------

CustomNode::CustomNode(const char* name, BackwardFn backward, const tensor_list& arguments)
    : Node(arguments.size()), name_(name), backward_(backward), context_(std::make_unique<AutogradContext>()) {
  context_->node_ = this;
  if (GradMode::is_enabled()) detail::connect(*this, arguments);
}
CustomNode::~CustomNode() = default;

void CustomNode::finish(const intrusive_ptr<CustomNode>& node, tensor_list& outputs, const tensor_list& arguments) {
  AutogradContext& ctx = *node->context_;
  const bool record =
      std::any_of(node->edges(), node->edges() + node->num_inputs(), [](const Edge& e) { return e.is_valid(); });
  for (const Tensor& x : ctx.dirty_) {
    TAPER_CHECK(contains(arguments, x), node->name_, ": mark_dirty takes arguments of forward only");
    TAPER_CHECK(contains(outputs, x), node->name_, ": forward must return every input that it marks as dirty; one of ",
                "sizes ", x.sizes(), " is not among its results");
    check_in_place(x, node->name());
    detail::check_apart(x, node->name());
    if (record) check_view_kind(x, node->name());
    x.impl()->storage()->bump_version();  // forward may have written through data_ptr()
  }
  if (record && detail::anomaly_enabled()) node->extras().module_path = current_module_path();
  // One number per output, differentiable or not, so that backward's gradients come in forward's order.
  for (Tensor& y : outputs) {
    TAPER_CHECK(y.defined(), node->name_, ": forward must return defined tensors");
    if (detail::anomaly_enabled()) detail::check_forward(node->name(), y);
    const bool dirty = contains(ctx.dirty_, y);
    const bool differentiable = record && y.is_floating_point() && !contains(ctx.non_differentiable_, y);
    if (!dirty && contains(arguments, y)) {  // returned as it is: an alias with a history of its own
      const Tensor x = std::exchange(y, y.detach());
      if (differentiable) make_view(y, x);
    }
    if (!dirty && y.is_view()) y.impl()->view_kind = ViewKind::kOfFunction;
    if (!record) continue;
    if (!differentiable)
      node->add_output(y);
    else if (dirty)
      rebase_history(y, node);
    else
      set_history(y, node);
  }
  if (record) {
    for (const Tensor& t : ctx.to_save_) {
      const auto y = std::find_if(outputs.begin(), outputs.end(), [&](const Tensor& o) { return o.is_same(t); });
      ctx.saved_.push_back(y == outputs.end() ? save(t) : save_result(t, static_cast<uint32_t>(y - outputs.begin())));
    }
  }
  ctx.to_save_.clear();
  ctx.dirty_.clear();
  ctx.non_differentiable_.clear();
}

Grads CustomNode::apply(Grads&& dy) {
  tensor_list cotangents(num_outputs());
  for (size_t i = 0; i < cotangents.size(); ++i) {
    cotangents[i] = std::move(dy[i]);
    if (cotangents[i].defined() || !context_->materialize_grads_) continue;
    const OutputInfo& info = output_info(static_cast<uint32_t>(i));
    cotangents[i] = zeros(info.sizes, is_floating_point(info.dtype) ? info.dtype : kFloat32);
  }
  tensor_list gradients = backward_(context_.get(), std::move(cotangents));
  // Undefined ones beyond the arguments do no harm.
  while (gradients.size() > num_inputs() && !gradients.back().defined()) gradients.pop_back();
  TAPER_CHECK(gradients.size() == num_inputs(), name_, where(), ": backward must return ", num_inputs(),
              " gradients, one for each argument of forward after ctx; got ", gradients.size());
  Grads dx(num_inputs());
  for (size_t i = 0; i < gradients.size(); ++i) dx[i] = std::move(gradients[i]);
  return dx;
}

void CustomNode::release_saved() {
  if (context_->saved_.empty()) return;
  context_->saved_.clear();
  context_->freed_ = true;
}

}  // namespace taper::autograd
