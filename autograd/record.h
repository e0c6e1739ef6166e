// record: puts an operation on the tape. An operation is written forward first, then what it saves, then its
// derivative:
//
//   Tensor sigmoid(const Tensor& x) {
//     Tensor y = kernels::unary(UnaryOp::Sigmoid, x);
//     return record("SigmoidBackward0", {x}, y, [y = save_result(y)](const Tensor& dy) {
//       const Tensor s = y.get();
//       return dy * s * (1 - s);
//     });
//   }
//
//   Tensor mul(const Tensor& a, const Tensor& b) {
//     return record("MulBackward0", {a, b}, kernels::binary(BinaryOp::Mul, a, b),
//                   [a = save(a, b.requires_grad()), b = save(b, a.requires_grad())](const Tensor& dy,
//                                                                                     const Needs& needs) {
//                     return Grads{needs[0] ? dy * b.get() : Tensor(), needs[1] ? dy * a.get() : Tensor()};
//                   });
//   }
//
// The derivative takes `const Tensor& dy`, or (dy, needs) to skip what nobody asked for, and returns a Tensor (one
// input) or Grads (one entry per input). Gradients may come back broadcast or in a promoted dtype: the engine sums and
// converts them to the input's sizes and dtype. Written in differentiable functions it is itself differentiable
// (create_graph); a fused backward kernel is for `!GradMode::is_enabled()` only, with the composition beside it.
#pragma once

#include <taper/autograd/autograd_meta.h>
#include <taper/autograd/grad_mode.h>
#include <taper/autograd/saved_tensor.h>

namespace taper::autograd {

namespace detail {
TAPER_API uint64_t unwanted();  // bit i: the running derivative's input i is not asked for in this pass
}

// Which inputs' gradients are wanted: those that require grad and, in a pass for given inputs, lead to them.
class Needs {
 public:
  explicit Needs(const Node& node) : node_(node), unwanted_(detail::unwanted()) {}
  bool operator[](size_t i) const { return node_.needs_input_grad(i) && (i >= 64 || !(unwanted_ >> i & 1)); }

 private:
  const Node& node_;
  uint64_t unwanted_;
};

// An operand, by reference.
struct Input {
  Input(const Tensor& t) : tensor(&t) {}  // NOLINT
  const Tensor* tensor;
};
using Inputs = std::initializer_list<Input>;

namespace detail {

// True when recording is on and an input requires grad; or, in place, x or another operand.
TAPER_API bool should_record(Inputs inputs);
TAPER_API bool should_record(TensorList inputs);
TAPER_API bool should_record(const Tensor& x, Inputs operands);
TAPER_API void connect(Node& node, Inputs inputs);
TAPER_API void connect(Node& node, TensorList inputs);
TAPER_API void finish(const intrusive_ptr<Node>& node, const Tensor& y);
TAPER_API void check_forward(const char* name, const Tensor& y);  // anomaly mode: a NaN in y throws
TAPER_API bool anomaly_enabled();
[[noreturn]] TAPER_API void saved_already_freed(const Node& node);

template <class F>
class LambdaNode final : public Node {
 public:
  LambdaNode(const char* name, size_t num_inputs, F&& f) : Node(num_inputs), name_(name), f_(std::move(f)) {}
  const char* name() const override { return name_; }
  Grads apply(Grads&& dy) override {
    if (!f_) saved_already_freed(*this);
    if (!dy[0].defined()) return Grads(num_inputs());
    if constexpr (std::is_invocable_v<F&, const Tensor&, const Needs&>) {
      return (*f_)(dy[0], Needs(*this));
    } else if constexpr (std::is_same_v<std::invoke_result_t<F&, const Tensor&>, Tensor>) {
      Grads dx(1);
      dx[0] = (*f_)(dy[0]);
      return dx;
    } else {
      return (*f_)(dy[0]);
    }
  }
  void release_saved() override {
    if constexpr (!std::is_trivially_destructible_v<F>) f_.reset();
  }

 private:
  const char* name_;
  std::optional<F> f_;
};

template <class List, class F>
Tensor record(const char* name, List inputs, size_t n, Tensor y, F&& f) {
  if (anomaly_enabled()) [[unlikely]]
    check_forward(name, y);
  if (!should_record(inputs) || !is_floating_point(y.dtype())) return y;
  const auto node = intrusive_ptr<Node>::adopt(new LambdaNode<std::decay_t<F>>(name, n, std::forward<F>(f)));
  connect(*node, inputs);
  finish(node, y);
  return y;
}

}  // namespace detail

// `y` is a value of its own, no view of an input (record_view below).
template <class F>
Tensor record(const char* name, Inputs inputs, Tensor y, F f) {
  return detail::record(name, inputs, inputs.size(), std::move(y), std::move(f));
}
template <class F>
Tensor record_list(const char* name, TensorList inputs, Tensor y, F f) {
  return detail::record(name, inputs, inputs.size(), std::move(y), std::move(f));
}

// Makes `y`, which shares x's storage, a view of x, or of what x is a view of.
TAPER_API void make_view(const Tensor& y, const Tensor& x);
// Records `y` as a view: in-place changes of one are seen, and differentiated, by the other (see ViewKind).
template <class F>
Tensor record_view(const char* name, const Tensor& x, Tensor y, F f) {
  make_view(y, x);
  return record(name, {x}, std::move(y), std::move(f));
}

// ---- in-place operations --------------------------------------------------------------------------------------------
// x.op_(...) = { check_in_place(x, "op_");
//               no grad involved: run the kernel on x, then x.impl()->storage()->bump_version();
//               else: assign(x, op(old_value(x), ...)) }. They go through in_place() or overwrite() below.

// Throws when x may not be changed in place: a leaf that requires grad (or a view of one) while recording is on, a view
// whose kind forbids it.
TAPER_API void check_in_place(const Tensor& x, const char* op);
// Throws when a change of the view x must not be recorded: it was made without recording or by a custom Function, or
// its base has other memory now.
TAPER_API void check_view_kind(const Tensor& x, const char* op);
// x as it is now, with its history, as a tensor of its own on the same storage.
TAPER_API Tensor old_value(const Tensor& x);
// Writes `value` (any broadcastable sizes, any dtype) into x and makes x - and the base it is a view of - continue
// value's history.
TAPER_API void assign(const Tensor& x, const Tensor& value);
// Makes x - whose memory has just been given a new value, as output of `node` - and the base it is a view of continue
// there.
TAPER_API void rebase_history(const Tensor& x, const intrusive_ptr<Node>& node);

namespace detail {
// Throws when elements of x share memory, as those of unfold() may.
TAPER_API void check_apart(const Tensor& x, const char* op);

template <class Kernel, class Function>
Tensor& change_in_place(const char* op, const Tensor& x, Inputs operands, Kernel kernel, Function function) {
  if (should_record(x, operands)) {
    check_view_kind(x, op);
    if (x.is_view() && !x.impl()->base->is_contiguous()) check_apart(Tensor(x.impl()->base), op);
    const Tensor value = [&] {
      const Overwriting scope(x);
      return function(old_value(x));
    }();
    assign(x, value);
  } else {
    kernel();
    x.impl()->storage()->bump_version();
  }
  return const_cast<Tensor&>(x);
}
}  // namespace detail

// The general in-place operation, which returns x: `kernel()` changes x directly when nothing is recorded;
// `function(old)` is the differentiable version otherwise. `operands` are those besides x. Elements of x that share
// memory are an error: each would be changed several times, or lose its change to the next.
template <class Kernel, class Function>
Tensor& in_place(const char* op, const Tensor& x, Inputs operands, Kernel kernel, Function function) {
  check_in_place(x, op);
  if (!x.is_contiguous()) detail::check_apart(x, op);
  return detail::change_in_place(op, x, operands, kernel, function);
}

// The same where every element gets a new value whatever it was: of elements that share memory the last one stays,
// which function's derivative must know (LastStays in view_geometry.h).
template <class Kernel, class Function>
Tensor& overwrite(const char* op, const Tensor& x, Inputs operands, Kernel kernel, Function function) {
  check_in_place(x, op);
  return detail::change_in_place(op, x, operands, kernel, function);
}

}  // namespace taper::autograd
