// What every sampler and every dataset of taper::data keeps to: one row each; a new class fails until it has one.
#include "catch.h"
#include "support/files.h"
#include "support/text.h"

#include <taper/taper.h>

#include <functional>
#include <regex>
#include <set>

using namespace taper;
using namespace taper::data;
using namespace support;
namespace fs = std::filesystem;

namespace {

// The classes that the headers of a folder declare for users; those behind "detail" have none of the contract.
std::set<std::string> classes_in(const char* folder) {
  const fs::path root = fs::path(__FILE__).parent_path().parent_path().parent_path();
  const std::regex declared(
      "^(class|struct) TAPER_API ([A-Z]\\w*) : (public )?(\\w+::)*\\w*"
      "(Sampler|DistributedOrder|Dataset)\\b.*");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(root / "data" / folder)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch m;
      if (std::regex_match(line, m, declared) && m[2] != "DistributedOrder") names.insert(m[2]);
    }
  }
  return names;
}

// The places of the rest of an epoch; of a stream, which has none, one 0 a sample.
template <class S>
std::vector<size_t> rest(S& sampler) {
  std::vector<size_t> all;
  while (const auto batch = sampler.next(3)) {
    if constexpr (std::is_same_v<S, samplers::StreamSampler>) {
      all.resize(all.size() + batch->size());
    } else {
      all.insert(all.end(), batch->begin(), batch->end());
    }
  }
  return all;
}

template <class S>
void check_sampler() {
  manual_seed(1);
  S sampler(10);
  for (int epoch = 0; epoch < 2; ++epoch) {
    sampler.reset(nullopt);
    std::vector<size_t> all = rest(sampler);
    CHECK(all.size() == 10);
    CHECK(!sampler.next(1));  // and stays at the end
    if constexpr (!std::is_same_v<S, samplers::StreamSampler>) {
      CHECK(std::set<size_t>(all.begin(), all.end()).size() == 10);
      CHECK(*std::max_element(all.begin(), all.end()) == 9);
    }
  }
  // The state, in the middle, at the end and at the beginning of an epoch.
  for (const size_t before : {4, 10, 0}) {
    sampler.reset(nullopt);
    if (before > 0) CHECK(sampler.next(before)->size() == before);
    S again(10);
    restore(again, saved(sampler));
    const std::vector<size_t> wanted = rest(sampler);
    CHECK(wanted.size() == 10 - before);
    CHECK(rest(again) == wanted);
  }
  // Datasets of another size, of one sample, of none.
  for (const size_t size : {13, 1, 0}) {
    sampler.reset(size);
    CHECK(rest(sampler).size() == size);
  }
  S empty(0);
  CHECK(!empty.next(5));
}

template <class D>
void check_dataset(D dataset, size_t size) {
  const auto parts = [](const auto& example) {
    if constexpr (requires { example.target; })
      return std::pair(example.data, Tensor(example.target));
    else
      return std::pair(example.data, Tensor());
  };
  const auto same = [&](const auto& a, const auto& b) {
    const auto [x, t] = parts(a);
    const auto [y, u] = parts(b);
    return x.equal(y) && (!t.defined() || t.equal(u));
  };
  CHECK(dataset.size() == size);
  const auto last = dataset.get(size - 1), first = dataset.get(0);
  CHECK(same(dataset.get(size - 1), last));  // as often as asked, in any order
  CHECK(same(D(dataset).get(0), first));     // and of a copy
  const auto batch = dataset.get_batch(std::vector<size_t>{size - 1, 0, size - 1});
  REQUIRE(batch.size() == 3);
  CHECK((same(batch[0], last) && same(batch[1], first) && same(batch[2], last)));
  CHECK(dataset.get_batch(std::vector<size_t>()).empty());
  CHECK_THROWS_AS(dataset.get(size), Error);
  CHECK_THROWS_AS(dataset.get_batch(std::vector<size_t>{0, static_cast<size_t>(-1)}), Error);
  CHECK(same(dataset.get(0), first));  // the same after an error
  if constexpr (datasets::GivesStacked<D>) {
    const auto stacked = dataset.get_stacked(std::vector<size_t>{size - 1, 0});
    CHECK(parts(stacked).first.equal(stack({last.data, first.data})));
  }
  // Through a loader: each sample once an epoch.
  auto loader = make_data_loader<samplers::SequentialSampler>(dataset, DataLoaderOptions(2).workers(1));
  for (int epoch = 0; epoch < 2; ++epoch) {
    size_t seen = 0;
    for (const auto& samples : *loader) seen += samples.size();
    CHECK(seen == size);
  }
}

// Files of each kind, three samples.
struct Files : Folder {
  Files() {
    const std::string pixels(3 * 784, '\x7f');
    write("train-images-idx3-ubyte", idx_header({3, 28, 28}) + pixels);
    write("train-labels-idx1-ubyte", idx_header({3}) + std::string("\1\2\3"));
    for (const char* part : {"1", "2", "3", "4", "5"}) {
      write(std::string("data_batch_") + part + ".bin", std::string(1, '\4') + std::string(3072, part[0]));
    }
    for (const char* name : {"a", "b", "c"}) {
      fs::create_directory(*this / name);
      write_png(full({3, 2, 4}, name[0], kUInt8), *this / name + "/x.png");
    }
  }
};

const std::map<std::string, std::function<void()>> kSamplers = {
    {"SequentialSampler", check_sampler<samplers::SequentialSampler>},
    {"RandomSampler", check_sampler<samplers::RandomSampler>},
    {"DistributedSequentialSampler", check_sampler<samplers::DistributedSequentialSampler>},
    {"DistributedRandomSampler", check_sampler<samplers::DistributedRandomSampler>},
    {"StreamSampler", check_sampler<samplers::StreamSampler>},
};
const std::map<std::string, std::function<void(const Files&)>> kDatasets = {
    {"TensorDataset",
     [](const Files&) {
       check_dataset(datasets::TensorDataset(rand({3, 4})), 3);
     }},
    {"LabeledTensorDataset",
     [](const Files&) {
       check_dataset(datasets::LabeledTensorDataset(rand({3, 4}), arange(3)), 3);
     }},
    {"MNIST", [](const Files& files) { check_dataset(datasets::MNIST(files.path), 3); }},
    {"CIFAR10", [](const Files& files) { check_dataset(datasets::CIFAR10(files.path), 5); }},
    {"ImageFolder", [](const Files& files) { check_dataset(datasets::ImageFolder(files.path), 3); }},
    {"SynthDigits",
     [](const Files&) { check_dataset(datasets::SynthDigits(datasets::SynthDigits::Mode::kTest, 0, 4), 4); }},
};

std::set<std::string> names_of(const auto& rows) {
  std::set<std::string> names;
  for (const auto& row : rows) names.insert(row.first);
  return names;
}

}  // namespace

TEST_CASE("every sampler keeps the contract of samplers") {
  CHECK(names_of(kSamplers) == classes_in("samplers"));
  for (const auto& [name, check] : kSamplers) {
    INFO(name);
    check();
  }
}

TEST_CASE("every dataset keeps the contract of datasets") {
  CHECK(names_of(kDatasets) == classes_in("datasets"));
  const Files files;
  for (const auto& [name, check] : kDatasets) {
    INFO(name);
    check(files);
  }
}
