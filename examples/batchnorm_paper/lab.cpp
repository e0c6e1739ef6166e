#include "lab.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../common/digits.h"
#include "../common/interrupt.h"
#include "../common/text.h"

namespace examples::paper {

namespace F = taper::nn::functional;

const Images& Lab::train() {
  load();
  return train_;
}
const Images& Lab::test() {
  load();
  return test_;
}
std::string Lab::source() {
  load();
  return source_;
}

void Lab::load() {
  if (train_.x.defined()) return;
  const int64_t train_size = quick() ? 6000 : 0, test_size = quick() ? 1000 : 0;
  const Data data = load_digits(options_.data, train_size, test_size);
  const size_t least_train = quick() ? 6000 : 10000, least_test = 1000;  // of which experiments take parts
  TAPER_CHECK(*data.train.size() >= least_train && *data.test.size() >= least_test, "--data: the experiments need ",
              least_train, " images to train and ", least_test, " to test; ", data.source, " has ", *data.train.size(),
              " and ", *data.test.size());
  const auto images = [](Digits digits, int64_t size) {
    const auto n = size == 0 ? static_cast<int64_t>(*digits.size()) : size;
    std::vector<size_t> all(static_cast<size_t>(n));
    std::iota(all.begin(), all.end(), size_t{0});
    const auto example = digits.get_stacked(all);
    return Images{example.data.reshape({-1, 784}).sub_(0.1307).div_(0.3081), example.target};
  };
  train_ = images(data.train, train_size);
  test_ = images(data.test, test_size);
  source_ = data.source;
}

void Lab::expect(const std::string& title, int64_t steps) {
  title_ = title;
  expected_ = steps;
  done_ = 0;
  bar_ = std::make_unique<ProgressBar>();
}

void Lab::step(const std::string& detail) {
  if (interrupted()) throw Interrupted();
  ++done_;
  if (!bar_->due()) return;
  const double done = std::min(1.0, static_cast<double>(done_) / static_cast<double>(expected_));
  bar_->show(title_, done, detail, with_commas(static_cast<double>(done_) / bar_->seconds()) + " steps/s",
             bar_->seconds() / done * (1 - done));
}

Batches::Batches(Images images, int64_t batch_size, uint64_t seed)
    : images_(std::move(images)), batch_size_(std::min(batch_size, images_.size())), generator_(seed) {
  order_ = taper::arange(images_.size(), taper::kInt64);
  at_ = images_.size();
}

Images Batches::next() {
  if (at_ + batch_size_ > images_.size()) {
    auto* const order = order_.data_ptr<int64_t>();
    for (int64_t i = images_.size() - 1; i > 0; --i) {  // Fisher-Yates
      std::swap(order[i], order[generator_.random64() % static_cast<uint64_t>(i + 1)]);
    }
    at_ = 0;
  }
  const taper::Tensor chosen = order_.narrow(0, at_, batch_size_);
  at_ += batch_size_;
  return {images_.x.index_select(0, chosen), images_.y.index_select(0, chosen)};
}

taper::nn::Sequential mlp(const MlpOptions& options) {
  using namespace taper::nn;
  Sequential net;
  const auto linear = [&](const std::string& name, int64_t in, int64_t out, bool bias) {
    Linear layer(LinearOptions(in, out).bias(bias));
    if (options.weight_std > 0) {
      init::normal_(layer->weight, 0, options.weight_std);
      if (bias) init::zeros_(layer->bias);
    }
    net->push_back(name, layer);
  };
  for (size_t i = 1; i + 1 < options.sizes.size(); ++i) {
    const std::string number = std::to_string(i);
    linear("fc" + number, options.sizes[i - 1], options.sizes[i], !options.batch_norm);
    if (options.batch_norm) {
      net->push_back("bn" + number, BatchNorm1d(BatchNorm1dOptions(options.sizes[i]).momentum(options.momentum)));
    }
    if (options.sigmoid) {
      net->push_back("act" + number, Sigmoid());
    } else {
      net->push_back("act" + number, ReLU());
    }
    if (options.dropout > 0) net->push_back("drop" + number, Dropout(options.dropout));
  }
  linear("out", options.sizes[options.sizes.size() - 2], options.sizes.back(), true);
  return net;
}

double Curve::best() const { return accuracy.empty() ? 0 : *std::max_element(accuracy.begin(), accuracy.end()); }

double Curve::steps_to(double wanted) const {
  for (size_t i = 0; i < accuracy.size(); ++i) {
    if (accuracy[i] >= wanted) return step[i];
  }
  return std::numeric_limits<double>::infinity();
}

namespace {
// Curve::diverged reports a network that diverges; warnings of each of its BatchNorms would only break the progress
// bar.
struct NoWarnings {
  NoWarnings() {
    taper::set_warning_handler([](const std::string&) {});
  }
  ~NoWarnings() { taper::set_warning_handler(nullptr); }
};
}  // namespace

std::string steps_text(double steps) { return std::isfinite(steps) ? with_commas(steps) : "never"; }

Curve train(Lab& lab, taper::nn::Sequential& net, const TrainOptions& options) {
  const NoWarnings no_warnings;
  Batches batches(options.train.x.defined() ? options.train : lab.train(), options.batch_size, lab.seed());
  Images test = options.test.x.defined() ? options.test : lab.test();
  if (options.test_size > 0 && options.test_size < test.size()) {
    test = {test.x.narrow(0, 0, options.test_size), test.y.narrow(0, 0, options.test_size)};
  }
  taper::optim::SGD optimizer(
      net->parameters(),
      taper::optim::SGDOptions(options.lr).momentum(options.momentum).weight_decay(options.weight_decay));
  Curve curve;
  net->train();
  double loss_sum = 0;
  int64_t losses = 0;
  bool over = false;
  for (int64_t step = 1; step <= options.steps; ++step) {
    lab.step(options.detail);
    if (over) continue;
    if (options.decay != 1 && options.steps > 1) {
      const double done = static_cast<double>(step - 1) / static_cast<double>(options.steps - 1);
      optimizer.param_groups()[0].options().set_lr(options.lr * std::pow(options.decay, done));
    }
    const Images batch = batches.next();
    optimizer.zero_grad(/*set_to_none=*/true);
    const taper::Tensor loss = F::cross_entropy(net->forward(batch.x), batch.y);
    const double value = loss.item<double>();
    curve.diverged = over = !std::isfinite(value);
    if (!over) {
      loss.backward();
      optimizer.step();
      loss_sum += value;
      ++losses;
    }
    if (step % options.every == 0 || step == options.steps || over) {
      curve.step.push_back(static_cast<double>(step));
      curve.accuracy.push_back(accuracy(net, test));
      curve.loss.push_back(losses > 0 ? loss_sum / static_cast<double>(losses) : std::nan(""));
      loss_sum = 0;
      losses = 0;
      if (options.watch) options.watch(step);
      over = over || curve.accuracy.back() >= options.stop_at;
    }
  }
  return curve;
}

double accuracy(taper::nn::Sequential& net, const Images& images) {
  constexpr int64_t kBatch = 1000;
  const taper::NoGradGuard no_grad;
  const bool training = net->is_training();
  net->eval();
  int64_t right = 0;
  for (int64_t at = 0; at < images.size(); at += kBatch) {
    const int64_t n = std::min(kBatch, images.size() - at);
    const taper::Tensor guess = net->forward(images.x.narrow(0, at, n)).argmax(1);
    right += guess.eq(images.y.narrow(0, at, n)).sum().item<int64_t>();
  }
  net->train(training);
  return 100.0 * static_cast<double>(right) / static_cast<double>(images.size());
}

}  // namespace examples::paper
