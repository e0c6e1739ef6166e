// RNN, LSTM and GRU: values against the formulas, shapes, options, errors. tests/torch/test_rnn.cpp compares them with
// libtorch, tests/autograd/ops/test_gradcheck_rnn.cpp checks the derivatives.
#include "catch.h"
#include "support/files.h"
#include "support/scopes.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/serialize/serialize.h>

using namespace taper;

namespace {

namespace rnn = nn::utils::rnn;

#define CHECK_REFUSED(call, text) \
  CHECK_THAT(support::error_of([&] { static_cast<void>(call); }), ContainsSubstring(text))

Tensor parameter(nn::Module& net, const std::string& name) { return net.named_parameters()[name]; }

// One direction of one layer by the formulas, sequence by sequence; c is undefined but for an LSTM.
Tensor by_formula(nn::Module& net, const std::string& suffix, const Tensor& x, int64_t gates, bool backwards) {
  const Tensor w_ih = parameter(net, "weight_ih_" + suffix), w_hh = parameter(net, "weight_hh_" + suffix),
               b_ih = parameter(net, "bias_ih_" + suffix), b_hh = parameter(net, "bias_hh_" + suffix);
  const int64_t H = w_ih.size(0) / gates, T = x.size(0);
  std::vector<Tensor> ys(static_cast<size_t>(T));
  Tensor h = zeros({x.size(1), w_hh.size(1)}, x.dtype()), c = zeros({x.size(1), H}, x.dtype());
  for (int64_t s = 0; s < T; ++s) {
    const int64_t t = backwards ? T - 1 - s : s;
    const auto a = (mm(x[t], w_ih.t()) + b_ih).split(H, 1), b = (mm(h, w_hh.t()) + b_hh).split(H, 1);
    if (gates == 1) {
      h = tanh(a[0] + b[0]);
    } else if (gates == 3) {
      const Tensor r = 1 / (1 + exp(-a[0] - b[0])), z = 1 / (1 + exp(-a[1] - b[1])), n = tanh(a[2] + r * b[2]);
      h = (1 - z) * n + z * h;
    } else {
      c = c / (1 + exp(-a[1] - b[1])) + tanh(a[2] + b[2]) / (1 + exp(-a[0] - b[0]));
      h = tanh(c) / (1 + exp(-a[3] - b[3]));
    }
    if (net.named_parameters().contains("weight_hr_" + suffix)) {
      h = mm(h, parameter(net, "weight_hr_" + suffix).t());
    }
    ys[static_cast<size_t>(t)] = h;
  }
  return stack(ys);
}

Tensor by_formula(nn::Module& net, Tensor x, int64_t gates, int64_t layers, bool both_ways) {
  for (int64_t l = 0; l < layers; ++l) {
    const std::string suffix = "l" + std::to_string(l);
    const Tensor forwards = by_formula(net, suffix, x, gates, false);
    x = both_ways ? cat({forwards, by_formula(net, suffix + "_reverse", x, gates, true)}, 2) : forwards;
  }
  return x;
}

Tensor output(auto& net, const Tensor& x) { return std::get<0>(net->forward(x)); }

}  // namespace

TEST_CASE("recurrent layers compute their formulas") {
  manual_seed(1);
  for (const auto& [T, B, H, layers] : std::vector<std::tuple<int64_t, int64_t, int64_t, int64_t>>{
           {5, 3, 4, 1}, {1, 1, 1, 1}, {3, 40, 33, 2}, {28, 17, 8, 3}}) {
    for (const bool both_ways : {false, true}) {
      INFO("T " << T << ", B " << B << ", H " << H << ", layers " << layers << ", both ways " << both_ways);
      const Tensor x = randn({T, B, 6}, kFloat64);
      nn::LSTM lstm(nn::LSTMOptions(6, H).num_layers(layers).bidirectional(both_ways));
      nn::GRU gru(nn::GRUOptions(6, H).num_layers(layers).bidirectional(both_ways));
      nn::RNN net(nn::RNNOptions(6, H).num_layers(layers).bidirectional(both_ways));
      nn::LSTM projected(nn::LSTMOptions(6, H + 1).proj_size(H).num_layers(layers).bidirectional(both_ways));
      for (nn::Module* m : std::vector<nn::Module*>{lstm.get(), gru.get(), net.get(), projected.get()}) m->to(kFloat64);
      CHECK(output(lstm, x).allclose(by_formula(*lstm, x, 4, layers, both_ways), 1e-12, 1e-13));
      CHECK(output(gru, x).allclose(by_formula(*gru, x, 3, layers, both_ways), 1e-12, 1e-13));
      CHECK(output(net, x).allclose(by_formula(*net, x, 1, layers, both_ways), 1e-12, 1e-13));
      CHECK(output(projected, x).allclose(by_formula(*projected, x, 4, layers, both_ways), 1e-12, 1e-13));
    }
  }
}

TEST_CASE("an RNN with ReLU is bounded below by 0, and NaN goes through it") {
  nn::RNN net(nn::RNNOptions(2, 3).nonlinearity(kReLU));
  CHECK((output(net, randn({4, 2, 2})) >= 0).all().item<bool>());
  CHECK(output(net, full({1, 1, 2}, NAN)).isnan().all().item<bool>());
}

TEST_CASE("parameters have PyTorch's names and order") {
  nn::LSTM lstm(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true).proj_size(2));
  std::vector<std::string> names;
  for (const char* suffix : {"l0", "l0_reverse", "l1", "l1_reverse"}) {
    for (const char* what : {"weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_", "weight_hr_"}) {
      names.push_back(std::string(what) + suffix);
    }
  }
  CHECK(lstm->named_parameters().keys() == names);
  CHECK(parameter(*lstm, "weight_ih_l1_reverse").sizes().vec() == std::vector<int64_t>{16, 4});
  CHECK(parameter(*lstm, "weight_hr_l0").sizes().vec() == std::vector<int64_t>{2, 4});
  nn::GRU gru(nn::GRUOptions(3, 4).bias(false));
  CHECK(gru->named_parameters().keys() == std::vector<std::string>{"weight_ih_l0", "weight_hh_l0"});
  CHECK(gru->all_weights().size() == 2);
  CHECK(gru->all_weights()[0].is_same(parameter(*gru, "weight_ih_l0")));
  gru->flatten_parameters();
}

TEST_CASE("initial weights lie within 1 over the root of hidden_size") {
  manual_seed(0);
  nn::GRU gru(20, 16);
  for (const Tensor& w : gru->parameters()) {
    CHECK(w.abs().max().item<float>() <= 0.25f);
    CHECK(w.abs().max().item<float>() > 0.2f);
  }
}

TEST_CASE("a batch of one and no batch agree, with states and without") {
  manual_seed(2);
  for (const bool batch_first : {false, true}) {
    nn::LSTM lstm(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true).batch_first(batch_first).proj_size(2));
    const Tensor x = randn({5, 3}), h = randn({4, 2}), c = randn({4, 4});
    const auto [y, state] = lstm(x, std::make_tuple(h, c));
    const auto [z, wide] = lstm(x.unsqueeze(batch_first ? 0 : 1), std::make_tuple(h.unsqueeze(1), c.unsqueeze(1)));
    CHECK(y.sizes().vec() == std::vector<int64_t>{5, 4});
    CHECK(y.equal(z.squeeze(batch_first ? 0 : 1)));
    CHECK(std::get<0>(state).equal(std::get<0>(wide).squeeze(1)));
    CHECK(std::get<1>(state).equal(std::get<1>(wide).squeeze(1)));
    nn::RNN net(nn::RNNOptions(3, 4).batch_first(batch_first));
    const auto [p, q] = net(x);
    CHECK(p.sizes().vec() == std::vector<int64_t>{5, 4});
    CHECK(q.sizes().vec() == std::vector<int64_t>{1, 4});
  }
}

TEST_CASE("a sequence in two parts, with the state between, is the whole") {
  manual_seed(3);
  nn::GRU gru(nn::GRUOptions(3, 5).num_layers(2));
  nn::LSTM lstm(nn::LSTMOptions(3, 5).num_layers(2));
  const Tensor x = randn({6, 2, 3});
  const auto [y, h] = gru(x);
  const auto [y1, h1] = gru(x.narrow(0, 0, 4));
  const auto [y2, h2] = gru(x.narrow(0, 4, 2), h1);
  CHECK(cat({y1, y2}).equal(y));
  CHECK(h2.equal(h));
  const auto [z, state] = lstm(x);
  const auto [z1, state1] = lstm(x.narrow(0, 0, 4));
  const auto [z2, state2] = lstm(x.narrow(0, 4, 2), state1);
  CHECK(cat({z1, z2}).equal(z));
  CHECK(std::get<1>(state2).equal(std::get<1>(state)));
}

TEST_CASE("packed sequences of unequal lengths give what each gives alone, and batch_first plays no part") {
  manual_seed(4);
  const std::vector<Tensor> sequences{randn({2, 3}), randn({5, 3}), randn({1, 3}), randn({5, 3})};
  const rnn::PackedSequence packed = rnn::pack_sequence(sequences, false);
  for (const bool batch_first : {false, true}) {
    nn::LSTM lstm(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true).batch_first(batch_first));
    const Tensor h = randn({4, 4, 4}), c = randn({4, 4, 4});
    const auto [y, state] = lstm->forward_with_packed_input(packed, std::make_tuple(h, c));
    CHECK(y.unsorted_indices().equal(packed.unsorted_indices()));
    const auto [padded, lengths] = rnn::pad_packed_sequence(y);
    CHECK(lengths.equal(tensor(std::vector<int64_t>{2, 5, 1, 5})));
    for (size_t i = 0; i < sequences.size(); ++i) {
      const int64_t b = static_cast<int64_t>(i), T = sequences[i].size(0);
      const auto [z, own] = lstm(sequences[i], std::make_tuple(h.select(1, b), c.select(1, b)));
      CHECK(padded.select(1, b).narrow(0, 0, T).allclose(z, 1e-5, 1e-6));
      CHECK((padded.select(1, b).narrow(0, T, 5 - T) == 0).all().item<bool>());
      CHECK(std::get<0>(state).select(1, b).allclose(std::get<0>(own), 1e-5, 1e-6));
      CHECK(std::get<1>(state).select(1, b).allclose(std::get<1>(own), 1e-5, 1e-6));
    }
  }
}

TEST_CASE("dropout acts between layers in training, with a mask of its own each time") {
  manual_seed(5);
  nn::GRU gru(nn::GRUOptions(3, 4).num_layers(2).dropout(0.5));
  const Tensor x = randn({6, 2, 3});
  CHECK(!output(gru, x).equal(output(gru, x)));
  gru->eval();
  const Tensor y = output(gru, x);
  CHECK(output(gru, x).equal(y));
  gru->train();
  gru->options_base.dropout(1);  // the second layer has its own biases alone
  nn::GRU second(4, 4);
  NoGradGuard no_grad;
  for (const char* what : {"weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_"}) {
    parameter(*second, std::string(what) + "l0").copy_(parameter(*gru, std::string(what) + "l1"));
  }
  CHECK(output(gru, x).equal(output(second, zeros({6, 2, 4}))));
}

TEST_CASE("values and gradients have the same bits for any number of threads") {
  support::check_threads(
      [] {
        manual_seed(6);
        nn::LSTM lstm(nn::LSTMOptions(9, 40).num_layers(2).bidirectional(true).proj_size(30));
        nn::GRU gru(nn::GRUOptions(9, 70));
        const Tensor x = randn({7, 50, 9}, requires_grad());
        (output(lstm, x).square().mean() + output(gru, x).sin().sum()).backward();
        std::vector<Tensor> all{output(lstm, x), output(gru, x), x.grad()};
        for (const nn::Module* m : std::vector<const nn::Module*>{lstm.get(), gru.get()}) {
          for (const Tensor& p : m->parameters()) all.push_back(p.grad());
        }
        return all;
      },
      {1, 2, 5});
}

TEST_CASE("the output may be changed in place before backward") {
  nn::LSTM lstm(2, 3);
  Tensor y = output(lstm, randn({4, 2, 2}));
  y.relu_();
  y.sum().backward();
  CHECK(parameter(*lstm, "weight_hh_l0").grad().defined());
}

TEST_CASE("a second backward needs retain_graph") {
  nn::LSTM lstm(2, 3);
  const Tensor h = std::get<0>(std::get<1>(lstm(randn({4, 2, 2})))), dh = ones({1, 2, 3});
  h.backward(dh, true);
  h.backward(dh);
  CHECK_REFUSED(h.backward(dh), "RecurrentBackward0");
}

TEST_CASE("recurrent layers are saved, loaded and cloned") {
  manual_seed(7);
  const support::Folder folder;
  nn::LSTM a(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true).proj_size(2)),
      b(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true).proj_size(2));
  save(a, folder / "lstm.safetensors");
  load(b, folder / "lstm.safetensors");
  const Tensor x = randn({5, 2, 3});
  CHECK(output(a, x).equal(output(b, x)));
  const auto copy = std::dynamic_pointer_cast<nn::LSTMImpl>(a->clone());
  NoGradGuard no_grad;
  for (Tensor w : a->all_weights()) w.zero_();
  CHECK(output(copy, x).equal(output(b, x)));
  CHECK(copy->all_weights()[0].is_same(parameter(*copy, "weight_ih_l0")));
}

TEST_CASE("recurrent layers print their options") {
  CHECK(support::printed(nn::LSTM(nn::LSTMOptions(2, 4).num_layers(3).dropout(0.5).proj_size(1))) ==
        "taper::nn::LSTM(input_size=2, hidden_size=4, num_layers=3, bias=true, batch_first=false, dropout=0.5, "
        "bidirectional=false, proj_size=1)");
  CHECK(support::printed(nn::RNN(nn::RNNOptions(2, 4).bias(false).batch_first(true))) ==
        "taper::nn::RNN(input_size=2, hidden_size=4, num_layers=1, bias=false, batch_first=true, dropout=0, "
        "bidirectional=false)");
}

TEST_CASE("options out of range are refused when the layer is made") {
  CHECK_REFUSED(nn::GRU(3, 0), "GRU: hidden_size must be positive; got 0");
  CHECK_REFUSED(nn::GRU(-1, 2), "GRU: input_size must not be negative; got -1");
  CHECK_REFUSED(nn::RNN(nn::RNNOptions(3, 2).num_layers(0)), "RNN: num_layers must be positive; got 0");
  CHECK_REFUSED(nn::LSTM(nn::LSTMOptions(3, 2).num_layers(2).dropout(1.5)),
                "LSTM: dropout must be from 0 to 1; got 1.5");
  CHECK_REFUSED(nn::LSTM(nn::LSTMOptions(3, 2).proj_size(2)), "LSTM: proj_size must be from 0");
  CHECK_REFUSED(nn::LSTM(nn::LSTMOptions(3, 2).proj_size(-1)), "got -1");
  const support::CatchWarnings warnings;
  nn::GRU(nn::GRUOptions(3, 2).dropout(0.5));
  REQUIRE(warnings.messages.size() == 1);
  CHECK_THAT(warnings.messages[0], ContainsSubstring("GRU: dropout acts between layers, of which there is one"));
}

TEST_CASE("inputs and states that do not fit are refused") {
  nn::LSTM lstm(nn::LSTMOptions(3, 4).proj_size(2));
  nn::GRU gru(3, 4);
  CHECK_REFUSED(lstm(ones({5, 2, 4})), "LSTM: the last dimension of the input must be input_size; got ");
  CHECK_REFUSED(gru(ones({3})), "GRU: the input must be [steps, batch, input_size], or ");
  CHECK_REFUSED(gru(ones({0, 2, 3})), "sequences must have at least one step");
  CHECK_REFUSED(gru(ones({5, 2, 3}), ones({1, 3, 4})), "the state h must have sizes [1, 2, 4]; got [1, 3");
  CHECK_REFUSED(gru(ones({5, 3}), ones({1, 1, 4})), "the state h must have sizes [1, 4]; got [1, 1, 4]");
  CHECK_REFUSED(lstm(ones({5, 2, 3}), std::make_tuple(ones({1, 2, 2}), ones({1, 2, 2}))),
                "the state c must have sizes [1, 2, 4]; got [1, 2, 2]");
  CHECK_REFUSED(gru(ones({5, 2, 3}, kFloat64)), "the input and the input's weight must have one dtype");
  CHECK_REFUSED(gru(ones({5, 2, 3}, kInt64)), "gru: the input must be of a floating-point type; got Long");
  CHECK_REFUSED(gru->forward_with_packed_input(rnn::pack_sequence({ones({2, 5})})), "input_size = 3");
}

TEST_CASE("an empty batch has an empty output and gradients of zeros") {
  nn::LSTM lstm(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true));
  const auto [y, state] = lstm(ones({5, 0, 3}));
  CHECK(y.sizes().vec() == std::vector<int64_t>{5, 0, 8});
  CHECK(std::get<1>(state).sizes().vec() == std::vector<int64_t>{4, 0, 4});
  y.sum().backward();
  for (const Tensor& p : lstm->parameters()) CHECK((p.grad() == 0).all().item<bool>());
}

TEST_CASE("recurrent layers work in an AnyModule, without a state and with one") {
  nn::AnyModule gru(nn::GRU(2, 3)), lstm(nn::LSTM(2, 3));
  using Two = std::tuple<Tensor, Tensor>;
  const Tensor x = randn({4, 1, 2});
  const Two r = gru.forward<Two>(x);
  CHECK(std::get<0>(gru.forward<Two>(x, zeros({1, 1, 3}))).equal(std::get<0>(r)));
  CHECK(std::get<0>(lstm.forward<std::tuple<Tensor, Two>>(x)).size(2) == 3);
}

TEST_CASE("recurrent layers of bfloat16 are those of float32, rounded") {
  manual_seed(1);
  nn::LSTM lstm(nn::LSTMOptions(3, 5).num_layers(2).bidirectional(true));
  const Tensor x = randn({4, 2, 3}).to(kBFloat16);
  lstm->to(kBFloat16);
  const Tensor y = std::get<0>(lstm(x));
  CHECK(y.dtype() == kBFloat16);
  y.sum().backward();
  for (const Tensor& p : lstm->parameters()) CHECK(p.grad().dtype() == kBFloat16);
  lstm->to(kFloat32);
  CHECK(support::same_bits(y.detach(), std::get<0>(lstm(x.to(kFloat32))).detach().to(kBFloat16)));
}
