// A whole run - model, optimiser, schedules, loader, random numbers - saved after any batch and taken up again by new
// objects has the bits of one that never stopped.
#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/data/data.h>
#include <taper/layers/functional.h>
#include <taper/layers/nn.h>
#include <taper/optim/optim.h>
#include <taper/serialize/serialize.h>

#include <sstream>

using namespace taper;

namespace {

auto make_loader(size_t workers) {
  manual_seed(1);
  return data::make_data_loader(data::datasets::LabeledTensorDataset(rand({22, 1, 3, 3}), arange(22) % 2)
                                    .map(data::transforms::RandomShift(1))
                                    .map(data::transforms::Stack<>()),
                                data::DataLoaderOptions(5).workers(workers));
}

struct Run {
  explicit Run(size_t workers) : loader(make_loader(workers)) {}

  template <class F>
  void each_part(const F& f) {
    f("net", net);
    f("optimizer", optimizer);
    f("warm_up", warm_up);
    f("schedule", schedule);
    f("loader", loader);
  }
  std::string save() {
    serialize::OutputArchive archive;
    each_part([&](const char* key, const auto& value) {
      serialize::OutputArchive part;
      part << value;
      archive.write(key, part);
    });
    archive.write("epoch", tensor(epoch));
    archive.write("random", default_generator().get_state());
    std::ostringstream file;
    archive.save_to(file);
    return file.str();
  }
  void load(const std::string& from) {
    serialize::InputArchive archive;
    archive.load_from(from.data(), from.size());
    each_part([&](const char* key, auto& value) {
      serialize::InputArchive part;
      archive.read(key, part);
      part >> value;
    });
    Tensor saved_epoch, random;
    archive.read("epoch", saved_epoch);
    epoch = saved_epoch.item<int64_t>();
    archive.read("random", random);
    default_generator().set_state(random);
  }
  // Trains for `batches` of them, or to the end.
  void train(int batches) {
    for (; epoch < 3; ++epoch) {
      for (auto& batch : *loader) {
        optimizer.zero_grad();
        const Tensor loss = nn::functional::cross_entropy(net->forward(batch.data), batch.target);
        loss.backward();
        optimizer.step();
        warm_up.step();
        schedule.step();
        losses.push_back(loss.item<double>());
        if (--batches == 0) return;
      }
    }
  }

  nn::Sequential net{nn::Flatten(),      nn::Linear(nn::LinearOptions(9, 6).bias(false)),
                     nn::BatchNorm1d(6), nn::ReLU(),
                     nn::Dropout(0.3),   nn::Linear(6, 2)};
  optim::Adam optimizer{net->parameters()};
  optim::LinearLR warm_up{optimizer, 0.2, 1, 6};
  optim::CosineAnnealingLR schedule{optimizer, 15};
  decltype(make_loader(0)) loader;
  int64_t epoch = 0;
  std::vector<double> losses;
};

}  // namespace

TEST_CASE("a run that was stopped after any batch goes on with the bits of one that never stopped") {
  for (const size_t workers : {0, 2}) {
    manual_seed(7);
    Run whole(workers);
    whole.train(1000);
    REQUIRE(whole.losses.size() == 15);
    for (int stopped = 1; stopped <= 14; ++stopped) {
      INFO("stopped after batch " << stopped << ", workers " << workers);
      std::string file;
      std::vector<double> losses;
      {
        manual_seed(7);
        Run first(workers);
        first.train(stopped);
        file = first.save();
        losses = first.losses;
      }
      manual_seed(99);
      Run second(2 - workers);
      second.load(file);
      second.train(1000);
      losses.insert(losses.end(), second.losses.begin(), second.losses.end());
      CHECK(losses == whole.losses);
      const auto wanted = whole.net->state_dict(), got = second.net->state_dict();
      for (const auto& item : wanted) CHECK(got[item.key()].equal(item.value()));
    }
  }
}
