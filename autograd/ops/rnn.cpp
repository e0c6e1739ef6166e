// A layer of all its steps and directions is one node, whose derivative is a kernel; where a graph of the derivative is
// asked for, the layer is computed once more by differentiable operations, and they are differentiated.
#include <taper/autograd/autograd.h>
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/rnn.h>

#include <numeric>

namespace taper {

using namespace autograd;
using kernels::RnnCell;
using kernels::RnnWeights;

namespace {

constexpr size_t kStates = 3, kPerDirection = 5;  // inputs of a layer's node: x, h0, c0; then the fields of RnnWeights

using Steps = std::shared_ptr<const std::vector<int64_t>>;  // the batch size of each

struct LayerOutput {
  Tensor y, h, c;  // as in kernels::RnnResult
};

std::vector<RnnWeights> weights_of(const std::vector<Tensor>& inputs) {
  std::vector<RnnWeights> weights;
  for (size_t i = kStates; i < inputs.size(); i += kPerDirection) {
    weights.push_back({inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3], inputs[i + 4]});
  }
  return weights;
}

// h', with c, of an LSTM, becoming c'; `in` is the input's product and `hidden` the recurrent one.
Tensor composed_step(RnnCell cell, const Tensor& in, const Tensor& hidden, const Tensor& h, Tensor& c) {
  if (cell == RnnCell::Tanh) return (in + hidden).tanh();
  if (cell == RnnCell::Relu) return (in + hidden).relu();
  if (cell == RnnCell::Lstm) {
    const std::vector<Tensor> a = (in + hidden).chunk(4, 1);
    c = a[1].sigmoid() * c + a[0].sigmoid() * a[2].tanh();
    return a[3].sigmoid() * c.tanh();
  }
  const std::vector<Tensor> a = in.chunk(3, 1), b = hidden.chunk(3, 1);
  const Tensor n = (a[2] + (a[0] + b[0]).sigmoid() * b[2]).tanh();
  return n + (a[1] + b[1]).sigmoid() * (h - n);
}

// The layer by differentiable operations; inputs as the node has them.
LayerOutput composed_layer(RnnCell cell, const std::vector<Tensor>& inputs, const std::vector<int64_t>& batch_sizes) {
  const std::vector<RnnWeights> weights = weights_of(inputs);
  const int64_t B = batch_sizes[0], steps = static_cast<int64_t>(batch_sizes.size());
  std::vector<int64_t> ends(batch_sizes.size());
  std::partial_sum(batch_sizes.begin(), batch_sizes.end(), ends.begin());
  std::vector<Tensor> ys, hs, cs;
  for (size_t d = 0; d < weights.size(); ++d) {
    const RnnWeights& w = weights[d];
    const Tensor products = linear(inputs[0], w.w_ih, w.b_ih);
    Tensor h = inputs[1].select(0, static_cast<int64_t>(d)), c;
    if (cell == RnnCell::Lstm) c = inputs[2].select(0, static_cast<int64_t>(d));
    std::vector<Tensor> outputs(batch_sizes.size());
    for (int64_t s = 0; s < steps; ++s) {
      const size_t t = static_cast<size_t>(d == 0 ? s : steps - 1 - s);
      const int64_t rows = batch_sizes[t];
      // The states of sequences that are over, or have not begun, stay.
      const auto update = [&](Tensor& state, const Tensor& value) {
        state = rows < B ? cat({value, state.narrow(0, rows, B - rows)}) : value;
      };
      const Tensor before = h.narrow(0, 0, rows), in = products.narrow(0, ends[t] - rows, rows);
      Tensor cell_state = c.defined() ? c.narrow(0, 0, rows) : Tensor();
      outputs[t] = composed_step(cell, in, linear(before, w.w_hh, w.b_hh), before, cell_state);
      if (w.w_hr.defined()) outputs[t] = linear(outputs[t], w.w_hr);
      update(h, outputs[t]);
      if (c.defined()) update(c, cell_state);
    }
    ys.push_back(cat(outputs));
    hs.push_back(h);
    if (c.defined()) cs.push_back(c);
  }
  return {cat(ys, 1), stack(hs), cs.empty() ? Tensor() : stack(cs)};
}

constexpr char kRecurrent[] = "RecurrentBackward0";

class RecurrentNode final : public Node {
 public:
  RecurrentNode(RnnCell cell, const std::vector<Tensor>& inputs, Steps batch_sizes, kernels::RnnResult result)
      : Node(inputs.size()), cell_(cell), batch_sizes_(std::move(batch_sizes)), result_(std::move(result)) {
    result_.y = result_.h = result_.c = Tensor();
    for (const Tensor& x : inputs) inputs_.push_back(x.defined() ? save(x) : SavedTensor());
  }
  const char* name() const override { return kRecurrent; }
  void release_saved() override {
    inputs_.clear();
    result_ = {};
  }
  Grads apply(Grads&& dy) override {
    if (inputs_.empty()) autograd::detail::saved_already_freed(*this);
    dy.resize(3);
    if (!dy[0].defined() && !dy[1].defined() && !dy[2].defined()) return Grads(num_inputs());
    std::vector<Tensor> inputs;
    for (const SavedTensor& x : inputs_) inputs.push_back(x ? x.get() : Tensor());
    return GradMode::is_enabled() ? composed_gradients(inputs, dy) : gradients(inputs, dy);
  }

 private:
  Grads gradients(const std::vector<Tensor>& inputs, const Grads& dy) const {
    const Needs needs(*this);
    bool needs_dweights = false;
    for (size_t i = kStates; i < inputs.size(); ++i) needs_dweights |= needs[i];
    kernels::RnnGrads d = kernels::rnn_layer_backward(cell_, inputs[0], *batch_sizes_, weights_of(inputs), result_,
                                                      dy[0], dy[1], dy[2], needs[0], needs_dweights);
    Grads grads(inputs.size());
    grads[0] = d.x;
    grads[1] = d.h0;
    grads[2] = d.c0;
    for (size_t i = 0; i < d.weights.size(); ++i) {
      const RnnWeights& w = d.weights[i];
      const size_t first = kStates + i * kPerDirection;
      size_t at = first;
      for (const Tensor& g : {w.w_ih, w.w_hh, w.b_ih, w.b_hh, w.w_hr}) grads[at++] = g;
    }
    return grads;
  }

  // By views of the inputs: one that is there twice has two gradients.
  Grads composed_gradients(const std::vector<Tensor>& inputs, const Grads& dy) const {
    const Needs needs(*this);
    std::vector<Tensor> views(inputs.size()), wanted;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].defined()) views[i] = inputs[i].view(inputs[i].sizes());
      if (needs[i]) wanted.push_back(views[i]);
    }
    const LayerOutput out = composed_layer(cell_, views, *batch_sizes_);
    std::vector<Tensor> outputs, cotangents;
    const Tensor* const all[] = {&out.y, &out.h, &out.c};
    for (size_t i = 0; i < 3; ++i) {
      if (!dy[i].defined() || !all[i]->requires_grad()) continue;
      outputs.push_back(*all[i]);
      cotangents.push_back(dy[i]);
    }
    Grads grads(inputs.size());
    if (outputs.empty() || wanted.empty()) return grads;
    const std::vector<Tensor> d = grad(outputs, wanted, cotangents, true, true, true);
    for (size_t i = 0, k = 0; i < inputs.size(); ++i) {
      if (needs[i]) grads[i] = d[k++];
    }
    return grads;
  }

  RnnCell cell_;
  Steps batch_sizes_;
  std::vector<SavedTensor> inputs_;
  kernels::RnnResult result_;
};

LayerOutput record_layer(RnnCell cell, const std::vector<Tensor>& inputs, const Steps& batch_sizes) {
  kernels::RnnResult result =
      kernels::rnn_layer(cell, inputs[0], *batch_sizes, inputs[1], inputs[2], weights_of(inputs));
  LayerOutput out{result.y, result.h, result.c};
  if (autograd::detail::anomaly_enabled()) [[unlikely]]
    autograd::detail::check_forward(kRecurrent, out.y);
  if (!autograd::detail::should_record(TensorList(inputs))) return out;
  const auto node = intrusive_ptr<Node>::adopt(new RecurrentNode(cell, inputs, batch_sizes, std::move(result)));
  autograd::detail::connect(*node, TensorList(inputs));
  for (const Tensor* y : {&out.y, &out.h, &out.c}) {
    if (y->defined()) autograd::detail::finish(node, *y);
  }
  return out;
}

// ---- layers one above the other -------------------------------------------------------------------------------------

struct Network {
  const char* op;
  RnnCell cell;
  TensorList params;
  bool has_biases;
  int64_t num_layers;
  double dropout;
  bool train, bidirectional;
};

void check_same(const char* op, const char* what, const Tensor& t, IntArrayRef sizes, const Tensor& x) {
  TAPER_CHECK(t.sizes() == sizes, op, ": ", what, " must have sizes ", sizes, "; got ", t.sizes());
  TAPER_CHECK_TYPE(t.dtype() == x.dtype(), op, ": the input and ", what, " must have one dtype; got ", x.dtype(),
                   " and ", t.dtype(), "; convert the layer or the input with .to()");
}

// x [N, I], h and c [L D, B, ...]: y [N, D O] and states as h and c
LayerOutput run(const Network& net, Tensor x, const Steps& steps, const Tensor& h, const Tensor& c) {
  const char* const op = net.op;
  check_floating(op, x);
  if (const ScalarType dtype = x.scalar_type(); isReducedFloatingType(dtype)) {  // in float32, rounded at the end
    const auto to = [](const Tensor& t, ScalarType type) { return t.defined() ? t.to(type) : t; };
    std::vector<Tensor> params;
    for (const Tensor& p : net.params) params.push_back(to(p, kFloat32));
    Network wide = net;
    wide.params = params;
    const LayerOutput out = run(wide, x.to(kFloat32), steps, to(h, kFloat32), to(c, kFloat32));
    return {to(out.y, dtype), to(out.h, dtype), to(out.c, dtype)};
  }
  const int64_t D = net.bidirectional ? 2 : 1, L = net.num_layers, B = (*steps)[0], G = kernels::gates_of(net.cell);
  TAPER_CHECK(h.dim() == 3 && (!c.defined() || c.dim() == 3), op, ": the states must have 3 dimensions, [num_layers * ",
              "directions, batch, size]; got ", h.sizes(), c.defined() ? " and " : "",
              c.defined() ? taper::detail::str(c.sizes()) : std::string());
  const int64_t O = h.size(2), H = c.defined() ? c.size(2) : O;
  const bool projects = O != H;
  check_same(op, "h0", h, {L * D, B, O}, x);
  if (c.defined()) check_same(op, "c0", c, {L * D, B, H}, x);
  const size_t per = 2u + (net.has_biases ? 2u : 0u) + (projects ? 1u : 0u);
  TAPER_CHECK_VALUE(L > 0 && net.params.size() == per * static_cast<size_t>(L * D), op, ": there must be ", per,
                    " parameters for each of ", L, " layers in ", D, " directions; got ", net.params.size());
  TAPER_CHECK_VALUE(net.dropout >= 0 && net.dropout <= 1, op, ": dropout must be from 0 to 1; got ", net.dropout);

  std::vector<Tensor> hs, cs;
  size_t next = 0;
  for (int64_t l = 0; l < L; ++l) {
    std::vector<Tensor> inputs{x, L == 1 ? h : h.narrow(0, l * D, D)};
    inputs.push_back(c.defined() && L > 1 ? c.narrow(0, l * D, D) : c);
    for (int64_t d = 0; d < D; ++d) {
      const auto take = [&](bool is_there, const char* what, IntArrayRef sizes) {
        inputs.push_back(is_there ? net.params[next++] : Tensor());
        if (is_there) check_same(op, what, inputs.back(), sizes, x);
      };
      take(true, "the input's weight", {G * H, x.size(1)});
      take(true, "the recurrent weight", {G * H, O});
      take(net.has_biases, "the input's bias", {G * H});
      take(net.has_biases, "the recurrent bias", {G * H});
      take(projects, "the weight of the projection", {O, H});
    }
    const LayerOutput out = record_layer(net.cell, inputs, steps);
    x = out.y;
    hs.push_back(out.h);
    cs.push_back(out.c);
    if (net.train && net.dropout > 0 && l + 1 < L) x = taper::dropout(x, net.dropout, true);
  }
  if (L == 1) return {x, hs[0], cs[0]};
  return {x, cat(hs), c.defined() ? cat(cs) : Tensor()};
}

LayerOutput run_padded(const Network& net, const Tensor& input, const Tensor& h, const Tensor& c, bool batch_first) {
  TAPER_CHECK(input.dim() == 3, net.op, ": the input must have 3 dimensions, ",
              batch_first ? "[batch, steps, size]" : "[steps, batch, size]", "; got sizes ", input.sizes());
  const Tensor x = batch_first ? input.transpose(0, 1) : input;
  const int64_t T = x.size(0), B = x.size(1);
  TAPER_CHECK_VALUE(T > 0, net.op, ": sequences must have at least one step; got input sizes ", input.sizes());
  const auto steps = std::make_shared<const std::vector<int64_t>>(static_cast<size_t>(T), B);
  LayerOutput out = run(net, x.reshape({T * B, x.size(2)}), steps, h, c);
  out.y = out.y.view({T, B, out.y.size(1)});
  if (batch_first) out.y = out.y.transpose(0, 1);
  return out;
}

LayerOutput run_packed(const Network& net, const Tensor& data, const Tensor& batch_sizes, const Tensor& h,
                       const Tensor& c) {
  TAPER_CHECK(data.dim() == 2, net.op, ": packed data must have 2 dimensions, [rows, size]; got sizes ", data.sizes());
  TAPER_CHECK_TYPE(batch_sizes.dtype() == kInt64, net.op, ": batch_sizes must be Long; got ", batch_sizes.dtype());
  TAPER_CHECK_VALUE(batch_sizes.dim() == 1 && batch_sizes.numel() > 0, net.op,
                    ": batch_sizes must be a vector with at least one step; got sizes ", batch_sizes.sizes());
  const Tensor sizes = kernels::contiguous(batch_sizes);
  const int64_t* const first = sizes.data_ptr<int64_t>();
  const auto steps = std::make_shared<const std::vector<int64_t>>(first, first + sizes.numel());
  TAPER_CHECK_VALUE(steps->back() > 0 && std::is_sorted(steps->rbegin(), steps->rend()), net.op,
                    ": batch_sizes must be positive and never grow");
  const int64_t rows = std::accumulate(steps->begin(), steps->end(), int64_t{0});
  TAPER_CHECK_VALUE(rows == data.size(0), net.op, ": batch_sizes must add up to the rows of the data, ", data.size(0),
                    "; their sum is ", rows);
  return run(net, data, steps, h, c);
}

// h and c of an LSTM
std::pair<Tensor, Tensor> both(const char* op, TensorList hx) {
  TAPER_CHECK_VALUE(hx.size() == 2, op, ": two states are needed, h and c; got ", hx.size());
  return {hx[0], hx[1]};
}

LayerOutput run_cell(const char* op, RnnCell cell, const Tensor& input, const Tensor& h, const Tensor& c,
                     const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh) {
  TAPER_CHECK(input.dim() == 2 && h.dim() == 2, op, ": input and state must be matrices, [batch, size]; got sizes ",
              input.sizes(), " and ", h.sizes());
  TAPER_CHECK_VALUE(b_ih.defined() == b_hh.defined(), op, ": both biases must be given, or none");
  std::vector<Tensor> params{w_ih, w_hh};
  if (b_ih.defined()) params.insert(params.end(), {b_ih, b_hh});
  const auto step = std::make_shared<const std::vector<int64_t>>(1, input.size(0));
  return run({op, cell, params, b_ih.defined(), 1, 0, false, false}, input, step, h.unsqueeze(0),
             c.defined() ? c.unsqueeze(0) : c);
}

}  // namespace

std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& input, TensorList hx, TensorList params, bool has_biases,
                                        int64_t num_layers, double dropout, bool train, bool bidirectional,
                                        bool batch_first) {
  const auto [h, c] = both("lstm", hx);
  const LayerOutput out = run_padded(
      {"lstm", RnnCell::Lstm, params, has_biases, num_layers, dropout, train, bidirectional}, input, h, c, batch_first);
  return {out.y, out.h, out.c};
}
std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& data, const Tensor& batch_sizes, TensorList hx, TensorList params,
                                        bool has_biases, int64_t num_layers, double dropout, bool train,
                                        bool bidirectional) {
  const auto [h, c] = both("lstm", hx);
  const LayerOutput out = run_packed(
      {"lstm", RnnCell::Lstm, params, has_biases, num_layers, dropout, train, bidirectional}, data, batch_sizes, h, c);
  return {out.y, out.h, out.c};
}

#define TAPER_RNN_FUNCTION(name, cell)                                                                                \
  std::tuple<Tensor, Tensor> name(const Tensor& input, const Tensor& hx, TensorList params, bool has_biases,          \
                                  int64_t num_layers, double dropout, bool train, bool bidirectional,                 \
                                  bool batch_first) {                                                                 \
    const LayerOutput out = run_padded({#name, cell, params, has_biases, num_layers, dropout, train, bidirectional},  \
                                       input, hx, {}, batch_first);                                                   \
    return {out.y, out.h};                                                                                            \
  }                                                                                                                   \
  std::tuple<Tensor, Tensor> name(const Tensor& data, const Tensor& batch_sizes, const Tensor& hx, TensorList params, \
                                  bool has_biases, int64_t num_layers, double dropout, bool train,                    \
                                  bool bidirectional) {                                                               \
    const LayerOutput out = run_packed({#name, cell, params, has_biases, num_layers, dropout, train, bidirectional},  \
                                       data, batch_sizes, hx, {});                                                    \
    return {out.y, out.h};                                                                                            \
  }                                                                                                                   \
  Tensor name##_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,                   \
                     const Tensor& b_ih, const Tensor& b_hh) {                                                        \
    return run_cell(#name "_cell", cell, input, hx, {}, w_ih, w_hh, b_ih, b_hh).y;                                    \
  }
TAPER_RNN_FUNCTION(gru, RnnCell::Gru)
TAPER_RNN_FUNCTION(rnn_tanh, RnnCell::Tanh)
TAPER_RNN_FUNCTION(rnn_relu, RnnCell::Relu)
#undef TAPER_RNN_FUNCTION

std::tuple<Tensor, Tensor> lstm_cell(const Tensor& input, TensorList hx, const Tensor& w_ih, const Tensor& w_hh,
                                     const Tensor& b_ih, const Tensor& b_hh) {
  const auto [h, c] = both("lstm_cell", hx);
  const LayerOutput out = run_cell("lstm_cell", RnnCell::Lstm, input, h, c, w_ih, w_hh, b_ih, b_hh);
  return {out.y, out.c.squeeze(0)};
}

}  // namespace taper
