#include <taper/layers/summary.h>

#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>
#include <taper/layers/scopes_internal.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace taper::nn {
namespace {

// The sizes of the last output of every module called, and how often it was.
class Recorder : public CallObserver {
 public:
  struct Calls {
    std::string output = "-";
    int count = 0;
  };
  Recorder() { install(); }
  void after(const Module& module, const Tensor& output) override {
    Calls& c = calls[&module];
    ++c.count;
    c.output = output.defined() ? taper::detail::str(output.sizes()) : "(no tensor)";
  }

  std::map<const Module*, Calls> calls;
};

// 1234567 -> "1,234,567"
std::string grouped(int64_t n) {
  std::string text = std::to_string(n);
  for (int64_t i = static_cast<int64_t>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<size_t>(i), 1, ',');
  return text;
}

}  // namespace

Tensor summary_input(const Module& model, IntArrayRef sizes) {
  for (const Tensor& parameter : model.parameters()) {
    if (parameter.is_floating_point()) return zeros(sizes, parameter.dtype());
  }
  return zeros(sizes);
}

std::string run_summary(Module& model, const std::function<void()>& forward) {
  Recorder recorder;
  {
    const NoGradGuard no_grad;
    const detail::ModeScope modes(model);
    model.eval();
    forward();
  }
  using Row = std::array<std::string, 3>;
  std::vector<Row> rows = {{"Module", "Output", "Parameters"}};
  int64_t total = 0, trainable = 0, buffers = 0;
  std::set<const void*> counted;  // a tied parameter counts once
  model.apply([&](const std::string& name, Module& m) {
    int64_t own = 0;
    for (const Tensor& p : m.parameters(/*recurse=*/false)) {
      if (!counted.insert(p.impl()).second) continue;
      own += p.numel();
      if (p.requires_grad()) trainable += p.numel();
    }
    for (const Tensor& b : m.buffers(/*recurse=*/false)) buffers += counted.insert(b.impl()).second ? b.numel() : 0;
    total += own;
    const Recorder::Calls& calls = recorder.calls[&m];
    const auto depth = static_cast<size_t>(name.empty() ? 0 : 1 + std::count(name.begin(), name.end(), '.'));
    const std::string label = name.empty() ? "" : name.substr(name.rfind('.') + 1) + ": ";
    rows.push_back({std::string(2 * depth, ' ') + label + detail::short_name(m),
                    calls.output + (calls.count > 1 ? fmt::format(" x{}", calls.count) : ""), grouped(own)});
  });
  size_t width[3] = {};
  for (const Row& row : rows) {
    for (size_t k = 0; k < 3; ++k) width[k] = std::max(width[k], row[k].size());
  }
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("{:<{}}  {:<{}}  {:>{}}\n", row[0], width[0], row[1], width[1], row[2], width[2]);
  }
  return out + fmt::format("Parameters: {} ({} trainable); buffers: {}\n", grouped(total), grouped(trainable),
                           grouped(buffers));
}

}  // namespace taper::nn
