#include "catch.h"
#include "support/text.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

using namespace taper;

namespace {

#define CHECK_REFUSED(call, text) \
  CHECK_THAT(support::error_of([&] { static_cast<void>(call); }), ContainsSubstring(text))

// The parameters of a cell as those of the one layer.
void give(nn::Module& layer, const nn::Module& cell) {
  const NoGradGuard no_grad;
  for (const auto& p : cell.named_parameters()) layer.named_parameters()[p.key() + "_l0"].copy_(p.value());
}

}  // namespace

TEST_CASE("cells step by step are the layers") {
  manual_seed(1);
  const Tensor x = randn({6, 3, 4});
  nn::RNN rnn(4, 5);
  nn::RNNCell rnn_cell(4, 5);
  nn::GRU gru(4, 5);
  nn::GRUCell gru_cell(4, 5);
  nn::LSTM lstm(4, 5);
  nn::LSTMCell lstm_cell(4, 5);
  give(*rnn, *rnn_cell);
  give(*gru, *gru_cell);
  give(*lstm, *lstm_cell);
  Tensor h, g;
  optional<std::tuple<Tensor, Tensor>> state;
  for (int64_t t = 0; t < x.size(0); ++t) {
    h = rnn_cell(x[t], h);
    g = gru_cell(x[t], g);
    state = lstm_cell(x[t], state);
    CHECK(h.allclose(std::get<0>(rnn(x))[t], 1e-5, 1e-6));
    CHECK(g.allclose(std::get<0>(gru(x))[t], 1e-5, 1e-6));
    CHECK(std::get<0>(*state).allclose(std::get<0>(lstm(x))[t], 1e-5, 1e-6));
  }
  CHECK(std::get<1>(*state).allclose(std::get<1>(std::get<1>(lstm(x)))[0], 1e-5, 1e-6));
}

TEST_CASE("cells take a sample without a batch") {
  manual_seed(2);
  nn::LSTMCell lstm(3, 2);
  nn::GRUCell gru(nn::GRUCellOptions(3, 2).bias(false));
  const Tensor x = randn({3}), h = randn({2}), c = randn({2});
  const auto [y, state] = lstm(x, std::make_tuple(h, c));
  const auto [wide, wide_state] = lstm(x.unsqueeze(0), std::make_tuple(h.unsqueeze(0), c.unsqueeze(0)));
  CHECK(y.equal(wide[0]));
  CHECK(state.equal(wide_state[0]));
  CHECK(gru(x, h).equal(gru(x.unsqueeze(0), h.unsqueeze(0))[0]));
}

TEST_CASE("cells have PyTorch's parameters and text") {
  nn::LSTMCell lstm(3, 2);
  CHECK(lstm->named_parameters().keys() == std::vector<std::string>{"weight_ih", "weight_hh", "bias_ih", "bias_hh"});
  CHECK(lstm->weight_ih.sizes().vec() == std::vector<int64_t>{8, 3});
  CHECK(support::printed(lstm) == "taper::nn::LSTMCell(3, 2)");
  nn::RNNCell rnn(nn::RNNCellOptions(3, 2).bias(false).nonlinearity(kReLU));
  CHECK(!rnn->bias_ih.defined());
  CHECK(support::printed(rnn) == "taper::nn::RNNCell(3, 2, bias=false, nonlinearity=kReLU)");
}

TEST_CASE("cells refuse bad options and inputs") {
  CHECK_REFUSED(nn::GRUCell(3, 0), "GRUCell: input_size must not be negative and hidden_size must be positive; got 3");
  nn::GRUCell gru(3, 2);
  nn::LSTMCell lstm(3, 2);
  CHECK_REFUSED(gru(ones({4, 2})), "GRUCell: the input must be [batch, input_size], or [input_size] without a batch");
  CHECK_REFUSED(gru(ones({4, 3}), ones({3, 2})), "GRUCell: the state h must have sizes [4, 2]; got [3, 2]");
  CHECK_REFUSED(lstm(ones({3}), std::make_tuple(ones({2}), ones({3}))),
                "LSTMCell: the state c must have sizes [2]; got [3]");
}

TEST_CASE("an empty batch goes through a cell") {
  nn::GRUCell gru(3, 2);
  CHECK(gru(ones({0, 3})).sizes().vec() == std::vector<int64_t>{0, 2});
}
