// Headers, macros and the at:: and c10:: names that programs use beside torch::.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/TensorIndexing.h>
#include <ATen/Version.h>
#include <ATen/core/ivalue.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <c10/core/TensorOptions.h>
#include <c10/macros/Macros.h>
#include <c10/util/ArrayRef.h>
#include <c10/util/Exception.h>
#include <c10/util/Optional.h>
#include <c10/util/StringUtil.h>
#include <c10/util/irange.h>
#include <c10/util/variant.h>
#include <torch/all.h>
#include <torch/arg.h>
#include <torch/autograd.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/utils/memory.h>
#include <torch/cuda.h>
#include <torch/data.h>
#include <torch/data/dataloader.h>
#include <torch/data/datasets/mnist.h>
#include <torch/data/samplers/random.h>
#include <torch/data/transforms/stack.h>
#include <torch/enum.h>
#include <torch/expanding_array.h>
#include <torch/nn.h>
#include <torch/nn/cloneable.h>
#include <torch/nn/functional.h>
#include <torch/nn/functional/activation.h>
#include <torch/nn/init.h>
#include <torch/nn/module.h>
#include <torch/nn/modules.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/options/conv.h>
#include <torch/nn/pimpl.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim.h>
#include <torch/optim/schedulers/step_lr.h>
#include <torch/optim/sgd.h>
#include <torch/ordered_dict.h>
#include <torch/serialize.h>
#include <torch/serialize/input-archive.h>
#include <torch/torch.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <iostream>

struct TORCH_API Options {
  explicit Options(int64_t size) : size_(size) {}
  TORCH_ARG(int64_t, size);
  TORCH_ARG(std::string, name) = "none";
};

template <class F>
static void fails(const char* what, F f) {
  try {
    f();
    std::cout << what << ": fine\n";
  } catch (const c10::Error& error) {
    const bool agree = error.msg().find("seven is 7") != std::string::npos &&
                       std::string(error.what()).find("seven is 7") != std::string::npos &&
                       std::string(error.what_without_backtrace()).find("seven is 7") != std::string::npos;
    std::cout << what << ": " << (agree ? "says so\n" : "an error\n");
  }
}

C10_ALWAYS_INLINE int twice(C10_UNUSED int x, int y) {
  if (C10_LIKELY(y > 0)) return 2 * y;
  return C10_UNLIKELY(y == 0) ? 1 : 0;
}

static void macros() {
  std::cout << Options(3).size(4).size() << Options(3).name("x").name() << twice(1, 2) << C10_STRINGIZE(words) << '\n';
  const int seven = 7;
  fails("TORCH_CHECK", [&] { TORCH_CHECK(seven == 8, "seven is ", seven); });
  fails("TORCH_CHECK of a truth", [&] { TORCH_CHECK(seven == 7, "seven is ", seven); });
  fails("TORCH_CHECK_INDEX", [&] { TORCH_CHECK_INDEX(seven == 8, "seven is ", seven); });
  fails("TORCH_CHECK_VALUE", [&] { TORCH_CHECK_VALUE(seven == 8, "seven is ", seven); });
  fails("TORCH_CHECK_TYPE", [&] { TORCH_CHECK_TYPE(seven == 8, "seven is ", seven); });
  fails("TORCH_CHECK_NOT_IMPLEMENTED", [&] { TORCH_CHECK_NOT_IMPLEMENTED(seven == 8, "seven is ", seven); });
  fails("TORCH_CHECK_WITH", [&] { TORCH_CHECK_WITH(ValueError, seven == 8, "seven is ", seven); });
  fails("TORCH_INTERNAL_ASSERT", [&] { TORCH_INTERNAL_ASSERT(seven == 8, "seven is ", seven); });
  fails("AT_ERROR", [&] { AT_ERROR("seven is ", seven); });
  fails("AT_ASSERT", [&] { AT_ASSERT(seven == 8); });
  fails("without words", [&] { TORCH_CHECK(seven == 8); });
  try {
    TORCH_CHECK_INDEX(false, "index");
  } catch (const c10::IndexError& error) {
    std::cout << "IndexError\n";
  }
  for (int i = 0; i < 3; ++i) TORCH_WARN_ONCE("said once, to the error stream");
  TORCH_WARN("to the error stream");
}

template <class F>
static void of_types(const char* name, F f) {
  std::cout << name << ':';
  for (const auto type : {at::kBool, at::kByte, at::kChar, at::kShort, at::kInt, at::kLong, at::kFloat, at::kDouble}) {
    try {
      std::cout << ' ' << type << f(at::ones({2}, type));
    } catch (const c10::Error&) {
      std::cout << " no " << type;
    }
  }
  std::cout << '\n';
}

static void dispatch() {
  of_types("floating", [](const at::Tensor& x) {
    return AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "f", [&] { return sizeof(scalar_t); });
  });
  of_types("integral", [](const at::Tensor& x) {
    return AT_DISPATCH_INTEGRAL_TYPES(x.scalar_type(), "f", [&] { return sizeof(scalar_t); });
  });
  of_types("all", [](const at::Tensor& x) {
    return AT_DISPATCH_ALL_TYPES(x.scalar_type(), "f", [&]() -> double { return x.data_ptr<scalar_t>()[0]; });
  });
  of_types("all and bool", [](const at::Tensor& x) {
    double sum = 0;
    AT_DISPATCH_ALL_TYPES_AND(at::ScalarType::Bool, x.scalar_type(), "f", [&] {
      const scalar_t *begin = x.data_ptr<scalar_t>(), *end = begin + x.numel();
      for (const auto* p = begin; p != end; ++p) sum += static_cast<double>(*p);
    });
    return sum;
  });
  of_types("floating and long", [](const at::Tensor& x) {
    return AT_DISPATCH_FLOATING_TYPES_AND(at::ScalarType::Long, x.scalar_type(), "f", [&] { return sizeof(scalar_t); });
  });
  of_types("all and two", [](const at::Tensor& x) {
    return AT_DISPATCH_ALL_TYPES_AND2(at::kBool, at::kHalf, x.scalar_type(), "f", [&] { return sizeof(scalar_t); });
  });
}

static void names() {
  using at::indexing::None;
  using at::indexing::Slice;
  using torch::indexing::Ellipsis;
  const auto x = at::arange(12, at::TensorOptions().dtype(at::kFloat).device(at::kCPU)).view({3, 4});
  std::cout << x.index({Slice(1, None), 0}) << x.index({Ellipsis, Slice(None, None, 2)}).sizes() << '\n';
  c10::optional<int64_t> nothing = c10::nullopt, something = c10::make_optional<int64_t>(3);
  std::cout << nothing.has_value() << something.value() << nothing.value_or(5) << '\n';
  const std::vector<int64_t> sizes{3, 4};
  const c10::IntArrayRef reference(sizes);
  const at::ArrayRef<double> values = {1.5, 2.5};
  std::cout << reference << (x.sizes() == reference) << reference.vec().size() << values.size() << '\n';
  for (const auto i : c10::irange(3)) std::cout << i;
  for (const auto i : c10::irange(2, 4)) std::cout << i;
  for (const auto i : c10::irange(x.size(0))) std::cout << x.size(i % 2);
  for (const auto i : c10::irange(3, 1)) std::cout << i;
  std::cout << c10::str("a", 1, at::kLong) << c10::to_string(12) << '\n';
  std::cout << c10::Device(c10::DeviceType::CPU) << c10::Device("cpu").is_cpu() << c10::kFloat << at::toString(at::kInt)
            << c10::isFloatingType(at::kFloat) << c10::isIntegralType(at::kLong, false) << c10::elementSize(at::kDouble)
            << c10::typeMetaToScalarType(x.dtype()) << '\n';
  at::manual_seed(3);
  const auto a = at::rand({2});
  torch::manual_seed(3);
  std::cout << at::equal(a, torch::rand({2})) << torch::equal_if_defined(a, a)
            << torch::equal_if_defined(a, torch::Tensor()) << '\n';
  double sum = 0;
  at::parallel_for(0, 10, 100, [&](int64_t begin, int64_t end) {
    for (auto i = begin; i < end; ++i) sum += static_cast<double>(i);
  });
  std::cout << sum << (at::get_num_threads() > 0) << torch::cuda::is_available() << torch::cuda::cudnn_is_available()
            << torch::cuda::device_count() << at::show_config().empty() << torch::show_config().empty() << '\n';
  torch::cuda::manual_seed(1);
  torch::cuda::manual_seed_all(1);
  fails("synchronize", [] { torch::cuda::synchronize(); });
  at::Scalar scalar = 2.5;
  std::cout << scalar.toDouble() << scalar.isFloatingPoint() << scalar.to<int>() << '\n';
  {
    at::NoGradGuard no_grad;
    at::AutoGradMode grad(true);
    std::cout << torch::GradMode::is_enabled() << '\n';
  }
}

struct Printer : c10::WarningHandler {
  void process(const c10::SourceLocation& where, const std::string& message, const bool verbatim) override {
    std::cout << (verbatim ? where.function : "warning") << ": " << message << '\n';
  }
};

static void warnings() {
  Printer printer;
  const c10::Warning::WarningHandlerGuard guard(&printer);
  TORCH_WARN("two is ", 2);
  c10::Warning::warn({"here", "file", 1}, "as it is", true);
  for (int i = 0; i < 2; ++i) TORCH_WARN_ONCE("once");
  c10::Warning::set_warnAlways(true);
  for (int i = 0; i < 2; ++i) TORCH_WARN_ONCE("always");
  c10::Warning::set_warnAlways(false);
  std::cout << (c10::Warning::get_warning_handler() == &printer) << '\n';
}

static void more_names() {
  using namespace torch::indexing;
  std::cout << Slice() << ' ' << Slice(1, None, 2) << ' ' << TensorIndex(None) << TensorIndex("...") << TensorIndex(3)
            << TensorIndex(Slice(0, 1)) << std::vector<TensorIndex>{2, None, torch::ones({2})} << '\n';
  std::cout << TensorIndex(3).is_integer() << TensorIndex(3).integer() << TensorIndex(true).is_boolean()
            << TensorIndex(Slice(1, 2)).slice().stop() << TensorIndex(torch::ones({2})).tensor().numel() << '\n';
  std::cout << torch::detail::TensorDataContainer({{1, 2}, {3, 4}}) << torch::detail::TensorDataContainer({1.5, 2.0})
            << torch::detail::TensorDataContainer({{}, {}}) << torch::detail::TensorDataContainer({true, false})
            << '\n';
  std::cout << torch::kCPU << torch::kCUDA << torch::kStrided << c10::MemoryFormat::Contiguous << '\n';
  const c10::variant<int, std::string> either = 3;
  std::cout << c10::get<int>(either) << c10::holds_alternative<int>(either) << *torch::make_unique<int>(4)
            << c10::Join(", ", std::vector<int>{1, 2, 3}) << '\n';
  auto x = torch::arange(6, torch::kFloat).view({2, 3});
  std::cout << x.is_signed() << x.get_device() << torch::tensor(2.0).is_nonzero() << x.storage().nbytes()
            << (x.storage().data() == x.data_ptr()) << x[1].storage().is_alias_of(x.storage()) << '\n';
  at::index_put_(x, {torch::tensor({0, 1}), torch::tensor({1, 2})}, torch::tensor({9.0F, 8.0F}));
  std::cout << x << '\n';
  at::init_num_threads();
  const auto leaf = torch::autograd::make_variable(x * 2, true);
  std::cout << leaf.requires_grad() << leaf.is_leaf() << torch::autograd::make_variable(leaf).requires_grad() << '\n';
  const torch::IValue values[] = {
      x, 3, 2.5, 2.0, true, "text", {}, std::vector<int64_t>{1, 2}, std::vector<double>{1, 2.5}, x[0][1]};
  for (const auto& value : values) std::cout << value << ' ' << value.tagKind() << value.isTensor() << '\n';
  std::cout << torch::IValue(std::vector<torch::Tensor>{x, x}).toTensorVector().size() << '\n';
  const auto bytes = torch::tensor({{1, 0, 1}, {0, 1, 1}}).to(torch::kByte);
  std::cout << x.masked_fill(bytes, 7) << x.masked_select(bytes) << x.index({bytes}) << torch::where(bytes, x, -x)
            << '\n';
  const auto rows = torch::tensor({{1.0, 2.0}, {1.0, 2.0}, {0.0, 3.0}}).requires_grad_();
  namespace F = torch::nn::functional;
  F::normalize(F::pdist(rows), F::NormalizeFuncOptions().dim(0))
      .square()
      .mul(torch::tensor({1, 2, 3}))
      .sum()
      .backward();
  std::cout << rows.grad() << '\n';
  std::cout << std::sqrt(4.0) << std::isnan(NAN) << '\n';
  torch::set_default_dtype(torch::scalarTypeToTypeMeta(torch::kInt));
  std::cout << torch::ones({2}) << torch::tensor({1.5, 2.5}) << torch::arange(6, torch::kInt) * 1.5 << '\n';
  torch::set_default_dtype(torch::scalarTypeToTypeMeta(torch::kFloat));
  torch::nn::Module module;
  module.register_parameter("absent", torch::Tensor());
  std::cout << module.parameters().size() << '\n';
}

int main() {
  warnings();
  more_names();
  macros();
  dispatch();
  names();
}
