// Optimizer::state_dict and load_state_dict: fields of options and states as tensors, and back.
#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>
#include <taper/optim/optimizer.h>
#include <taper/serialize/serialize.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace taper::optim {
namespace {

using Dict = OrderedDict<std::string, Tensor>;

std::string group_key(size_t group) { return taper::detail::str("param_groups.", group, "."); }
std::string state_key(size_t parameter) { return taper::detail::str("state.", parameter, "."); }

class Saver final : public FieldVisitor {
 public:
  Saver(Dict& state, std::string prefix) : state_(state), prefix_(std::move(prefix)) {}
  void operator()(const char* name, double& value) override { save(name, scalar_tensor(value, kFloat64)); }
  void operator()(const char* name, bool& value) override { save(name, scalar_tensor(value, kBool)); }
  void operator()(const char* name, int64_t& value) override { save(name, scalar_tensor(value, kInt64)); }
  void operator()(const char* name, Tensor& value) override {
    if (value.defined()) save(name, value.detach());
  }

 private:
  void save(const char* name, Tensor value) { state_.insert(prefix_ + name, std::move(value)); }

  Dict& state_;
  std::string prefix_;
};

// Reads fields from a dictionary, and collects its errors.
class Loader final : public FieldVisitor {
 public:
  explicit Loader(const Dict& state) : state_(state) {
    for (const auto& item : state) {
      const std::string& key = item.key();
      if (const size_t end = key.find('.', key.find('.') + 1); end != key.npos)
        prefixes_.insert(key.substr(0, end + 1));
    }
  }

  // Prefix of the next fields; tensors must have the sizes and dtype of `parameter`.
  void enter(std::string prefix, const Tensor* parameter = nullptr) {
    prefix_ = std::move(prefix);
    parameter_ = parameter;
  }
  void operator()(const char* name, double& value) override {
    if (const Tensor* t = find(name, true); t && fits(name, *t, kFloat64, {})) value = t->item<double>();
  }
  void operator()(const char* name, bool& value) override {
    if (const Tensor* t = find(name, true); t && fits(name, *t, kBool, {})) value = t->item<bool>();
  }
  void operator()(const char* name, int64_t& value) override {
    const Tensor* t = find(name, true);
    if (!t || !fits(name, *t, kInt64, {})) return;
    const auto count = t->item<int64_t>();
    const bool counts_on = count >= 0 && count < std::numeric_limits<int64_t>::max();
    if (!counts_on) return note(taper::detail::str(prefix_, name, " (", count, ", which is no count)"));
    value = count;
  }
  void operator()(const char* name, Tensor& value) override {
    const Tensor* t = find(name, false);
    if (t && fits(name, *t, parameter_->dtype(), parameter_->sizes())) value = t->detach().clone().contiguous();
  }
  // nullopt if it is absent, as in older files.
  optional<double> initial_lr() {
    const Tensor* t = find("initial_lr", false);
    if (!t || !fits("initial_lr", *t, kFloat64, {})) return nullopt;
    const auto lr = t->item<double>();
    if (lr >= 0 && std::isfinite(lr)) return lr;
    note(taper::detail::str(prefix_, "initial_lr (", lr, ", which is no finite number, 0 or more)"));
    return nullopt;
  }
  // The numbers of a group's parameters: first, first + 1, ...
  void check_params(size_t first, size_t n) {
    const Tensor* t = find("params", true);
    if (!t || !fits("params", *t, kInt64, {static_cast<int64_t>(n)})) return;
    const Tensor numbers = t->contiguous();
    for (size_t i = 0; i < n; ++i) {
      if (const int64_t number = numbers.data_ptr<int64_t>()[i]; number != static_cast<int64_t>(first + i)) {
        return note(
            taper::detail::str(prefix_, "params (", number, " at position ", i, " where ", first + i, " is due)"));
      }
    }
  }
  // Whether a key has this prefix, such as "state.0.".
  bool has(const std::string& prefix) const { return prefixes_.count(prefix) != 0; }
  void check() {
    std::string message;
    append(message, " missing keys:", missing_);
    std::vector<std::string> unexpected;
    for (const auto& item : state_) {
      if (known_.count(item.key()) == 0) unexpected.push_back(item.key());
    }
    append(message, " unexpected keys:", unexpected);
    append(message, " values that do not fit:", misfits_);
    TAPER_CHECK(message.empty(), "load_state_dict: the state must fit the optimiser, which is left as it was;",
                message);
  }
  // Whether there was no error so far.
  bool complete() const { return missing_.empty() && misfits_.empty(); }

 private:
  void note(std::string misfit) { misfits_.push_back(std::move(misfit)); }
  const Tensor* find(const char* name, bool required) {
    const std::string key = prefix_ + name;
    const Tensor* t = state_.find(key);
    known_.insert(key);
    if (t && t->defined()) return t;
    if (required) missing_.push_back(key);
    return nullptr;
  }
  bool fits(const char* name, const Tensor& t, ScalarType dtype, IntArrayRef sizes) {
    if (t.dtype() == dtype && t.sizes().equals(sizes)) return true;
    note(taper::detail::str(prefix_, name, " (", dtype, " of sizes ", sizes, " here, ", t.dtype(), " of sizes ",
                            t.sizes(), " in the state)"));
    return false;
  }
  static void append(std::string& out, const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    if (!out.empty()) out += ';';
    out += title;
    for (size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? " " : ", ") + lines[i];
  }

  const Dict& state_;
  std::string prefix_;
  const Tensor* parameter_ = nullptr;
  std::unordered_set<std::string> prefixes_, known_;
  std::vector<std::string> missing_, misfits_;
};

}  // namespace

bool operator==(const OptimizerOptions& a, const OptimizerOptions& b) {
  const auto fields = [](const OptimizerOptions& options) {
    Dict result;
    Saver saver(result, "");
    const_cast<OptimizerOptions&>(options).visit(saver);  // which changes nothing
    return result;
  };
  const auto same = [](const auto& x, const auto& y) {
    return x.key() == y.key() && x.value().dtype() == y.value().dtype() && x.value().equal(y.value());
  };
  const Dict of_a = fields(a), of_b = fields(b);
  return std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), same);
}

OrderedDict<std::string, Tensor> Optimizer::state_dict() const {
  Dict result;
  size_t number = 0;
  for (const OptimizerParamGroup& group : param_groups_) {
    for (const Tensor& p : group.params()) {
      const auto found = state_.find(p.impl());
      if (found != state_.end() && found->second && !found->second->is_orphan()) {
        Saver saver(result, state_key(number));
        found->second->visit(saver);
      }
      ++number;
    }
  }
  number = 0;
  for (size_t g = 0; g < param_groups_.size(); ++g) {
    Saver saver(result, group_key(g));
    param_groups_[g].options().clone()->visit(saver);
    if (optional<double> lr = param_groups_[g].initial_lr()) saver("initial_lr", *lr);
    const int64_t first = static_cast<int64_t>(number);
    number += param_groups_[g].params().size();
    result.insert(group_key(g) + "params", arange(first, static_cast<int64_t>(number)));
  }
  return result;
}

void Optimizer::load_state_dict(const OrderedDict<std::string, Tensor>& state) {
  const NoGradGuard no_grad;
  Loader loader(state);
  size_t groups = 0;
  while (loader.has(group_key(groups))) ++groups;
  TAPER_CHECK(groups == param_groups_.size(), "load_state_dict: the state must have the optimiser's ",
              param_groups_.size(), " parameter groups; got ", groups, "; make the optimiser as when it was saved");

  StateMap states;
  size_t number = 0;
  for (size_t g = 0; g < groups; ++g) {
    const std::vector<Tensor>& params = param_groups_[g].params();
    const std::unique_ptr<OptimizerOptions> options = param_groups_[g].options().clone();
    loader.enter(group_key(g));
    options->visit(loader);
    if (loader.complete()) options->check();
    loader.initial_lr();
    loader.check_params(number, params.size());
    for (const Tensor& p : params) {
      const std::string prefix = state_key(number++);
      if (!loader.has(prefix)) continue;
      std::unique_ptr<OptimizerParamState> loaded = make_param_state();
      if (!loaded) continue;  // its keys are unexpected
      loader.enter(prefix, &p);
      loaded->visit(loader);
      loaded->parameter_ = autograd::life_of(p);
      states[p.impl()] = std::move(loaded);
    }
  }
  loader.check();

  for (size_t g = 0; g < groups; ++g) {  // in place: the program may hold references to them
    loader.enter(group_key(g));
    param_groups_[g].options().visit(loader);
    if (const optional<double> lr = loader.initial_lr()) param_groups_[g].set_initial_lr(lr);
  }
  state_.swap(states);
}

void Optimizer::save(serialize::OutputArchive& archive) const { archive << state_dict(); }
void Optimizer::load(serialize::InputArchive& archive) { serialize::detail::load_state(*this, archive); }

}  // namespace taper::optim
