// Schedules stepped together, and rates set by hand: PyTorch's recursions, written out.
#include "catch.h"

#include <taper/core/factories.h>
#include <taper/optim/optim.h>

#include <cmath>

using namespace taper;
using namespace taper::optim;

namespace {

constexpr double kPi = 3.14159265358979323846;

SGD optimizer_with(double lr) { return SGD({ones({1}, requires_grad())}, SGDOptions(lr)); }
double lr(const Optimizer& optimizer) { return optimizer.param_groups()[0].options().get_lr(); }
void set_lr(Optimizer& optimizer, double lr) { optimizer.param_groups()[0].options().set_lr(lr); }

// A chainable schedule: what it makes of the rate, given k, the rate before and the base rate.
struct Rule {
  const char* name;
  std::unique_ptr<LRScheduler> (*make)(Optimizer&);
  double (*first)(double lr);
  double (*next)(int k, double lr, double base);
};
const auto same = [](double lr) { return lr; };
const Rule kRules[] = {
    {"StepLR", [](Optimizer& o) -> std::unique_ptr<LRScheduler> { return std::make_unique<StepLR>(o, 3, 0.25); }, same,
     [](int k, double lr, double) { return k % 3 == 0 ? lr * 0.25 : lr; }},
    {"MultiStepLR",
     [](Optimizer& o) -> std::unique_ptr<LRScheduler> {
       return std::make_unique<MultiStepLR>(o, std::vector<int64_t>{6, 2, 6}, 0.5);
     },
     same, [](int k, double lr, double) { return k == 2   ? lr * 0.5
                                                 : k == 6 ? lr * 0.25
                                                          : lr; }},
    {"ExponentialLR",
     [](Optimizer& o) -> std::unique_ptr<LRScheduler> { return std::make_unique<ExponentialLR>(o, 0.9); }, same,
     [](int, double lr, double) { return lr * 0.9; }},
    {"LinearLR",
     [](Optimizer& o) -> std::unique_ptr<LRScheduler> { return std::make_unique<LinearLR>(o, 0.2, 0.8, 6); },
     [](double lr) { return lr * 0.2; },
     [](int k, double lr, double) { return k > 6 ? lr : lr * (1 + 0.6 / (6 * 0.2 + (k - 1) * 0.6)); }},
    {"LinearLR down to 0",
     [](Optimizer& o) -> std::unique_ptr<LRScheduler> { return std::make_unique<LinearLR>(o, 0.7, 0, 3); },
     [](double lr) { return lr * 0.7; },
     [](int k, double lr, double) { return k < 3    ? lr * (3.0 - k) / (4.0 - k)
                                           : k == 3 ? 0
                                                    : lr; }},
    {"CosineAnnealingLR",
     [](Optimizer& o) -> std::unique_ptr<LRScheduler> { return std::make_unique<CosineAnnealingLR>(o, 4, 0.01); }, same,
     [](int k, double lr, double base) {
       if ((k - 1 - 4 + 800) % 8 == 0) return lr + (base - 0.01) * (1 - std::cos(kPi / 4)) / 2;
       return (1 + std::cos(kPi * k / 4)) / (1 + std::cos(kPi * (k - 1) / 4)) * (lr - 0.01) + 0.01;
     }},
    {"CosineAnnealingLR of one step",
     [](Optimizer& o) -> std::unique_ptr<LRScheduler> { return std::make_unique<CosineAnnealingLR>(o, 1); }, same,
     [](int k, double lr, double base) { return k % 2 == 1 ? 0 : lr + base; }},
};

}  // namespace

TEST_CASE("two schedules stepped together: every pair follows PyTorch's recursions") {
  for (const Rule& a : kRules) {
    for (const Rule& b : kRules) {
      INFO(a.name << " and " << b.name);
      SGD optimizer = optimizer_with(0.4);
      const auto first = a.make(optimizer), second = b.make(optimizer);
      double wanted = b.first(a.first(0.4));
      CHECK(lr(optimizer) == Approx(wanted).epsilon(1e-12));
      for (int k = 1; k <= 14; ++k) {
        first->step();
        second->step();
        wanted = b.next(k, a.next(k, wanted, 0.4), 0.4);
        CHECK(lr(optimizer) == Approx(wanted).epsilon(1e-12).margin(1e-17));
      }
    }
  }
}

TEST_CASE("a rate set by hand is what the next step goes on from, the base rate what a schedule began with") {
  for (const Rule& rule : kRules) {
    INFO(rule.name);
    SGD optimizer = optimizer_with(0.4);
    const auto scheduler = rule.make(optimizer);
    double wanted = rule.first(0.4);
    for (int k = 1; k <= 10; ++k) {
      if (k == 2 || k == 7) set_lr(optimizer, wanted = 0.5);
      scheduler->step();
      wanted = rule.next(k, wanted, 0.4);
      CHECK(lr(optimizer) == Approx(wanted).epsilon(1e-12).margin(1e-17));
    }
  }
}

TEST_CASE("schedules made one after the other: the base rate is that of the first, the rate goes on") {
  SGD optimizer = optimizer_with(0.4);
  StepLR first(optimizer, 1, 0.25);
  set_lr(optimizer, 0.2);
  StepLR second(optimizer, 1, 0.25);
  CHECK(second.state_dict()["base_lrs"].item<double>() == 0.4);
  first.step();
  second.step();
  CHECK(lr(optimizer) == 0.2 / 16);
  CosineAnnealingLR third(optimizer, 10);
  third.step();
  CHECK(lr(optimizer) == Approx(0.2 / 16 * (1 + std::cos(kPi / 10)) / 2));
  LambdaLR fourth(optimizer, [](int64_t) { return 0.5; });  // computed from the base rate
  CHECK(lr(optimizer) == 0.2);
}

TEST_CASE("ReduceLROnPlateau changes the rate that other schedules left") {
  SGD optimizer = optimizer_with(1);
  ExponentialLR first(optimizer, 0.5);
  ReduceLROnPlateau second(optimizer, ReduceLROnPlateau::min, 0.1, 1);
  for (const double wanted : {0.5, 0.25, 0.0125, 0.00625}) {
    first.step();
    second.step(1);
    CHECK(lr(optimizer) == Approx(wanted));
  }
}

TEST_CASE("SequentialLR with another schedule: the beginnings of its parts replace what the other did") {
  SGD optimizer = optimizer_with(1);
  LinearLR warm_up(optimizer, 0.25, 1, 3);
  CosineAnnealingLR rest(optimizer, 4);
  SequentialLR sequence(optimizer, {&warm_up, &rest}, {3});
  ExponentialLR other(optimizer, 0.5);
  double wanted = 0.25;
  const auto cosine = [](int k) { return (1 + std::cos(kPi * k / 4)) / 2; };
  for (int k = 1; k <= 7; ++k) {
    sequence.step();
    other.step();
    if (k < 3) wanted *= (k + 1.0) / k;  // from 1/4 to 1 in three steps
    if (k == 3) wanted = 1;
    if (k > 3) wanted *= cosine(k - 3) / cosine(k - 4);
    wanted *= 0.5;
    CHECK(lr(optimizer) == Approx(wanted).epsilon(1e-12).margin(1e-17));
  }
}

TEST_CASE("CosineAnnealingLR over very many steps ends at eta_min and comes back") {
  SGD optimizer = optimizer_with(1);
  constexpr int64_t T = 20000;
  CosineAnnealingLR scheduler(optimizer, T);
  for (int64_t k = 1; k <= 2 * T; ++k) {
    scheduler.step();
    if (k == T) CHECK(lr(optimizer) == 0);
    if (k % 997 != 0 && k != T + 1 && k != 2 * T) continue;
    const double s = std::cos(kPi / 2 * static_cast<double>(k) / T);
    CHECK(lr(optimizer) == Approx(s * s).epsilon(1e-9));
  }
}

TEST_CASE("a schedule refuses to step, and to load, when groups were added after it was made") {
  for (const Rule& rule : kRules) {
    SGD optimizer = optimizer_with(0.4);
    const auto scheduler = rule.make(optimizer);
    const auto state = scheduler->state_dict();
    optimizer.add_param_group(OptimizerParamGroup({ones({1})}));
    const double before = lr(optimizer);
    const std::string message =
        "LRScheduler: there must be one learning rate for each parameter group; got 1 for 2 groups; add groups before "
        "making the scheduler";
    CHECK_THROWS_WITH(scheduler->step(), message);
    CHECK_THROWS_WITH(scheduler->load_state_dict(state), message);
    CHECK(lr(optimizer) == before);
  }
}
