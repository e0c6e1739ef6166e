// What every optimiser keeps to.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/optim/optim.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

using namespace taper;
using namespace taper::optim;
using namespace support;

namespace {

struct Case {
  const char *name, *settings;
  std::unique_ptr<Optimizer> (*make)(const std::vector<Tensor>& params);
};

// A row per optimiser and settings; those that libtorch has not stand here, below the #include.
#define OPTIMIZER(Name, settings)                                              \
  Case{#Name, #settings, [](const std::vector<Tensor>& params) {               \
         Name##Options o(0.1);                                                 \
         settings;                                                             \
         return std::unique_ptr<Optimizer>(std::make_unique<Name>(params, o)); \
       }},
const Case kCases[] = {
#include "optimizers.def"
};
#undef OPTIMIZER

void for_each_optimizer(const auto& f) {
  for (const Case& c : kCases) {
    INFO(c.name << ": " << c.settings);
    manual_seed(0);
    f(c);
  }
}

std::vector<Tensor> parameters(ScalarType dtype = kFloat32) {
  std::vector<Tensor> params;
  for (const int64_t n : {1, 33, 0, 70003}) params.push_back(randn({n}, dtype).requires_grad_());
  params.push_back(randn({4, 7}, dtype).t().detach().requires_grad_());
  return params;
}

// The same gradients for both.
void draw_gradients(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    a[i].mutable_grad() = randn(a[i].sizes(), a[i].dtype());
    b[i].mutable_grad() = a[i].grad().clone();
  }
}

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_bits);
}

std::vector<Tensor> copies(const std::vector<Tensor>& params) {
  std::vector<Tensor> result;
  for (const Tensor& p : params) result.push_back(p.detach().clone().requires_grad_());
  return result;
}

// Sets the number at `position` among the options' numbers to NaN, and remembers its name.
class Breaker final : public FieldVisitor {
 public:
  explicit Breaker(int position) : left_(position) {}
  void operator()(const char* name, double& value) override {
    if (left_-- != 0) return;
    value = std::numeric_limits<double>::quiet_NaN();
    broken = name;
  }
  void operator()(const char*, bool&) override {}
  void operator()(const char*, int64_t&) override {}
  void operator()(const char*, Tensor&) override {}

  std::string broken;

 private:
  int left_;
};

template <class F>
bool refuses_nan(const std::string& prefix, F f) {
  try {
    f();
  } catch (const ValueError& error) {
    const std::string message = error.what();
    return message.starts_with(prefix) && message.find(" must be ") != message.npos &&
           message.find("nan") != message.npos;
  }
  return false;
}

}  // namespace

TEST_CASE("every optimiser is under contract") {
  const auto folder = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "optim";
  REQUIRE(std::filesystem::exists(folder));
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".h") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const size_t colon = line.find(" : public ");
      if (!line.starts_with("class ") || colon == line.npos) continue;
      const std::string base = line.substr(colon + 10), front = line.substr(0, colon);
      if (!base.starts_with("Optimizer ") && !base.starts_with("detail::FusedOptimizer<")) continue;
      const std::string name = front.substr(front.rfind(' ') + 1);
      if (name == "FusedOptimizer") continue;  // the base of the others
      INFO(name << " in " << entry.path());
      CHECK(std::any_of(std::begin(kCases), std::end(kCases), [&](const Case& c) { return c.name == name; }));
      ++found;
    }
  }
  CHECK(found >= 5);
}

TEST_CASE("contract: an optimiser that was saved and loaded goes on as if it had not stopped") {
  for_each_optimizer([](const Case& c) {
    for (const auto dtype : {kFloat32, kFloat64}) {
      const std::vector<Tensor> params = parameters(dtype);
      const auto first = c.make(params);
      for (int step = 0; step < 3; ++step) {
        draw_gradients(params, params);
        first->step();
      }
      const std::vector<Tensor> others = copies(params);
      const auto second = c.make(others);
      second->param_groups()[0].options().set_lr(7);
      restore(*second, saved(*first));
      CHECK(second->param_groups()[0].options() == first->param_groups()[0].options());
      for (int step = 0; step < 2; ++step) {
        draw_gradients(params, others);
        first->step();
        second->step();
        CHECK(same(params, others));
      }
    }
  });
}

TEST_CASE("contract: clones of an optimiser's options and states are equal to them") {
  for_each_optimizer([](const Case& c) {
    const std::vector<Tensor> params = parameters();
    const auto first = c.make(params);
    draw_gradients(params, params);
    first->step();
    const std::vector<Tensor> others = copies(params);
    const auto second = c.make(others);
    second->param_groups()[0].set_options(first->param_groups()[0].options().clone());
    for (size_t i = 0; i < params.size(); ++i) {
      const auto state = first->state().find(params[i].impl());
      if (state != first->state().end()) second->state()[others[i].impl()] = state->second->clone();
    }
    const auto state = first->state_dict(), cloned = second->state_dict();
    REQUIRE(cloned.keys() == state.keys());
    for (const auto& item : state) CHECK(item.value().equal(cloned[item.key()]));
    CHECK(second->param_groups()[0].options() == first->param_groups()[0].options());
    second->param_groups()[0].options().set_lr(7);
    CHECK_FALSE(second->param_groups()[0].options() == first->param_groups()[0].options());
  });
}

TEST_CASE("contract: an optimiser gives the same bits for 1, 2 and 3 threads") {
  for_each_optimizer([](const Case& c) {
    check_threads([&] {
      manual_seed(1);
      const std::vector<Tensor> params = parameters();
      const auto optimizer = c.make(params);
      for (int step = 0; step < 3; ++step) {
        draw_gradients(params, params);
        optimizer->step();
      }
      return params;
    });
  });
}

TEST_CASE("contract: an optimiser refuses settings outside their domain, and changes nothing") {
  for_each_optimizer([](const Case& c) {
    const std::string prefix = std::string(c.name) + ": ";
    for (int position = 0;; ++position) {
      const std::vector<Tensor> params = parameters(), before = copies(params);
      const auto optimizer = c.make(params);
      draw_gradients(params, params);
      Breaker breaker(position);
      OptimizerOptions& options = optimizer->param_groups()[0].options();
      options.visit(breaker);
      if (breaker.broken.empty()) {
        CHECK(position > 0);
        break;
      }
      INFO(breaker.broken);
      CHECK(refuses_nan(prefix, [&] { options.check(); }));
      CHECK(refuses_nan(prefix, [&] { optimizer->step(); }));
      CHECK(same(params, before));
      CHECK(optimizer->state().empty());
      const OptimizerParamGroup group({ones({2}, requires_grad())}, options.clone());
      CHECK(refuses_nan(prefix, [&] { optimizer->add_param_group(group); }));
      CHECK(optimizer->param_groups().size() == 1);
    }
    const auto optimizer = c.make(parameters());
    optimizer->param_groups()[0].options().set_lr(-1);
    CHECK_THROWS_WITH(optimizer->step(), prefix + "lr must be a finite number, 0 or more; got -1");
  });
}

TEST_CASE("contract: a step follows the parameter's gradient, and leaves parameters without one and gradients alone") {
  for_each_optimizer([](const Case& c) {
    const Tensor p = ones({5}, requires_grad()), still = ones({5}, requires_grad());
    const auto optimizer = c.make({p, still});
    p.mutable_grad() = full({5}, 2.0);
    optimizer->step();
    CHECK((p < 1).all().item<bool>());
    CHECK(p.grad().equal(full({5}, 2.0)));
    CHECK(still.equal(ones({5})));
    CHECK_FALSE(still.grad().defined());
  });
}
