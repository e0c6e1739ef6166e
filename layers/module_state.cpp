// The state dict: the tensors that a module saves and loads.
#include <taper/layers/module.h>

#include <unordered_set>

namespace taper::nn {
namespace {

// Calls f with every name, also of shared modules.
template <class F>
void visit_state(const Module& module, const std::string& prefix, const F& f) {
  f(prefix, module);
  for (const auto& child : module.named_children()) {
    if (child.value()->is_serializable()) visit_state(*child.value(), detail::join_path(prefix, child.key()), f);
  }
}

void append_list(std::string& out, const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out += title;
  for (size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? " " : ", ") + lines[i];
}

}  // namespace

OrderedDict<std::string, Tensor> Module::state_dict() const {
  OrderedDict<std::string, Tensor> state;
  visit_state(*this, "", [&](const std::string& prefix, const Module& m) {
    for (const auto* tensors : {&m.parameters_, &m.buffers_}) {
      for (const auto& item : *tensors) {
        if (item.value().defined()) state.insert(detail::join_path(prefix, item.key()), item.value().detach());
      }
    }
  });
  return state;
}

IncompatibleKeys Module::load_state_dict(const OrderedDict<std::string, Tensor>& state, bool strict) {
  IncompatibleKeys keys;
  std::vector<std::string> misfits;
  std::vector<std::pair<Tensor, Tensor>> copies;  // (parameter or buffer, its new value)
  std::unordered_set<std::string> known;
  visit_state(*this, "", [&](const std::string& prefix, const Module& m) {
    for (const auto* tensors : {&m.parameters_, &m.buffers_}) {
      for (const auto& item : *tensors) {
        if (!item.value().defined()) continue;
        const std::string key = detail::join_path(prefix, item.key());
        known.insert(key);
        const Tensor* value = state.find(key);
        if (!value || !value->defined()) {
          if (!m.may_be_missing(item.key())) keys.missing_keys.push_back(key);
        } else if (!value->sizes().equals(item.value().sizes())) {
          misfits.push_back(
              taper::detail::str(key, " (", item.value().sizes(), " here, ", value->sizes(), " in the state)"));
        } else {
          copies.emplace_back(item.value(), *value);
        }
      }
    }
  });
  for (const auto& item : state) {
    if (known.count(item.key()) == 0) keys.unexpected_keys.push_back(item.key());
  }
  if (!misfits.empty() || (strict && !(keys.missing_keys.empty() && keys.unexpected_keys.empty()))) {
    std::string message = "load_state_dict: the state must fit " + name() + ", which is left as it was;";
    if (strict) {
      append_list(message, " missing keys:", keys.missing_keys);
      if (!keys.missing_keys.empty() && !(keys.unexpected_keys.empty() && misfits.empty())) message += ";";
      append_list(message, " unexpected keys:", keys.unexpected_keys);
      if (!keys.unexpected_keys.empty() && !misfits.empty()) message += ";";
    }
    append_list(message, " sizes that differ:", misfits);
    throw Error(std::move(message));
  }
  const NoGradGuard no_grad;
  for (auto& [ours, value] : copies) ours.copy_(value.detach());
  return keys;
}

bool Module::may_be_missing(const std::string&) const { return false; }

std::string Module::get_extra_state() const { return {}; }
void Module::set_extra_state(const std::string& text) {
  TAPER_CHECK_VALUE(text.empty(), "set_extra_state: ", name(), " has no state besides its tensors; got '", text, "'");
}

}  // namespace taper::nn
