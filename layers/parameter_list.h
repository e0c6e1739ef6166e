// ParameterList: parameters by number, named "0", "1", ...
//
//   taper::nn::ParameterList weights(taper::randn({3, 4}), taper::randn({4}).requires_grad_());
//   y = x.matmul(weights[0]) + weights[1];
//   for (const auto& item : *weights) use(item.key(), item.value());
//
// A tensor becomes the parameter itself, no copy of it, and requires grad as it did before.
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

namespace detail {
// "(0): Parameter containing: [Float of size [3, 4]]", a line each, between brackets behind the title.
TAPER_API void print_parameters(std::ostream& stream, const char* title, const OrderedDict<std::string, Tensor>& items);
}  // namespace detail

class TAPER_API ParameterListImpl : public Cloneable<ParameterListImpl> {
 public:
  using Item = OrderedDict<std::string, Tensor>::Item;
  using Iterator = OrderedDict<std::string, Tensor>::Iterator;
  using ConstIterator = OrderedDict<std::string, Tensor>::ConstIterator;

  ParameterListImpl() = default;
  template <class... Tensors>
  requires(sizeof...(Tensors) > 0 && (std::is_convertible_v<const Tensors&, Tensor> &&
                                      ...)) explicit ParameterListImpl(const Tensors&... tensors) {
    (append(tensors), ...);
  }

  std::shared_ptr<Module> clone(const optional<Device>& device = nullopt) const override;
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;

  void append(const Tensor& parameter);
  void append(const Item& item) { append(item.value()); }
  // Every tensor, or value of an item, of the container; a list may extend itself.
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

  Iterator begin() { return parameters_.begin(); }
  Iterator end() { return parameters_.end(); }
  ConstIterator begin() const { return parameters_.begin(); }
  ConstIterator end() const { return parameters_.end(); }
  size_t size() const noexcept { return parameters_.size(); }
  bool is_empty() const noexcept { return parameters_.is_empty(); }

  // IndexError beyond the end.
  Tensor& at(size_t i) { return const_cast<Tensor&>(std::as_const(*this).at(i)); }
  const Tensor& at(size_t i) const;
  Tensor& operator[](size_t i) { return at(i); }
  const Tensor& operator[](size_t i) const { return at(i); }
};
TAPER_MODULE(ParameterList);

}  // namespace taper::nn
