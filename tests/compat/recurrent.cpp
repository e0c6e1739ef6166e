// An LSTM that classifies sequences of different lengths, and the other recurrent layers, as programs for libtorch
// write them.
#include <torch/torch.h>

#include <cstdio>
#include <iostream>

namespace rnn_utils = torch::nn::utils::rnn;

struct ClassifierImpl : torch::nn::Module {
  ClassifierImpl(int64_t input, int64_t hidden, int64_t classes)
      : lstm(torch::nn::LSTMOptions(input, hidden).num_layers(2).dropout(0.2).bidirectional(true).batch_first(true)),
        fc(2 * hidden, classes) {
    register_module("lstm", lstm);
    register_module("fc", fc);
  }
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& lengths) {
    auto packed = rnn_utils::pack_padded_sequence(x, lengths, /*batch_first=*/true, /*enforce_sorted=*/false);
    auto output = lstm->forward_with_packed_input(packed);
    const torch::Tensor h = std::get<0>(std::get<1>(output));  // [layers * 2, batch, hidden]
    return fc(torch::cat({h[-2], h[-1]}, 1));
  }

  torch::nn::LSTM lstm;
  torch::nn::Linear fc;
};
TORCH_MODULE(Classifier);

static void show(const std::string& what, const torch::Tensor& x) {
  std::cout << what << ' ' << x.sizes();
  for (int64_t i = 0; i < std::min<int64_t>(4, x.numel()); ++i) {
    std::printf(" %.3f", static_cast<double>(x.reshape({-1})[i].to(torch::kFloat).item<float>()));
    std::fflush(stdout);
  }
  std::cout << std::endl;
}

int main() {
  torch::manual_seed(3);
  Classifier net(5, 6, 3);
  std::cout << net << std::endl;
  torch::optim::Adam optimizer(net->parameters(), torch::optim::AdamOptions(0.02));
  const auto x = torch::randn({7, 9, 5});
  const auto lengths = torch::tensor({4, 9, 1, 7, 2, 3, 8}, torch::kLong);
  const auto labels = torch::tensor({0, 1, 2, 1, 0, 0, 1}, torch::kLong);
  for (int step = 0; step < 10; ++step) {
    optimizer.zero_grad();
    const auto loss = torch::nn::functional::cross_entropy(net(x, lengths), labels);
    loss.backward();
    torch::nn::utils::clip_grad_norm_(net->parameters(), 1.0);
    optimizer.step();
    std::printf("%.3f\n", static_cast<double>(loss.item<float>()));
  }
  net->eval();
  for (const auto& p : net->named_parameters()) show(torch::str(p.key(), ':'), p.value());
  show("scores", net->forward(x, lengths));

  torch::nn::GRU gru(torch::nn::GRUOptions(5, 4).num_layers(2));
  torch::Tensor y, h;
  std::tie(y, h) = gru(x);
  show("gru", y);
  std::tie(y, h) = gru->forward(x, h);
  show("gru again", h);
  std::cout << gru << ' ' << gru->all_weights().size() << std::endl;

  torch::nn::RNN rnn(torch::nn::RNNOptions(5, 4).nonlinearity(torch::kReLU).bias(false));
  show("rnn", std::get<0>(rnn(x)));
  torch::nn::LSTM projected(torch::nn::LSTMOptions(5, 4).proj_size(2));
  auto state = std::make_tuple(torch::ones({1, 9, 2}), torch::zeros({1, 9, 4}));
  show("lstm", std::get<1>(std::get<1>(projected(x, state))));
  std::cout << projected << std::endl;

  torch::nn::LSTMCell cell(5, 4);
  torch::optional<std::tuple<torch::Tensor, torch::Tensor>> hx;
  for (int64_t t = 0; t < 7; ++t) hx = cell(x[t], hx);
  show("cell", std::get<1>(hx.value()));
  torch::nn::GRUCell gru_cell(torch::nn::GRUCellOptions(5, 4).bias(false));
  torch::nn::RNNCell rnn_cell(torch::nn::RNNCellOptions(5, 4).nonlinearity(torch::kReLU));
  std::cout << cell << ' ' << gru_cell << ' ' << rnn_cell << std::endl;
  show("cells", rnn_cell(x[0], gru_cell(x[1])));

  const auto padded = rnn_utils::pad_sequence({x[0], x[1].slice(0, 0, 3)}, /*batch_first=*/true, -1);
  show("padded", padded.sum(2).t());
  const auto packed = rnn_utils::pack_sequence({x[0], x[1].slice(0, 0, 3)});
  show("packed", packed.batch_sizes());
  const auto unpacked = rnn_utils::pad_packed_sequence(packed, true, 0.5, 11);
  show("unpacked", std::get<0>(unpacked)[1]);
  show("lengths", std::get<1>(unpacked));
  return 0;
}
