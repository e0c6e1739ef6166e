// Which node's derivative is being computed on this thread, and which of its inputs nobody asks for.
#pragma once

#include <cstdint>

namespace taper::autograd {

class Node;

class RunningNode {
 public:
  static const Node* current();  // null outside of a backward pass

  // Bit i of `unwanted`: the gradient of input i would be thrown away (inputs from the 65th on always count as wanted).
  RunningNode(const Node* node, uint64_t unwanted);
  ~RunningNode();
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;

 private:
  const Node* node_before_;
  uint64_t unwanted_before_;
};

}  // namespace taper::autograd
