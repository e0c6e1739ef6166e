// ParameterList: parameters by number, named "0", "1", ...
//
//   taper::nn::ParameterList weights(taper::randn({3, 4}), taper::randn({4}).requires_grad_());
//   y = x.matmul(weights[0]) + weights[1];
//   for (const auto& item : *weights) use(item.key(), item.value());
//
// A tensor becomes the parameter itself, not a copy of it, and requires grad as before.
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

namespace detail {

// "(0): Parameter containing: [Float of size [3, 4]]", one line for each, in parentheses after the title.
TAPER_API void print_parameters(std::ostream& stream, const char* title, const OrderedDict<std::string, Tensor>& items);

// What ParameterList and ParameterDict share.
template <class Derived>
class ParameterContainer : public Cloneable<Derived> {
 public:
  using Dict = OrderedDict<std::string, Tensor>;
  using Iterator = Dict::Iterator;
  using ConstIterator = Dict::ConstIterator;

  void reset() override {}

  Iterator begin() { return this->parameters_.begin(); }
  Iterator end() { return this->parameters_.end(); }
  ConstIterator begin() const { return this->parameters_.begin(); }
  ConstIterator end() const { return this->parameters_.end(); }
  size_t size() const noexcept { return this->parameters_.size(); }

 protected:
  Tensor& keep(std::string key, const Tensor& parameter) {
    return this->register_parameter(std::move(key), parameter, parameter.defined() && parameter.requires_grad());
  }
  void copy_items(const Derived& original) override {
    for (const auto& item : original) keep(item.key(), item.value().defined() ? item.value().detach() : Tensor());
  }
};

}  // namespace detail

class TAPER_API ParameterListImpl : public detail::ParameterContainer<ParameterListImpl> {
 public:
  using Item = Dict::Item;

  ParameterListImpl() = default;
  template <class... Tensors>
  requires(sizeof...(Tensors) > 0 && (std::is_convertible_v<const Tensors&, Tensor> &&
                                      ...)) explicit ParameterListImpl(const Tensors&... tensors) {
    (append(tensors), ...);
  }

  void pretty_print(std::ostream& stream) const override;

  void append(const Tensor& parameter) { keep(std::to_string(size()), parameter); }
  void append(const Item& item) { append(item.value()); }
  // Appends every tensor of a container, or the tensors of its items; a list may extend itself.
  template <class Container>
  void extend(const Container& container) {
    const std::vector<std::decay_t<decltype(*container.begin())>> items(container.begin(), container.end());
    for (const auto& item : items) append(item);
  }
  template <class Container>
  ParameterListImpl& operator+=(const Container& container) {
    extend(container);
    return *this;
  }

  bool is_empty() const noexcept { return parameters_.is_empty(); }

  // IndexError for a position that is not below the size.
  Tensor& at(size_t i) { return const_cast<Tensor&>(std::as_const(*this).at(i)); }
  const Tensor& at(size_t i) const;
  Tensor& operator[](size_t i) { return at(i); }
  const Tensor& operator[](size_t i) const { return at(i); }
};
TAPER_MODULE(ParameterList);

}  // namespace taper::nn
