#include "catch.h"
#include "support/text.h"

#include <taper/core/factories.h>
#include <taper/layers/nn.h>

using namespace taper;
using namespace support;

namespace {

using Pairs = std::vector<std::pair<std::string, std::shared_ptr<nn::Module>>>;
using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a ModuleDict keeps modules by name, in the order of insertion") {
  nn::ModuleDict dict(Pairs{{"b", nn::Linear(2, 3).ptr()}, {"a", nn::ReLU().ptr()}});
  CHECK(dict->keys() == Keys{"b", "a"});
  CHECK(dict->size() == 2);
  CHECK_FALSE(dict->empty());
  CHECK(dict->at<nn::LinearImpl>("b").forward(ones({1, 2})).size(1) == 3);
  CHECK(dict->contains("a"));
  CHECK_FALSE(dict->contains("c"));
  Keys seen;
  for (const auto& [key, module] : *dict) seen.push_back(key + module->name());
  CHECK(seen == Keys{"btaper::nn::LinearImpl", "ataper::nn::ReLUImpl"});
  CHECK(dict->named_parameters().keys() == Keys{"b.weight", "b.bias"});
  CHECK_THROWS_WITH(dict["c"], ContainsSubstring("'c' is not defined"));
  CHECK_THROWS_WITH(dict->at<nn::ReLUImpl>("b"), ContainsSubstring("LinearImpl"));
}

TEST_CASE("update of a ModuleDict replaces what has the name, in its place") {
  nn::ModuleDict dict(Pairs{{"a", nn::ReLU().ptr()}, {"b", nn::Tanh().ptr()}});
  const std::shared_ptr<nn::Module> old = dict["a"];
  nn::ModuleDict other(Pairs{{"a", nn::Linear(1, 1).ptr()}, {"c", nn::ReLU().ptr()}});
  dict->update(*other);
  CHECK(dict->keys() == Keys{"a", "b", "c"});
  CHECK(dict["a"] == other["a"]);
  CHECK(old->path().empty());
  CHECK_THROWS_AS(dict->update(Pairs{{"d", nullptr}}), ValueError);
  CHECK_THROWS_AS(dict->update(Pairs{{"x.y", nn::ReLU().ptr()}}), ValueError);
  CHECK_THROWS_AS(dict->update(Pairs{{"self", dict.ptr()}}), ValueError);
  CHECK(dict->size() == 3);
}

TEST_CASE("what is popped or cleared from a ModuleDict is no child any more") {
  nn::ModuleDict dict(Pairs{{"a", nn::Linear(1, 1).ptr()}, {"b", nn::Linear(1, 1).ptr()}});
  const auto popped = dict->pop("a");
  CHECK(popped->as<nn::Linear>() != nullptr);
  CHECK(dict->parameters().size() == 2);
  CHECK_THROWS_AS(dict->pop("a"), IndexError);
  dict->clear();
  CHECK(dict->empty());
  CHECK(dict->parameters().empty());
}

TEST_CASE("a clone of a ModuleDict is deep and keeps names, mode and ties") {
  nn::Linear tied(2, 2);
  nn::ModuleDict dict(Pairs{{"a", tied.ptr()}, {"again", tied.ptr()}, {"b", nn::ReLU().ptr()}});
  dict->eval();
  const auto copy = std::dynamic_pointer_cast<nn::ModuleDictImpl>(dict->clone());
  CHECK(copy->keys() == dict->keys());
  CHECK_FALSE((*copy)["b"]->is_training());
  CHECK((*copy)["a"] == (*copy)["again"]);
  CHECK((*copy)["a"] != dict["a"]);
  CHECK(copy->at<nn::LinearImpl>("a").weight.equal(tied->weight));
  {
    NoGradGuard no_grad;
    copy->at<nn::LinearImpl>("a").weight.zero_();
  }
  CHECK_FALSE(copy->at<nn::LinearImpl>("a").weight.equal(tied->weight));
}

TEST_CASE("a module with a ModuleDict that is filled later is cloned with it") {
  struct NetImpl : nn::Cloneable<NetImpl> {
    NetImpl() { NetImpl::reset(); }
    void reset() override { dict = register_module("dict", nn::ModuleDict()); }
    nn::ModuleDict dict{nullptr};
  };
  NetImpl net;
  net.dict->update(Pairs{{"fc", nn::Linear(2, 2).ptr()}});
  const auto copy = std::dynamic_pointer_cast<NetImpl>(net.clone());
  CHECK(copy->named_parameters().keys() == Keys{"dict.fc.weight", "dict.fc.bias"});
  CHECK(copy->dict["fc"] != net.dict["fc"]);
  CHECK(copy->dict["fc"]->path() == "dict.fc");
}

TEST_CASE("a ModuleDict prints its modules") {
  nn::ModuleDict dict(Pairs{{"act", nn::ReLU().ptr()}});
  CHECK(printed(*dict) == "taper::nn::ModuleDict(\n  (act): taper::nn::ReLU()\n)");
  CHECK(printed(*nn::ModuleDict()) == "taper::nn::ModuleDict");
}
