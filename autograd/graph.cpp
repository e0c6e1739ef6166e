// The graph in print.
#include <taper/autograd/autograd.h>
#include <taper/autograd/autograd_meta.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace taper::autograd {
namespace {

using taper::detail::str;

// All nodes that `tensor` comes from, newest first.
std::vector<const Node*> nodes_behind(const Tensor& tensor) {
  std::vector<const Node*> found;
  std::unordered_set<const Node*> seen;
  const auto visit = [&](const Node* node) {
    if (node && seen.insert(node).second) found.push_back(node);
  };
  visit(tensor.grad_fn().get());
  for (size_t i = 0; i < found.size(); ++i) {
    for (size_t k = 0; k < found[i]->num_inputs(); ++k) visit(found[i]->next_edge(k).function.get());
  }
  std::sort(found.begin(), found.end(),
            [](const Node* a, const Node* b) { return a->sequence_nr() > b->sequence_nr(); });
  return found;
}

std::string leaf_text(const TensorImpl& leaf) { return str("leaf ", leaf.dtype(), " ", leaf.sizes()); }

// Numbers from 1 for nodes, in the order of the list.
std::unordered_map<const Node*, size_t> numbered(const std::vector<const Node*>& nodes) {
  std::unordered_map<const Node*, size_t> numbers;
  for (const Node* node : nodes) numbers.emplace(node, numbers.size() + 1);
  return numbers;
}

}  // namespace

std::string graph_text(const Tensor& tensor) {
  const auto nodes = nodes_behind(tensor);
  if (nodes.empty()) return str(leaf_text(*tensor.impl()), tensor.requires_grad() ? ", requires grad\n" : "\n");
  const auto numbers = numbered(nodes);
  std::string text;
  for (const Node* node : nodes) {
    text += str(numbers.at(node), "  ", node->name(), " ", node->output_info(0).sizes, node->where(), "  <-");
    for (size_t i = 0; i < node->num_inputs(); ++i) {
      const Edge& edge = node->next_edge(i);
      text += i == 0 ? " " : ", ";
      if (edge.function)
        text += str(numbers.at(edge.function.get()));
      else
        text += edge.leaf ? leaf_text(*edge.leaf) : "-";
    }
    text += "\n";
  }
  return text;
}

std::string graph_dot(const Tensor& tensor) {
  const auto nodes = nodes_behind(tensor);
  const auto numbers = numbered(nodes);
  std::unordered_map<const TensorImpl*, size_t> leaves;
  std::string text = "digraph tape {\n  rankdir=BT;\n  node [shape=box];\n", edges;
  for (const Node* node : nodes) {
    const std::string id = str("n", numbers.at(node));
    text += str("  ", id, " [label=\"", node->name(), "\\n", node->output_info(0).sizes, node->where(), "\"];\n");
    for (size_t i = 0; i < node->num_inputs(); ++i) {
      const Edge& edge = node->next_edge(i);
      if (edge.function) {
        edges += str("  n", numbers.at(edge.function.get()), " -> ", id, ";\n");
      } else if (edge.leaf) {
        const auto [leaf, is_new] = leaves.emplace(edge.leaf.get(), leaves.size() + 1);
        if (is_new) text += str("  leaf", leaf->second, " [shape=ellipse,label=\"", leaf_text(*edge.leaf), "\"];\n");
        edges += str("  leaf", leaf->second, " -> ", id, ";\n");
      }
    }
  }
  return text + edges + "}\n";
}

}  // namespace taper::autograd
