// Sequential: modules called one after the other, each with the result of the one before.
//
//   taper::nn::Sequential net(taper::nn::Linear(784, 100), taper::nn::ReLU(), taper::nn::Linear(100, 10));
//   taper::nn::Sequential named({{"fc", taper::nn::Linear(3, 4)}, {"act", taper::nn::ReLU()}});
//   taper::Tensor y = net->forward(x);
//
// Takes holders, shared_ptrs and Impl values of anything with a forward, other Sequentials too. The first module may
// take several arguments; forward<T>(...) is for a last module that returns no Tensor. Children are named "0", "1",
// ... unless told otherwise. A layer whose bias is cancelled by the one after it (Linear before BatchNorm) is warned
// of, once.
#pragma once

#include <taper/layers/any.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

class TAPER_API SequentialImpl : public Cloneable<SequentialImpl> {
 public:
  using Iterator = std::vector<AnyModule>::iterator;
  using ConstIterator = std::vector<AnyModule>::const_iterator;

  SequentialImpl() = default;
  SequentialImpl(const SequentialImpl&) = default;
  SequentialImpl& operator=(const SequentialImpl&) = default;
  SequentialImpl(std::initializer_list<NamedAnyModule> modules);
  explicit SequentialImpl(OrderedDict<std::string, AnyModule>&& modules);
  template <class... Modules>
  requires(sizeof...(Modules) > 0 && (std::is_convertible_v<Modules, AnyModule> && ...) &&
           !(sizeof...(Modules) == 1 && (std::is_same_v<std::remove_cvref_t<Modules>, SequentialImpl> &&
                                         ...))) explicit SequentialImpl(Modules&&... modules) {
    (push_back(AnyModule(std::forward<Modules>(modules))), ...);
  }

  std::shared_ptr<Module> clone(const optional<Device>& device = nullopt) const override;
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;

  template <class R = Tensor, class... Inputs>
  R forward(Inputs&&... inputs) {
    AnyValue args[sizeof...(Inputs) + 1] = {AnyValue(std::forward<Inputs>(inputs))...};
    return detail::any_result<R>(forward_values(args, sizeof...(Inputs)));
  }
  AnyValue forward_values(AnyValue* args, size_t n);

  void push_back(AnyModule module);
  void push_back(std::string name, AnyModule module);
  // Every module of a container of modules, under the next numbers.
  template <class Container>
  void extend(const Container& modules) {
    for (const auto& module : modules) push_back(module);
  }

  size_t size() const noexcept { return modules_.size(); }
  bool is_empty() const noexcept { return modules_.empty(); }
  Iterator begin() { return modules_.begin(); }
  Iterator end() { return modules_.end(); }
  ConstIterator begin() const { return modules_.begin(); }
  ConstIterator end() const { return modules_.end(); }

  std::shared_ptr<Module> operator[](size_t i) const { return ptr(i); }
  std::shared_ptr<Module> ptr(size_t i) const { return any(i).ptr(); }
  template <class M>
  std::shared_ptr<M> ptr(size_t i) const {
    return any(i).template ptr<M>();
  }
  template <class M>
  M& at(size_t i) {
    return any(i).template get<M>();
  }
  template <class M>
  const M& at(size_t i) const {
    return any(i).template get<M>();
  }

 private:
  const AnyModule& any(size_t i) const;

  std::vector<AnyModule> modules_;
};

class TAPER_API Sequential : public ModuleHolder<SequentialImpl> {
 public:
  using ModuleHolder<SequentialImpl>::ModuleHolder;
  using Impl = SequentialImpl;
  Sequential() = default;
  Sequential(std::initializer_list<NamedAnyModule> modules);
};

namespace detail {
TAPER_API void allow_redundant_bias_warning();  // says it again next time; for tests
}

}  // namespace taper::nn
