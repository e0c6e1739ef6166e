// ParameterDict: parameters by name.
//
//   taper::nn::ParameterDict dict;
//   dict->insert("scale", taper::ones({3}).requires_grad_());
//   y = x * dict["scale"];
//
// A tensor becomes the parameter itself, not a copy of it, and requires grad as before.
#pragma once

#include <taper/layers/parameter_list.h>

namespace taper::nn {

class TAPER_API ParameterDictImpl : public detail::ParameterContainer<ParameterDictImpl> {
 public:
  ParameterDictImpl() = default;
  explicit ParameterDictImpl(const Dict& parameters);

  void pretty_print(std::ostream& stream) const override;

  // An error when the key is there already.
  Tensor& insert(std::string key, Tensor parameter);
  // Inserts every item of an OrderedDict or a ParameterDictImpl; an item of the same name is replaced.
  template <class Container>
  void update(const Container& container) {
    for (const auto& item : container) set(item.key(), item.value());
  }
  Tensor pop(const std::string& key);
  void clear();

  std::vector<std::string> keys() const;
  std::vector<Tensor> values() const;
  bool empty() const noexcept { return parameters_.is_empty(); }
  bool contains(const std::string& key) const noexcept { return parameters_.contains(key); }

  // IndexError when the key is absent.
  Tensor& get(const std::string& key) { return parameters_[key]; }
  const Tensor& get(const std::string& key) const { return parameters_[key]; }
  Tensor& operator[](const std::string& key) { return parameters_[key]; }
  const Tensor& operator[](const std::string& key) const { return parameters_[key]; }

 private:
  void set(const std::string& key, const Tensor& parameter);
};
TAPER_MODULE(ParameterDict);

}  // namespace taper::nn
