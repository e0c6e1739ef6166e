// Node: one recorded operation of the tape. It knows its derivative and where the gradients of its inputs go.
//
// A tensor made by a recorded operation points to its node (grad_fn); the node's edges point to the nodes - or, for
// leaves, to the tensors themselves - that made its inputs. Nodes therefore own the graph backwards in time, never
// forwards, and a graph lives as long as somebody holds a tensor at its end.
#pragma once

#include <taper/core/tensor.h>

#include <memory>

namespace taper::autograd {

class Node;

// Where the gradient of one input goes: output `input_nr` of an earlier node, or a leaf, or (both null) nowhere.
struct Edge {
  intrusive_ptr<Node> function;
  intrusive_ptr<TensorImpl> leaf;
  uint32_t input_nr = 0;
  bool is_valid() const { return function || leaf; }
};

// A short list of tensors, undefined ones allowed: the cotangents of a node's outputs or of its inputs.
class Grads {
 public:
  Grads() = default;
  explicit Grads(size_t n) { resize(n); }
  Grads(std::initializer_list<Tensor> values) {
    resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) (*this)[i] = values.begin()[i];
  }
  size_t size() const { return size_; }
  void resize(size_t n) {
    if (n > kInline) heap_.resize(n);
    size_ = n;
  }
  Tensor& operator[](size_t i) { return size_ > kInline ? heap_[i] : inline_[i]; }
  const Tensor& operator[](size_t i) const { return size_ > kInline ? heap_[i] : inline_[i]; }

 private:
  static constexpr size_t kInline = 4;
  Tensor inline_[kInline];
  std::vector<Tensor> heap_;
  size_t size_ = 0;
};

// Sizes and dtype of a node's output: the gradient that arrives there is brought to them.
struct OutputInfo {
  DimVector sizes;
  ScalarType dtype = kFloat32;
};

// A gradient kept for a tensor that is not a leaf (retain_grad), shared by the tensor and its node.
struct GradCell : RefCounted {
  Tensor grad;
};
inline void intrusive_dispose(GradCell* cell) noexcept { delete cell; }

// Known to the tensor and to the node of the value that it was registered on; removed, its call is empty.
struct TensorHook {
  uint32_t output_nr;
  unsigned id;
  std::shared_ptr<std::function<Tensor(const Tensor&)>> call;
};

// What few nodes have.
struct NodeExtras {
  std::vector<TensorHook> hooks;
  std::vector<std::pair<uint32_t, intrusive_ptr<GradCell>>> retained;
  std::vector<OutputInfo> more_outputs;  // of outputs 1, 2, ...
  std::string module_path;               // known in anomaly mode
};

class TAPER_API Node : public RefCounted {
 public:
  explicit Node(size_t num_inputs);
  virtual ~Node();

  // The cotangents of the inputs, given those of the outputs (undefined means zero, both ways).
  virtual Grads apply(Grads&& dy) = 0;
  // As PyTorch names it: "MulBackward0".
  virtual const char* name() const = 0;
  // Frees what was saved for backward; called after apply unless the graph is retained.
  virtual void release_saved() {}

  // A node's inputs come from smaller numbers, whenever their nodes were made: a node takes its number with its first
  // output, when its edges are set; nobody can have an edge to it before.
  uint64_t sequence_nr() const { return sequence_nr_; }
  size_t num_inputs() const { return num_edges_; }
  Edge* edges() { return more_edges_ ? more_edges_.get() : edges_; }
  const Edge* edges() const { return more_edges_ ? more_edges_.get() : edges_; }
  const Edge& next_edge(size_t i) const { return edges()[i]; }
  bool needs_input_grad(size_t i) const { return edges()[i].is_valid(); }

  size_t num_outputs() const { return num_outputs_; }
  uint32_t add_output(const Tensor& like);
  const OutputInfo& output_info(uint32_t nr) const { return nr == 0 ? output_ : extras_->more_outputs[nr - 1]; }

  NodeExtras& extras();
  const NodeExtras* extras_or_null() const { return extras_.get(); }
  // " (in module net.fc1)", or nothing where the module is not known.
  std::string where() const;

  static void* operator new(size_t bytes);
  static void operator delete(void* p, size_t bytes) noexcept;

 private:
  static constexpr size_t kInlineEdges = 3;
  Edge edges_[kInlineEdges];
  std::unique_ptr<Edge[]> more_edges_;
  size_t num_edges_;
  uint64_t sequence_nr_ = 0;
  OutputInfo output_;
  size_t num_outputs_ = 0;
  std::unique_ptr<NodeExtras> extras_;
};

// Ends a node without recursion: what it alone held is queued, so a chain of a million nodes needs no deep stack.
TAPER_API void intrusive_dispose(Node* node) noexcept;

// The gradient edge of a tensor: its node, or itself for a leaf that requires grad, or nothing.
TAPER_API Edge gradient_edge(const Tensor& tensor);

}  // namespace taper::autograd
