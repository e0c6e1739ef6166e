#include "catch.h"
#include "support/scopes.h"
#include "support/text.h"

#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

using namespace taper;
using namespace support;

namespace {

struct AddImpl : nn::Module {
  Tensor forward(const Tensor& a, Tensor b) { return a + b; }
};
TAPER_MODULE(Add);

struct SplitImpl : nn::Module {
  std::tuple<Tensor, Tensor> forward(Tensor x) { return {x, x * 2}; }
};
TAPER_MODULE(Split);

struct ScaleImpl : nn::Module {
  Tensor forward(const Tensor& x, double factor) { return x * factor; }
};
TAPER_MODULE(Scale);

// Stands for BatchNorm in the question of redundant biases.
struct CentreImpl : nn::Module, nn::detail::RemovesChannelMean {
  Tensor forward(const Tensor& x) { return x; }
};
TAPER_MODULE(Centre);

}  // namespace

TEST_CASE("Sequential calls its modules in order") {
  nn::Linear a(3, 4), b(4, 2);
  nn::Sequential seq(a, nn::ReLU(), b);
  const Tensor x = randn({5, 3});
  CHECK(seq->forward(x).equal(b(relu(a(x)))));
  CHECK(seq(x).equal(seq->forward(x)));
  CHECK(seq->size() == 3);
  CHECK(!seq->is_empty());
}

TEST_CASE("Sequential takes holders, shared_ptrs, values and other Sequentials") {
  nn::Sequential inner(nn::Linear(4, 4), nn::Tanh());
  nn::Sequential seq(nn::LinearImpl(3, 4), std::make_shared<nn::ReLUImpl>(), inner, nn::Softmax(1));
  CHECK(seq->forward(randn({2, 3})).sum().item<double>() == Approx(2));
  CHECK(seq->named_parameters().keys() == std::vector<std::string>{"0.weight", "0.bias", "2.0.weight", "2.0.bias"});
}

TEST_CASE("Sequential names its modules by number or as told") {
  nn::Sequential named({{"fc", nn::Linear(3, 4)}, {"act", nn::ReLU()}});
  CHECK(named->named_children().keys() == std::vector<std::string>{"fc", "act"});
  named->push_back("out", nn::Linear(4, 1));
  named->push_back(nn::Sigmoid());
  CHECK(named->named_children().keys() == std::vector<std::string>{"fc", "act", "out", "3"});
  nn::Sequential one({{"fc", nn::Linear(3, 4)}});
  CHECK(one->named_children().keys() == std::vector<std::string>{"fc"});
  CHECK_THROWS_WITH(one->push_back("fc", nn::ReLU()), ContainsSubstring("'fc' is already registered"));
  CHECK(one->size() == 1);
}

TEST_CASE("Sequential gives its modules by index and type") {
  nn::Sequential seq(nn::Linear(3, 4), nn::ReLU());
  CHECK(seq->at<nn::LinearImpl>(0).weight.size(0) == 4);
  CHECK(seq->ptr(1)->name() == "taper::nn::ReLUImpl");
  CHECK(seq->ptr<nn::ReLUImpl>(1) == seq[1]);
  CHECK_THROWS_WITH(seq->at<nn::ReLUImpl>(0), ContainsSubstring("LinearImpl") && ContainsSubstring("ReLUImpl"));
  CHECK_THROWS_AS(seq->ptr(2), IndexError);
  int count = 0;
  for (auto& module : *seq) count += module.ptr() ? 1 : 0;
  CHECK(count == 2);
  nn::Sequential more;
  more->extend(*seq);
  CHECK(more->size() == 2);
}

TEST_CASE("the first module may take several arguments and the last return another type") {
  nn::Sequential seq{Add(), Split()};
  const auto [x, y] = seq->forward<std::tuple<Tensor, Tensor>>(ones({2}), ones({2}));
  CHECK(x.equal(full({2}, 2.)));
  CHECK(y.equal(full({2}, 4.)));
  CHECK(nn::Sequential(Scale())->forward(ones({1}), 3.0).item<double>() == 3);
}

TEST_CASE("wrong arguments and results of a Sequential are errors that name the types") {
  CHECK_THROWS_WITH(nn::Sequential()->forward(ones({1})), ContainsSubstring("empty"));
  CHECK_THROWS_WITH(nn::Sequential(Add())->forward(ones({1})), ContainsSubstring("2 argument(s); got 1"));
  CHECK_THROWS_WITH(nn::Sequential(Scale())->forward(ones({1}), 3),
                    ContainsSubstring("double") && ContainsSubstring("int"));
  CHECK_THROWS_WITH(nn::Sequential(Split())->forward(ones({1})),
                    ContainsSubstring("tuple") && ContainsSubstring("Tensor"));
  CHECK_THROWS_WITH(nn::Sequential(Split(), nn::ReLU())->forward(ones({1})), ContainsSubstring("ReLU"));
}

TEST_CASE("an error in a nested Sequential names the layer by its path") {
  struct NetImpl : nn::Module {
    NetImpl() {
      body = register_module("body",
                             nn::Sequential({{"first", nn::Linear(3, 4)}, {"rest", nn::Sequential(nn::Linear(5, 1))}}));
    }
    nn::Sequential body{nullptr};
  };
  auto net = std::make_shared<NetImpl>();
  CHECK_THROWS_WITH(net->body->forward(ones({2, 3})), ContainsSubstring("(in module body.rest.0)"));
}

TEST_CASE("a clone of a Sequential keeps names, modes and shared modules") {
  nn::Linear shared(3, 3);
  nn::Sequential seq({{"a", shared}, {"act", nn::ReLU()}, {"b", shared}});
  seq->eval();
  auto copy = std::dynamic_pointer_cast<nn::SequentialImpl>(seq->clone());
  CHECK(copy->named_children().keys() == std::vector<std::string>{"a", "act", "b"});
  CHECK(!copy->is_training());
  CHECK(copy->ptr(0) == copy->ptr(2));
  CHECK(copy->ptr(0) != seq->ptr(0));
  const Tensor x = randn({2, 3});
  CHECK(copy->forward(x).equal(seq->forward(x)));
}

TEST_CASE("Sequential prints its modules") {
  CHECK(printed(*nn::Sequential(nn::Linear(3, 4), nn::Sequential(nn::ReLU()))) ==
        "taper::nn::Sequential(\n  (0): taper::nn::Linear(in_features=3, out_features=4, bias=true)\n"
        "  (1): taper::nn::Sequential(\n    (0): taper::nn::ReLU()\n  )\n)");
  CHECK(printed(*nn::Sequential()) == "taper::nn::Sequential");
}

TEST_CASE("a bias that the next layer removes is warned of once, with both names") {
  const CatchWarnings caught;
  nn::detail::allow_redundant_bias_warning();
  nn::Sequential fine(nn::Linear(nn::LinearOptions(3, 4).bias(false)), Centre(), nn::Linear(4, 2), nn::ReLU(),
                      Centre());
  CHECK(caught.messages.size() == 0);
  nn::Sequential wasteful({{"fc", nn::Linear(3, 4)}, {"norm", Centre()}});
  CHECK(caught.messages.size() == 1);
  CHECK_THAT(caught.messages[0],
             ContainsSubstring("'fc'") && ContainsSubstring("'norm'") && ContainsSubstring("bias(false)"));
  nn::Sequential again(nn::Linear(3, 4), Centre());
  CHECK(caught.messages.size() == 1);
  nn::detail::allow_redundant_bias_warning();
  nn::Sequential real(nn::Linear(3, 4), nn::BatchNorm1d(4));
  CHECK(caught.messages.size() == 2);
}

TEST_CASE("ModuleList holds modules, registers them by position and clones") {
  nn::ModuleList list(nn::Linear(3, 4), nn::ReLU());
  list->push_back(nn::Linear(4, 5));
  list->insert(1, nn::Sigmoid());
  CHECK(list->size() == 4);
  CHECK(list->named_children().keys() == std::vector<std::string>{"0", "1", "2", "3"});
  CHECK(list[1]->as<nn::Sigmoid>());
  CHECK(list[2]->as<nn::ReLU>());
  CHECK(list->named_parameters().keys() == std::vector<std::string>{"0.weight", "0.bias", "3.weight", "3.bias"});
  CHECK(list->at<nn::LinearImpl>(3).weight.size(0) == 5);
  CHECK(list->ptr(3)->path() == "3");
  CHECK_THROWS_AS(list->ptr(4), IndexError);
  CHECK_THROWS_AS(list->at<nn::ReLUImpl>(0), TypeError);
  nn::ModuleList more;
  more->extend(*list);
  CHECK(more->size() == 4);
  auto copy = std::dynamic_pointer_cast<nn::ModuleListImpl>(list->clone());
  CHECK(copy->at<nn::LinearImpl>(0).weight.equal(list->at<nn::LinearImpl>(0).weight));
  CHECK(copy->ptr(0) != list->ptr(0));
  CHECK_THAT(printed(*list), ContainsSubstring("taper::nn::ModuleList(\n  (0): taper::nn::Linear"));
}
