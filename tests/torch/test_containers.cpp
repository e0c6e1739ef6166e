// Containers of modules and parameters against libtorch: printed text, keys, values, clones.
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "bridge.h"
#include "catch.h"

#include <sstream>

namespace {

using Keys = std::vector<std::string>;

// The same calls on both sides: one function template, with each library's names in a struct.
struct Ours {
  using Module = taper::nn::Module;
  using Tensor = taper::Tensor;
  using Linear = taper::nn::Linear;
  using LinearImpl = taper::nn::LinearImpl;
  using LinearOptions = taper::nn::LinearOptions;
  using PReLU = taper::nn::PReLU;
  using Functional = taper::nn::Functional;
  using BatchNorm1d = taper::nn::BatchNorm1d;
  using Sequential = taper::nn::Sequential;
  using ModuleList = taper::nn::ModuleList;
  using ModuleDict = taper::nn::ModuleDict;
  using ModuleDictImpl = taper::nn::ModuleDictImpl;
  using ParameterList = taper::nn::ParameterList;
  using ParameterDict = taper::nn::ParameterDict;
  using AnyModule = taper::nn::AnyModule;
  template <class V>
  using Dict = taper::OrderedDict<std::string, V>;
  static Tensor ones(std::vector<int64_t> sizes) { return taper::ones(sizes); }
  static Tensor randn(std::vector<int64_t> sizes) { return taper::randn(sizes); }
  static void manual_seed(uint64_t seed) { taper::manual_seed(seed); }
  static Tensor relu(const Tensor& x) { return taper::relu(x); }
  static constexpr auto kDouble = taper::kDouble;
  static constexpr auto kLong = taper::kLong;
};
struct Theirs {
  using Module = torch::nn::Module;
  using Tensor = torch::Tensor;
  using Linear = torch::nn::Linear;
  using LinearImpl = torch::nn::LinearImpl;
  using LinearOptions = torch::nn::LinearOptions;
  using PReLU = torch::nn::PReLU;
  using Functional = torch::nn::Functional;
  using BatchNorm1d = torch::nn::BatchNorm1d;
  using Sequential = torch::nn::Sequential;
  using ModuleList = torch::nn::ModuleList;
  using ModuleDict = torch::nn::ModuleDict;
  using ModuleDictImpl = torch::nn::ModuleDictImpl;
  using ParameterList = torch::nn::ParameterList;
  using ParameterDict = torch::nn::ParameterDict;
  using AnyModule = torch::nn::AnyModule;
  template <class V>
  using Dict = torch::OrderedDict<std::string, V>;
  static Tensor ones(std::vector<int64_t> sizes) { return torch::ones(sizes); }
  static Tensor randn(std::vector<int64_t> sizes) { return torch::randn(sizes); }
  static void manual_seed(uint64_t seed) { torch::manual_seed(seed); }
  static Tensor relu(const Tensor& x) { return torch::relu(x); }
  static constexpr auto kDouble = torch::kDouble;
  static constexpr auto kLong = torch::kLong;
};

template <class Module>
std::string text_of(const Module& module) {
  std::ostringstream stream;
  stream << module;
  std::string text = stream.str();
  for (size_t at; (at = text.find("torch::nn::")) != std::string::npos;) text.replace(at, 5, "taper");
  return text;
}

// What both sides must agree on.
template <class L>
struct Facts {
  std::string text;
  Keys parameters, buffers, modules;
  std::vector<typename L::Tensor> values;

  explicit Facts(const typename L::Module& module)
      : text(text_of(module)),
        parameters(module.named_parameters().keys()),
        buffers(module.named_buffers().keys()),
        modules(module.named_modules("root", /*include_self=*/false).keys()),
        values(module.parameters()) {}
};

void check_same(const Facts<Ours>& a, const Facts<Theirs>& b) {
  CHECK(a.text == b.text);
  CHECK(a.parameters == b.parameters);
  CHECK(a.buffers == b.buffers);
  CHECK(a.modules == b.modules);
  REQUIRE(a.values.size() == b.values.size());
  for (size_t i = 0; i < a.values.size(); ++i) {
    CHECK(bridge::max_difference(a.values[i], b.values[i]) == 0);
    CHECK(a.values[i].requires_grad() == b.values[i].requires_grad());
  }
}

template <class L>
typename L::ModuleDict module_dict() {
  L::manual_seed(3);
  typename L::template Dict<std::shared_ptr<typename L::Module>> modules = {{"fc", typename L::Linear(3, 4).ptr()},
                                                                            {"act", typename L::PReLU().ptr()}};
  typename L::ModuleDict dict(modules);
  typename L::ModuleDict more(std::vector<std::pair<std::string, std::shared_ptr<typename L::Module>>>{
      {"fc", typename L::Linear(typename L::LinearOptions(2, 2).bias(false)).ptr()},
      {"body", typename L::Sequential(typename L::Linear(2, 1), typename L::BatchNorm1d(1)).ptr()}});
  dict->update(*more);
  return dict;
}

template <class L>
typename L::ParameterList parameter_list() {
  L::manual_seed(4);
  typename L::ParameterList list(L::randn({2, 3}), L::ones({2}).set_requires_grad(true));
  list->append(L::ones({}).to(L::kDouble));
  list->extend(std::vector<typename L::Tensor>{L::randn({1}).to(L::kLong), L::ones({2, 0, 3})});
  return list;
}

template <class L>
typename L::ParameterDict parameter_dict() {
  L::manual_seed(5);
  typename L::template Dict<typename L::Tensor> tensors = {{"w", L::randn({2, 3})}, {"b", L::ones({2})}};
  typename L::ParameterDict dict(tensors);
  dict->insert("scale", L::randn({4}).set_requires_grad(true));
  typename L::template Dict<typename L::Tensor> changed = {{"b", L::randn({1})}};
  dict->update(changed);
  dict->pop("w");
  return dict;
}

template <class L>
typename L::Sequential nested() {
  L::manual_seed(6);
  typename L::Sequential net({{"list", typename L::Linear(2, 2)}, {"act", typename L::Functional(L::relu)}});
  net->push_back("any", typename L::AnyModule(typename L::BatchNorm1d(2)));
  net->register_module("parameters", parameter_list<L>());
  net->register_module("by_name", parameter_dict<L>());
  net->register_module("dict", module_dict<L>());
  net->register_module("more", typename L::ModuleList(typename L::Linear(1, 1), module_dict<L>()));
  return net;
}

}  // namespace

TEST_CASE("ModuleDict prints, lists and initialises as in libtorch") {
  check_same(Facts<Ours>(*module_dict<Ours>()), Facts<Theirs>(*module_dict<Theirs>()));
}

TEST_CASE("ParameterList and ParameterDict print and list as in libtorch") {
  check_same(Facts<Ours>(*parameter_list<Ours>()), Facts<Theirs>(*parameter_list<Theirs>()));
  check_same(Facts<Ours>(*parameter_dict<Ours>()), Facts<Theirs>(*parameter_dict<Theirs>()));
}

TEST_CASE("containers in containers print and list as in libtorch") {
  check_same(Facts<Ours>(*nested<Ours>()), Facts<Theirs>(*nested<Theirs>()));
}

TEST_CASE("a clone of a ModuleDict has what libtorch's has") {
  auto ours = module_dict<Ours>();
  auto theirs = module_dict<Theirs>();
  const auto our_clone = ours->clone();
  const auto their_clone = theirs->clone();
  check_same(Facts<Ours>(*our_clone), Facts<Theirs>(*their_clone));
  const auto& a = dynamic_cast<const taper::nn::ModuleDictImpl&>(*our_clone);
  const auto& b = dynamic_cast<const torch::nn::ModuleDictImpl&>(*their_clone);
  CHECK(a.keys() == b.keys());
  CHECK(a["fc"] != ours["fc"]);
  CHECK(b["fc"] != theirs["fc"]);
}

// Where libtorch fails, and taper does not.
TEST_CASE("parameter containers can be cloned, which libtorch refuses") {
  CHECK_THROWS(parameter_list<Theirs>()->clone());
  CHECK_THROWS(parameter_dict<Theirs>()->clone());
  check_same(Facts<Ours>(*parameter_list<Ours>()->clone()), Facts<Theirs>(*parameter_list<Theirs>()));
  check_same(Facts<Ours>(*parameter_dict<Ours>()->clone()), Facts<Theirs>(*parameter_dict<Theirs>()));
}
