#include <taper/autograd/running_node.h>

#include <taper/autograd/record.h>

namespace taper::autograd {
namespace {
thread_local const Node* running_node = nullptr;
thread_local uint64_t unwanted_inputs = 0;
}  // namespace

RunningNode::RunningNode(const Node* node, uint64_t unwanted)
    : node_before_(running_node), unwanted_before_(unwanted_inputs) {
  running_node = node;
  unwanted_inputs = unwanted;
}
RunningNode::~RunningNode() {
  running_node = node_before_;
  unwanted_inputs = unwanted_before_;
}

const Node* RunningNode::current() { return running_node; }

uint64_t detail::unwanted() { return unwanted_inputs; }

}  // namespace taper::autograd
