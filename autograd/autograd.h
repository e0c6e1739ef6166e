// Differentiation: backward, grad, the graph in print.
#pragma once

#include <taper/autograd/anomaly.h>
#include <taper/autograd/autocast.h>
#include <taper/autograd/function.h>
#include <taper/autograd/functions.h>
#include <taper/autograd/grad_mode.h>
#include <taper/autograd/gradcheck.h>

namespace taper::autograd {

// Accumulates sum_i <grad_tensors[i], d tensors[i] / d leaf> into the grad of every leaf that requires it (or of
// `inputs` alone, when given). An undefined cotangent stands for 1 and needs a one-element tensor. The graph is freed
// unless retain_graph (default: create_graph); with create_graph the gradients are themselves differentiable. Gradients
// are committed only after the whole pass succeeded: an error leaves every .grad as it was.
TAPER_API void backward(TensorList tensors, TensorList grad_tensors = {}, optional<bool> retain_graph = nullopt,
                        bool create_graph = false, TensorList inputs = {});

// The same sums as values, one for each of `inputs` (leaves or not), touching no .grad. An input that the outputs do
// not depend on is an error, or an undefined result with allow_unused.
TAPER_API std::vector<Tensor> grad(TensorList outputs, TensorList inputs, TensorList grad_outputs = {},
                                   optional<bool> retain_graph = nullopt, bool create_graph = false,
                                   bool allow_unused = false);

// The graph that ends in `tensor`, newest node first: a line per node with its sizes and inputs; or as a dot file.
TAPER_API std::string graph_text(const Tensor& tensor);
TAPER_API std::string graph_dot(const Tensor& tensor);

}  // namespace taper::autograd
