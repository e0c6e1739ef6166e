#include <taper/autograd/ivalue.h>

#include <fmt/format.h>

#include <cmath>

namespace taper {

template <class T>
const T& IValue::as(const char* wanted) const {
  const T* v = std::get_if<T>(&value_);
  TAPER_CHECK_TYPE(v, "IValue: the value must be ", wanted, "; it is of kind ", tagKind());
  return *v;
}
IValue::IValue(const Tensor& v) : value_(v) {}
IValue::IValue(const Scalar& v) {
  if (v.isBoolean()) {
    value_ = v.toBool();
  } else if (v.isFloatingPoint()) {
    value_ = v.toDouble();
  } else {
    value_ = v.toLong();
  }
}
IValue::IValue(bool v) : value_(v) {}
IValue::IValue(int v) : value_(int64_t{v}) {}
IValue::IValue(int64_t v) : value_(v) {}
IValue::IValue(double v) : value_(v) {}
IValue::IValue(const char* v) : value_(std::string(v)) {}
IValue::IValue(std::string v) : value_(std::move(v)) {}
IValue::IValue(std::vector<int64_t> v) : value_(std::move(v)) {}
IValue::IValue(std::vector<double> v) : value_(std::move(v)) {}
IValue::IValue(const std::vector<bool>& v) : value_(v) {}
IValue::IValue(std::vector<Tensor> v) : value_(std::move(v)) {}

std::string IValue::tagKind() const {
  static constexpr const char* kKinds[] = {"None", "Tensor", "Bool", "Int", "Double", "String"};
  return value_.index() < std::size(kKinds) ? kKinds[value_.index()] : "GenericList";
}

Tensor IValue::toTensor() const { return as<Tensor>("a tensor"); }
Scalar IValue::toScalar() const {
  if (isDouble()) return toDouble();
  return isBool() ? Scalar(toBool()) : Scalar(as<int64_t>("a number"));
}
bool IValue::toBool() const { return as<bool>("a bool"); }
int64_t IValue::toInt() const { return as<int64_t>("an integer"); }
double IValue::toDouble() const { return as<double>("a double"); }
std::string IValue::toStringRef() const { return as<std::string>("a string"); }
std::vector<int64_t> IValue::toIntVector() const { return as<std::vector<int64_t>>("a list of integers"); }
std::vector<double> IValue::toDoubleVector() const { return as<std::vector<double>>("a list of doubles"); }
std::vector<Tensor> IValue::toTensorVector() const { return as<std::vector<Tensor>>("a list of tensors"); }

namespace {

std::string ivalue_text(std::monostate) { return "None"; }
std::string ivalue_text(bool v) { return v ? "True" : "False"; }
std::string ivalue_text(int64_t v) { return std::to_string(v); }
// As in Python, whole numbers have a point.
std::string ivalue_text(double v) {
  return std::isfinite(v) && v == std::floor(v) && std::abs(v) < 1e10 ? fmt::format("{:.0f}.", v)
                                                                      : fmt::format("{:.17g}", v);
}
std::string ivalue_text(const std::string& v) { return v; }
std::string ivalue_text(const Tensor& v) { return to_string(v); }
template <class T>
std::string ivalue_text(const std::vector<T>& list) {
  std::string out = "[";
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ", ";
    out += ivalue_text(static_cast<const T&>(list[i]));
  }
  return out + "]";
}

}  // namespace

std::string to_string(const IValue& value) {
  return std::visit([](const auto& v) { return ivalue_text(v); }, value.value_);
}

}  // namespace taper
