// A small Inception net (Szegedy et al. 2014), in the form that the paper uses: two 3x3 convolutions in place of a 5x5.
#pragma once

#include <taper/layers/nn.h>

namespace examples::paper {

struct InceptionOptions {
  explicit InceptionOptions(int64_t in_channels) : in_channels_(in_channels) {}
  TAPER_ARG(int64_t, in_channels);
  // Channels that the branches give.
  TAPER_ARG(int64_t, one) = 8;      // 1x1
  TAPER_ARG(int64_t, three) = 12;   // 1x1, 3x3
  TAPER_ARG(int64_t, doubled) = 8;  // 1x1, 3x3, 3x3
  TAPER_ARG(int64_t, pool) = 4;     // the mean of 3x3, then 1x1
  // Of the 1x1 convolutions in front of a 3x3 and of a double one.
  TAPER_ARG(int64_t, three_reduced) = 8;
  TAPER_ARG(int64_t, doubled_reduced) = 4;
  // After each convolution.
  TAPER_ARG(bool, batch_norm) = false;
  TAPER_ARG(bool, sigmoid) = false;  // instead of ReLU
};

// Four branches side by side that see the same input; their channels one after the other are the output.
//
//   x  [N, in_channels, H, W]
//   y  [N, one + three + doubled + pool, H, W]
class InceptionImpl : public taper::nn::Cloneable<InceptionImpl> {
 public:
  explicit InceptionImpl(const InceptionOptions& options_) : options(options_) { InceptionImpl::reset(); }
  void reset() override;
  taper::Tensor forward(const taper::Tensor& x);

  InceptionOptions options;
  taper::nn::Sequential one{nullptr}, three{nullptr}, doubled{nullptr}, pool{nullptr};
};
TAPER_MODULE(Inception);

// Takes images [N, 784], returns scores [N, 10]: a 3x3 convolution, then three Inceptions, one at 14x14 and two at 7x7;
// ten convolutions deep. The weights of convolutions are He's, from N(0, 2 / inputs), their biases 0; none has a bias
// where a BatchNorm follows.
taper::nn::Sequential inception_net(bool batch_norm, bool sigmoid);

}  // namespace examples::paper
