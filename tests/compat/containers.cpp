// Modules, their containers and dictionaries in every spelling.
#include <torch/torch.h>

#include <iostream>

using torch::OrderedDict;
namespace nn = torch::nn;

// forward with default arguments, as a Sequential may call it.
struct ScaleImpl : nn::Module {
  torch::Tensor forward(torch::Tensor x, double factor = 2, int64_t shift = 1) { return x * factor + shift; }

 protected:
  FORWARD_HAS_DEFAULT_ARGS({1, torch::nn::AnyValue(2.0)}, {2, torch::nn::AnyValue(int64_t{1})})
};
TORCH_MODULE(Scale);

struct CountImpl : nn::Module {
  int forward(torch::Tensor x) { return static_cast<int>(x.numel()); }
};
TORCH_MODULE(Count);

struct BlockImpl : nn::Cloneable<BlockImpl> {
  explicit BlockImpl(int64_t n) : width(n) { reset(); }
  void reset() override {
    fc = register_module("fc", nn::Linear(width, width));
    scale = register_parameter("scale", torch::ones({width}));
    seen = register_buffer("seen", torch::zeros({1}, torch::kLong));
  }
  void pretty_print(std::ostream& stream) const override { stream << "Block(" << width << ")"; }
  torch::Tensor forward(torch::Tensor x) {
    seen += 1;
    return fc(x) * scale;
  }
  int64_t width;
  nn::Linear fc{nullptr};
  torch::Tensor scale, seen;
};
TORCH_MODULE(Block);

template <class T>
static void print(const char* title, const T& list) {
  std::cout << title << ':';
  for (const auto& item : list) std::cout << ' ' << item;
  std::cout << '\n';
}

template <class F>
static void fails(const char* what, F f) {
  try {
    f();
    std::cout << what << ": fine\n";
  } catch (const c10::Error& error) {
    std::cout << what << ": " << (error.msg().empty() ? "without words" : "an error") << '\n';
  }
}

static void ordered_dict() {
  OrderedDict<std::string, int> dict("Number");
  dict.reserve(3);
  int& one = dict.insert("one", 1);
  one += 10;
  dict.insert("two", 2);
  dict.update({{"three", 3}, {"four", 4}});
  dict["two"] = 22;
  dict[2].value() = 33;
  *dict[3] += 1;
  for (auto& item : dict) std::cout << item.key() << '=' << item.value() << ' ' << item.pair().first << ' ';
  std::cout << dict.front().key() << dict.back().value() << dict.size() << dict.contains("one") << dict.is_empty();
  std::cout << (dict.find("none") == nullptr) << *dict.find("one") << dict.key_description() << '\n';
  dict.erase("two");
  print("keys", dict.keys());
  print("values", dict.values());
  for (const auto& pair : dict.pairs()) std::cout << pair.first << pair.second << ' ';
  std::cout << dict["four"] << dict.items().size() << '\n';
  OrderedDict<std::string, int> other = dict;
  std::cout << (other == dict);
  other.clear();
  std::cout << (other == dict) << other.is_empty() << '\n';
  fails("insert twice", [&] { dict.insert("one", 1); });
  fails("absent", [&] { dict["none"]; });
  fails("erase absent", [&] { dict.erase("none"); });
  fails("beyond the end", [&] { dict[7]; });
}

static void any_modules() {
  nn::AnyModule any, linear(nn::Linear(2, 3)), impl(nn::LinearImpl(3, 1));
  std::cout << any.is_empty() << linear.is_empty();
  any = nn::AnyModule(Scale());
  any = std::make_shared<nn::ReLUImpl>();
  any = linear;
  std::cout << any.ptr()->name().size() << (any.ptr() == linear.ptr()) << any.get<nn::LinearImpl>().weight.sizes()
            << any.get<nn::Linear>()->bias.sizes() << any.ptr<nn::LinearImpl>()->options.bias() << '\n';
  const auto x = torch::ones({1, 2});
  std::cout << any.forward(x) << linear.any_forward(x).get<torch::Tensor>().equal(any.forward<torch::Tensor>(x));
  nn::AnyModule copy = linear.clone();
  std::cout << (copy.ptr() == linear.ptr()) << copy.forward(x).equal(linear.forward(x))
            << (copy.type_info() == typeid(nn::LinearImpl)) << nn::AnyModule(Count()).forward<int>(x) << '\n';
  const nn::AnyValue constant(std::string("text"));
  nn::AnyValue value = constant;
  std::cout << (value.try_get<int>() == nullptr) << value.get<std::string>()
            << (value.type_info() == typeid(std::string)) << nn::AnyValue(constant).get<std::string>() << '\n';
  fails("empty", [] { nn::AnyModule().forward(torch::ones(1)); });
  fails("pointer of an empty one", [] { nn::AnyModule().ptr(); });
  fails("wrong argument", [&] { linear.forward(1); });
  fails("wrong number", [&] { linear.forward(x, x); });
  fails("wrong result", [&] { linear.forward<int>(x); });
  fails("wrong module", [&] { linear.get<nn::ReLUImpl>(); });
  fails("wrong value", [&] { value.get<int>(); });
}

static void sequentials() {
  const auto x = torch::ones({1, 2});
  nn::Sequential named({{"fc", nn::Linear(2, 4)}, {"act", nn::Functional(torch::relu)}, {"out", nn::Linear(4, 1)}});
  OrderedDict<std::string, nn::AnyModule> modules;
  modules.insert("block", nn::AnyModule(Block(2)));
  modules.insert("scale", nn::AnyModule(Scale()));
  nn::Sequential of_dict(std::move(modules));
  std::cout << named << '\n' << of_dict << '\n' << named->forward(x) << of_dict->forward(x) << '\n';
  nn::NamedAnyModule one("one", nn::Dropout(0.5));
  nn::Sequential seq({one, nn::NamedAnyModule("two", nn::AnyModule(Scale()))});
  seq->push_back("three", nn::Linear(2, 2));
  seq->push_back(nn::ReLUImpl());
  seq->push_back(std::make_shared<nn::TanhImpl>());
  seq->push_back(nn::AnyModule(nn::Functional(torch::elu, 1.0, 1.0, 0.5)));
  std::string name = "six";
  seq->push_back(name, nn::LinearImpl(2, 3));
  seq->extend(std::vector<nn::AnyModule>{nn::AnyModule(nn::Linear(3, 3)), nn::AnyModule(Count())});
  print("children", seq->named_children().keys());
  seq->eval();
  std::cout << seq << '\n' << seq->size() << seq->is_empty() << seq->forward<int>(x) << one.name() << '\n';
  for (auto& module : *seq) std::cout << module.ptr()->parameters().size();
  std::cout << seq->at<nn::LinearImpl>(2).weight.sizes() << seq->ptr<nn::LinearImpl>(2)->bias.sizes()
            << seq[2]->parameters().size() << (seq->ptr(3)->as<nn::ReLU>() != nullptr) << '\n';
  fails("index", [&] { seq->ptr(20); });
  fails("type", [&] { seq->at<nn::ReLUImpl>(2); });
  fails("empty", [&] { nn::Sequential()->forward(x); });
  nn::Sequential empty;
  std::cout << empty << empty->is_empty() << '\n';
  std::cout << nn::Sequential(Scale())->forward(x) << nn::Sequential(Scale())->forward(x, 3.0)
            << nn::Sequential(Scale())->forward(x, 3.0, int64_t{5}) << '\n';
  fails("too many", [&] { nn::Sequential(Scale())->forward(x, 3.0, int64_t{5}, 1); });
  fails("none", [&] { nn::Sequential(Scale())->forward(); });
}

static void module_containers() {
  nn::ModuleList list(nn::Linear(1, 2), nn::ReLU());
  list->push_back(nn::TanhImpl());
  list->insert(3, nn::Sigmoid());
  list->insert(4, nn::SigmoidImpl());
  list->extend(*nn::ModuleList(Scale(), Block(2)));
  std::cout << list << list->size() << list->is_empty() << list->at<nn::LinearImpl>(0).weight.sizes() << '\n';
  print("keys of the list", list->named_parameters().keys());

  OrderedDict<std::string, std::shared_ptr<nn::Module>> modules = {
      {"fc", nn::Linear(2, 3).ptr()}, {"act", nn::PReLU().ptr()}, {"block", Block(2).ptr()}};
  nn::ModuleDict dict(modules);
  std::cout << dict << '\n' << dict->size() << dict->empty() << dict->contains("act") << dict->contains("none");
  std::cout << dict->at<nn::LinearImpl>("fc").forward(torch::ones({1, 2})).sizes() << dict["act"]->parameters().size();
  print("keys", dict->keys());
  print("parameters", dict->named_parameters().keys());
  for (const auto& item : *dict) std::cout << item.key() << item.value()->parameters().size() << ' ';
  for (const auto& item : dict->items()) std::cout << item.first << item.second->children().size() << ' ';
  std::cout << dict->values().size() << '\n';
  dict->update(std::vector<std::pair<std::string, std::shared_ptr<nn::Module>>>{{"act", nn::ReLU().ptr()}});
  nn::ModuleDict more(std::vector<std::pair<std::string, std::shared_ptr<nn::Module>>>{{"more", nn::GELU().ptr()}});
  dict->update(*more);
  dict->update(modules);
  std::cout << dict << '\n';
  const auto copy = std::dynamic_pointer_cast<nn::ModuleDictImpl>(dict->clone());
  std::cout << (*copy)["fc"]->parameters()[0].equal(dict["fc"]->parameters()[0]) << (*copy)["fc"]->parameters().size()
            << ((*copy)["fc"] == dict["fc"]) << '\n';
  const auto popped = dict->pop("fc");
  std::cout << popped->parameters().size() << dict->size() << dict->contains("fc") << '\n';
  fails("absent", [&] { dict["fc"]; });
  fails("pop of the absent", [&] { dict->pop("fc"); });
  dict->clear();
  std::cout << dict->empty() << dict->size() << '\n';
}

static void parameter_containers() {
  nn::ParameterList list(torch::ones({2, 3}), torch::zeros({4}, torch::requires_grad()));
  list->append(torch::full({1}, 5, torch::kDouble));
  list->extend(std::vector<torch::Tensor>{torch::ones({}), torch::arange(3)});
  std::cout << list << list->size() << list->is_empty() << list[1].requires_grad() << list->at(0).requires_grad();
  for (const auto& item : *list) std::cout << ' ' << item.key() << item.value().sizes();
  std::cout << '\n' << list->parameters().size() << list->named_parameters()["2"];
  nn::ParameterList other;
  other->extend(*list);
  other[0] = torch::ones({1});
  std::cout << other->size() << other->at(0) << list->at(0).sizes() << '\n';
  fails("beyond the end", [&] { list->at(5); });

  OrderedDict<std::string, torch::Tensor> tensors = {{"weight", torch::ones({2, 2})}, {"bias", torch::zeros({2})}};
  nn::ParameterDict dict(tensors);
  dict->insert("scale", torch::ones({1}).requires_grad_());
  std::cout << dict << dict->size() << dict->empty() << dict->contains("bias") << dict->get("scale").requires_grad()
            << dict["weight"].sizes() << '\n';
  print("keys", dict->keys());
  for (auto& item : *dict) std::cout << item.key() << item.value().numel() << ' ';
  OrderedDict<std::string, torch::Tensor> update = {{"bias", torch::ones({2})}};
  dict->update(update);
  dict["scale"] = torch::full({1}, 3);
  std::cout << dict["bias"] << dict->values().size() << dict->pop("weight").sizes() << dict->size() << '\n';
  fails("twice", [&] { dict->insert("bias", torch::ones(1)); });
  fails("absent", [&] { dict->get("weight"); });
  fails("pop of the absent", [&] { dict->pop("weight"); });

  struct Net : nn::Module {
    Net() : list(register_module("list", nn::ParameterList(torch::ones({1})))), dict(nn::ParameterDict()) {
      register_module("dict", dict);
      dict->insert("a", torch::ones({2}));
    }
    nn::ParameterList list;
    nn::ParameterDict dict;
  };
  const Net net;
  print("names", net.named_parameters().keys());
  dict->clear();
  std::cout << dict->empty() << dict << '\n';
}

static void modules() {
  nn::Sequential net({{"block", Block(3)}, {"body", nn::Linear(3, 2)}});
  auto block = net->ptr<BlockImpl>(0);
  print("parameters", net->named_parameters().keys());
  print("own", block->named_parameters(/*recurse=*/false).keys());
  print("buffers", net->named_buffers().keys());
  print("modules", net->named_modules("net").keys());
  print("below", net->named_modules("", false).keys());
  std::cout << net->modules().size() << net->modules(false).size() << net->children().size() << net->buffers().size()
            << block->parameters(false).size() << '\n';
  net->apply([](nn::Module& module) { std::cout << module.children().size(); });
  net->apply([](const std::string& name, nn::Module& module) { std::cout << name << module.is_training() << ' '; });
  net->apply([](const std::shared_ptr<nn::Module>& module) { std::cout << module->buffers().size(); });
  net->apply([](const std::string& name,
                const std::shared_ptr<nn::Module>& module) { std::cout << name << module->parameters().size() << ' '; },
             "root");
  net->apply([](nn::Module& module) {
    if (auto* linear = module.as<nn::Linear>()) torch::nn::init::ones_(linear->weight);
  });
  std::cout << block->fc->weight.sum().item<float>() << (net->ptr(0)->as<nn::LinearImpl>() == nullptr) << '\n';
  auto copy = std::dynamic_pointer_cast<BlockImpl>(block->clone());
  copy->fc->weight.data().zero_();
  copy->forward(torch::ones({1, 3}));
  std::cout << copy->width << block->fc->weight.sum().item<float>() << block->seen << copy->seen << '\n';
  block->fc = block->replace_module("fc", nn::Linear(nn::LinearOptions(3, 3).bias(false)));
  print("replaced", net->named_parameters().keys());
  fails("replace the absent", [&] { block->replace_module("none", nn::Linear(1, 1)); });
  block->unregister_module("fc");
  print("unregistered", net->named_parameters().keys());
  fails("unregister the absent", [&] { block->unregister_module("fc"); });
  fails("register twice", [&] { block->register_parameter("scale", torch::ones(1)); });
  fails("name with a dot", [&] { block->register_module("a.b", nn::Linear(1, 1)); });
  fails("name without letters", [&] { block->register_buffer("", torch::ones(1)); });
  net->to(torch::kDouble);
  net->to(torch::Device(torch::kCPU), torch::kDouble);
  net->to(torch::kCPU);
  net->zero_grad();
  net->train(false);
  std::cout << block->scale.scalar_type() << net->is_training() << block->is_training();
  net->train();
  std::cout << block->is_training() << '\n';
  std::cout << *net << *block << nn::Linear(1, 1) << '\n';
  nn::Module plain("plain");
  plain.register_module("inner", nn::Linear(1, 2));
  std::cout << plain << plain.name() << '\n';
  fails("clone of no Cloneable", [&] { plain.clone(); });
}

static void holders() {
  nn::Linear empty = nullptr, fc(2, 3), same = fc;
  std::cout << empty.is_empty() << static_cast<bool>(empty) << fc.is_empty() << (same.get() == fc.get())
            << (same.ptr() == fc.ptr()) << (&*fc == fc.operator->()) << '\n';
  fails("arrow", [&] { empty->forward(torch::ones({1, 2})); });
  fails("pointer", [&] { empty.ptr(); });
  empty = fc;
  same = nn::Linear(std::make_shared<nn::LinearImpl>(2, 2));
  std::cout << empty(torch::ones({1, 2})).equal(fc->forward(torch::ones({1, 2}))) << same->weight.sizes() << '\n';
  const nn::Linear constant = fc;
  std::cout << constant->weight.sizes() << (*constant).options.in_features() << constant.get()->bias.sizes() << '\n';
  static_assert(std::is_same_v<nn::Linear::Impl, nn::LinearImpl>);
  static_assert(std::is_same_v<nn::Linear::ContainedType, nn::LinearImpl>);
  Block block{nullptr};
  std::cout << block.is_empty() << nn::ModuleHolder<BlockImpl>(3)->width << '\n';
}

static void expanding_arrays() {
  torch::ExpandingArray<2> one = 3, two = {1, 2};
  torch::ExpandingArray<3, double> three = std::vector<double>{1, 2, 3};
  const std::array<int64_t, 2> values{5, 6};
  torch::ExpandingArray<2> of_array = values;
  std::cout << one << two << three << of_array << one->at(1) << (*two)[0] << two->size() << two.size() << '\n';
  fails("length", [] { std::cout << torch::ExpandingArray<2>({1, 2, 3}); });
}

int main() {
  std::cout << std::boolalpha;  // as printing a module leaves it in libtorch
  torch::manual_seed(0);
  ordered_dict();
  any_modules();
  sequentials();
  module_containers();
  parameter_containers();
  modules();
  holders();
  expanding_arrays();
}
