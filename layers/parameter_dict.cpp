#include <taper/layers/parameter_dict.h>

namespace taper::nn {

ParameterDictImpl::ParameterDictImpl(const Dict& parameters) { update(parameters); }

void ParameterDictImpl::pretty_print(std::ostream& stream) const {
  detail::print_parameters(stream, "taper::nn::ParameterDict", parameters_);
}

Tensor& ParameterDictImpl::insert(std::string key, Tensor parameter) { return keep(std::move(key), parameter); }

void ParameterDictImpl::clear() { parameters_.clear(); }

std::vector<std::string> ParameterDictImpl::keys() const { return parameters_.keys(); }
std::vector<Tensor> ParameterDictImpl::values() const { return parameters_.values(); }

void ParameterDictImpl::set(const std::string& key, const Tensor& parameter) {
  if (Tensor* found = parameters_.find(key)) {
    *found = parameter;
  } else {
    insert(key, parameter);
  }
}

Tensor ParameterDictImpl::pop(const std::string& key) {
  Tensor parameter = parameters_[key];
  parameters_.erase(key);
  return parameter;
}

}  // namespace taper::nn
