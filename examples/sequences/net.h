// A recurrent network that reads an image row by row and answers after each row.
#pragma once

#include <taper/layers/nn.h>

#include <tuple>

namespace examples::sequences {

class RowReaderImpl : public taper::nn::Cloneable<RowReaderImpl> {
 public:
  RowReaderImpl(int64_t hidden, int64_t layers, bool use_gru) : hidden_(hidden), layers_(layers), gru_(use_gru) {
    RowReaderImpl::reset();
  }

  void reset() override {
    using namespace taper::nn;
    if (gru_) {
      gru = register_module("gru", GRU(GRUOptions(28, hidden_).num_layers(layers_).batch_first(true)));
    } else {
      lstm = register_module("lstm", LSTM(LSTMOptions(28, hidden_).num_layers(layers_).batch_first(true)));
    }
    fc = register_module("fc", Linear(hidden_, 10));
  }

  // Images [N, 1, 28, 28] to scores [N, 28, 10], those after each row.
  taper::Tensor forward(const taper::Tensor& images) {
    const taper::Tensor rows = images.squeeze(1);
    return fc(gru_ ? std::get<0>(gru(rows)) : std::get<0>(lstm(rows)));
  }

  taper::nn::LSTM lstm{nullptr};
  taper::nn::GRU gru{nullptr};
  taper::nn::Linear fc{nullptr};

 private:
  int64_t hidden_, layers_;
  bool gru_;
};
TAPER_MODULE(RowReader);

}  // namespace examples::sequences
