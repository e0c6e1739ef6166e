#include "autograd/gradcheck_table.h"

#include <taper/layers/nn.h>

using namespace taper;
using namespace gradcheck_table;

namespace {

struct Net {
  int64_t gates, layers, directions, proj;
  bool has_biases;
};

constexpr int64_t kInput = 2, kHidden = 3, kBatch = 2;

// x, the states and the parameters.
List operands(const Net& net, ops::Sizes input) {
  const int64_t output = net.proj ? net.proj : kHidden, width = net.gates * kHidden;
  List in{leaf(input), leaf({net.layers * net.directions, kBatch, output})};
  if (net.gates == 4) in.push_back(leaf({net.layers * net.directions, kBatch, kHidden}));
  for (int64_t i = 0; i < net.layers * net.directions; ++i) {
    in.push_back(leaf({width, i < net.directions ? kInput : output * net.directions}));
    in.push_back(leaf({width, output}));
    if (net.has_biases) in.insert(in.end(), {leaf({width}), leaf({width})});
    if (net.proj) in.push_back(leaf({output, kHidden}));
  }
  return in;
}

List from(const List& in, size_t first) { return List(in.begin() + static_cast<int64_t>(first), in.end()); }
List listed(const std::tuple<Tensor, Tensor>& t) { return {std::get<0>(t), std::get<1>(t)}; }
List listed(const std::tuple<Tensor, Tensor, Tensor>& t) { return {std::get<0>(t), std::get<1>(t), std::get<2>(t)}; }

std::vector<Row> make() {
  const Tensor sizes = tensor(std::vector<int64_t>{2, 2, 1});
  const ops::Sizes padded{3, kBatch, kInput}, packed{5, kInput};
  std::vector<Row> rows;
#define PADDED(name, function, hx, skip, net)                                                        \
  rows.push_back({name, nullptr,                                                                     \
                  OF(listed(function(in[0], hx, from(in, skip), net.has_biases, net.layers, 0, true, \
                                     net.directions == 2, false))),                                  \
                  operands(net, padded)})
#define PACKED(name, function, hx, skip, net)                                                               \
  rows.push_back({name, net.layers == 1 ? "RecurrentBackward0" : nullptr,                                   \
                  OF(listed(function(in[0], sizes, hx, from(in, skip), net.has_biases, net.layers, 0, true, \
                                     net.directions == 2))),                                                \
                  operands(net, packed)})
  const Net lstm1{4, 1, 1, 0, true}, lstm2{4, 2, 2, 0, true}, lstm_plain{4, 1, 2, 0, false}, proj{4, 2, 2, 2, true},
      proj1{4, 1, 1, 1, false}, gru1{3, 1, 1, 0, true}, gru2{3, 2, 2, 0, true}, gru_plain{3, 1, 2, 0, false},
      rnn1{1, 1, 1, 0, true}, rnn2{1, 2, 2, 0, true}, rnn_plain{1, 1, 2, 0, false};
  PADDED("lstm", lstm, (List{in[1], in[2]}), 3, lstm1);
  PADDED("lstm, two layers both ways", lstm, (List{in[1], in[2]}), 3, lstm2);
  PADDED("lstm, projected", lstm, (List{in[1], in[2]}), 3, proj);
  PACKED("lstm of packed", lstm, (List{in[1], in[2]}), 3, lstm_plain);
  PACKED("lstm of packed, projected", lstm, (List{in[1], in[2]}), 3, proj1);
  PADDED("gru", gru, in[1], 2, gru1);
  PADDED("gru, two layers both ways", gru, in[1], 2, gru2);
  PACKED("gru of packed", gru, in[1], 2, gru_plain);
  PADDED("rnn_tanh", rnn_tanh, in[1], 2, rnn1);
  PADDED("rnn_tanh, two layers both ways", rnn_tanh, in[1], 2, rnn2);
  PACKED("rnn_tanh of packed", rnn_tanh, in[1], 2, rnn_plain);
  PADDED("rnn_relu", rnn_relu, in[1], 2, rnn1);
  PACKED("rnn_relu of packed", rnn_relu, in[1], 2, rnn_plain);
  const auto step = [](int64_t gates) {
    const int64_t width = gates * kHidden;
    return List{leaf({kBatch, kInput}), leaf({kBatch, kHidden}), leaf({kBatch, kHidden}),
                leaf({width, kInput}),  leaf({width, kHidden}),  leaf({width}),
                leaf({width})};
  };
  rows.push_back({"lstm_cell", "RecurrentBackward0",
                  OF(std::get<0>(lstm_cell(in[0], {in[1], in[2]}, in[3], in[4], in[5], in[6])),
                     std::get<1>(lstm_cell(in[0], {in[1], in[2]}, in[3], in[4], in[5], in[6]))),
                  step(4)});
  rows.push_back(
      {"gru_cell", "RecurrentBackward0", OF(gru_cell(in[0], in[1] + in[2], in[3], in[4], in[5], in[6])), step(3)});
  // The same tensor in several places.
  rows.push_back({"rnn_tanh_cell with itself",
                  "RecurrentBackward0",
                  OF(rnn_tanh_cell(in[0], in[0], in[0], in[0])),
                  {leaf({3, 3})}});
  return rows;
}

const gradcheck_table::Table table(make);

}  // namespace

TEST_CASE("derivatives of recurrent networks, first and second") { table.check(); }

TEST_CASE("packing and padding are differentiable") {
  namespace rnn = nn::utils::rnn;
  const autograd::CheckedFunction pack = [](const List& in) {
    const auto packed = rnn::pack_padded_sequence(in[0], tensor(std::vector<int64_t>{1, 3}), false, false);
    return List{packed.data(), std::get<0>(rnn::pad_packed_sequence(packed, true, 0.5, 4)),
                rnn::pad_sequence({in[0][0], in[0][1].narrow(0, 0, 1)})};
  };
  CHECK_NOTHROW(autograd::gradcheck(pack, {leaf({3, 2, 2})}));
  CHECK_NOTHROW(autograd::gradgradcheck(pack, {leaf({3, 2, 2})}));
}
