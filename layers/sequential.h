// Sequential: modules called one after the other, each with the result of the one before.
//
//   taper::nn::Sequential net(taper::nn::Linear(784, 100), taper::nn::ReLU(), taper::nn::Linear(100, 10));
//   taper::nn::Sequential named({{"fc", taper::nn::Linear(3, 4)}, {"act", taper::nn::ReLU()}});
//   taper::Tensor y = net->forward(x);
//
// Takes holders, shared_ptrs and Impl values of anything with a forward, other Sequentials too. The first module may
// take several arguments; forward<T>(...) is for a last module that returns no Tensor. Children are named "0", "1", ...
// by default. A layer whose bias the next one cancels (Linear before BatchNorm) gives a warning, once.
#pragma once

#include <taper/layers/any.h>
#include <taper/layers/module_list.h>

namespace taper::nn {

class TAPER_API SequentialImpl : public detail::ModuleVector<SequentialImpl, AnyModule> {
 public:
  SequentialImpl() = default;
  SequentialImpl(const SequentialImpl&) = default;
  SequentialImpl& operator=(const SequentialImpl&) = default;
  SequentialImpl(std::initializer_list<NamedAnyModule> modules);
  explicit SequentialImpl(OrderedDict<std::string, AnyModule>&& modules);
  template <class... Modules>
  requires detail::Items<SequentialImpl, Modules...> &&
      (std::is_convertible_v<Modules, AnyModule>&&...) explicit SequentialImpl(Modules&&... modules) {
    (push_back(AnyModule(std::forward<Modules>(modules))), ...);
  }

  void pretty_print(std::ostream& stream) const override;

  template <class R = Tensor, class... Inputs>
  R forward(Inputs&&... inputs) {
    AnyValue args[sizeof...(Inputs) + 1] = {AnyValue(std::forward<Inputs>(inputs))...};
    return detail::any_result<R>(forward_values(args, sizeof...(Inputs)));
  }
  AnyValue forward_values(AnyValue* args, size_t n);

  void push_back(AnyModule module);
  void push_back(std::string name, AnyModule module);

 protected:
  void copy_items(const SequentialImpl& original) override;
};

class TAPER_API Sequential : public ModuleHolder<SequentialImpl> {
 public:
  using ModuleHolder<SequentialImpl>::ModuleHolder;
  using Impl = SequentialImpl;
  Sequential() = default;
  Sequential(std::initializer_list<NamedAnyModule> modules);
};

namespace detail {
TAPER_API void allow_redundant_bias_warning();  // warns again next time; for tests
}

}  // namespace taper::nn
