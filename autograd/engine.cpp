// The backward pass. Nodes run in falling sequence number: a node's number is larger than those of all that made its
// inputs, so when it is the largest one waiting, all of its consumers have run and its gradients are complete. No
// dependencies are counted, nothing recurses. What the pass changes - .grad of leaves and of tensors that retain
// theirs - is written at its end, after everything that can fail.
#include <taper/autograd/autograd.h>
#include <taper/autograd/autograd_meta.h>
#include <taper/autograd/nested_pass.h>
#include <taper/autograd/pointer_map.h>
#include <taper/autograd/running_node.h>
#include <taper/core/factories.h>
#include <taper/core/fork.h>

#include <algorithm>
#include <mutex>

namespace taper::autograd {
namespace {

bool expands_to(IntArrayRef from, IntArrayRef to) {
  if (from.size() > to.size()) return false;
  for (size_t i = 1; i <= from.size(); ++i) {
    if (from[from.size() - i] != 1 && from[from.size() - i] != to[to.size() - i]) return false;
  }
  return true;
}

// g in the sizes and dtype of the value it belongs to: summed over what was broadcast, converted.
Tensor reduce_to(Tensor g, IntArrayRef sizes, ScalarType dtype, const Node* from, size_t input) {
  if (g.sizes() != sizes) {
    TAPER_CHECK(expands_to(sizes, g.sizes()), "backward: ", from ? from->name() : "the cotangent",
                from ? from->where() : std::string(), " must give input ", input, " a gradient of its sizes ", sizes,
                "; got ", g.sizes());
    g = sum_to_size(g, sizes);
  }
  return g.dtype() == dtype ? g : g.to(dtype);
}

// Whether nobody else can see the memory of g, so that it may be written or kept; a small part of a block is not.
bool is_sole_owner(const Tensor& g) {
  return g.impl()->use_count() == 1 && g.impl()->storage()->use_count() == 1 && g.is_contiguous() &&
         2 * g.nbytes() >= g.impl()->storage()->nbytes();
}

void accumulate(Tensor& into, Tensor g) {
  if (!into.defined()) {
    into = std::move(g);
  } else if (GradMode::is_enabled()) {
    into = into + g;
  } else if (is_sole_owner(into)) {
    into.add_(g);
  } else if (is_sole_owner(g)) {
    g.add_(into);
    into = std::move(g);
  } else {
    into = into + g;
  }
}

Tensor run_hooks(const std::vector<TensorHook>& hooks, uint32_t nr, Tensor g) {
  // By index: a hook may register another one.
  for (size_t i = 0; i < hooks.size(); ++i) {
    if (hooks[i].output_nr != nr) continue;
    const auto call = *hooks[i].call;  // a copy: the hook may remove itself
    if (!call) continue;
    const Tensor replaced = call(g);
    if (!replaced.defined()) continue;
    TAPER_CHECK(replaced.sizes() == g.sizes() && replaced.dtype() == g.dtype(),
                "backward: a hook must return a gradient like the one it was given, ", g.dtype(), " of sizes ",
                g.sizes(), "; got ", replaced.dtype(), " of sizes ", replaced.sizes());
    g = replaced;
  }
  return g;
}

// One call of backward() or grad().
class Pass {
 public:
  Pass(bool retain_graph, bool create_graph)
      : retain_graph_(retain_graph), create_graph_(create_graph), mode_(create_graph) {}

  void add_root(const Tensor& tensor, Tensor cotangent, size_t i) {
    Edge edge = gradient_edge(tensor);
    TAPER_CHECK(edge.is_valid(), "backward: tensor ", i, " must require grad or come from tensors that do; it is ",
                tensor.dtype(), " of sizes ", tensor.sizes(), " without history");
    if (!cotangent.defined()) {
      TAPER_CHECK(tensor.numel() == 1, "backward: a tensor of sizes ", tensor.sizes(),
                  " needs a gradient of the same sizes; only one-element tensors do without (they take 1)");
      cotangent = ones_like(tensor);
    }
    TAPER_CHECK(cotangent.sizes() == tensor.sizes(), "backward: the gradient must have the sizes of its tensor, ",
                tensor.sizes(), "; got ", cotangent.sizes());
    TAPER_CHECK_TYPE(cotangent.is_floating_point(), "backward: the gradient must be of a floating-point dtype; got ",
                     cotangent.dtype());
    roots_.push_back({std::move(edge), std::move(cotangent)});
  }

  // Only what leads to these inputs is computed; no other leaf gets a gradient.
  void set_inputs(TensorList inputs) {
    has_targets_ = true;
    for (const Tensor& input : inputs) {
      targets_.push_back({gradient_edge(input), {}});
      const void* key = targets_.back().key();
      if (key && target_keys_.find(key) == PointerMap::kNone) target_keys_.insert(key, 0);
    }
    for (const End& root : roots_) find_needed(root.edge);
  }

  // Sends the cotangents back through the graph.
  void run() {
    for (size_t i = 0; i < roots_.size(); ++i) send(roots_[i].edge, std::move(roots_[i].grad), nullptr, i);
    while (!waiting_.empty()) {
      std::pop_heap(waiting_.begin(), waiting_.end());
      const Waiting next = waiting_.back();
      waiting_.pop_back();
      run_node(*next.node, next.slot);
    }
    for (LeafGrad& leaf : leaves_) {
      const std::vector<TensorHook> hooks = leaf.leaf->meta->hooks;  // a copy: they may remove each other
      leaf.grad = run_hooks(hooks, 0, std::move(leaf.grad));
      if (has_targets_) capture(leaf.leaf.get(), 0, leaf.grad);
    }
  }

  // The gradient that reached input i of set_inputs(); undefined when none did.
  Tensor captured(size_t i) const { return targets_[i].grad; }

  // Adds what run() found to .grad of the leaves.
  void write_leaves() {
    const std::lock_guard lock(writing);
    for (const LeafGrad& leaf : leaves_) {
      const Tensor& before = leaf.leaf->meta->grad;
      if (!before.defined()) continue;
      TAPER_CHECK(before.impl()->sizes() == leaf.leaf->sizes() && before.is_floating_point(),
                  "backward: the .grad of a leaf must have the leaf's sizes and a floating-point dtype, ",
                  leaf.leaf->dtype(), " of sizes ", leaf.leaf->sizes(), "; it was replaced by ", before.dtype(),
                  " of sizes ", before.sizes());
      if (!create_graph_ && !before.is_contiguous()) detail::check_apart(before, "backward, .grad of a leaf");
    }
    for (LeafGrad& leaf : leaves_) add_to(leaf.leaf->meta->grad, std::move(leaf.grad));
  }
  // The same for tensors that retain theirs.
  void write_retained() {
    const std::lock_guard lock(writing);
    for (auto& [cell, g] : retained_) add_to(cell->grad, std::move(g));
  }

 private:
  // A root and its cotangent, or a target and the gradient that has reached it.
  struct End {
    Edge edge;
    Tensor grad;
    const void* key() const { return edge.leaf ? static_cast<const void*>(edge.leaf.get()) : edge.function.get(); }
  };
  struct Waiting {
    uint64_t sequence_nr;
    Node* node;
    uint32_t slot;
    bool operator<(const Waiting& other) const { return sequence_nr < other.sequence_nr; }
  };
  struct LeafGrad {
    intrusive_ptr<TensorImpl> leaf;
    Tensor grad;
  };
  enum : uint32_t { kVisited, kNotNeeded, kNeeded };

  // Depth first, with a stack of its own: a node is needed when a target can be reached from it.
  void find_needed(const Edge& root) {
    std::vector<std::pair<Node*, size_t>> stack;  // a node and the number of its next edge
    const auto visit = [&](Node* node) {
      if (!node || needed_.find(node) != PointerMap::kNone) return;
      needed_.insert(node, kVisited);
      stack.emplace_back(node, 0);
    };
    visit(root.function.get());
    while (!stack.empty()) {
      auto& [node, i] = stack.back();
      if (i < node->num_inputs()) {
        visit(node->next_edge(i++).function.get());
        continue;
      }
      const uint32_t answer = leads_to_target(*node) || is_target(node) ? kNeeded : kNotNeeded;
      needed_.erase(node);
      needed_.insert(node, answer);
      stack.pop_back();
    }
  }
  bool is_target(const void* key) const { return target_keys_.find(key) != PointerMap::kNone; }
  bool is_needed(const Edge& edge) const {
    if (!has_targets_ || !edge.is_valid()) return edge.is_valid();
    return edge.leaf ? is_target(edge.leaf.get()) : needed_.find(edge.function.get()) == kNeeded;
  }
  bool leads_to_target(const Node& node) const {
    return std::any_of(node.edges(), node.edges() + node.num_inputs(), [this](const Edge& e) { return is_needed(e); });
  }

  // Adds g to the gradient at the other end of the edge.
  void send(const Edge& edge, Tensor g, const Node* from, size_t input) {
    if (!g.defined() || !is_needed(edge)) return;
    if (edge.leaf) {
      if (!requires_grad(edge.leaf.get())) return;  // no longer
      g = reduce_to(std::move(g), edge.leaf->sizes(), edge.leaf->dtype(), from, input);
      return accumulate(leaf_grad(edge.leaf), std::move(g));
    }
    const OutputInfo& info = edge.function->output_info(edge.input_nr);
    g = reduce_to(std::move(g), info.sizes, info.dtype, from, input);
    accumulate(grads_of(*edge.function)[edge.input_nr], std::move(g));
  }

  Tensor& leaf_grad(const intrusive_ptr<TensorImpl>& leaf) {
    uint32_t slot = leaf_slots_.find(leaf.get());
    if (slot == PointerMap::kNone) {
      slot = static_cast<uint32_t>(leaves_.size());
      leaves_.push_back({leaf, {}});
      leaf_slots_.insert(leaf.get(), slot);
    }
    return leaves_[slot].grad;
  }

  Grads& grads_of(Node& node) {
    uint32_t slot = slots_.find(&node);
    if (slot == PointerMap::kNone) {
      if (free_.empty()) {
        slot = static_cast<uint32_t>(grads_.size());
        grads_.emplace_back(node.num_outputs());
      } else {
        slot = free_.back();
        free_.pop_back();
        grads_[slot] = Grads(node.num_outputs());
      }
      slots_.insert(&node, slot);
      waiting_.push_back({node.sequence_nr(), &node, slot});
      std::push_heap(waiting_.begin(), waiting_.end());
    }
    return grads_[slot];
  }

  void run_node(Node& node, uint32_t slot) {
    Grads dy = std::move(grads_[slot]);
    free_.push_back(slot);
    slots_.erase(&node);
    if (const NodeExtras* extras = node.extras_or_null()) [[unlikely]] {
      for (uint32_t nr = 0; nr < dy.size(); ++nr) {
        if (dy[nr].defined()) dy[nr] = run_hooks(extras->hooks, nr, std::move(dy[nr]));
      }
      for (const auto& [nr, cell] : extras->retained) {
        if (dy[nr].defined()) retained_.emplace_back(cell, dy[nr]);
      }
    }
    uint64_t unwanted = 0;
    if (has_targets_) {
      if (is_target(&node)) {
        for (uint32_t nr = 0; nr < dy.size(); ++nr) capture(&node, nr, dy[nr]);
      }
      if (!leads_to_target(node)) return;
      for (size_t i = 0; i < std::min<size_t>(node.num_inputs(), 64); ++i) {
        if (!is_needed(node.next_edge(i))) unwanted |= uint64_t{1} << i;
      }
    }
    Grads dx;
    {
      const RunningNode running(&node, unwanted);
      dx = node.apply(std::move(dy));
    }
    TAPER_CHECK(dx.size() == node.num_inputs(), "backward: ", node.name(), node.where(), " must give ",
                node.num_inputs(), " gradients, one per input; got ", dx.size());
    if (AnomalyMode::is_enabled()) [[unlikely]]
      check_no_nan(node, dx);
    if (!retain_graph_) node.release_saved();
    for (size_t i = 0; i < dx.size(); ++i) send(node.next_edge(i), std::move(dx[i]), &node, i);
  }

  void capture(const void* key, uint32_t nr, const Tensor& g) {
    for (End& target : targets_) {
      if (target.key() == key && target.edge.input_nr == nr) target.grad = g;
    }
  }

  static void check_no_nan(const Node& node, const Grads& dx) {
    NoGradGuard no_grad;
    for (size_t i = 0; i < dx.size(); ++i) {
      TAPER_CHECK(!dx[i].defined() || dx[i].numel() == 0 || !isnan(dx[i]).any().item<bool>(),
                  "anomaly: the gradient from ", node.name(), node.where(), " to its input ", i,
                  " must not be NaN; got NaN in a gradient of sizes ", dx[i].sizes());
    }
  }

  // Passes of several threads may end in the same leaves.
  static inline taper::detail::ForkMutex writing;
  void add_to(Tensor& grad, Tensor g) const {
    if (grad.defined()) {
      if (create_graph_)
        grad = grad + g;
      else
        grad.add_(g);
    } else {
      grad = create_graph_ || is_sole_owner(g) ? std::move(g) : g.clone();
    }
  }

  bool retain_graph_, create_graph_;
  AutoGradMode mode_;

  std::vector<End> roots_, targets_;
  bool has_targets_ = false;
  PointerMap target_keys_, needed_;

  std::vector<Waiting> waiting_;  // a heap, the newest node on top
  PointerMap slots_;              // node -> its index in grads_
  std::vector<Grads> grads_;
  std::vector<uint32_t> free_;
  PointerMap leaf_slots_;  // leaf -> its index in leaves_
  std::vector<LeafGrad> leaves_;
  std::vector<std::pair<intrusive_ptr<GradCell>, Tensor>> retained_;
};

void add_roots(Pass& pass, TensorList tensors, TensorList cotangents) {
  TAPER_CHECK(cotangents.empty() || cotangents.size() == tensors.size(),
              "backward: one gradient per tensor is needed; got ", cotangents.size(), " for ", tensors.size(),
              " tensors");
  for (size_t i = 0; i < tensors.size(); ++i)
    pass.add_root(tensors[i], cotangents.empty() ? Tensor() : cotangents[i], i);
}

void check_inputs(const char* op, TensorList inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    TAPER_CHECK(inputs[i].defined() && inputs[i].requires_grad(), op, ": input ", i, " must require grad");
  }
}

}  // namespace

void backward(TensorList tensors, TensorList grad_tensors, optional<bool> retain_graph, bool create_graph,
              TensorList inputs) {
  check_inputs("backward", inputs);
  NestedPass().run([&] {
    Pass pass(retain_graph.value_or(create_graph), create_graph);
    add_roots(pass, tensors, grad_tensors);
    if (!inputs.empty()) {
      for (const Tensor& input : inputs) input.retain_grad();
      pass.set_inputs(inputs);
    }
    pass.run();
    pass.write_leaves();
    pass.write_retained();
  });
}

std::vector<Tensor> grad(TensorList outputs, TensorList inputs, TensorList grad_outputs, optional<bool> retain_graph,
                         bool create_graph, bool allow_unused) {
  check_inputs("grad", inputs);
  std::vector<Tensor> grads(inputs.size());
  NestedPass().run([&] {
    Pass pass(retain_graph.value_or(create_graph), create_graph);
    add_roots(pass, outputs, grad_outputs);
    pass.set_inputs(inputs);
    pass.run();
    for (size_t i = 0; i < inputs.size(); ++i) {
      grads[i] = pass.captured(i);
      TAPER_CHECK(allow_unused || grads[i].defined(), "grad: the outputs must depend on input ", i, " (",
                  inputs[i].dtype(), " of sizes ", inputs[i].sizes(),
                  "), and do not; pass allow_unused = true for an undefined gradient");
    }
    pass.write_retained();
  });
  return grads;
}

}  // namespace taper::autograd
