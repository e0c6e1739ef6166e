#include "net.h"

namespace examples::dcgan {
namespace {

using namespace taper::nn;

// The paper's initial values: weights from N(0, 0.02^2), those of a BatchNorm from N(1, 0.02^2), biases 0.
Sequential initialized(Sequential net) {
  const taper::NoGradGuard no_grad;
  for (const auto& module : net->modules(/*include_self=*/false)) {
    const bool norm = module->as<BatchNorm2d>() != nullptr;
    for (auto& parameter : module->named_parameters(/*recurse=*/false)) {
      if (parameter.key() == "weight") init::normal_(parameter.value(), norm ? 1 : 0, 0.02);
      if (parameter.key() == "bias") init::zeros_(parameter.value());
    }
  }
  return net;
}

ConvTranspose2d up(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding) {
  return ConvTranspose2d(ConvTranspose2dOptions(in, out, kernel).stride(stride).padding(padding).bias(false));
}
Conv2d down(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding) {
  return Conv2d(Conv2dOptions(in, out, kernel).stride(stride).padding(padding).bias(false));
}
LeakyReLU leaky() { return LeakyReLU(LeakyReLUOptions().negative_slope(0.2)); }

}  // namespace

Sequential make_generator(int64_t width) {
  return initialized(Sequential(up(kNoise, 2 * width, 7, 1, 0), BatchNorm2d(2 * width), ReLU(),  // -> 7 x 7
                                up(2 * width, width, 4, 2, 1), BatchNorm2d(width), ReLU(),       // -> 14 x 14
                                up(width, 1, 4, 2, 1), Tanh()));                                 // -> 28 x 28
}

Sequential make_discriminator(int64_t width) {
  return initialized(Sequential(down(1, width, 4, 2, 1), leaky(),                                  // -> 14 x 14
                                down(width, 2 * width, 4, 2, 1), BatchNorm2d(2 * width), leaky(),  // -> 7 x 7
                                down(2 * width, 1, 7, 1, 0), Flatten(FlattenOptions().start_dim(0))));
}

}  // namespace examples::dcgan
