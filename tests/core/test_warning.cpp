// Warnings: where they go, and what is warned of.
#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/indexing.h>
#include <taper/layers/module.h>

#include "catch.h"

using namespace taper;
using Catch::Matchers::ContainsSubstring;

namespace {

// Keeps what it is told while it lives.
struct Kept : WarningHandler {
  void process(const SourceLocation& where, const std::string& message, bool verbatim) override {
    messages.push_back(message);
    function = where.function;
    was_verbatim = verbatim;
  }
  std::vector<std::string> messages;
  std::string function;
  bool was_verbatim = false;
  Warning::WarningHandlerGuard guard{this};
};

std::string from_function;

}  // namespace

TEST_CASE("a warning handler is told message, place and whether to leave the message alone") {
  Kept kept;
  warn("one");
  CHECK(kept.messages == std::vector<std::string>{"one"});
  CHECK(kept.function == __func__);
  CHECK_FALSE(kept.was_verbatim);
  Warning::warn({"f", "file", 3}, "two", true);
  CHECK(kept.messages.back() == "two");
  CHECK(kept.function == "f");
  CHECK(kept.was_verbatim);
}

TEST_CASE("guards give the handler before back, null the default, and a function takes messages alone") {
  WarningHandler* before = Warning::get_warning_handler();
  REQUIRE(before);
  {
    Kept outer;
    {
      Kept inner;
      warn("inner");
      CHECK(inner.messages.size() == 1);
    }
    CHECK(Warning::get_warning_handler() == &outer);
    CHECK(outer.messages.empty());
    set_warning_handler([](const std::string& message) { from_function = message; });
    warn("to the function");
    CHECK(from_function == "to the function");
    Warning::set_warning_handler(&outer);
    warn("outer");
    CHECK(outer.messages.size() == 1);
    CHECK(from_function == "to the function");
    set_warning_handler(nullptr);
    CHECK(Warning::get_warning_handler() == before);
  }
  CHECK(Warning::get_warning_handler() == before);
  CHECK_FALSE(Warning::get_warnAlways());
  {
    const Warning::WarnAlways always;
    CHECK(Warning::get_warnAlways());
  }
  CHECK_FALSE(Warning::get_warnAlways());
}

TEST_CASE("masks of uint8 do what masks of bool do, with a warning each time") {
  const Tensor x = arange(6, kFloat32).view({2, 3}), values = x + 10, seven = tensor(7.);
  const Tensor bytes = tensor({{1, 0, 1}, {0, 1, 1}}).to(kUInt8), bools = bytes.to(kBool);
  const std::vector<std::pair<const char*, std::function<Tensor(const Tensor&)>>> uses = {
      {"masked_fill:", [&](const Tensor& mask) { return x.masked_fill(mask, 7); }},
      {"masked_fill:", [&](const Tensor& mask) { return masked_fill(x, mask, seven); }},
      {"masked_fill_:", [&](const Tensor& mask) { return x.clone().masked_fill_(mask, 7); }},
      {"masked_select:", [&](const Tensor& mask) { return x.masked_select(mask); }},
      {"masked_scatter:", [&](const Tensor& mask) { return x.masked_scatter(mask, values); }},
      {"masked_scatter_:", [&](const Tensor& mask) { return x.clone().masked_scatter_(mask, values); }},
      {"index:", [&](const Tensor& mask) { return x.index({mask}); }},
      {"index:",
       [&](const Tensor& mask) {
         return x.index({1, mask[1]});
       }},
      {"index_put_:", [&](const Tensor& mask) { return x.clone().index_put_({mask}, 7); }},
  };
  for (const auto& [name, use] : uses) {
    INFO(name);
    Kept kept;
    const Tensor right = use(bools);
    CHECK(kept.messages.empty());
    for (size_t times = 1; times <= 2; ++times) {
      CHECK(equal(use(bytes), right));
      REQUIRE(kept.messages.size() == times);
      CHECK_THAT(kept.messages.back(), ContainsSubstring(name) && ContainsSubstring("uint8"));
    }
  }
}

TEST_CASE("where warns of a condition of uint8 once a program, or always") {
  const Tensor x = ones({2}), bytes = tensor({1, 0}).to(kUInt8);
  Kept kept;
  {
    const Warning::WarnAlways always;
    CHECK(equal(where(bytes, x, -x), tensor({1., -1.})));
    where(bytes, x, -x);
  }
  REQUIRE(kept.messages.size() == 2);
  CHECK_THAT(kept.messages.back(), ContainsSubstring("where: a condition of uint8 is deprecated"));
  where(bytes, x, -x);
  CHECK(kept.messages.size() == 2);
}

TEST_CASE("masks of uint8 hold 0 and 1, but among indices anything; a derivative takes them too") {
  Kept kept;
  const Tensor x = arange(3, kFloat32), twos = tensor({2, 0, 255}).to(kUInt8);
  CHECK_THROWS_WITH(x.masked_fill(twos, 7), ContainsSubstring("0 and 1"));
  CHECK_THROWS_AS(x.clone().masked_fill_(twos, 7), ValueError);
  CHECK_THROWS_AS(x.masked_select(twos), ValueError);
  CHECK_THROWS_AS(x.masked_scatter(twos, x), ValueError);
  CHECK_THROWS_AS(x.masked_fill(twos.to(kInt64), 7), TypeError);
  CHECK(equal(x.index({twos}), tensor({0., 2.})));
  const Tensor leaf = ones({3}).requires_grad_();
  (leaf.masked_fill(tensor({1, 0, 1}).to(kUInt8), 5) * x).sum().backward();
  CHECK(equal(leaf.grad(), tensor({0., 1., 0.})));
}

TEST_CASE("a parameter that is undefined and is to require grad is registered with a warning") {
  Kept kept;
  nn::Module module("Net");
  module.register_parameter("quiet", Tensor(), false);
  CHECK(kept.messages.empty());
  CHECK_FALSE(module.register_parameter("absent", Tensor()).defined());
  REQUIRE(kept.messages.size() == 1);
  CHECK_THAT(kept.messages[0], ContainsSubstring("'absent'") && ContainsSubstring("undefined"));
}
