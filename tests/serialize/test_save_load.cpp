// taper::save and taper::load.

#include "support/files.h"
#include "support/text.h"

#include <taper/taper.h>

using namespace taper;
using namespace support;
using Dict = OrderedDict<std::string, Tensor>;

namespace {

struct BlockImpl : nn::Module {
  BlockImpl(int64_t in, int64_t out) : fc(in, out), bn(out) {
    register_module("fc", fc);
    register_module("bn", bn);
  }
  Tensor forward(const Tensor& x) { return relu(bn(fc(x))); }
  nn::Linear fc;
  nn::BatchNorm1d bn;
};
TAPER_MODULE(Block);

struct NetImpl : nn::Module {
  explicit NetImpl(int64_t width = 5) : first(4, width), head(width, 3) {
    register_module("first", first);
    register_module("head", head);
    scale = register_parameter("scale", rand({1}));
  }
  Tensor forward(const Tensor& x) { return head(first(x)) * scale; }
  Block first;
  nn::Linear head;
  Tensor scale;
};
TAPER_MODULE(Net);

// A few steps of training, so that nothing has its first value.
void train(Net& net, optim::Optimizer& optimizer, int steps) {
  for (int i = 0; i < steps; ++i) {
    optimizer.zero_grad();
    net(randn({6, 4})).square().sum().backward();
    optimizer.step();
  }
}

void check_equal(const Dict& a, const Dict& b) {
  REQUIRE(a.keys() == b.keys());
  for (const auto& item : a) {
    INFO(item.key());
    CHECK(equal(item.value(), b[item.key()]));
  }
}

}  // namespace

TEST_CASE("save, load: tensors, lists and dictionaries of tensors") {
  const Folder folder;
  const Tensor x = arange(6).view({2, 3}).t();
  save(x, folder / "tensor");
  Tensor y;
  load(y, folder / "tensor");
  CHECK(equal(x, y));
  CHECK(serialize::load_safetensors(folder / "tensor").keys() == std::vector<std::string>{"0"});

  const std::vector<Tensor> list = {ones({2}), zeros({0}), tensor(7)};
  save(list, folder / "list");
  std::vector<Tensor> loaded = {rand({1})};
  load(loaded, folder / "list");  // appends
  REQUIRE(loaded.size() == 4);
  for (size_t i = 0; i < 3; ++i) CHECK(equal(loaded[i + 1], list[i]));
  save({x, x}, folder / "list");
  load(loaded, folder / "list");
  CHECK(loaded.size() == 6);

  Dict dict, dict_loaded;
  dict.insert("b", ones({2}));
  dict.insert("a", x);
  dict_loaded.insert("old", x);
  save(dict, folder / "dict");
  load(dict_loaded, folder / "dict");
  check_equal(dict, dict_loaded);

  std::stringstream stream;
  save(list, stream);
  load(loaded, stream);
  CHECK(loaded.size() == 9);
}

TEST_CASE("save, load: a list from a file that holds something else is an error and changes nothing") {
  const Folder folder;
  Dict dict;
  for (const char* key : {"0", "1", "3"}) dict.insert(key, ones({1}));
  save(dict, folder / "file");
  std::vector<Tensor> list = {zeros({1})};
  CHECK(
      error_of([&] { load(list, folder / "file"); }) ==
      "load: " + folder.path +
          "/file: must hold tensors named 0, 1, 2, ... and no others for a std::vector; got 3 tensors: '0', '1', '3'");
  CHECK(list.size() == 1);
}

TEST_CASE("save, load: a module by holder, by pointer and by reference") {
  manual_seed(1);
  const Folder folder;
  Net net;
  optim::SGD sgd(net->parameters(), optim::SGDOptions(0.01).momentum(0.9));
  train(net, sgd, 3);
  save(net, folder / "holder");
  save(net.ptr(), folder / "pointer");
  save(std::shared_ptr<nn::Module>(net.ptr()), folder / "base");
  save(*net, folder / "reference");
  const std::string bytes = read_bytes(folder / "holder");
  for (const char* name : {"pointer", "base", "reference"}) CHECK(read_bytes(folder / name) == bytes);
  CHECK(serialize::load_safetensors(folder / "holder").keys() ==
        std::vector<std::string>{"scale", "first.fc.weight", "first.fc.bias", "first.bn.weight", "first.bn.bias",
                                 "first.bn.running_mean", "first.bn.running_var", "first.bn.num_batches_tracked",
                                 "head.weight", "head.bias"});

  Net by_holder, by_pointer, by_base, by_reference;
  const Tensor held = by_holder->head->weight;  // as an optimiser does
  load(by_holder, folder / "holder");
  CHECK(held.is_same(by_holder->head->weight));
  CHECK(held.requires_grad());
  std::shared_ptr<NetImpl> pointer = by_pointer.ptr();
  std::shared_ptr<nn::Module> base = by_base.ptr();
  load(pointer, folder / "holder");
  load(base, folder / "holder", Device(kCPU));
  load(*by_reference, folder / "holder");
  net->eval();
  const Tensor x = randn({2, 4}), y = net(x);
  for (Net other : {by_holder, by_pointer, by_base, by_reference}) {
    check_equal(other->state_dict(), net->state_dict());
    other->eval();
    CHECK(equal(other(x), y));
  }
}

TEST_CASE("save, load: a Sequential, and a module without anything to save") {
  const Folder folder;
  nn::Sequential a(nn::Linear(3, 4), nn::ReLU(), nn::BatchNorm1d(4)),
      b(nn::Linear(3, 4), nn::ReLU(), nn::BatchNorm1d(4));
  save(a, folder / "file");
  load(b, folder / "file");
  check_equal(a->state_dict(), b->state_dict());
  nn::ReLU relu;
  save(relu, folder / "relu");
  load(relu, folder / "relu");
  CHECK(serialize::load_safetensors(folder / "relu").is_empty());
}

TEST_CASE("save, load: a module that does not fit the file is told everything and left as it was") {
  const Folder folder;
  Net small(5), wide(6);
  Dict state = wide->state_dict();
  state.erase("scale");
  state.erase("head.bias");
  state.insert("tail.weight", ones({1}));
  state.insert("tail.bias", ones({1}));
  save(state, folder / "file");
  Dict before;
  for (const auto& item : small->state_dict()) before.insert(item.key(), item.value().clone());
  const std::string error = error_of([&] { load(small, folder / "file"); });
  CHECK_THAT(error, ContainsSubstring("load: " + folder.path + "/file: "));
  CHECK_THAT(error, ContainsSubstring("NetImpl, which is left as it was"));
  CHECK_THAT(error, ContainsSubstring("missing keys: scale, head.bias"));
  CHECK_THAT(error, ContainsSubstring("unexpected keys: tail.weight, tail.bias"));
  CHECK_THAT(error, ContainsSubstring("first.fc.weight ([5, 4] here, [6, 4] in the state)"));
  CHECK_THAT(error, ContainsSubstring("head.weight ([3, 5] here, [3, 6] in the state)"));
  check_equal(small->state_dict(), before);

  // A damaged file, at whatever byte it breaks off.
  save(small, folder / "file");
  const std::string bytes = read_bytes(folder / "file");
  for (size_t size = 0; size < bytes.size(); size += 37) {
    folder.write("cut", bytes.substr(0, size));
    CHECK_THROWS_AS(load(small, folder / "cut"), Error);
  }
  check_equal(small->state_dict(), before);
  CHECK_THROWS_WITH(load(small, folder / "none"), ContainsSubstring("/none: must exist"));
}

TEST_CASE("save, load: an empty holder or pointer is an error") {
  const Folder folder;
  Net none = nullptr;
  std::shared_ptr<nn::Module> null;
  CHECK_THROWS_WITH(save(none, folder / "file"), ContainsSubstring("save: the holder or pointer must hold something"));
  CHECK_THROWS_WITH(save(null, folder / "file"), ContainsSubstring("save: the holder or pointer must hold something"));
  save(ones({1}), folder / "file");
  CHECK_THROWS_WITH(load(none, folder / "file"), ContainsSubstring("load: the holder or pointer must hold something"));
  CHECK_THROWS_WITH(load(null, folder / "file"), ContainsSubstring("load: the holder or pointer must hold something"));
  CHECK_THROWS_AS(save(Tensor(), folder / "new"), Error);
  CHECK(folder.files() == 1);
}

TEST_CASE("save, load: training goes on from model, optimiser and schedule as if it had never stopped") {
  const Folder folder;
  const auto options = optim::SGDOptions(0.01).momentum(0.9).weight_decay(1e-3);
  manual_seed(3);
  Net net;
  optim::SGD sgd(net->parameters(), options);
  optim::StepLR schedule(sgd, 2, 0.5);
  for (int i = 0; i < 3; ++i) {
    train(net, sgd, 2);
    schedule.step();
  }
  save(net, folder / "net");
  save(sgd, folder / "sgd");
  save(schedule, folder / "schedule");

  Net again;
  auto again_sgd = std::make_unique<optim::SGD>(again->parameters(), options);
  optim::StepLR again_schedule(*again_sgd, 2, 0.5);
  load(again, folder / "net");
  load(again_sgd, folder / "sgd");
  load(again_schedule, folder / "schedule");
  check_equal(again_sgd->state_dict(), sgd.state_dict());
  for (int i = 0; i < 3; ++i) {
    manual_seed(10 + i);
    train(net, sgd, 2);
    schedule.step();
    manual_seed(10 + i);
    train(again, *again_sgd, 2);
    again_schedule.step();
  }
  check_equal(again->state_dict(), net->state_dict());

  const std::string error = error_of([&] { load(sgd, folder / "net"); });
  CHECK_THAT(error, ContainsSubstring("load: " + folder.path + "/net: "));
  check_equal(again_sgd->state_dict(), sgd.state_dict());
}

TEST_CASE("save, load: a checkpoint of several things, by archives") {
  const Folder folder;
  Net net, again;
  optim::SGD sgd(net->parameters(), optim::SGDOptions(0.1).momentum(0.9)), again_sgd(again->parameters(), 0.5);
  train(net, sgd, 2);
  {
    serialize::OutputArchive net_part, sgd_part, archive;
    net->save(net_part);
    sgd_part << sgd;
    archive.write("net", net_part);
    archive.write("sgd", sgd_part);
    archive.write("epoch", tensor(12));
    archive.save_to(folder / "file");
  }
  serialize::InputArchive archive, net_part, sgd_part;
  archive.load_from(folder / "file");
  archive.read("net", net_part);
  archive.read("sgd", sgd_part);
  again->load(net_part);
  sgd_part >> again_sgd;
  Tensor epoch;
  archive.read("epoch", epoch);
  check_equal(again->state_dict(), net->state_dict());
  check_equal(again_sgd.state_dict(), sgd.state_dict());
  CHECK(epoch.item<int64_t>() == 12);
  CHECK_THROWS_WITH(again->load(sgd_part), ContainsSubstring("load: " + folder.path + "/file ('sgd'): "));
}

namespace {

// A module that saves more than its tensors, and a type that is no module.
struct CountingImpl : nn::Module {
  CountingImpl() : fc(register_module("fc", nn::Linear(2, 2))) {}
  void save(serialize::OutputArchive& archive) const override {
    serialize::OutputArchive tensors;
    nn::Module::save(tensors);
    archive.write("module", tensors);
    archive.write("count", tensor(count));
  }
  void load(serialize::InputArchive& archive) override {
    serialize::InputArchive tensors;
    archive.read("module", tensors);
    nn::Module::load(tensors);
    Tensor saved;
    archive.read("count", saved);
    count = saved.item<int64_t>();
  }
  nn::Linear fc;
  int64_t count = 0;
};
TAPER_MODULE(Counting);

struct Range {
  double low, high;
};
serialize::OutputArchive& operator<<(serialize::OutputArchive& archive, const Range& range) {
  archive.write("range", tensor({range.low, range.high}, kFloat64));
  return archive;
}
serialize::InputArchive& operator>>(serialize::InputArchive& archive, Range& range) {
  Tensor values;
  archive.read("range", values);
  range = {values[0].item<double>(), values[1].item<double>()};
  return archive;
}

}  // namespace

TEST_CASE("save, load: types with a way of their own") {
  const Folder folder;
  Counting a, b;
  a->count = 4;
  save(a, folder / "module");
  std::shared_ptr<nn::Module> base = b.ptr();
  load(base, folder / "module");
  CHECK(b->count == 4);
  CHECK(equal(a->fc->weight, b->fc->weight));

  save(Range{0.25, 3}, folder / "range");
  Range range{};
  load(range, folder / "range");
  CHECK((range.low == 0.25 && range.high == 3));
}

TEST_CASE("load without strictness: part of a model, by load_state_dict") {
  const Folder folder;
  Block trained(4, 5);
  Dict part;
  for (const auto& item : trained->state_dict()) part.insert("first." + item.key(), item.value());
  save(part, folder / "file");
  Net net;
  const nn::IncompatibleKeys keys = net->load_state_dict(serialize::load_safetensors(folder / "file"), false);
  CHECK(keys.missing_keys == std::vector<std::string>{"scale", "head.weight", "head.bias"});
  CHECK(keys.unexpected_keys.empty());
  CHECK(equal(net->first->fc->weight, trained->fc->weight));
}
