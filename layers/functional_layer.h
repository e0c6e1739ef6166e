// Functional: a function as a layer, for Sequential.
//
//   taper::nn::Sequential net(taper::nn::Linear(3, 4), taper::nn::Functional(taper::relu),
//                             taper::nn::Functional(taper::leaky_relu, 0.2),  // arguments behind the input
//                             taper::nn::Functional([](taper::Tensor x) { return x.flip({1}); }));
//
// A clone shares objects to which the function refers.
#pragma once

#include <taper/layers/layer.h>

#include <functional>
#include <tuple>

namespace taper::nn {

class TAPER_API FunctionalImpl : public Layer<FunctionalImpl, NoOptions, const Tensor&> {
 public:
  using Function = std::function<Tensor(Tensor)>;

  // ValueError for an empty function or a null pointer to one.
  explicit FunctionalImpl(Function function);
  // y = function(x, args...)
  template <class F, class... Args>
  requires(sizeof...(Args) > 0) explicit FunctionalImpl(F function, Args&&... args)
      : FunctionalImpl(
            is_empty(function)
                ? Function()
                : Function([function, bound = std::make_tuple(std::forward<Args>(args)...)](Tensor x) -> Tensor {
                    return std::apply([&](const auto&... rest) { return function(std::move(x), rest...); }, bound);
                  })) {}

  Tensor operator()(const Tensor& input) { return forward(input); }

 protected:
  Tensor layer_forward(const Tensor& x) override;

 private:
  template <class F>
  static bool is_empty(const F& function) {
    if constexpr (std::is_pointer_v<F> || requires { function.operator bool(); }) {
      return !function;
    } else {
      return false;
    }
  }

  Function function_;
};
TAPER_MODULE(Functional);

}  // namespace taper::nn
