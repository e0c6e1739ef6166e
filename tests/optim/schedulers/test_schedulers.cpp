// Learning-rate schedules against PyTorch's formulas, written out.
#include "catch.h"

#include <taper/core/factories.h>
#include <taper/optim/optim.h>

#include <cmath>

using namespace taper;
using namespace taper::optim;

namespace {

constexpr double kPi = 3.14159265358979323846;

// Two groups, with learning rates of 1 and 0.3.
SGD two_groups() {
  std::vector<OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{ones({1}, requires_grad())});
  groups.emplace_back(std::vector<Tensor>{ones({1}, requires_grad())}, std::make_unique<SGDOptions>(0.3));
  return SGD(groups, SGDOptions(1));
}

double lr(const Optimizer& optimizer, size_t group = 0) { return optimizer.param_groups()[group].options().get_lr(); }
double momentum(const Optimizer& optimizer, size_t group = 0) {
  return optimizer.param_groups()[group].options().get_momentum();
}

// Recomputes from the rate of the step before, as schedules written for libtorch do.
struct Halving : LRScheduler {
  using LRScheduler::LRScheduler;
  std::vector<double> get_lrs() override {
    seen.push_back(step_count_);
    std::vector<double> lrs = get_current_lrs();
    for (double& value : lrs) value /= 2;
    return lrs;
  }
  std::vector<unsigned> seen;
};

}  // namespace

TEST_CASE("StepLR: base gamma^(k / step_size)") {
  SGD optimizer = two_groups();
  StepLR scheduler(optimizer, 3, 0.5);
  CHECK(scheduler.get_current_lrs() == std::vector<double>{1, 0.3});
  const double wanted[] = {1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125};
  for (const double factor : wanted) {
    scheduler.step();
    CHECK(lr(optimizer) == factor);
    CHECK(lr(optimizer, 1) == 0.3 * factor);
  }
  CHECK(scheduler.get_last_lr() == std::vector<double>{0.125, 0.3 * 0.125});
}

TEST_CASE("CosineAnnealingLR: eta_min + (base - eta_min) (1 + cos(pi k / T_max)) / 2") {
  SGD optimizer = two_groups();
  CosineAnnealingLR scheduler(optimizer, 10, 0.1);
  for (int k = 1; k <= 25; ++k) {
    scheduler.step();
    CHECK(lr(optimizer) == Approx(0.1 + 0.9 * (1 + std::cos(kPi * k / 10)) / 2).epsilon(1e-14));
    CHECK(lr(optimizer, 1) == Approx(0.1 + 0.2 * (1 + std::cos(kPi * k / 10)) / 2).epsilon(1e-14));
    if (k == 10) CHECK(lr(optimizer) == 0.1);
  }
}

TEST_CASE("OneCycleLR: two phases") {
  for (const auto strategy : {AnnealStrategy::Cos, AnnealStrategy::Linear}) {
    const auto between = [&](double a, double b, double x) {
      return strategy == AnnealStrategy::Linear ? (b - a) * x + a : b + (a - b) / 2 * (std::cos(kPi * x) + 1);
    };
    SGD optimizer = two_groups();
    OneCycleLR scheduler(optimizer, {2.0, 0.5}, 20, 0.3, strategy, true, 0.8, 0.9, 10, 100);
    for (int k = 0; k < 20; ++k) {
      const bool up = k <= 5;  // 0.3 * 20 - 1
      const double x = up ? k / 5.0 : (k - 5) / 14.0;
      for (size_t g = 0; g < 2; ++g) {
        const double max = g == 0 ? 2.0 : 0.5, initial = max / 10, min = initial / 100;
        CHECK(lr(optimizer, g) == Approx(up ? between(initial, max, x) : between(max, min, x)).epsilon(1e-12));
        CHECK(momentum(optimizer, g) == Approx(up ? between(0.9, 0.8, x) : between(0.8, 0.9, x)).epsilon(1e-12));
      }
      scheduler.step();
    }
    // after the last batch the values stay
    CHECK(lr(optimizer) == Approx(2.0 / 1000).epsilon(1e-12));
    CHECK(momentum(optimizer) == Approx(0.9).epsilon(1e-12));
    CHECK_THROWS_WITH(
        scheduler.step(),
        "OneCycleLR::step: there must be at most total_steps steps; got step 21 of 20; total_steps counts "
        "batches, not epochs");
    CHECK(lr(optimizer) == Approx(2.0 / 1000).epsilon(1e-12));
  }
}

TEST_CASE("OneCycleLR: three phases") {
  SGD optimizer = two_groups();
  OneCycleLR scheduler(optimizer, 1, 20, 0.3, AnnealStrategy::Linear, true, 0.85, 0.95, 25, 1e4, true);
  for (int k = 0; k < 20; ++k) {
    double rate, m = 0.95;
    if (k <= 5) {
      rate = 0.04 + 0.96 * k / 5;
      m = 0.95 - 0.1 * k / 5;
    } else if (k <= 10) {
      rate = 1 - 0.96 * (k - 5) / 5;
      m = 0.85 + 0.1 * (k - 5) / 5;
    } else {
      rate = 0.04 + (4e-6 - 0.04) * (k - 10) / 9;
    }
    CHECK(lr(optimizer) == Approx(rate).epsilon(1e-12));
    CHECK(momentum(optimizer) == Approx(m).epsilon(1e-12));
    scheduler.step();
  }
}

TEST_CASE("OneCycleLR: phases of no length, and no momentum") {
  for (const double pct_start : {0.0, 0.1, 1.0}) {
    SGD optimizer = two_groups();
    OneCycleLR scheduler(optimizer, 1, 10, pct_start, AnnealStrategy::Cos, /*cycle_momentum=*/false);
    for (int k = 0; k <= 10; ++k) {
      CHECK(std::isfinite(lr(optimizer)));
      CHECK(lr(optimizer) > 0);
      CHECK(lr(optimizer) <= 1);
      CHECK(momentum(optimizer) == 0);
      if (pct_start == 0.1 && k == 0) CHECK(lr(optimizer) == 1);
      if (pct_start == 1.0 && k == 9) CHECK(lr(optimizer) == 1);
      if (k < 10) scheduler.step();
    }
  }
  SGD single({ones({1}, requires_grad())}, SGDOptions(1));
  OneCycleLR scheduler(single, 1, 1);
  CHECK(lr(single) == Approx(1 / 25e4));
}

TEST_CASE("ExponentialLR, MultiStepLR, LinearLR and LambdaLR: their formulas") {
  const auto check = [](const auto& make, double first, const auto& factor) {
    SGD optimizer = two_groups();
    const auto scheduler = make(optimizer);
    CHECK(lr(optimizer) == Approx(first).epsilon(1e-15));
    for (int k = 1; k <= 12; ++k) {
      scheduler->step();
      CHECK(lr(optimizer) == Approx(factor(k)).epsilon(1e-14));
      CHECK(lr(optimizer, 1) == Approx(0.3 * factor(k)).epsilon(1e-14));
    }
    scheduler->restart();
    CHECK(lr(optimizer) == Approx(first).epsilon(1e-15));
    scheduler->step();
    CHECK(lr(optimizer) == Approx(factor(1)).epsilon(1e-14));
  };
  check([](Optimizer& o) { return std::make_unique<ExponentialLR>(o, 0.9); }, 1,
        [](int k) { return std::pow(0.9, k); });
  check(
      [](Optimizer& o) {
        return std::make_unique<MultiStepLR>(o, std::vector<int64_t>{9, 2, 5, 5}, 0.5);
      },
      1, [](int k) { return k < 2   ? 1
                            : k < 5 ? 0.5
                            : k < 9 ? 0.125
                                    : 0.0625; });
  check([](Optimizer& o) { return std::make_unique<LinearLR>(o, 0.2, 0.8, 6); }, 0.2,
        [](int k) { return k < 6 ? 0.2 + 0.1 * k : 0.8; });
  check([](Optimizer& o) { return std::make_unique<LambdaLR>(o, [](int64_t k) { return 1 / (k + 2.0); }); }, 0.5,
        [](int k) { return 1 / (k + 2.0); });
}

TEST_CASE("LambdaLR: one function for each group") {
  SGD optimizer = two_groups();
  LambdaLR scheduler(optimizer, {[](int64_t) { return 2.0; }, [](int64_t k) { return static_cast<double>(k); }});
  CHECK(scheduler.get_last_lr() == std::vector<double>{2, 0});
  scheduler.step();
  CHECK(scheduler.get_last_lr() == std::vector<double>{2, 0.3});
}

TEST_CASE("SequentialLR: each schedule from its milestone on, all from the rates before the first") {
  SGD optimizer = two_groups();
  LinearLR warm_up(optimizer, 0.25, 1, 3);
  ExponentialLR middle(optimizer, 0.5);
  LambdaLR end(optimizer, [](int64_t k) { return 10.0 + static_cast<double>(k); });
  SequentialLR scheduler(optimizer, {&warm_up, &middle, &end}, {3, 5});
  const double wanted[] = {0.25, 0.5, 0.75, 1, 0.5, 10, 11, 12};
  for (const double factor : wanted) {
    CHECK(lr(optimizer) == Approx(factor).epsilon(1e-15));
    CHECK(lr(optimizer, 1) == Approx(0.3 * factor).epsilon(1e-15));
    scheduler.step();
  }
}

TEST_CASE("SequentialLR goes on from a saved state; one that does not fit changes nothing") {
  struct Run {
    SGD optimizer = two_groups();
    LinearLR warm_up{optimizer, 0.25, 1, 3};
    OneCycleLR rest{optimizer, 2.0, 10};
    SequentialLR scheduler{optimizer, {&warm_up, &rest}, {3}};
  };
  for (const int steps : {2, 6}) {
    Run whole, resumed;
    for (int i = 0; i < steps; ++i) whole.scheduler.step();
    const auto state = whole.scheduler.state_dict();

    auto damaged = state;
    damaged.erase("schedulers.1.last_lr");
    const std::vector<double> before = resumed.scheduler.get_last_lr();
    CHECK_THROWS_WITH(resumed.scheduler.load_state_dict(damaged), ContainsSubstring("the state must have last_lr"));
    CHECK(resumed.scheduler.get_last_lr() == before);
    damaged = state;
    damaged.insert("schedulers.2.last_epoch", zeros({}, kInt64));
    CHECK_THROWS_WITH(resumed.scheduler.load_state_dict(damaged), ContainsSubstring("of 2 schedules; got one of more"));

    resumed.scheduler.load_state_dict(state);
    for (int i = 0; i < 5; ++i) {
      CHECK(resumed.scheduler.get_last_lr() == whole.scheduler.get_last_lr());
      resumed.scheduler.step();
      whole.scheduler.step();
      CHECK(momentum(resumed.optimizer) == momentum(whole.optimizer));
    }
  }
}

TEST_CASE("SequentialLR: after loading, the momentum is that of the active schedule") {
  SGD optimizer({ones({1})}, SGDOptions(0.1).momentum(0.5));
  OneCycleLR first(optimizer, 1.0, 10), second(optimizer, 1.0, 10);
  SequentialLR scheduler(optimizer, {&first, &second}, {5});
  scheduler.step();
  scheduler.step();
  const double before = momentum(optimizer);
  scheduler.load_state_dict(scheduler.state_dict());
  CHECK(momentum(optimizer) == before);
}

TEST_CASE("ReduceLROnPlateau: lowers after patience, then cools down, down to min_lr") {
  SGD optimizer = two_groups();
  ReduceLROnPlateau scheduler(optimizer, ReduceLROnPlateau::min, 0.5, 1, 0.1, ReduceLROnPlateau::rel, 2, {0, 0.2});
  const std::pair<double, double> wanted[] = {
      {10, 1},     {9.5, 1},    {9.1, 0.5},  // 9 would be better
      {9, 0.5},    {8.9, 0.5},               // cooling down; 9 is not below 10 * 0.9, 8.9 is
      {NAN, 0.5},  {8.9, 0.25},              // NaN is no improvement
      {8.9, 0.25}, {8.9, 0.25}, {8.9, 0.25}, {8.9, 0.125}, {1, 0.125}, {1, 0.125}};
  for (const auto& [measure, rate] : wanted) {
    scheduler.step(measure);
    CHECK(lr(optimizer) == rate);
    CHECK(lr(optimizer, 1) == std::max(0.2, 0.3 * rate));
  }
}

TEST_CASE("ReduceLROnPlateau: what better means") {
  using Plateau = ReduceLROnPlateau;
  const auto lowers = [](Plateau::SchedulerMode mode, Plateau::ThresholdMode threshold, double first, double second) {
    SGD optimizer = two_groups();
    Plateau scheduler(optimizer, mode, 0.5, 0, 0.1, threshold);
    scheduler.step(first);
    CHECK(lr(optimizer) == 1);
    scheduler.step(second);
    return lr(optimizer) == 0.5;
  };
  CHECK(lowers(Plateau::min, Plateau::rel, 2, 1.85));
  CHECK_FALSE(lowers(Plateau::min, Plateau::rel, 2, 1.75));
  CHECK(lowers(Plateau::min, Plateau::abs, 2, 1.95));
  CHECK_FALSE(lowers(Plateau::min, Plateau::abs, 2, 1.85));
  CHECK(lowers(Plateau::max, Plateau::rel, 2, 2.15));
  CHECK_FALSE(lowers(Plateau::max, Plateau::rel, 2, 2.25));
  CHECK(lowers(Plateau::max, Plateau::abs, 2, 2.05));
  CHECK_FALSE(lowers(Plateau::max, Plateau::abs, 2, 2.15));
}

TEST_CASE("ReduceLROnPlateau goes on from a saved state") {
  SGD whole_optimizer = two_groups(), optimizer = two_groups();
  ReduceLROnPlateau whole(whole_optimizer, ReduceLROnPlateau::min, 0.5, 2),
      resumed(optimizer, ReduceLROnPlateau::min, 0.5, 2);
  for (double measure : {3.0, 2.0, 2.0, 2.0, 2.0, 2.0}) whole.step(measure);
  auto damaged = whole.state_dict();
  damaged.erase("best");
  CHECK_THROWS_WITH(resumed.load_state_dict(damaged), ContainsSubstring("got 4 entries"));
  resumed.load_state_dict(whole.state_dict());
  for (int i = 0; i < 8; ++i) {
    CHECK(resumed.get_last_lr() == whole.get_last_lr());
    resumed.step(2);
    whole.step(2);
  }
  CHECK(lr(optimizer) == lr(whole_optimizer));
  CHECK(lr(optimizer) < 0.2);
}

TEST_CASE("LRScheduler: a schedule of one's own sees the calls before its own") {
  SGD optimizer = two_groups();
  Halving scheduler(optimizer);
  for (int i = 0; i < 3; ++i) scheduler.step();
  CHECK(scheduler.seen == std::vector<unsigned>{0, 1, 2});
  CHECK(lr(optimizer) == 0.125);
}

TEST_CASE("Schedulers: bad settings are errors that show the value") {
  SGD optimizer = two_groups();
  CHECK_THROWS_WITH(StepLR(optimizer, 0), "StepLR: step_size must be at least 1; got 0");
  CHECK_THROWS_WITH(StepLR(optimizer, 1, NAN), "StepLR: gamma must be a finite number, 0 or more; got nan");
  CHECK_THROWS_WITH(CosineAnnealingLR(optimizer, 0), "CosineAnnealingLR: T_max must be at least 1; got 0");
  CHECK_THROWS_WITH(CosineAnnealingLR(optimizer, 5, -1),
                    "CosineAnnealingLR: eta_min must be a finite number, 0 or more; got -1");
  CHECK_THROWS_WITH(OneCycleLR(optimizer, 0.1, 0), "OneCycleLR: total_steps must be at least 1; got 0");
  CHECK_THROWS_WITH(OneCycleLR(optimizer, -0.1, 10), "OneCycleLR: max_lr must be a finite number above 0; got -0.1");
  CHECK_THROWS_WITH(OneCycleLR(optimizer, 0.1, 10, 1.5), "OneCycleLR: pct_start must be from 0 to 1; got 1.5");
  CHECK_THROWS_WITH(OneCycleLR(optimizer, {0.1, 0.2, 0.3}, 10),
                    "OneCycleLR: max_lr must be one value, or one for each parameter group; got 3 for 2 groups");
  CHECK_THROWS_WITH(OneCycleLR(optimizer, 0.1, 10, 0.3, AnnealStrategy::Cos, true, 2),
                    "OneCycleLR: base_momentum must be from 0 to 1; got 2");
  CHECK_THROWS_WITH(ExponentialLR(optimizer, INFINITY), ContainsSubstring("0 or more; got inf"));
  CHECK_THROWS_WITH(MultiStepLR(optimizer, {3, 0}), "MultiStepLR: every milestone must be at least 1; got 0");
  CHECK_THROWS_WITH(LinearLR(optimizer, 0), "LinearLR: start_factor must be above 0 and at most 1; got 0");
  CHECK_THROWS_WITH(LinearLR(optimizer, 1, 1, 0), "LinearLR: total_iters must be at least 1; got 0");
  CHECK_THROWS_WITH(LambdaLR(optimizer, LambdaLR::Function()), "LambdaLR: the function must not be empty");
  CHECK_THROWS_WITH(LambdaLR(optimizer, [](int64_t) { return NAN; }), ContainsSubstring("got nan for step 0"));
  CHECK_THROWS_WITH(ReduceLROnPlateau(optimizer, ReduceLROnPlateau::min, 1),
                    "ReduceLROnPlateau: factor must be at least 0 and below 1; got 1");
  CHECK(lr(optimizer) == 1);  // nothing was set
  {
    SGD other = two_groups();
    StepLR a(optimizer, 1), b(other, 1);
    CHECK_THROWS_WITH(SequentialLR(optimizer, {&a}, {1}), ContainsSubstring("got 1 milestones for 1 schedules"));
    CHECK_THROWS_WITH(SequentialLR(optimizer, {&a, &b}, {1}), ContainsSubstring("same optimiser; got one of another"));
    CHECK_THROWS_WITH(SequentialLR(optimizer, {&a, &a, &a}, {2, 2}), ContainsSubstring("rise; got 2 after 2"));
  }

  StepLR scheduler(optimizer, 1);
  optimizer.add_param_group(OptimizerParamGroup({ones({1})}));
  CHECK_THROWS_WITH(scheduler.step(),
                    "LRScheduler: there must be one learning rate for each parameter group; got 2 for 3 "
                    "groups; add groups before making the scheduler");
}

TEST_CASE("Schedulers go on from a saved state, whatever the optimiser had") {
  const auto check = [](const auto& make) {
    SGD whole_optimizer = two_groups();
    const auto whole = make(whole_optimizer);
    for (int i = 0; i < 7; ++i) whole->step();
    const OrderedDict<std::string, Tensor> state = whole->state_dict();
    std::vector<std::string> keys{"last_epoch", "base_lrs", "last_lr"};
    if (dynamic_cast<OneCycleLR*>(whole.get())) keys.emplace_back("last_momentum");
    CHECK(state.keys() == keys);
    CHECK(state["last_epoch"].item<int64_t>() == 7);

    SGD optimizer({ones({1}), ones({1})}, SGDOptions(9));
    optimizer.add_param_group(OptimizerParamGroup({ones({1})}));
    const auto resumed = make(optimizer);
    resumed->load_state_dict(state);
    for (int i = 0; i < 6; ++i) {
      CHECK(resumed->get_current_lrs() == whole->get_current_lrs());
      CHECK(momentum(optimizer) == momentum(whole_optimizer));
      resumed->step();
      whole->step();
    }
  };
  check([](Optimizer& o) { return std::make_unique<StepLR>(o, 2, 0.7); });
  check([](Optimizer& o) { return std::make_unique<CosineAnnealingLR>(o, 11, 0.01); });
  check([](Optimizer& o) { return std::make_unique<OneCycleLR>(o, 0.7, 20); });
  check([](Optimizer& o) { return std::make_unique<ExponentialLR>(o, 0.9); });
  check([](Optimizer& o) { return std::make_unique<MultiStepLR>(o, std::vector<int64_t>{3, 9}); });
  check([](Optimizer& o) { return std::make_unique<LinearLR>(o, 0.2, 1, 9); });
  check([](Optimizer& o) { return std::make_unique<LambdaLR>(o, [](int64_t k) { return 1 / (1.0 + k); }); });
}

TEST_CASE("LRScheduler::load_state_dict: what does not fit is an error that changes nothing") {
  SGD optimizer = two_groups();
  StepLR scheduler(optimizer, 2);
  scheduler.step();
  const auto good = scheduler.state_dict();
  const auto refuses = [&](const std::string& key, const Tensor& value, const std::string& message) {
    auto state = good;
    if (state.contains(key)) state.erase(key);
    if (value.defined()) state.insert(key, value);
    CHECK_THROWS_WITH(scheduler.load_state_dict(state), message);
    for (const auto& item : scheduler.state_dict()) CHECK(item.value().equal(good[item.key()]));
  };
  const std::string op = "LRScheduler::load_state_dict: ";
  refuses("base_lrs", {}, op + "the state must have base_lrs; it is missing");
  refuses("gamma", ones({}), op + "the state must have last_epoch, base_lrs and last_lr; got gamma");
  refuses("last_lr", ones({3}, kFloat64), op + "last_lr must be Double of sizes [2]; got Double of sizes [3]");
  refuses("last_lr", full({2}, NAN, kFloat64), op + "last_lr must be finite numbers, 0 or more; got nan");
  refuses("last_epoch", ones({}), op + "last_epoch must be Long of sizes []; got Float of sizes []");
  refuses("last_epoch", full({}, -1, kInt64), op + "last_epoch must be a number of steps; got -1");
}
