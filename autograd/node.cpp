#include <taper/autograd/node.h>

#include <taper/core/allocator.h>

namespace taper::autograd {
namespace {

std::atomic<uint64_t> next_sequence_nr{1};

// Nodes whose last reference went while another one was being destroyed on this thread.
thread_local std::vector<Node*>* doomed = nullptr;

}  // namespace

Node::Node(size_t num_inputs) : num_edges_(num_inputs) {
  if (num_inputs > kInlineEdges) more_edges_ = std::make_unique<Edge[]>(num_inputs);
}
Node::~Node() = default;

void* Node::operator new(size_t bytes) { return taper::detail::allocate(bytes); }
void Node::operator delete(void* p, size_t bytes) noexcept { taper::detail::deallocate(p, bytes); }

uint32_t Node::add_output(const Tensor& like) {
  if (num_outputs_ == 0) sequence_nr_ = next_sequence_nr.fetch_add(1, std::memory_order_relaxed);
  const uint32_t nr = static_cast<uint32_t>(num_outputs_++);
  OutputInfo& info = nr == 0 ? output_ : extras().more_outputs.emplace_back();
  info.sizes = like.impl()->sizes();
  info.dtype = like.dtype();
  return nr;
}

NodeExtras& Node::extras() {
  if (!extras_) extras_ = std::make_unique<NodeExtras>();
  return *extras_;
}

std::string Node::where() const {
  return extras_ && !extras_->module_path.empty() ? " (in module " + extras_->module_path + ")" : std::string();
}

// The destructor of a node drops its edges and saved tensors, which may be the last holders of older nodes. Those come
// back here and are queued instead of being destroyed inside, so the stack stays flat however long the chain is.
void intrusive_dispose(Node* node) noexcept {
  if (doomed) {
    doomed->push_back(node);
    return;
  }
  std::vector<Node*> queue;
  doomed = &queue;
  delete node;
  while (!queue.empty()) {
    Node* next = queue.back();
    queue.pop_back();
    delete next;
  }
  doomed = nullptr;
}

}  // namespace taper::autograd
