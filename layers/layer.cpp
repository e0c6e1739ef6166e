#include <taper/layers/layer.h>

#include <taper/core/expanding_array.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string_view>

namespace taper::nn::detail {

template <class T>
void FieldPrinter::write(std::ostream& stream, const void* value) {
  const T& field = *static_cast<const T*>(value);
  if constexpr (std::is_same_v<T, bool>) {
    stream << (field ? "true" : "false");
  } else if constexpr (std::is_same_v<T, optional<double>>) {
    if (field) {
      stream << *field;
    } else {
      stream << "None";
    }
  } else {
    stream << field;
  }
}
template void FieldPrinter::write<bool>(std::ostream&, const void*);
template void FieldPrinter::write<int64_t>(std::ostream&, const void*);
template void FieldPrinter::write<double>(std::ostream&, const void*);
template void FieldPrinter::write<optional<double>>(std::ostream&, const void*);
template void FieldPrinter::write<std::string>(std::ostream&, const void*);
template void FieldPrinter::write<IntArrayRef>(std::ostream&, const void*);
template void FieldPrinter::write<ExpandingArray<1>>(std::ostream&, const void*);
template void FieldPrinter::write<ExpandingArray<2>>(std::ostream&, const void*);
template void FieldPrinter::write<ExpandingArray<4>>(std::ostream&, const void*);
template void FieldPrinter::write<ExpandingArrayWithOptionalElem<2>>(std::ostream&, const void*);

FieldPrinter::FieldPrinter(std::ostream& stream, const std::string& name) : stream_(stream) { stream_ << name; }

FieldPrinter& FieldPrinter::operator()(const char* names, std::initializer_list<Field> values) {
  std::string_view rest = names;
  for (const Field& field : values) {
    std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), name.size() + std::strlen(", ")));
    if (name == "inplace_" && !*static_cast<const bool*>(field.value)) continue;
    if (name.ends_with('_')) name.remove_suffix(1);
    stream_ << separator_ << name << (name.empty() ? "" : "=");
    field.write(stream_, field.value);
    separator_ = ", ";
  }
  return *this;
}

void FieldPrinter::end() {
  if (*separator_ == '(') stream_ << '(';  // there was no field
  if (*separator_ != '\0') stream_ << ')';
}

}  // namespace taper::nn::detail
