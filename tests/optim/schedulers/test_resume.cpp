// A run that was saved and goes on has the bits of one that never stopped, for every schedule followed by every other.
#include "catch.h"
#include "support/text.h"

#include <taper/core/factories.h>
#include <taper/optim/optim.h>
#include <taper/serialize/serialize.h>

using namespace taper;
using namespace taper::optim;
using namespace support;

namespace {

// Any schedule.
struct Schedule {
  std::function<void()> step;
  std::function<std::string()> save;
  std::function<void(const std::string&)> load;
};

template <class S>
Schedule schedule(std::shared_ptr<S> owner, auto* s) {
  const auto step = [owner, s] {
    if constexpr (requires { s->step(1.0); }) {
      s->step(1.0);
    } else {
      s->step();
    }
  };
  return {step, [owner, s] { return saved(*s); }, [owner, s](const std::string& from) { restore(*s, from); }};
}

template <class S, class... Args>
Schedule make(Optimizer& optimizer, Args&&... args) {
  const auto s = std::make_shared<S>(optimizer, std::forward<Args>(args)...);
  return schedule(s, s.get());
}

template <class First, class Second>
struct Sequence {
  Sequence(Optimizer& optimizer, auto make_first, auto make_second)
      : first(make_first(optimizer)),
        second(make_second(optimizer)),
        both(optimizer, {first.get(), second.get()}, {2}) {}
  std::unique_ptr<First> first;
  std::unique_ptr<Second> second;
  SequentialLR both;
};

using Maker = Schedule (*)(Optimizer&);
const std::pair<const char*, Maker> kSchedules[] = {
    {"StepLR", [](Optimizer& o) { return make<StepLR>(o, 2, 0.25); }},
    {"MultiStepLR",
     [](Optimizer& o) {
       return make<MultiStepLR>(o, std::vector<int64_t>{3, 1}, 0.5);
     }},
    {"ExponentialLR", [](Optimizer& o) { return make<ExponentialLR>(o, 0.8); }},
    {"LinearLR", [](Optimizer& o) { return make<LinearLR>(o, 0.25, 0.75, 4); }},
    {"CosineAnnealingLR", [](Optimizer& o) { return make<CosineAnnealingLR>(o, 2, 0.01); }},
    {"OneCycleLR", [](Optimizer& o) { return make<OneCycleLR>(o, 0.5, 9); }},
    {"LambdaLR", [](Optimizer& o) { return make<LambdaLR>(o, [](int64_t k) { return 1 / (1.0 + k); }); }},
    {"ReduceLROnPlateau",
     [](Optimizer& o) { return make<ReduceLROnPlateau>(o, ReduceLROnPlateau::min, 0.5, /*patience=*/1); }},
    {"SequentialLR of LinearLR and CosineAnnealingLR",
     [](Optimizer& optimizer) {
       const auto s = std::make_shared<Sequence<LinearLR, CosineAnnealingLR>>(
           optimizer, [](Optimizer& o) { return std::make_unique<LinearLR>(o, 0.5); },
           [](Optimizer& o) { return std::make_unique<CosineAnnealingLR>(o, 3); });
       return schedule(s, &s->both);
     }},
    {"SequentialLR of two OneCycleLR",
     [](Optimizer& optimizer) {
       const auto s = std::make_shared<Sequence<OneCycleLR, OneCycleLR>>(
           optimizer, [](Optimizer& o) { return std::make_unique<OneCycleLR>(o, 0.5, 9); },
           [](Optimizer& o) { return std::make_unique<OneCycleLR>(o, 0.25, 9); });
       return schedule(s, &s->both);
     }},
};

// Two parameters in groups with rates of their own.
struct Run {
  explicit Run(double lr = 0.4) {
    std::vector<OptimizerParamGroup> groups;
    groups.emplace_back(std::vector<Tensor>{w[0]});
    groups.emplace_back(std::vector<Tensor>{w[1]}, std::make_unique<SGDOptions>(SGDOptions(lr / 4).momentum(0.5)));
    optimizer = std::make_unique<SGD>(groups, SGDOptions(lr).momentum(0.9));
  }
  void train(const Schedule& s) {
    for (const Tensor& p : w) p.mutable_grad() = p.detach() + 1;
    optimizer->step();
    s.step();
    note();
  }
  void note() {
    for (const OptimizerParamGroup& group : optimizer->param_groups()) {
      seen.push_back(group.options().get_lr());
      seen.push_back(group.options().get_momentum());
      seen.push_back(group.params()[0].item<double>());
    }
  }
  // What a third schedule would begin with.
  void finish() {
    optimizer->param_groups()[0].params()[0].mutable_grad() = ones({}, kFloat64);
    const LambdaLR last(*optimizer, [](int64_t) { return 0.5; });
    note();
  }
  void load(const Run& other) {
    for (size_t i = 0; i < 2; ++i) w[i].set_data(other.w[i].detach().clone());
    seen = other.seen;
  }

  Tensor w[2] = {full({}, 3.0, kFloat64).requires_grad_(), full({}, 2.0, kFloat64).requires_grad_()};
  std::unique_ptr<SGD> optimizer;
  std::vector<double> seen;
};

constexpr int kSteps = 4;  // of each schedule

// What is made before the optimiser is loaded, and whether the first schedule is, where the second is at work already.
enum class Way { OptimizerFirst, AllMadeFirst, SchedulesFirst, SecondOnly };

// One run, broken off after `broken` steps: saved, and loaded into new objects.
std::vector<double> resumed(Maker make_first, Maker make_second, int broken, Way way) {
  Run before;
  std::string first_state, second_state;
  {
    const Schedule first = make_first(*before.optimizer);
    for (int i = 0; i < std::min(broken, kSteps); ++i) before.train(first);
    if (broken > kSteps) {
      const Schedule second = make_second(*before.optimizer);
      for (int i = kSteps; i < broken; ++i) before.train(second);
      second_state = second.save();
    }
    first_state = first.save();
  }
  const std::string optimizer_state = saved(*before.optimizer);

  Run after(way == Way::SecondOnly ? 0.4 : 7);
  after.load(before);
  optional<Schedule> first, second;
  const auto make_schedules = [&] {
    if (way != Way::SecondOnly || broken < kSteps) first = make_first(*after.optimizer);
    if (broken > kSteps) second = make_second(*after.optimizer);
  };
  const auto load_schedules = [&] {
    if (first) first->load(first_state);
    if (second) second->load(second_state);
  };
  if (way == Way::AllMadeFirst || way == Way::SchedulesFirst) make_schedules();
  if (way == Way::SchedulesFirst) load_schedules();
  restore(*after.optimizer, optimizer_state);
  if (way == Way::OptimizerFirst || way == Way::SecondOnly) make_schedules();
  if (way != Way::SchedulesFirst) load_schedules();

  for (int i = broken; i < kSteps; ++i) after.train(*first);
  if (!second) second = make_second(*after.optimizer);
  for (int i = std::max(broken, kSteps); i < 2 * kSteps; ++i) after.train(*second);
  after.finish();
  return after.seen;
}

}  // namespace

TEST_CASE("a run goes on as if it had not been broken off: every schedule followed by every other") {
  for (const auto& [first_name, make_first] : kSchedules) {
    for (const auto& [second_name, make_second] : kSchedules) {
      INFO(first_name << ", then " << second_name);
      Run whole;
      {
        const Schedule first = make_first(*whole.optimizer);
        for (int i = 0; i < kSteps; ++i) whole.train(first);
        const Schedule second = make_second(*whole.optimizer);
        for (int i = 0; i < kSteps; ++i) whole.train(second);
      }
      whole.finish();
      for (const int broken : {1, kSteps, kSteps + 1, kSteps + 3}) {
        for (const Way way : {Way::OptimizerFirst, Way::AllMadeFirst, Way::SchedulesFirst, Way::SecondOnly}) {
          INFO("broken off after step " << broken << ", resumed in way " << static_cast<int>(way));
          CHECK(resumed(make_first, make_second, broken, way) == whole.seen);
        }
      }
    }
  }
}

TEST_CASE("a rate and a momentum set by hand survive saving and loading") {
  for (const auto& [name, make_schedule] : kSchedules) {
    INFO(name);
    Run whole;
    const Schedule schedule = make_schedule(*whole.optimizer);
    whole.train(schedule);
    whole.optimizer->param_groups()[0].options().set_lr(0.3);
    whole.optimizer->param_groups()[0].options().set_momentum(0.7);
    Run again;
    again.load(whole);
    restore(*again.optimizer, saved(*whole.optimizer));
    const Schedule resumed = make_schedule(*again.optimizer);
    resumed.load(schedule.save());
    for (Run* run : {&whole, &again}) {
      run->note();
      run->train(run == &whole ? schedule : resumed);
    }
    CHECK(again.seen == whole.seen);
  }
}

TEST_CASE("files of before initial_lr and last_momentum were saved can be loaded") {
  Run whole;
  const StepLR first(*whole.optimizer, 1);
  OrderedDict<std::string, Tensor> state = whole.optimizer->state_dict();
  CHECK(state["param_groups.1.initial_lr"].item<double>() == 0.1);
  state.erase("param_groups.0.initial_lr");
  state.erase("param_groups.1.initial_lr");
  state["param_groups.0.lr"].fill_(0.2);  // the first schedule was at work
  OrderedDict<std::string, Tensor> schedule = first.state_dict();
  schedule["last_lr"][0].fill_(0.2);

  Run resumed(7);
  resumed.optimizer->load_state_dict(state);
  CHECK_FALSE(resumed.optimizer->param_groups()[0].initial_lr().has_value());
  StepLR again(*resumed.optimizer, 1);
  again.load_state_dict(schedule);
  CHECK(again.get_last_lr() == std::vector<double>{0.2, 0.1});
  CHECK(LambdaLR(*resumed.optimizer, [](int64_t) { return 1.0; }).get_last_lr() == std::vector<double>{0.4, 0.1});

  OneCycleLR cycle(*whole.optimizer, 0.5, 9);
  cycle.step();
  const double momentum = whole.optimizer->param_groups()[0].options().get_momentum();
  state = cycle.state_dict();
  state.erase("last_momentum");
  OneCycleLR other(*resumed.optimizer, 0.5, 9);
  other.load_state_dict(state);
  CHECK(resumed.optimizer->param_groups()[0].options().get_momentum() == momentum);
}

TEST_CASE("states with an initial_lr or last_momentum that cannot be are refused, and change nothing") {
  Run run;
  OneCycleLR cycle(*run.optimizer, 0.5, 9);
  const optional<double> initial_lr = run.optimizer->param_groups()[1].initial_lr();
  const std::vector<double> rates = cycle.get_last_lr();
  const auto good = run.optimizer->state_dict(), schedule = cycle.state_dict();
  const auto refused = [&](const Tensor& value, const std::string& message) {
    auto state = good;
    state["param_groups.1.initial_lr"] = value;
    CHECK_THROWS_WITH(run.optimizer->load_state_dict(state), ContainsSubstring(message));
    CHECK(run.optimizer->param_groups()[1].initial_lr() == initial_lr);
  };
  refused(full({}, -1.0, kFloat64), "param_groups.1.initial_lr (-1, which is no finite number, 0 or more)");
  refused(full({}, NAN, kFloat64), "param_groups.1.initial_lr (nan, which is no finite number, 0 or more)");
  refused(ones({}), "param_groups.1.initial_lr (Double of sizes [] here, Float of sizes [] in the state)");
  auto state = schedule;
  state["last_momentum"] = full({2}, NAN, kFloat64);
  state["last_lr"] = full({2}, 5.0, kFloat64);
  CHECK_THROWS_WITH(cycle.load_state_dict(state),
                    "OneCycleLR::load_state_dict: last_momentum must be finite numbers, 0 or more; got nan");
  CHECK(cycle.get_last_lr() == rates);
  state["last_momentum"] = ones({3}, kFloat64);
  CHECK_THROWS_WITH(cycle.load_state_dict(state), ContainsSubstring("last_momentum must be Double of sizes [2]"));
}
