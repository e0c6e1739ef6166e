// Containers of modules and parameters against libtorch: printed text, keys, values, clones.
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "bridge.h"
#include "catch.h"

namespace {

using Keys = std::vector<std::string>;

// The same calls on both sides: one function template, with each library's names in a struct.
#define SIDE(Side, library)                                                           \
  struct Side {                                                                       \
    using Tensor = library::Tensor;                                                   \
    using Module = library::nn::Module;                                               \
    using Linear = library::nn::Linear;                                               \
    using LinearImpl = library::nn::LinearImpl;                                       \
    using LinearOptions = library::nn::LinearOptions;                                 \
    using PReLU = library::nn::PReLU;                                                 \
    using Functional = library::nn::Functional;                                       \
    using BatchNorm1d = library::nn::BatchNorm1d;                                     \
    using Sequential = library::nn::Sequential;                                       \
    using ModuleList = library::nn::ModuleList;                                       \
    using ModuleDict = library::nn::ModuleDict;                                       \
    using ModuleDictImpl = library::nn::ModuleDictImpl;                               \
    using ParameterList = library::nn::ParameterList;                                 \
    using ParameterDict = library::nn::ParameterDict;                                 \
    using AnyModule = library::nn::AnyModule;                                         \
    template <class V>                                                                \
    using Dict = library::OrderedDict<std::string, V>;                                \
    static Tensor ones(std::vector<int64_t> sizes) { return library::ones(sizes); }   \
    static Tensor randn(std::vector<int64_t> sizes) { return library::randn(sizes); } \
    static void manual_seed(uint64_t seed) { library::manual_seed(seed); }            \
    static Tensor relu(const Tensor& x) { return library::relu(x); }                  \
    static constexpr auto kDouble = library::kDouble;                                 \
    static constexpr auto kLong = library::kLong;                                     \
  };
SIDE(Ours, taper)
SIDE(Theirs, torch)
#undef SIDE

template <class Module>
std::string text_of(const Module& module) {
  std::string text = support::printed(module);
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
