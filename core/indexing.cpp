#include <taper/core/indexing.h>

#include <string_view>

namespace taper::indexing {

Slice::Slice(optional<int64_t> start, optional<int64_t> stop, optional<int64_t> step) : step_(step.value_or(1)) {
  TAPER_CHECK_VALUE(step_ != 0, "Slice: the step must not be 0");
  start_ = start.value_or(step_ > 0 ? 0 : INDEX_MAX);
  stop_ = stop.value_or(step_ > 0 ? INDEX_MAX : INDEX_MIN);
}

TensorIndex::TensorIndex(const char* text) : kind_(Kind::Ellipsis) {
  TAPER_CHECK_VALUE(text && std::string_view(text) == "...", "index: a text among indices must be \"...\"; got ",
                    text ? text : "null");
}

std::string to_string(const Slice& slice) {
  return taper::detail::str(slice.start(), ":", slice.stop(), ":", slice.step());
}

std::string to_string(const TensorIndex& index) {
  switch (index.kind()) {
    case TensorIndex::Kind::None: return "None";
    case TensorIndex::Kind::Ellipsis: return "...";
    case TensorIndex::Kind::Integer: return std::to_string(index.integer());
    case TensorIndex::Kind::Boolean: return index.boolean() ? "true" : "false";
    case TensorIndex::Kind::Slice: return to_string(index.slice());
    default: return taper::to_string(index.tensor());
  }
}

std::string to_string(const std::vector<TensorIndex>& indices) {
  std::string out = "(";
  for (const TensorIndex& index : indices) {
    if (out.size() > 1) out += ", ";
    out += to_string(index);
  }
  return out + ")";
}

}  // namespace taper::indexing
