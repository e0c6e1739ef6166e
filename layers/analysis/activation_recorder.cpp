#include <taper/layers/analysis/activation_recorder.h>
#include <taper/layers/analysis/named_layers_internal.h>

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

namespace taper::nn::utils {

struct Recorder::State {
  struct Layer {
    std::string name;
    std::weak_ptr<const Module> owner;  // expired: another module may have this address
    bool owned;                         // by a shared_ptr; only the model itself may not be
    int64_t calls[2] = {0, 0};          // in this step, by side
  };

  RecorderOptions options;
  std::unordered_map<const Module*, Layer> layers;
  std::vector<Record> records;
  int64_t cleared = 0;  // the number of records before records[0]
  optional<NonFinite> first_non_finite;
  int64_t step = 0;
  // Hooks on leaves have to be removed; others end with the graph.
  std::vector<std::pair<Tensor, unsigned>> leaf_hooks;

  bool due() const { return step % options.every() == 0; }
  bool watches() const { return options.watch() && !first_non_finite; }

  // The elements that are recorded.
  Tensor select(const Tensor& values) const {
    if (!options.unit()) return values.detach();
    const int64_t unit = *options.unit(), units = values.dim() > 1 ? values.size(1) : 1;
    TAPER_CHECK_INDEX(unit < units, "Recorder: the unit must be below the number of units; got unit ", unit,
                      " and values of sizes ", values.sizes());
    return (values.dim() > 1 ? values.detach().select(1, unit) : values.detach()).reshape({-1});
  }

  void note_non_finite(const NonFinite& place) {
    if (!first_non_finite) first_non_finite = place;
  }

  void remove_leaf_hooks() noexcept {
    for (const auto& [leaf, id] : leaf_hooks) {
      try {
        leaf.remove_hook(id);
      } catch (const Error&) {
        // already removed, or no longer a leaf
      }
    }
    leaf_hooks.clear();
  }
};

std::string to_string(const NonFinite& place) {
  return fmt::format("{}the {} of {}, step {}", place.gradient ? "the gradient of " : "",
                     place.side == Side::Input ? "input" : "output", place.layer.empty() ? "the model" : place.layer,
                     place.step);
}

Recorder::Recorder(const Module& model, const std::vector<std::string>& layers, RecorderOptions options)
    : state_(std::make_shared<State>()) {
  TAPER_CHECK_VALUE(options.every() >= 1, "Recorder: every must be at least 1; got ", options.every());
  TAPER_CHECK_VALUE(options.input() || options.output(),
                    "Recorder: input or output must be recorded; both options are false");
  TAPER_CHECK_VALUE(!options.unit() || *options.unit() >= 0, "Recorder: the unit must not be negative; got ",
                    options.unit().value_or(0));
  detail::check_percentiles("Recorder", options.percentiles());
  if (const auto& limits = std::as_const(options).saturation()) {
    TAPER_CHECK_VALUE(limits->first < limits->second, "Recorder: saturation(low, high) needs low < high; got ",
                      limits->first, " and ", limits->second);
  }
  state_->options = std::move(options);
  for (const detail::NamedLayer& layer : detail::named_layers("Recorder", model, layers)) {
    const std::weak_ptr<const Module> owner = layer.module->weak_from_this();
    state_->layers[layer.module] = {layer.name, owner, !owner.expired()};
  }
  install();
}

Recorder::~Recorder() { state_->remove_leaf_hooks(); }

void Recorder::step() {
  state_->remove_leaf_hooks();
  for (auto& [module, layer] : state_->layers) layer.calls[0] = layer.calls[1] = 0;
  ++state_->step;
}

int64_t Recorder::steps() const { return state_->step; }
const std::vector<Record>& Recorder::records() const { return state_->records; }
const optional<NonFinite>& Recorder::first_non_finite() const { return state_->first_non_finite; }

void Recorder::clear() {
  state_->cleared += static_cast<int64_t>(state_->records.size());
  state_->records.clear();
}

void Recorder::before(const Module& module, const Tensor* input) {
  if (outer()) outer()->before(module, input);
  if (state_->options.input() && input) observe(module, *input, Side::Input);
}

void Recorder::after(const Module& module, const Tensor& output) {
  if (outer()) outer()->after(module, output);
  if (state_->options.output()) observe(module, output, Side::Output);
}

void Recorder::observe(const Module& module, const Tensor& values, Side side) {
  State& s = *state_;
  const bool due = s.due(), watches = s.watches();
  if (!(due || watches) || !values.defined()) return;
  const auto found = s.layers.find(&module);
  if (found == s.layers.end() || (found->second.owned && found->second.owner.expired())) return;
  const bool training = module.is_training();
  if (!s.options.evaluation() && !(training && GradMode::is_enabled())) return;

  State::Layer& layer = found->second;
  const Tensor part = s.select(values);
  const NonFinite place = {layer.name, s.step, side, false};
  int64_t number = -1;
  if (due) {
    Record record;
    static_cast<Distribution&>(record) = describe(part, s.options.percentiles(), std::as_const(s.options).saturation());
    record.step = s.step;
    record.call = layer.calls[static_cast<int>(side)]++;
    record.layer = layer.name;
    record.side = side;
    record.training = training;
    if (record.non_finite > 0) s.note_non_finite(place);
    number = s.cleared + static_cast<int64_t>(s.records.size());
    s.records.push_back(std::move(record));
  } else if (!detail::all_finite(part)) {
    s.note_non_finite(place);
  }
  if (!values.requires_grad() || !GradMode::is_enabled()) return;

  // The hook lives as long as the graph, which may be longer than the recorder.
  const unsigned id = values.register_hook([state = std::weak_ptr<State>(state_), place, number](const Tensor& dy) {
    const std::shared_ptr<State> locked = state.lock();
    if (!locked) return;
    const Tensor g = locked->select(dy);
    if (locked->watches() && !detail::all_finite(g)) {
      locked->note_non_finite({place.layer, place.step, place.side, /*gradient=*/true});
    }
    if (number < locked->cleared) return;  // not recorded, or cleared
    const double norm = detail::l2_norm(g);
    locked->records[static_cast<size_t>(number - locked->cleared)].gradient_norm = norm;
    if (!std::isfinite(norm)) locked->note_non_finite({place.layer, place.step, place.side, /*gradient=*/true});
  });
  if (values.is_leaf()) s.leaf_hooks.emplace_back(values, id);
}

// A field with a comma, quote or line break is quoted.
static std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

static std::string csv_number(double x) { return std::isnan(x) ? "" : fmt::format("{}", x); }

std::string Recorder::csv() const {
  std::string out = "step,call,layer,side,training,count,non_finite,mean,deviation";
  for (const double q : state_->options.percentiles()) out += fmt::format(",p{}", q);
  out += ",dead,saturated,gradient_norm\n";
  for (const Record& r : state_->records) {
    out += fmt::format("{},{},{},{},{:d},{},{},{},{}", r.step, r.call, csv_text(r.layer),
                       r.side == Side::Input ? "input" : "output", r.training, r.count, r.non_finite,
                       csv_number(r.mean), csv_number(r.deviation));
    for (const double p : r.percentiles) out += fmt::format(",{}", csv_number(p));
    out += fmt::format(",{},{},{}\n", csv_number(r.dead), csv_number(r.saturated), csv_number(r.gradient_norm));
  }
  return out;
}

std::string Recorder::svg() const { return detail::records_svg(state_->records, state_->options.percentiles()); }

}  // namespace taper::nn::utils
