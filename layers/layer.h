// Layer, the base of taper's own layers. A layer defines its options, its parameters and layer_forward().
//
//   struct SwishOptions {
//     TAPER_ARG(double, beta) = 1.0;
//     TAPER_PRINTED(beta_);                                           // prints as taper::nn::Swish(beta=1)
//   };
//   TAPER_STATELESS(Swish, SwishOptions, const Tensor&);              // SwishImpl and its holder Swish
//   Tensor SwishImpl::layer_forward(const Tensor& x) { return x * sigmoid(options.beta() * x); }  // in the source
//
// A layer with parameters derives from Layer itself, overrides reset() and calls it in its constructors (linear.h).
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {
namespace detail {

// Prints one layer: its name, then fields in parentheses.
class TAPER_API FieldPrinter {
 public:
  struct Field {
    template <class T>
    Field(const T& v) : value(&v), write(&FieldPrinter::write<T>) {}  // NOLINT: implicit, for lists of fields
    const void* value;
    void (*write)(std::ostream& stream, const void* value);
  };

  FieldPrinter(std::ostream& stream, const std::string& name);
  // names: "alpha, beta" for the fields in their order, with underscores or without; "" prints the values alone. A
  // field inplace_, with its underscore, is printed only if it is true.
  FieldPrinter& operator()(const char* names, std::initializer_list<Field> values);
  // Prints the name alone, without parentheses; for a layer without fields.
  void name_only() { separator_ = ""; }
  void end();

 private:
  // Instantiated in layer.cpp for the types that fields have.
  template <class T>
  static void write(std::ostream& stream, const void* value);

  std::ostream& stream_;
  const char* separator_ = "(";  // what is printed before the next field
};

// Of a layer that adds a bias to each channel of its output, and of one that subtracts the mean of each channel of its
// input: one after the other, the bias has no effect (Ioffe and Szegedy 2015, section 3.2), of which Sequential warns.
class AddsChannelBias {
 public:
  virtual bool adds_channel_bias() const = 0;

 protected:
  ~AddsChannelBias() = default;
};
class RemovesChannelMean {};

}  // namespace detail

// The options of a layer without any.
struct NoOptions {};

// Inputs are the parameters of forward and layer_forward. Options without TAPER_PRINTED print no fields; a check() of
// the options is called in construction and in reset().
template <class Derived, class Options, class... Inputs>
class Layer : public Cloneable<Derived> {
 public:
  Layer() requires std::is_default_constructible_v<Options>
  = default;
  explicit Layer(const Options& options_) : options(options_) { Layer::reset(); }
  // The arguments of the options' constructor: Threshold(0.1, 2), MaxPool2d(3); of an Impl also MaxPool2dImpl({3, 5}).
  template <class... Args>
  requires(sizeof...(Args) > 0 && std::is_constructible_v<Options, Args...> &&
           !(sizeof...(Args) == 1 && (std::is_convertible_v<Args, Options> && ...))) explicit Layer(Args&&... args)
      : Layer(Options(std::forward<Args>(args)...)) {}
  template <class... Args>
  requires std::is_constructible_v<Options, std::initializer_list<int64_t>, Args...>
  explicit Layer(std::initializer_list<int64_t> list, const Args&... args) : Layer(Options(list, args...)) {}
  explicit Layer(std::initializer_list<optional<int64_t>> list) requires
      std::is_constructible_v<Options, std::initializer_list<optional<int64_t>>> : Layer(Options(list)) {}
  void reset() override {
    if constexpr (requires { options.check(); }) options.check();
  }
  void pretty_print(std::ostream& stream) const override {
    detail::FieldPrinter out(stream, detail::layer_name(typeid(Derived)));
    if constexpr (requires { options.print(out); }) options.print(out);
    out.end();
  }

  // Calls layer_forward in the scope of the module: errors, anomaly mode and observers (summary) know which one runs.
  Tensor forward(Inputs... inputs) {
    return detail::call_module(*this, detail::first_tensor(inputs...), [&] { return layer_forward(inputs...); });
  }

  Options options;

 protected:
  virtual Tensor layer_forward(Inputs... inputs) = 0;
};

}  // namespace taper::nn

// In an options class: the fields that are printed, in this order, as in TAPER_PRINTED(alpha_, inplace_).
#define TAPER_PRINTED(...) \
 public:                   \
  void print(::taper::nn::detail::FieldPrinter& out) const { out(#__VA_ARGS__, {__VA_ARGS__}); }

// A layer that its base class implements, as in TAPER_LAYER(BatchNorm1d, BatchNormImplBase<1, BatchNorm1dImpl>): the
// class NameImpl and its holder. The source defines the destructor, so that the virtual table is emitted there alone.
#define TAPER_LAYER(Name, ...)                      \
  class TAPER_API Name##Impl : public __VA_ARGS__ { \
    using Implementation_ = __VA_ARGS__;            \
                                                    \
   public:                                          \
    using Implementation_::Implementation_;         \
    ~Name##Impl() override;                         \
  };                                                \
  TAPER_MODULE(Name)

// A layer without parameters: the class NameImpl, of which the source defines layer_forward, and its holder.
#define TAPER_STATELESS(Name, Options, ...)                                     \
  class TAPER_API Name##Impl : public Layer<Name##Impl, Options, __VA_ARGS__> { \
   public:                                                                      \
    using Layer<Name##Impl, Options, __VA_ARGS__>::Layer;                       \
                                                                                \
   protected:                                                                   \
    Tensor layer_forward(__VA_ARGS__) override;                                 \
  };                                                                            \
  TAPER_MODULE(Name)
