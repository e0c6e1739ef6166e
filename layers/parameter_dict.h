// ParameterDict: parameters by name.
//
//   taper::nn::ParameterDict dict;
//   dict->insert("scale", taper::ones({3}).requires_grad_());
//   y = x * dict["scale"];
//
// A tensor becomes the parameter itself, no copy of it, and requires grad as it did before.
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

class TAPER_API ParameterDictImpl : public Cloneable<ParameterDictImpl> {
 public:
  using Dict = OrderedDict<std::string, Tensor>;
  using Iterator = Dict::Iterator;
  using ConstIterator = Dict::ConstIterator;

  ParameterDictImpl() = default;
  explicit ParameterDictImpl(const Dict& parameters);

  std::shared_ptr<Module> clone(const optional<Device>& device = nullopt) const override;
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;

  // An error when the key is there already.
  Tensor& insert(std::string key, Tensor parameter);
  // Inserts every item of an OrderedDict or a ParameterDictImpl, in place of what has its name.
  template <class Container>
  void update(const Container& container) {
    for (const auto& item : container) set(item.key(), item.value());
  }
  Tensor pop(const std::string& key);
  void clear();

  std::vector<std::string> keys() const;
  std::vector<Tensor> values() const;
  Iterator begin() { return parameters_.begin(); }
  Iterator end() { return parameters_.end(); }
  ConstIterator begin() const { return parameters_.begin(); }
  ConstIterator end() const { return parameters_.end(); }
  size_t size() const noexcept { return parameters_.size(); }
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
