// resnet: a small residual network on handwritten digits or small images.
//
//   ./run example resnet                     generated digits, nothing to download
//   ./run example resnet --data FOLDER       MNIST itself, or Fashion-MNIST or KMNIST in its format; CIFAR-10's binary
//                                            files; PNG files in FOLDER/train/CLASS and FOLDER/test/CLASS
//   ./run example resnet --blocks 3          a network of 20 layers
//   ./run example resnet --help
//
// Files: net.h has the block and the network, train.cpp the loop with schedule and augmentation, data.h the sources of
// images; ../common is shared by these programs. The weights are saved to out/resnet/resnet.safetensors.
#include <taper/taper.h>

#include <chrono>
#include <cstdio>

#include "../common/interrupt.h"
#include "../common/program.h"
#include "../common/text.h"
#include "report.h"
#include "train.h"

namespace examples::resnet {
namespace {

int64_t count_parameters(const ResNet& net) {
  int64_t count = 0;
  for (const taper::Tensor& parameter : net->parameters()) count += parameter.numel();
  return count;
}

int run(Options& options) {
  prepare(options);
  const auto start = std::chrono::steady_clock::now();
  const ImageData data = load(options);
  introduce(options, data.source, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  introduce_precision(options);

  taper::manual_seed(options.seed);
  ResNet net(ResNetOptions(data.classes)
                 .in_channels(data.sizes[0])
                 .channels({options.width, 2 * options.width, 4 * options.width})
                 .blocks(options.blocks)
                 .stride(data.digits ? 2 : 1));  // digits are 14 x 14 in the first stage, others full size
  std::printf("net: ResNet-%lld, %s; %s in batches of %lld, SGD with a maximum lr of %g\n\n",
              static_cast<long long>(2 + 6 * options.blocks), counted(count_parameters(net), "parameter").c_str(),
              counted(options.epochs, "epoch").c_str(), static_cast<long long>(options.batch_size), options.lr);

  bool ok = true;
  const std::vector<Epoch> epochs = train(net, data, options);
  tell_of_interrupt(epochs.empty() ? " before the first epoch was over" : "; what was finished:");
  if (!epochs.empty()) {
    std::printf("\n%s\n", table(epochs).c_str());
    ok &= keep("resnet", options.out + "/resnet.csv", csv(epochs));
    ok &= keep("resnet", options.out + "/resnet.safetensors", [&](const std::string& file) { taper::save(net, file); });
  }
  if (!options.json.empty()) {
    ok &= keep("resnet", options.json, json(epochs, options, data.source, count_parameters(net), interrupted() != 0));
  }
  return exit_code(ok);
}

}  // namespace
}  // namespace examples::resnet

int main(int argc, char** argv) {
  namespace resnet = examples::resnet;
  resnet::Options options;
  if (const int code = resnet::parse(argc, argv, options); code >= 0) return code;
  return examples::run_main("resnet", [&] { return resnet::run(options); });
}
