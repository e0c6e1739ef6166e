#include <taper/autograd/ivalue.h>

namespace taper::autograd {

template <class T>
const T& IValue::as(const char* wanted) const {
  const T* v = std::get_if<T>(&value_);
  TAPER_CHECK_TYPE(v, "IValue: the value must be ", wanted, "; it holds another kind");
  return *v;
}
IValue::IValue(const Tensor& v) : value_(v) {}
IValue::IValue(bool v) : value_(v) {}
IValue::IValue(int v) : value_(int64_t{v}) {}
IValue::IValue(int64_t v) : value_(v) {}
IValue::IValue(double v) : value_(v) {}
IValue::IValue(const char* v) : value_(std::string(v)) {}
IValue::IValue(std::string v) : value_(std::move(v)) {}
IValue::IValue(std::vector<int64_t> v) : value_(std::move(v)) {}
Tensor IValue::toTensor() const { return as<Tensor>("a tensor"); }
bool IValue::toBool() const { return as<bool>("a bool"); }
int64_t IValue::toInt() const { return as<int64_t>("an integer"); }
double IValue::toDouble() const { return as<double>("a double"); }
std::string IValue::toStringRef() const { return as<std::string>("a string"); }
std::vector<int64_t> IValue::toIntVector() const { return as<std::vector<int64_t>>("a list of integers"); }

}  // namespace taper::autograd
