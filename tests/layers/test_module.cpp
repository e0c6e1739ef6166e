#include "catch.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/activation.h>
#include <taper/layers/linear.h>
#include <taper/layers/sequential.h>

using namespace taper;
using namespace support;
using nn::Linear;
using nn::Module;

namespace {

struct NetImpl : Module {
  NetImpl() : fc1(3, 4), fc2(register_module("fc2", Linear(4, 2))) {
    register_module("fc1", fc1);
    scale = register_parameter("scale", ones({1}));
    count = register_buffer("count", zeros({1}, kInt64));
  }
  Tensor forward(const Tensor& x) { return scale * fc2(relu(fc1->forward(x))); }
  Linear fc1, fc2;
  Tensor scale, count;
};
TAPER_MODULE(Net);

// Copies its registry by reset(), assigning members the other way round: register after construction.
struct CopyableImpl : nn::Cloneable<CopyableImpl> {
  explicit CopyableImpl(int64_t width_) : width(width_) { reset(); }
  void reset() override {
    fc = Linear(width, width);
    register_module("fc", fc);
    weight = rand({width});
    register_parameter("weight", weight);
    tied = register_parameter("tied", weight);
    seen = register_buffer("seen", zeros({2}));
    block = register_module("block", nn::Sequential(Linear(width, 2), nn::ReLU()));
    again = register_module("again", fc);
  }
  Tensor forward(const Tensor& x) { return block->forward(fc(x) * weight + again(x) * tied); }
  int64_t width;
  Linear fc{nullptr}, again{nullptr};
  nn::Sequential block{nullptr};
  Tensor weight, tied, seen;
};
TAPER_MODULE(Copyable);

}  // namespace

TEST_CASE("parameters and buffers are listed in the order of registration, own before the children's") {
  Net net;
  CHECK(net->named_parameters().keys() ==
        std::vector<std::string>{"scale", "fc2.weight", "fc2.bias", "fc1.weight", "fc1.bias"});
  CHECK(net->named_parameters(false).keys() == std::vector<std::string>{"scale"});
  CHECK(net->parameters().size() == 5);
  CHECK(net->named_buffers().keys() == std::vector<std::string>{"count"});
  CHECK(net->buffers().size() == 1);
  CHECK(net->state_dict().keys() ==
        std::vector<std::string>{"scale", "count", "fc2.weight", "fc2.bias", "fc1.weight", "fc1.bias"});
  for (const auto& p : net->parameters()) CHECK(p.requires_grad());
  CHECK(!net->count.requires_grad());
}

TEST_CASE("modules and children are listed with their names") {
  Net net;
  CHECK(net->named_children().keys() == std::vector<std::string>{"fc2", "fc1"});
  CHECK(net->children().size() == 2);
  CHECK(net->modules().size() == 3);
  CHECK(net->modules(false).size() == 2);
  CHECK(net->named_modules("root").keys() == std::vector<std::string>{"root", "root.fc2", "root.fc1"});
  std::vector<std::string> names;
  net->apply([&](const std::string& name, Module& m) { names.push_back(name + ":" + (m.as<Linear>() ? "L" : "-")); });
  CHECK(names == std::vector<std::string>{":-", "fc2:L", "fc1:L"});
  int count = 0;
  net->apply([&](Module&) { ++count; });
  net->apply([&](const std::shared_ptr<Module>& m) { count += m ? 1 : 0; });
  CHECK(count == 6);
}

TEST_CASE("names with dots, empty names and names in use are errors, across all kinds of entries") {
  Net net;
  CHECK_THROWS_WITH(net->register_parameter("a.b", ones({1})), ContainsSubstring("dot") && ContainsSubstring("a.b"));
  CHECK_THROWS_WITH(net->register_buffer("", ones({1})), ContainsSubstring("empty"));
  CHECK_THROWS_WITH(net->register_parameter("scale", ones({1})), ContainsSubstring("'scale' is already registered"));
  CHECK_THROWS_AS(net->register_buffer("scale", ones({1})), ValueError);
  CHECK_THROWS_AS(net->register_module("count", Linear(1, 1)), ValueError);
  CHECK_THROWS_AS(net->register_parameter("fc1", ones({1})), ValueError);
  CHECK_THROWS_WITH(net->register_parameter("whole", ones({1}, kInt64)), ContainsSubstring("Long"));
  CHECK_THROWS_AS(net->register_module("none", std::shared_ptr<nn::LinearImpl>()), ValueError);
  CHECK(net->parameters().size() == 5);
}

TEST_CASE("undefined parameters are registered and not listed") {
  Net net;
  net->register_parameter("absent", Tensor(), false);
  CHECK(net->parameters().size() == 5);
  CHECK(!net->state_dict().contains("absent"));
}

TEST_CASE("modules can be replaced and removed") {
  Net net;
  net->replace_module("fc2", Linear(4, 7));
  CHECK(net->named_parameters()["fc2.weight"].size(0) == 7);
  net->unregister_module("fc2");
  CHECK(net->parameters().size() == 3);
  CHECK_THROWS_WITH(net->unregister_module("fc2"), ContainsSubstring("Submodule 'fc2' is not defined"));
}

TEST_CASE("a tensor or module registered twice is listed once and saved under both names") {
  struct Tied : Module {
    Tied() {
      a = register_module("a", Linear(2, 2));
      register_module("b", a);
      register_parameter("p", a->weight);
    }
    Linear a{nullptr};
  };
  auto m = std::make_shared<Tied>();
  CHECK(m->named_parameters().keys() == std::vector<std::string>{"p", "a.bias"});
  CHECK(m->modules(false).size() == 1);
  CHECK(m->state_dict().keys() == std::vector<std::string>{"p", "a.weight", "a.bias", "b.weight", "b.bias"});
}

TEST_CASE("train and eval reach every module and leave requires_grad alone") {
  Net net;
  net->fc1->weight.set_requires_grad(false);
  CHECK(net->is_training());
  net->eval();
  CHECK(!net->is_training());
  CHECK(!net->fc1->is_training());
  net->train();
  CHECK(net->fc2->is_training());
  CHECK(!net->fc1->weight.requires_grad());
  CHECK(net->fc2->weight.requires_grad());
}

TEST_CASE("to converts floating-point parameters, buffers and gradients in place, not integers") {
  Net net;
  net->forward(ones({2, 3})).sum().backward();
  net->to(kFloat64);
  CHECK(net->fc1->weight.dtype() == kFloat64);
  CHECK(net->fc1->weight.grad().dtype() == kFloat64);
  CHECK(net->count.dtype() == kInt64);
  CHECK(net->forward(ones({2, 3}, kFloat64)).dtype() == kFloat64);
  net->to(kCPU, kFloat32);
  CHECK(net->scale.dtype() == kFloat32);
  net->to(Device("cpu"));
  CHECK_THROWS_AS(net->to(kInt64), TypeError);
}

TEST_CASE("zero_grad fills with zeros, or drops") {
  Net net;
  net->forward(ones({2, 3})).sum().backward();
  net->zero_grad();
  CHECK(net->fc1->weight.grad().eq(0).all().item<bool>());
  net->zero_grad(/*set_to_none=*/true);
  CHECK(!net->fc1->weight.grad().defined());
}

TEST_CASE("names: of the type, or given") {
  CHECK(Linear(1, 1)->name() == "taper::nn::LinearImpl");
  struct Named : Module {
    Named() : Module("mine") {}
  };
  CHECK(Named().name() == "mine");
}

TEST_CASE("a module prints itself and what is below it") {
  Net net;
  CHECK_THAT(printed(*net),
             ContainsSubstring("NetImpl(\n  (fc2): taper::nn::Linear(in_features=4, out_features=2, bias=true)\n"
                               "  (fc1): taper::nn::Linear(in_features=3, out_features=4, bias=true)\n)"));
}

TEST_CASE("as casts to holders' and Impl types, or gives null") {
  std::shared_ptr<Module> m = Linear(1, 2).ptr();
  CHECK(m->as<Linear>() != nullptr);
  CHECK(m->as<nn::LinearImpl>()->weight.size(0) == 2);
  CHECK(m->as<nn::ReLU>() == nullptr);
}

TEST_CASE("state_dict goes into another model of the same form") {
  Net a, b;
  CHECK(!a->fc1->weight.equal(b->fc1->weight));
  const auto keys = b->load_state_dict(a->state_dict());
  CHECK(keys.missing_keys.empty());
  CHECK(keys.unexpected_keys.empty());
  CHECK(a->fc1->weight.equal(b->fc1->weight));
  CHECK(!a->fc1->weight.is_alias_of(b->fc1->weight));
  CHECK(b->fc1->weight.requires_grad());
  CHECK(b->fc1->weight.is_leaf());
}

TEST_CASE("load_state_dict lists everything that does not fit and then changes nothing") {
  Net a, b;
  auto state = a->state_dict();
  state.erase("fc1.bias");
  state.insert("extra", ones({1}));
  state["fc2.weight"] = ones({2, 5});
  const Tensor before = b->fc1->weight.detach().clone();
  CHECK_THROWS_WITH(b->load_state_dict(state), ContainsSubstring("missing keys: fc1.bias") &&
                                                   ContainsSubstring("unexpected keys: extra") &&
                                                   ContainsSubstring("fc2.weight ([2, 4] here, [2, 5] in the state)"));
  CHECK_THROWS_AS(b->load_state_dict(state, false), Error);
  CHECK(b->fc1->weight.equal(before));

  state["fc2.weight"] = ones({2, 4}, kFloat64);
  const auto keys = b->load_state_dict(state, /*strict=*/false);
  CHECK(keys.missing_keys == std::vector<std::string>{"fc1.bias"});
  CHECK(keys.unexpected_keys == std::vector<std::string>{"extra"});
  CHECK(b->fc2->weight.eq(1).all().item<bool>());
  CHECK(b->fc2->weight.dtype() == kFloat32);
}

TEST_CASE("clone copies values, mode and ties into independent tensors, however reset() registers") {
  Copyable a(3);
  a->fc->options.bias(true);
  a->block->eval();
  a->weight.set_requires_grad(false);
  a->seen.fill_(5);
  auto b = std::dynamic_pointer_cast<CopyableImpl>(a->clone());
  REQUIRE(b);
  const auto before = a->state_dict(), after = b->state_dict();
  REQUIRE(before.keys() == after.keys());
  for (const auto& item : before) {
    CHECK(item.value().equal(after[item.key()]));
    CHECK(!item.value().is_alias_of(after[item.key()]));
  }
  // members are what is registered, ties are kept
  CHECK(b->weight.is_same(b->named_parameters(false)["weight"]));
  CHECK(b->tied.is_same(b->weight));
  CHECK(b->fc.ptr() == b->named_children()["fc"]);
  CHECK(b->again.ptr() == b->fc.ptr());
  CHECK(b->block.ptr() == b->named_children()["block"]);
  CHECK(b->fc->weight.is_same(b->named_parameters()["fc.weight"]));
  CHECK(b->named_parameters().keys() == a->named_parameters().keys());
  // modes and frozen parameters as they were
  CHECK(b->is_training());
  CHECK(!b->block->is_training());
  CHECK(!b->weight.requires_grad());
  CHECK(b->fc->weight.requires_grad());
  CHECK(b->fc->path() == "fc");
  CHECK(b->block[0]->path() == "block.0");
  // independent
  const Tensor x = ones({1, 3});
  const Tensor y = a->forward(x);
  CHECK(y.equal(b->forward(x)));
  NoGradGuard no_grad;
  b->fc->weight.zero_();
  b->weight.fill_(2);
  CHECK(y.equal(a->forward(x)));
}

TEST_CASE("clone follows a change of dtype and of sizes since construction") {
  Linear a(3, 4);
  a->to(kFloat64);
  auto b = std::dynamic_pointer_cast<nn::LinearImpl>(a->clone());
  CHECK(b->weight.dtype() == kFloat64);
  CHECK(b->weight.equal(a->weight));
}

TEST_CASE("a module that is not Cloneable says so, also below one that is") {
  Net net;
  CHECK_THROWS_WITH(net->clone(), ContainsSubstring("Cloneable<") && ContainsSubstring("NetImpl"));
  nn::Sequential seq(net);
  CHECK_THROWS_AS(seq->clone(), NotImplementedError);
}

TEST_CASE("empty holders say what is wrong") {
  Linear fc = nullptr;
  CHECK(fc.is_empty());
  CHECK(!fc);
  CHECK_THROWS_WITH(fc->forward(ones({1})), ContainsSubstring("empty"));
  CHECK_THROWS_WITH(fc(ones({1})), ContainsSubstring("empty"));
  CHECK_THROWS_AS(fc.ptr(), Error);
  CHECK_THROWS_AS(fc.get(), Error);
  fc = Linear(1, 1);
  CHECK(!fc.is_empty());
}

TEST_CASE("holders share one module") {
  Linear a(2, 2);
  Linear b = a;
  CHECK(a.ptr() == b.ptr());
  const std::shared_ptr<nn::LinearImpl> pointer = a.ptr();
  Linear c(pointer);
  CHECK(c->weight.is_same(a->weight));
}

TEST_CASE("an error inside a module names the innermost one, once") {
  struct OuterImpl : Module {
    OuterImpl() { net = register_module("net", Net()); }
    Tensor forward(const Tensor& x) { return net(x); }
    Net net{nullptr};
  };
  nn::ModuleHolder<OuterImpl> outer;
  std::string message;
  try {
    outer(ones({2, 5}));
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK_THAT(message, ContainsSubstring("[2, 5]") && ContainsSubstring("in_features = 3"));
  CHECK_THAT(message, Catch::Matchers::EndsWith(" (in module net.fc1)"));
  CHECK(message.find("(in module") == message.rfind("(in module"));
  CHECK(autograd::current_module_path().empty());
  CHECK_THROWS_WITH(Linear(3, 4)(ones({2, 5})), ContainsSubstring("(in module Linear)"));
  CHECK_THROWS_WITH(nn::Sequential(Linear(3, 4))->forward(ones({2, 5})), ContainsSubstring("(in module Sequential.0)"));
}

TEST_CASE("the path of the running module is known") {
  struct ProbeImpl : Module {
    std::string forward(const Tensor&) { return autograd::current_module_path(); }
  };
  struct OuterImpl : Module {
    OuterImpl() { probe = register_module("probe", nn::ModuleHolder<ProbeImpl>()); }
    nn::ModuleHolder<ProbeImpl> probe{nullptr};
  };
  auto outer = std::make_shared<OuterImpl>();
  CHECK(outer->probe(ones({1})) == "probe");
  CHECK(outer->probe->forward(ones({1})).empty());  // not called as a module
}

TEST_CASE("a module on the stack works, but cannot list itself") {
  NetImpl net;
  CHECK(net.parameters().size() == 5);
  CHECK(net.modules(false).size() == 2);
  CHECK_THROWS_WITH(net.modules(), ContainsSubstring("shared_ptr"));
}

TEST_CASE("a module cannot be registered below itself") {
  const auto a = std::make_shared<Module>(), b = std::make_shared<Module>(), c = std::make_shared<Module>();
  a->register_module("b", b);
  b->register_module("c", c);
  CHECK_THROWS_WITH(c->register_module("a", a), ContainsSubstring("below itself"));
  CHECK_THROWS_WITH(c->register_module("c", c), ContainsSubstring("must not be its own child; got 'c'"));
  c->register_module("x", Linear(1, 1));
  CHECK_THROWS_WITH(c->replace_module("x", a), ContainsSubstring("below itself"));
  CHECK(a->modules().size() == 4);
  a->train();
}
