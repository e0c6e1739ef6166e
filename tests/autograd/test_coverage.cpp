// No differentiable operation without a gradient check: what the sources put on the tape against what the tables of
// gradcheck_table.h put there.
#include <taper/autograd/node.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <typeindex>
#include <unordered_set>

#include "autograd/gradcheck_table.h"

using namespace taper;

namespace {

// The names of nodes in a source file, each as often as it stands there: they are its literals of one capitalised word.
// Below core/, where kernels may list them, only those that end as most do.
void count_names(const std::filesystem::path& path, bool in_core, std::map<std::string, size_t>& counts) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find_first_not_of(' ') == line.find("//")) continue;
    for (size_t begin = line.find('"'); begin != std::string::npos;) {
      const size_t end = line.find('"', begin + 1);
      if (end == std::string::npos) break;
      const std::string text = line.substr(begin + 1, end - begin - 1);
      const bool is_word = std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c); });
      const bool is_name = !text.empty() && is_word && std::isupper(static_cast<unsigned char>(text[0]));
      if (is_name && (!in_core || text.find("Backward") != std::string::npos)) ++counts[text];
      begin = line.find('"', end + 1);
    }
  }
}

std::map<std::string, size_t> names_in_sources() {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::map<std::string, size_t> counts;
  for (const char* folder : {"autograd", "core"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (entry.path().stem() == "ivalue") continue;  // names of types
      if (entry.is_regular_file()) count_names(entry.path(), folder == std::string("core"), counts);
    }
  }
  return counts;
}

// Names that need no row, and how many of their places: float32, the only other dtype with a gradient, is too coarse
// for differences (test_arithmetic.cpp tests to()); the derivative of index_put names the node of index;
// recurrence is only part of other derivatives, whose second derivatives are checked.
const std::map<std::string, size_t> kWithoutRow = {
    {"ToCopyBackward0", 1}, {"IndexBackward0", 1}, {"RecurrenceBackward0", 1}};

// Operations that share a name differ in the type of their node, which holds the derivative.
using Seen = std::map<std::string, std::set<std::type_index>>;

void add_graph(const Tensor& y, Seen& seen) {
  std::vector<const autograd::Node*> nodes;
  std::unordered_set<const autograd::Node*> known;
  const auto visit = [&](const autograd::Node* node) {
    if (node && known.insert(node).second) nodes.push_back(node);
  };
  const auto root = y.grad_fn();
  visit(root.get());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const autograd::Node& node = *nodes[i];
    seen[node.name()].insert(typeid(node));
    for (size_t k = 0; k < node.num_inputs(); ++k) visit(node.next_edge(k).function.get());
  }
}

}  // namespace

TEST_CASE("every family of functions is in functions.h") {
  const auto folder = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "autograd";
  std::ifstream file(folder / "functions.h");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  for (const auto& entry : std::filesystem::directory_iterator(folder / "ops")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".h" || name.find("_internal.h") != std::string::npos) continue;
    INFO(name);
    CHECK(text.find("#include <taper/autograd/ops/" + name + ">") != std::string::npos);
  }
}

TEST_CASE("every operation that goes on the tape has a row in the tables of gradient checks") {
  Seen seen;
  for (const auto* table : gradcheck_table::Table::all()) {
    for (const auto& row : table->rows()) {
      for (const Tensor& y : row.f(row.inputs)) add_graph(y, seen);
    }
  }
  INFO("operands refused or without a finite result; is one of them new?\n"
       << taper::detail::str(
              std::vector<std::string>(gradcheck_table::left_out().begin(), gradcheck_table::left_out().end())));
  CHECK(gradcheck_table::left_out().size() == 64);
  const auto counts = names_in_sources();
  CHECK(counts.size() > 80);  // or they are not found any more
  for (const auto& [name, count] : counts) {
    const auto without = kWithoutRow.find(name);
    const size_t wanted = without == kWithoutRow.end() ? count : count - without->second;
    INFO(name << ": " << count << " operations record it, the tables check " << seen[name].size()
              << "; add a row to tests/ops or tests/autograd/ops/test_gradcheck_*.cpp");
    CHECK(seen[name].size() >= wanted);
  }
}
