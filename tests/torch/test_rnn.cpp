// RNN, LSTM, GRU and their cells against libtorch, with options crossed at random: text, initial weights, outputs,
// states, gradients, dropout masks, trained weights; packed sequences.
#include "catch.h"
#include "compare.h"

#include <taper/layers/nn.h>
#include <taper/optim/optim.h>

namespace {

using namespace compare;
using bridge::to_torch;

#define SIDE(Name, ns)                                                                                         \
  struct Name {                                                                                                \
    using Tensor = ns::Tensor;                                                                                 \
    using Module = ns::nn::Module;                                                                             \
    using RNN = ns::nn::RNN;                                                                                   \
    using LSTM = ns::nn::LSTM;                                                                                 \
    using GRU = ns::nn::GRU;                                                                                   \
    using RNNCell = ns::nn::RNNCell;                                                                           \
    using LSTMCell = ns::nn::LSTMCell;                                                                         \
    using GRUCell = ns::nn::GRUCell;                                                                           \
    using RNNOptions = ns::nn::RNNOptions;                                                                     \
    using LSTMOptions = ns::nn::LSTMOptions;                                                                   \
    using GRUOptions = ns::nn::GRUOptions;                                                                     \
    using RNNCellOptions = ns::nn::RNNCellOptions;                                                             \
    using LSTMCellOptions = ns::nn::LSTMCellOptions;                                                           \
    using GRUCellOptions = ns::nn::GRUCellOptions;                                                             \
    using SGD = ns::optim::SGD;                                                                                \
    static void relu(auto& options) { options.nonlinearity(ns::kReLU); }                                       \
    static auto pack(const Tensor& x, const std::vector<int64_t>& lengths, bool batch_first, bool is_sorted) { \
      return ns::nn::utils::rnn::pack_padded_sequence(x, ns::tensor(lengths), batch_first, is_sorted);         \
    }                                                                                                          \
    static auto pad(const auto& packed, bool batch_first, double value = 0) {                                  \
      return ns::nn::utils::rnn::pad_packed_sequence(packed, batch_first, value);                              \
    }                                                                                                          \
  };
SIDE(Ours, taper)
SIDE(Theirs, torch)

enum Kind { kTanhNet, kReluNet, kLstmNet, kGruNet };

struct Case {
  Kind kind;
  int64_t input, hidden, layers, proj, steps, batch;
  bool bias, batch_first, both_ways, with_states, packed, is_sorted, train;
  double dropout;
  std::vector<int64_t> lengths;

  std::string text() const {
    return taper::detail::str("kind ", static_cast<int>(kind), ", input ", input, ", hidden ", hidden, ", layers ",
                              layers, ", proj ", proj, ", steps ", steps, ", batch ", batch, ", bias ", bias,
                              ", batch_first ", batch_first, ", both ways ", both_ways, ", states ", with_states,
                              ", packed ", packed, ", sorted ", is_sorted, ", train ", train, ", dropout ", dropout);
  }
  Sizes input_sizes() const { return batch_first ? Sizes{batch, steps, input} : Sizes{steps, batch, input}; }
  Sizes state_sizes(int64_t size) const { return {layers * (both_ways ? 2 : 1), batch, size}; }
};

Case random_case(std::mt19937& engine) {
  const auto upto = [&](int64_t n) { return 1 + static_cast<int64_t>(engine() % static_cast<uint64_t>(n)); };
  const auto coin = [&] { return engine() % 2 == 1; };
  Case c;
  c.kind = static_cast<Kind>(engine() % 4);
  c.input = upto(7);
  c.hidden = engine() % 4 == 0 ? 17 + upto(30) : upto(9);
  c.layers = upto(3);
  c.proj = c.kind == kLstmNet && c.hidden > 1 && coin() ? upto(c.hidden - 1) : 0;
  c.steps = engine() % 4 == 0 ? 1 : upto(7);
  c.batch = engine() % 5 == 0 ? 15 + upto(25) : upto(5);
  c.bias = engine() % 4 != 0;
  c.batch_first = coin();
  c.both_ways = coin();
  c.with_states = coin();
  c.packed = engine() % 3 == 0;
  c.is_sorted = c.batch > 16 || coin();  // libtorch's sort is not stable for more
  c.train = engine() % 4 != 0;
  c.dropout = c.layers > 1 && coin() ? 0.4 : 0;
  for (int64_t b = 0; b < c.batch; ++b) c.lengths.push_back(upto(c.steps));
  if (c.is_sorted) std::sort(c.lengths.rbegin(), c.lengths.rend());
  return c;
}

template <class S>
struct Result {
  typename S::Tensor y, h, c;
};

template <class S>
struct Network {
  using Tensor = typename S::Tensor;
  explicit Network(const Case& c_) : c(c_) {
    const auto with = [&](auto o) {
      o.num_layers(c.layers).bias(c.bias).batch_first(c.batch_first).dropout(c.dropout).bidirectional(c.both_ways);
      return o;
    };
    if (c.kind == kLstmNet) {
      lstm = typename S::LSTM(with(typename S::LSTMOptions(c.input, c.hidden)).proj_size(c.proj));
    } else if (c.kind == kGruNet) {
      gru = typename S::GRU(with(typename S::GRUOptions(c.input, c.hidden)));
    } else {
      auto o = with(typename S::RNNOptions(c.input, c.hidden));
      if (c.kind == kReluNet) S::relu(o);
      rnn = typename S::RNN(o);
    }
    module().train(c.train);
  }
  typename S::Module& module() {
    if (lstm) return *lstm;
    if (gru) return *gru;
    return *rnn;
  }
  Result<S> forward(const Tensor& x, const Tensor& h, const Tensor& cell) {
    if (lstm) {
      const auto run = [&](auto... states) -> Result<S> {
        if (!c.packed) {
          const auto [y, state] = lstm->forward(x, states...);
          return {y, std::get<0>(state), std::get<1>(state)};
        }
        const auto [y, state] =
            lstm->forward_with_packed_input(S::pack(x, c.lengths, c.batch_first, c.is_sorted), states...);
        return {std::get<0>(S::pad(y, c.batch_first)), std::get<0>(state), std::get<1>(state)};
      };
      return h.defined() ? run(std::make_tuple(h, cell)) : run();
    }
    const auto run = [&](auto& net) -> Result<S> {
      if (!c.packed) {
        const auto [y, state] = net->forward(x, h);
        return {y, state, {}};
      }
      const auto [y, state] = net->forward_with_packed_input(S::pack(x, c.lengths, c.batch_first, c.is_sorted), h);
      return {std::get<0>(S::pad(y, c.batch_first)), state, {}};
    };
    return gru ? run(gru) : run(rnn);
  }

  Case c;
  typename S::RNN rnn{nullptr};
  typename S::LSTM lstm{nullptr};
  typename S::GRU gru{nullptr};
};

// The same values in both, which require grad.
struct Pair {
  taper::Tensor ours;
  at::Tensor theirs;
};
Pair pair_of(const Sizes& sizes, taper::ScalarType dtype, std::mt19937& engine, bool when = true) {
  if (!when) return {};
  const taper::Tensor x = draw(sizes, {-1.5, 1.5}, Values::Uniform, engine).to(dtype).detach().requires_grad_();
  return {x, to_torch(x).requires_grad_()};
}

void check_near(const taper::Tensor& ours, const at::Tensor& theirs, double tolerance) {
  CHECK(relative_difference(ours, theirs) <= tolerance);
}
double tolerance_of(taper::ScalarType dtype) { return dtype == taper::kFloat32 ? 3e-5 : 1e-11; }

void check_parameters(const auto& ours, const auto& theirs, double tolerance) {
  const auto mine = ours.named_parameters();
  const auto others = theirs.named_parameters();
  REQUIRE(mine.keys() == others.keys());
  for (const auto& p : mine) {
    INFO(p.key());
    CHECK(relative_difference(p.value(), others[p.key()]) <= tolerance);
  }
}
void check_gradients(const auto& ours, const auto& theirs, double tolerance) {
  const auto others = theirs.named_parameters();
  for (const auto& p : ours.named_parameters()) {
    INFO(p.key());
    CHECK(relative_difference(p.value().grad(), others[p.key()].grad()) <= tolerance);
  }
}

template <class S>
typename S::Tensor weighed(const Result<S>& r, const std::vector<typename S::Tensor>& weights) {
  const auto sum = (r.y * weights[0]).sum() + (r.h * weights[1]).sum();
  return r.c.defined() ? sum + (r.c * weights[2]).sum() : sum;
}

}  // namespace

TEST_CASE("recurrent layers equal libtorch's, options crossed at random") {
  std::mt19937 engine(21);
  for (int i = 0; i < 300; ++i) {
    const Case c = random_case(engine);
    const auto dtype = i % 2 ? taper::kFloat32 : taper::kFloat64;
    INFO("case " << i << ": " << c.text() << ", " << taper::to_string(dtype));
    bridge::seed(static_cast<uint64_t>(i));
    Network<Ours> ours(c);
    Network<Theirs> theirs(c);
    CHECK(support::printed(ours.module()) == "taper" + support::printed(theirs.module()).substr(5));
    check_parameters(ours.module(), theirs.module(), 0);
    ours.module().to(dtype);
    theirs.module().to(bridge::counterpart(dtype));
    const double tolerance = tolerance_of(dtype);

    const Pair x = pair_of(c.input_sizes(), dtype, engine);
    const Pair h = pair_of(c.state_sizes(c.proj > 0 ? c.proj : c.hidden), dtype, engine, c.with_states);
    const Pair cell = pair_of(c.state_sizes(c.hidden), dtype, engine, c.with_states && c.kind == kLstmNet);
    bridge::seed(7);  // of the dropout masks
    const Result<Ours> a = ours.forward(x.ours, h.ours, cell.ours);
    const Result<Theirs> b = theirs.forward(x.theirs, h.theirs, cell.theirs);
    check_near(a.y, b.y, tolerance);
    check_near(a.h, b.h, tolerance);
    check_near(a.c, b.c, tolerance);

    std::vector<taper::Tensor> mine;
    std::vector<at::Tensor> others;
    for (const taper::Tensor* t : {&a.y, &a.h, &a.c}) {
      if (!t->defined()) continue;
      mine.push_back(pair_of(t->sizes().vec(), dtype, engine).ours.detach());
      others.push_back(to_torch(mine.back()));
    }
    weighed<Ours>(a, mine).backward();
    weighed<Theirs>(b, others).backward();
    check_near(x.ours.grad(), x.theirs.grad(), tolerance);
    if (h.ours.defined()) check_near(h.ours.grad(), h.theirs.grad(), tolerance);
    if (cell.ours.defined()) check_near(cell.ours.grad(), cell.theirs.grad(), tolerance);
    check_gradients(ours.module(), theirs.module(), 4 * tolerance);
  }
}

TEST_CASE("recurrent layers trained for 20 steps have libtorch's weights") {
  std::mt19937 engine(5);
  for (int i = 0; i < 24; ++i) {
    Case c = random_case(engine);
    c.train = true;
    const auto dtype = i % 2 ? taper::kFloat32 : taper::kFloat64;
    INFO("case " << i << ": " << c.text() << ", " << taper::to_string(dtype));
    bridge::seed(3);
    Network<Ours> ours(c);
    Network<Theirs> theirs(c);
    ours.module().to(dtype);
    theirs.module().to(bridge::counterpart(dtype));
    Ours::SGD mine(ours.module().parameters(), 0.05);
    Theirs::SGD others(theirs.module().parameters(), 0.05);
    for (int step = 0; step < 20; ++step) {
      const Pair x = pair_of(c.input_sizes(), dtype, engine);
      bridge::seed(static_cast<uint64_t>(step));
      mine.zero_grad();
      others.zero_grad();
      const Result<Ours> a = ours.forward(x.ours, {}, {});
      const Result<Theirs> b = theirs.forward(x.theirs, {}, {});
      (a.y - 0.3).square().mean().backward();
      (b.y - 0.3).square().mean().backward();
      mine.step();
      others.step();
    }
    check_parameters(ours.module(), theirs.module(), dtype == taper::kFloat32 ? 1e-5 : 1e-12);
  }
}

namespace {

template <class Cell, class TheirCell>
void check_cell(Cell ours, TheirCell theirs, int64_t input, int64_t hidden, int64_t batch, bool with_state,
                taper::ScalarType dtype, std::mt19937& engine) {
  check_parameters(*ours, *theirs, 0);
  check_printed(std::pair(ours, theirs));
  ours->to(dtype);
  theirs->to(bridge::counterpart(dtype));
  const Pair x = pair_of({batch, input}, dtype, engine), h = pair_of({batch, hidden}, dtype, engine, with_state),
             c = pair_of({batch, hidden}, dtype, engine, with_state);
  const double tolerance = tolerance_of(dtype);
  if constexpr (std::is_same_v<Cell, Ours::LSTMCell>) {
    const auto [ah, ac] = with_state ? ours(x.ours, std::make_tuple(h.ours, c.ours)) : ours(x.ours);
    const auto [bh, bc] = with_state ? theirs(x.theirs, std::make_tuple(h.theirs, c.theirs)) : theirs(x.theirs);
    check_near(ah, bh, tolerance);
    check_near(ac, bc, tolerance);
    (ah.square() + ac * 0.7).sum().backward();
    (bh.square() + bc * 0.7).sum().backward();
    if (with_state) check_near(c.ours.grad(), c.theirs.grad(), tolerance);
  } else {
    const auto a = ours(x.ours, h.ours);
    const auto b = theirs(x.theirs, h.theirs);
    check_near(a, b, tolerance);
    a.square().sum().backward();
    b.square().sum().backward();
  }
  check_near(x.ours.grad(), x.theirs.grad(), tolerance);
  if (with_state) check_near(h.ours.grad(), h.theirs.grad(), tolerance);
  check_gradients(*ours, *theirs, 4 * tolerance);
}

}  // namespace

TEST_CASE("recurrent cells equal libtorch's") {
  std::mt19937 engine(2);
  for (int i = 0; i < 60; ++i) {
    const int64_t input = 1 + static_cast<int64_t>(engine() % 8), hidden = 1 + static_cast<int64_t>(engine() % 40),
                  batch = 1 + static_cast<int64_t>(engine() % 20);
    const bool bias = engine() % 3 != 0, with_state = engine() % 2 == 0;
    const auto dtype = engine() % 2 ? taper::kFloat32 : taper::kFloat64;
    INFO("case " << i << ", input " << input << ", hidden " << hidden << ", batch " << batch << ", bias " << bias
                 << ", state " << with_state << ", " << taper::to_string(dtype));
    bridge::seed(static_cast<uint64_t>(i));
    const auto check = [&](auto ours, auto theirs) {
      check_cell(ours, theirs, input, hidden, batch, with_state, dtype, engine);
    };
    check(Ours::LSTMCell(Ours::LSTMCellOptions(input, hidden).bias(bias)),
          Theirs::LSTMCell(Theirs::LSTMCellOptions(input, hidden).bias(bias)));
    check(Ours::GRUCell(Ours::GRUCellOptions(input, hidden).bias(bias)),
          Theirs::GRUCell(Theirs::GRUCellOptions(input, hidden).bias(bias)));
    auto mine = Ours::RNNCellOptions(input, hidden).bias(bias);
    auto others = Theirs::RNNCellOptions(input, hidden).bias(bias);
    check(Ours::RNNCell(mine), Theirs::RNNCell(others));
    Ours::relu(mine);
    Theirs::relu(others);
    check(Ours::RNNCell(mine), Theirs::RNNCell(others));
  }
}

TEST_CASE("packing and padding equal libtorch's") {
  std::mt19937 engine(4);
  namespace mine = taper::nn::utils::rnn;
  namespace others = torch::nn::utils::rnn;
  for (int i = 0; i < 60; ++i) {
    Case c = random_case(engine);
    INFO("case " << i << ": " << c.text());
    const Pair x = pair_of(c.input_sizes(), taper::kFloat64, engine);
    const auto a = Ours::pack(x.ours, c.lengths, c.batch_first, c.is_sorted);
    const auto b = Theirs::pack(x.theirs, c.lengths, c.batch_first, c.is_sorted);
    check_near(a.data(), b.data(), 0);
    check_near(a.batch_sizes(), b.batch_sizes(), 0);
    const auto [pa, la] = mine::pad_packed_sequence(a, !c.batch_first, -1.5, c.steps + 2);
    const auto [pb, lb] = others::pad_packed_sequence(b, !c.batch_first, -1.5, c.steps + 2);
    check_near(pa, pb, 0);
    check_near(la, lb, 0);
    pa.square().sum().backward();
    pb.square().sum().backward();
    check_near(x.ours.grad(), x.theirs.grad(), 1e-12);

    std::vector<taper::Tensor> ours;
    std::vector<at::Tensor> theirs;
    for (const int64_t length : c.lengths) {
      const Pair s = pair_of({length, c.input}, taper::kFloat32, engine);
      ours.push_back(s.ours);
      theirs.push_back(s.theirs);
    }
    const auto joined = mine::pad_sequence(ours, c.batch_first, 0.25);
    const auto joined_too = others::pad_sequence(theirs, c.batch_first, 0.25);
    check_near(joined, joined_too, 0);
    const auto d = mine::pack_sequence(ours, c.is_sorted);
    const auto e = others::pack_sequence(theirs, c.is_sorted);
    check_near(d.data(), e.data(), 0);
    check_near(d.batch_sizes(), e.batch_sizes(), 0);
    (joined.square().sum() + d.data().sum()).backward();
    (joined_too.square().sum() + e.data().sum()).backward();
    check_near(ours[0].grad(), theirs[0].grad(), 1e-5);
  }
}

TEST_CASE("the functions of recurrent networks equal libtorch's") {
  std::mt19937 engine(9);
  const Pair x = pair_of({5, 3, 4}, taper::kFloat64, engine), h = pair_of({2, 3, 6}, taper::kFloat64, engine),
             c = pair_of({2, 3, 6}, taper::kFloat64, engine);
  const auto both = [&](int64_t gates, auto f) {
    std::vector<taper::Tensor> ours;
    std::vector<at::Tensor> theirs;
    for (const int64_t d : {0, 1}) {
      for (const Sizes& sizes :
           {Sizes{gates * 6, d == 0 ? 4 : 6}, Sizes{gates * 6, 6}, Sizes{gates * 6}, {gates * 6}}) {
        const Pair p = pair_of(sizes, taper::kFloat64, engine);
        ours.push_back(p.ours);
        theirs.push_back(p.theirs);
      }
    }
    f(ours, theirs);
  };
  both(4, [&](const auto& ours, const auto& theirs) {
    const auto a = taper::lstm(x.ours, {h.ours, c.ours}, ours, true, 2, 0.0, false, false, false);
    const auto b = torch::lstm(x.theirs, {h.theirs, c.theirs}, theirs, true, 2, 0.0, false, false, false);
    check_near(std::get<0>(a), std::get<0>(b), 1e-12);
    check_near(std::get<2>(a), std::get<2>(b), 1e-12);
    const auto s = taper::lstm_cell(x.ours[0], {h.ours[0], c.ours[0]}, ours[0], ours[1], ours[2], ours[3]);
    const auto t =
        torch::lstm_cell(x.theirs[0], {h.theirs[0], c.theirs[0]}, theirs[0], theirs[1], theirs[2], theirs[3]);
    check_near(std::get<1>(s), std::get<1>(t), 1e-12);
  });
  both(3, [&](const auto& ours, const auto& theirs) {
    const auto a = taper::gru(x.ours, h.ours, ours, true, 2, 0.0, false, false, false);
    const auto ha = taper::gru_cell(x.ours[0], h.ours[0], ours[0], ours[1]);
    check_near(std::get<0>(a), std::get<0>(torch::gru(x.theirs, h.theirs, theirs, true, 2, 0.0, false, false, false)),
               1e-12);
    check_near(ha, torch::gru_cell(x.theirs[0], h.theirs[0], theirs[0], theirs[1]), 1e-12);
  });
  both(1, [&](const auto& ours, const auto& theirs) {
    const auto sizes = std::vector<int64_t>{3, 2, 2};
    const auto data = x.ours.flatten(0, 1).narrow(0, 0, 7);
    const auto a = taper::rnn_tanh(data, taper::tensor(sizes), h.ours, ours, true, 2, 0.0, false, false);
    const auto b = torch::rnn_tanh(x.theirs.flatten(0, 1).narrow(0, 0, 7), torch::tensor(sizes), h.theirs, theirs, true,
                                   2, 0.0, false, false);
    check_near(std::get<0>(a), std::get<0>(b), 1e-12);
    check_near(std::get<1>(a), std::get<1>(b), 1e-12);
    check_near(taper::rnn_relu_cell(x.ours[0], h.ours[0], ours[0], ours[1], ours[2], ours[3]),
               torch::rnn_relu_cell(x.theirs[0], h.theirs[0], theirs[0], theirs[1], theirs[2], theirs[3]), 1e-12);
  });
}
