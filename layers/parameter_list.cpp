#include <taper/layers/module_list.h>
#include <taper/layers/parameter_list.h>

#include <ostream>

namespace taper::nn {

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

const Tensor& ParameterListImpl::at(size_t i) const {
  detail::check_position(*this, i, size());
  return parameters_[i].value();
}

}  // namespace taper::nn
