#include <taper/layers/parameter_list.h>

#include <ostream>

namespace taper::nn {

std::shared_ptr<Module> ParameterListImpl::clone(const optional<Device>&) const {
  const detail::CloneScope scope;
  auto copy = std::make_shared<ParameterListImpl>(*this);
  copy->begin_clone(*this);
  for (const Item& item : *this) copy->append(item.value().defined() ? item.value().detach() : Tensor());
  copy->end_clone();
  return copy;
}

void detail::print_parameters(std::ostream& stream, const char* title, const OrderedDict<std::string, Tensor>& items) {
  stream << title << "(\n";
  for (const auto& item : items) {
    stream << "(" << item.key() << "): Parameter containing: [";
    if (item.value().defined()) {
      stream << item.value().scalar_type() << " of size " << item.value().sizes();
    } else {
      stream << "undefined";
    }
    stream << "]\n";
  }
  stream << ")";
}

void ParameterListImpl::pretty_print(std::ostream& stream) const {
  detail::print_parameters(stream, "taper::nn::ParameterList", parameters_);
}

void ParameterListImpl::append(const Tensor& parameter) {
  register_parameter(std::to_string(size()), parameter, parameter.defined() && parameter.requires_grad());
}

const Tensor& ParameterListImpl::at(size_t i) const {
  TAPER_CHECK_INDEX(i < size(), "ParameterList: the index must be below the size; got index ", i, " and size ", size());
  return parameters_[i].value();
}

}  // namespace taper::nn
