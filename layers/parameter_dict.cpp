#include <taper/layers/parameter_dict.h>

#include <taper/layers/parameter_list.h>

namespace taper::nn {

ParameterDictImpl::ParameterDictImpl(const Dict& parameters) { update(parameters); }

std::shared_ptr<Module> ParameterDictImpl::clone(const optional<Device>&) const {
  const detail::CloneScope scope;
  auto copy = std::make_shared<ParameterDictImpl>(*this);
  copy->begin_clone(*this);
  for (const auto& item : *this) copy->insert(item.key(), item.value().defined() ? item.value().detach() : Tensor());
  copy->end_clone();
  return copy;
}

void ParameterDictImpl::pretty_print(std::ostream& stream) const {
  detail::print_parameters(stream, "taper::nn::ParameterDict", parameters_);
}

Tensor& ParameterDictImpl::insert(std::string key, Tensor parameter) {
  const bool requires_grad = parameter.defined() && parameter.requires_grad();
  return register_parameter(std::move(key), std::move(parameter), requires_grad);
}

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
