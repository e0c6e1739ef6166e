// ParameterList and ParameterDict.
#include "catch.h"
#include "support/text.h"

#include <taper/core/factories.h>
#include <taper/layers/nn.h>
#include <taper/serialize/serialize.h>

#include <sstream>

using namespace taper;
using namespace support;

namespace {

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a ParameterList holds the tensors themselves, named by number") {
  const Tensor w = ones({2, 3}, requires_grad()), b = zeros({3});
  nn::ParameterList list(w, b);
  list->append(ones({1}, kInt64));
  CHECK(list->size() == 3);
  CHECK(list[0].is_same(w));
  CHECK(list[0].requires_grad());
  CHECK_FALSE(list[1].requires_grad());
  CHECK(list->named_parameters().keys() == Keys{"0", "1", "2"});
  list->extend(*list);
  CHECK(list->size() == 6);
  *list += std::vector<Tensor>{ones({2}), ones({2})};
  CHECK(list->state_dict().keys() == Keys{"0", "1", "2", "3", "4", "5", "6", "7"});
  for (auto& item : *list) item.value() = ones({1});
  CHECK(list->at(7).size(0) == 1);
  CHECK_THROWS_WITH(list->at(8), ContainsSubstring("index 8 and size 8"));
  CHECK(nn::ParameterList()->is_empty());
}

TEST_CASE("a ParameterDict holds the tensors themselves, by name") {
  const Tensor w = ones({2, 3}, requires_grad());
  OrderedDict<std::string, Tensor> tensors{{"w", w}, {"b", zeros({3})}};
  nn::ParameterDict dict(tensors);
  CHECK(dict["w"].is_same(w));
  CHECK(dict->keys() == Keys{"w", "b"});
  CHECK(dict->get("w").requires_grad());
  dict->insert("scale", ones({1}));
  CHECK_THROWS_WITH(dict->insert("scale", ones({1})), ContainsSubstring("'scale' is already registered"));
  CHECK_THROWS_AS(dict->insert("a.b", ones({1})), ValueError);
  dict->update(OrderedDict<std::string, Tensor>{{"b", ones({3})}, {"new", ones({1})}});
  CHECK(dict->keys() == Keys{"w", "b", "scale", "new"});
  CHECK(dict["b"].sum().item<float>() == 3);
  CHECK(dict->pop("w").is_same(w));
  CHECK_FALSE(dict->contains("w"));
  CHECK_THROWS_AS(dict->pop("w"), IndexError);
  CHECK_THROWS_AS(dict["w"], IndexError);
  CHECK(dict->values().size() == 3);
  dict->clear();
  CHECK(dict->empty());
}

TEST_CASE("clones of parameter containers are deep and keep dtypes, requires_grad and ties") {
  const Tensor w = ones({2}, requires_grad());
  nn::ParameterList list(w, w, ones({1}, kInt64), Tensor());
  const auto copy = std::dynamic_pointer_cast<nn::ParameterListImpl>(list->clone());
  CHECK(copy->size() == 4);
  CHECK(copy->at(0).equal(w));
  CHECK(copy->at(0).requires_grad());
  CHECK_FALSE(copy->at(0).is_alias_of(w));
  CHECK(copy->at(1).is_same(copy->at(0)));
  CHECK(copy->at(2).dtype() == kInt64);
  CHECK_FALSE(copy->at(2).requires_grad());
  CHECK_FALSE(copy->at(3).defined());

  nn::ParameterDict dict;
  dict->insert("w", w);
  dict->insert("n", ones({1}));
  dict->eval();
  const auto other = std::dynamic_pointer_cast<nn::ParameterDictImpl>(dict->clone());
  CHECK(other->keys() == dict->keys());
  CHECK(other->get("w").requires_grad());
  CHECK_FALSE(other->get("n").requires_grad());
  CHECK_FALSE(other->get("w").is_alias_of(w));
  CHECK_FALSE(other->is_training());
}

TEST_CASE("parameter containers are saved by PyTorch's keys, trained and converted with their model") {
  struct NetImpl : nn::Cloneable<NetImpl> {
    NetImpl() { NetImpl::reset(); }
    void reset() override {
      list = register_module("list", nn::ParameterList(ones({2}, requires_grad()), ones({2}, requires_grad())));
      dict = register_module("dict", nn::ParameterDict());
      dict->insert("a", full({2}, 3.0).requires_grad_());
    }
    Tensor forward(const Tensor& x) { return x * list[0] + list[1] * dict["a"]; }
    nn::ParameterList list{nullptr};
    nn::ParameterDict dict{nullptr};
  };
  const auto net = std::make_shared<NetImpl>(), other = std::make_shared<NetImpl>();
  CHECK(net->state_dict().keys() == Keys{"list.0", "list.1", "dict.a"});
  net->forward(ones({2})).sum().backward();
  CHECK(net->dict["a"].grad().equal(ones({2})));
  net->zero_grad();
  {
    NoGradGuard no_grad;
    net->dict["a"].fill_(7);
  }
  std::stringstream stream;
  save(net, stream);
  load(other, stream);
  CHECK(other->dict["a"].equal(full({2}, 7.0)));
  const auto copy = std::dynamic_pointer_cast<NetImpl>(net->clone());
  CHECK(copy->forward(ones({2})).equal(net->forward(ones({2}))));
  CHECK_FALSE(copy->list[0].is_alias_of(net->list[0]));
  net->to(kFloat64);
  CHECK(net->list[1].dtype() == kFloat64);
}

TEST_CASE("parameter containers print dtype and sizes") {
  nn::ParameterList list(ones({2, 3}), ones({}, kInt64), Tensor());
  CHECK(printed(*list) ==
        "taper::nn::ParameterList(\n(0): Parameter containing: [Float of size [2, 3]]\n"
        "(1): Parameter containing: [Long of size []]\n(2): Parameter containing: [undefined]\n)");
  CHECK(printed(*nn::ParameterDict()) == "taper::nn::ParameterDict(\n)");
}
