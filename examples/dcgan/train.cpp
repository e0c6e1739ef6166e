#include "train.h"

#include <taper/taper.h>

#include <cmath>

#include "../common/epoch_progress.h"
#include "../common/interrupt.h"
#include "../common/text.h"
#include "net.h"

namespace examples::dcgan {
namespace {

using taper::Tensor;
namespace F = taper::nn::functional;
namespace optim = taper::optim;
using namespace taper::data;

// Binary cross-entropy of scores that should all mean `target`, 1 (real) or 0 (drawn).
Tensor loss_against(const Tensor& scores, double target) {
  return F::binary_cross_entropy_with_logits(scores, taper::full_like(scores, target));
}

double probability(const Tensor& scores) { return scores.detach().sigmoid().mean().item<double>(); }

// Sums up what becomes a Record.
struct Sums {
  int64_t steps = 0;
  double discriminator = 0, generator = 0, real = 0, fake = 0;

  Record mean(int64_t step, double images_per_second) const {
    const auto n = static_cast<double>(steps);
    return {step, discriminator / n, generator / n, real / n, fake / n, images_per_second};
  }
};

}  // namespace

std::vector<Record> train(taper::nn::Sequential& generator, taper::nn::Sequential& discriminator, Digits digits,
                          const Options& options,
                          const std::function<void(int64_t step, const Tensor& images)>& picture) {
  const auto adam = optim::AdamOptions(options.lr).betas({0.5, 0.999});
  optim::Adam generator_optimizer(generator->parameters(), adam);
  optim::Adam discriminator_optimizer(discriminator->parameters(), adam);

  const Tensor fixed_noise = taper::randn({64, kNoise, 1, 1});
  auto loader = make_data_loader(std::move(digits).map(transforms::Normalize<>(0.5, 0.5)).map(transforms::Stack<>()),
                                 samplers::RandomSampler(options.train_size),
                                 DataLoaderOptions(static_cast<size_t>(options.batch_size)).workers(1));
  std::vector<Record> records;
  Sums sums;
  int64_t step = 0;
  const auto record = [&](double images_per_second) {
    records.push_back(sums.mean(step, images_per_second));
    sums = {};
    const taper::NoGradGuard no_grad;
    generator->eval();  // drawn one by one, these would be the same
    picture(step, generator->forward(fixed_noise));
    generator->train();
  };

  for (int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    EpochProgress progress("DCGAN", epoch, options.epochs, options.train_size);
    for (auto& batch : *loader) {
      const int64_t n = batch.data.size(0);
      if (interrupted()) break;
      if (n == 1) continue;  // a BatchNorm cannot train on it

      // The discriminator learns that these are real and those are not ...
      discriminator_optimizer.zero_grad();
      const Tensor real = discriminator->forward(batch.data);
      const Tensor drawn = generator->forward(taper::randn({n, kNoise, 1, 1}));
      const Tensor fake = discriminator->forward(drawn.detach());  // the generator does not learn from this
      const Tensor discriminator_loss = loss_against(real, 1) + loss_against(fake, 0);
      discriminator_loss.backward();
      discriminator_optimizer.step();

      // ... and the generator what would have been taken for real.
      generator_optimizer.zero_grad();
      const Tensor generator_loss = loss_against(discriminator->forward(drawn), 1);
      generator_loss.backward();
      generator_optimizer.step();

      ++step;
      ++sums.steps;
      sums.discriminator += discriminator_loss.item<double>();
      sums.generator += generator_loss.item<double>();
      sums.real += probability(real);
      sums.fake += probability(fake);
      progress.update(n, discriminator_loss.item<double>(),
                      format(" and %.4f", sums.generator / static_cast<double>(sums.steps)));
      if (step % options.every == 0) record(progress.rate());
    }
    progress.finish(counted(step, "step"));
    if (interrupted()) break;
  }
  if (sums.steps > 0) record(records.empty() ? std::nan("") : records.back().images_per_second);
  return records;
}

}  // namespace examples::dcgan
