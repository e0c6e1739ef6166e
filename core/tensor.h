// Tensor: an n-dimensional array of one dtype, a handle with value semantics (copying it shares the data).
//
//   taper::Tensor w = taper::randn({3, 4}, taper::requires_grad());
//   taper::Tensor loss = w.matmul(x).relu().sum();
//   loss.backward();                       // w.grad() now holds dloss/dw
//
// Methods carry the names, signatures, defaults and semantics of libtorch's at::Tensor; each does what the free
// function of the same name does (autograd/ops/<family>.h, with formula, shapes and errors). A method ending in `_`
// changes the elements in place and returns the tensor; as in libtorch it is const, since the handle stays what it is.
// Dimensions may be negative and then count from the end. Reading a tensor from several threads is safe; changing
// it while another thread uses it is not. A view whose base was changed in place finds its new history when it is first
// used: have one thread do that, with grad_fn() say, before several read it.
#pragma once

#include <taper/core/accessor.h>
#include <taper/core/options.h>
#include <taper/core/scalar.h>
#include <taper/core/tensor_impl.h>

#include <functional>
#include <string_view>
#include <tuple>

namespace taper {

class Tensor;
namespace indexing {
class TensorIndex;
}
using indexing::TensorIndex;
namespace autograd {
class Node;
}
using TensorList = ArrayRef<Tensor>;
namespace detail {
using TensorPair = std::tuple<Tensor, Tensor>;
using TensorTriple = std::tuple<Tensor, Tensor, Tensor>;
}  // namespace detail

class TAPER_API Tensor {
 public:
  Tensor() = default;
  explicit Tensor(intrusive_ptr<TensorImpl> impl) : impl_(std::move(impl)) {}
  Tensor(const Tensor&) = default;
  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(const Tensor&) & = default;
  Tensor& operator=(Tensor&&) & noexcept = default;
  // To a part of a tensor, as in x[2] = y and x[2][0] = 5, values are assigned.
  Tensor& operator=(const Tensor& value) && { return copy_(value); }
  Tensor& operator=(const Scalar& value) && { return fill_(value); }

  // ---- what it is ---------------------------------------------------------------------------------------------------
  bool defined() const { return static_cast<bool>(impl_); }
  TensorImpl* impl() const { return impl_.get(); }
  const intrusive_ptr<TensorImpl>& impl_ptr() const { return impl_; }
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }
  void reset() { impl_.reset(); }

  IntArrayRef sizes() const { return get().sizes(); }
  IntArrayRef strides() const { return get().strides(); }
  int64_t size(int64_t dim) const;
  int64_t stride(int64_t dim) const;
  int64_t dim() const { return get().dim(); }
  int64_t ndimension() const { return dim(); }
  int64_t numel() const { return get().numel(); }
  int64_t storage_offset() const { return get().offset(); }
  size_t element_size() const { return taper::element_size(get().dtype()); }
  size_t itemsize() const { return element_size(); }
  size_t nbytes() const { return static_cast<size_t>(numel()) * element_size(); }
  ScalarType dtype() const { return get().dtype(); }
  ScalarType scalar_type() const { return get().dtype(); }
  Device device() const { return {}; }
  Layout layout() const { return kStrided; }
  TensorOptions options() const { return TensorOptions(dtype()); }
  bool is_contiguous() const { return get().is_contiguous(); }
  bool is_floating_point() const { return taper::is_floating_point(dtype()); }
  // Whether the dtype has negative numbers.
  bool is_signed() const { return dtype() != kUInt8 && dtype() != kBool; }
  // The index of a GPU; -1 on the CPU.
  int64_t get_device() const { return static_cast<void>(get()), -1; }
  bool is_cuda() const { return false; }
  bool is_cpu() const { return true; }
  // The memory that this tensor and its views share.
  const Storage& storage() const { return get().storage(); }
  bool has_storage() const { return defined(); }
  // True when both are views of one storage.
  bool is_alias_of(const Tensor& other) const { return storage() == other.storage(); }
  // Made under InferenceMode, or a view of such a tensor.
  bool is_inference() const { return get().storage()->is_inference(); }

  // ---- its values ---------------------------------------------------------------------------------------------------
  void* data_ptr() const { return get().data(); }
  // The first element; an error when T is not the dtype.
  template <class T>
  T* data_ptr() const {
    check_dtype(dtype_of<T>, "data_ptr");
    return static_cast<T*>(get().data());
  }
  template <class T>
  const T* const_data_ptr() const {
    return data_ptr<T>();
  }
  // The only element of a one-element tensor.
  Scalar item() const;
  template <class T>
  T item() const {
    return item().to<T>();
  }
  // Whether the only element is not 0.
  bool is_nonzero() const;
  // x.accessor<float, 2>()[i][j]: an element, without further checks; an error where T is not the dtype or N not the
  // rank.
  template <class T, size_t N>
  TensorAccessor<T, N> accessor() const& {
    check_dtype(dtype_of<T>, "accessor");
    TAPER_CHECK(dim() == static_cast<int64_t>(N), "accessor: the tensor must have ", N, " dimensions; got sizes ",
                sizes());
    return TensorAccessor<T, N>(static_cast<T*>(get().data()), get().sizes().data(), get().strides().data());
  }
  // "CPUFloatType"; the values are printed by to_string(tensor) and operator<<.
  std::string toString() const;
  // A line of type and sizes on stdout, for debugging.
  void print() const;

  // ---- autograd -----------------------------------------------------------------------------------------------------
  bool requires_grad() const;
  const Tensor& set_requires_grad(bool value) const;
  const Tensor& requires_grad_(bool value = true) const { return set_requires_grad(value); }
  bool is_leaf() const;
  // The gradient accumulated by backward(); undefined until then. mutable_grad lets a program replace it.
  const Tensor& grad() const;
  Tensor& mutable_grad() const;
  // The node that made this tensor, null for a leaf.
  intrusive_ptr<autograd::Node> grad_fn() const;
  int64_t output_nr() const;
  // Accumulates d(this)/d(leaf) into every leaf's grad; `gradient` is the cotangent (needed unless this has one
  // element).
  void backward(const Tensor& gradient = {}, optional<bool> retain_graph = nullopt, bool create_graph = false,
                optional<TensorList> inputs = nullopt) const;
  // Keep .grad of a tensor that is not a leaf.
  void retain_grad() const;
  bool retains_grad() const;
  // Called with the gradient of this tensor during backward; a hook that returns a defined tensor replaces it. A hook
  // that holds its own tensor keeps both alive for good.
  unsigned register_hook(std::function<Tensor(const Tensor&)> hook) const;
  unsigned register_hook(std::function<void(const Tensor&)> hook) const;
  template <class F>
  unsigned register_hook(F&& hook) const {
    if constexpr (std::is_void_v<std::invoke_result_t<F, const Tensor&>>) {
      return register_hook(std::function<void(const Tensor&)>(std::forward<F>(hook)));
    } else {
      return register_hook(std::function<Tensor(const Tensor&)>(std::forward<F>(hook)));
    }
  }
  void remove_hook(unsigned index) const;
  // The same data without history; in-place changes of either are seen by both and by the version check.
  Tensor detach() const;
  Tensor& detach_() const;
  Tensor data() const { return detach(); }
  Tensor tensor_data() const { return detach(); }
  Tensor variable_data() const { return detach(); }
  void set_data(const Tensor& value) const;
  // Number of in-place changes so far.
  int64_t _version() const { return get().storage()->version(); }
  bool is_view() const { return static_cast<bool>(get().base); }

  // ---- copies, conversions, values in place -------------------------------------------------------------------------
  // The tensor itself when it is row-major, else a copy that is.
  Tensor contiguous() const;
  // The values of src, broadcast to these sizes and converted to this dtype.
  Tensor& copy_(const Tensor& src, bool non_blocking = false) const;
  // Converted: floats to integers lose their fraction. The tensor itself when it is so already, unless `copy`.
  Tensor to(ScalarType dtype, bool non_blocking = false, bool copy = false) const;
  Tensor to(Device device, bool non_blocking = false, bool copy = false) const;
  Tensor to(DeviceType device, bool non_blocking = false, bool copy = false) const;
  Tensor to(Device device, ScalarType dtype, bool non_blocking = false, bool copy = false) const;
  Tensor to(const TensorOptions& options, bool non_blocking = false, bool copy = false) const;
  Tensor to(const Tensor& like, bool non_blocking = false, bool copy = false) const;
  Tensor toType(ScalarType dtype) const { return to(dtype); }
  Tensor type_as(const Tensor& other) const { return to(other.dtype()); }
  Tensor cpu() const { return *this; }
  // All elements are value, 0, or on the diagonal fill_value; `wrap` begins anew below it in a tall matrix.
  Tensor& fill_(const Scalar& value) const;
  Tensor& fill_(const Tensor& value) const;
  Tensor& zero_() const;
  Tensor& fill_diagonal_(const Scalar& fill_value, bool wrap = false) const;
  // New tensors of this one's dtype, unless the options say otherwise.
  Tensor new_empty(IntArrayRef sizes, const TensorOptions& options = {}) const;
  Tensor new_zeros(IntArrayRef sizes, const TensorOptions& options = {}) const;
  Tensor new_ones(IntArrayRef sizes, const TensorOptions& options = {}) const;
  Tensor new_full(IntArrayRef sizes, const Scalar& value, const TensorOptions& options = {}) const;
  // Random values of the default generator, in PyTorch's stream: uniform on [from, to), normal, 0 or 1 (which has
  // probability p), integers, of density lambd exp(-lambd x), exp of a normal value, of a density proportional to
  // 1 / (1 + ((x - median) / sigma)^2), and the number of trials up to the first success of probability p. bernoulli_,
  // random_ and geometric_ take every dtype, the others floating-point ones (TypeError); a parameter outside of its
  // domain is a ValueError.
  Tensor& uniform_(double from = 0, double to = 1) const;
  Tensor& normal_(double mean = 0, double std = 1) const;
  Tensor& bernoulli_(double p = 0.5) const;
  Tensor& bernoulli_(const Tensor& p) const;
  Tensor& random_(int64_t from, optional<int64_t> to) const;  // of [from, to), or from `from` on
  Tensor& random_(int64_t to) const;
  Tensor& random_() const;  // all integers from 0 on that the dtype holds
  Tensor& exponential_(double lambd = 1) const;
  Tensor& log_normal_(double mean = 1, double std = 2) const;
  Tensor& cauchy_(double median = 0, double sigma = 1) const;
  Tensor& geometric_(double p) const;

  // ---- views (share the data) and indexing, beyond those in the list ------------------------------------------------
  // Other sizes for the same elements in order, one of them -1 for what is left; an error where strides do not allow it
  // (reshape copies then).
  Tensor view(IntArrayRef sizes) const;
  // The same bytes read as another dtype; the last dimension takes up the difference in size. Without gradient.
  Tensor view(ScalarType dtype) const;
  Tensor view_as(const Tensor& other) const { return view(other.sizes()); }
  Tensor reshape_as(const Tensor& other) const { return reshape(other.sizes()); }
  // Dimensions of size 1 stretch, new ones come in front; -1 keeps a size.
  Tensor expand(IntArrayRef sizes, bool implicit = false) const;
  Tensor expand_as(const Tensor& other) const { return expand(other.sizes()); }
  Tensor mT() const;  // the last two dimensions swapped
  Tensor mH() const { return mT(); }
  Tensor numpy_T() const;  // all dimensions in reverse
  // Windows of `size` elements, `step` apart, along a dimension: their elements are the last dimension of the result.
  Tensor unfold(int64_t dimension, int64_t size, int64_t step) const;
  // Any sizes and strides within the storage.
  Tensor as_strided(IntArrayRef sizes, IntArrayRef strides, optional<int64_t> storage_offset = nullopt) const;
  std::vector<Tensor> split(IntArrayRef split_sizes, int64_t dim = 0) const {
    return split_with_sizes(split_sizes, dim);
  }
  // A copy that is the tensor side by side with itself, repeats[d] times along dimension d.
  Tensor repeat(IntArrayRef repeats) const;
  // Row-major with other sizes; the values stay, as far as they reach, and new ones are undefined. To grow beyond its
  // memory a tensor must be the only one on it. Not for tensors that require grad.
  const Tensor& resize_(IntArrayRef sizes) const;
  const Tensor& resize_as_(const Tensor& other) const { return resize_(other.sizes()); }
  Tensor operator[](int64_t index) const { return select(0, index); }
  Tensor operator[](const Tensor& index) const;
  // x.index({0, Slice(1, None), mask}): core/indexing.h has what goes between the braces. index_put_ writes a value
  // that broadcasts to these places, or adds it (accumulate), where an index may repeat.
  Tensor index(ArrayRef<TensorIndex> indices) const;
  Tensor index(std::initializer_list<TensorIndex> indices) const;
  Tensor& index_put_(ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor& index_put_(std::initializer_list<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor& index_put_(ArrayRef<TensorIndex> indices, const Scalar& value) const;
  Tensor& index_put_(std::initializer_list<TensorIndex> indices, const Scalar& value) const;
  Tensor index_put(ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor index_put(std::initializer_list<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;

  // ---- operators in place; functions whose first operand is another -------------------------------------------------
  Tensor operator-() const { return neg(); }
  Tensor operator~() const { return bitwise_not(); }
#define TAPER_OPERATOR(op, name)                                         \
  Tensor& operator op(const Tensor& other) const { return name(other); } \
  Tensor& operator op(const Scalar& other) const { return name(other); }
  TAPER_OPERATOR(+=, add_)
  TAPER_OPERATOR(-=, sub_)
  TAPER_OPERATOR(*=, mul_)
  TAPER_OPERATOR(/=, div_)
  TAPER_OPERATOR(&=, bitwise_and_)
  TAPER_OPERATOR(|=, bitwise_or_)
  TAPER_OPERATOR(^=, bitwise_xor_)
#undef TAPER_OPERATOR
  Tensor where(const Tensor& condition, const Tensor& other) const;
  Tensor polygamma(int64_t n) const;
  template <class Bool>  // so that the dim of argsort(1) is no bool
  requires std::is_same_v<Bool, bool> Tensor argsort(Bool stable, int64_t dim = -1, bool descending = false)
  const { return std::get<1>(sort(optional<bool>(stable), dim, descending)); }

  // ---- the functions of autograd/ops/ as methods --------------------------------------------------------------------
#pragma push_macro("OR")
#undef OR
#define OR(...) = __VA_ARGS__
#define TAPER_METHOD(R, name, parameters, ...) R name parameters const;
#define TAPER_METHODS(name, parameters, ...) \
  Tensor name parameters const;              \
  Tensor& name##_ parameters const;
#define TAPER_METHODS_OWN TAPER_METHODS
#include <taper/core/tensor_methods.def>
#pragma pop_macro("OR")

#define TAPER_UNARY(name) \
  Tensor name() const;    \
  Tensor& name##_() const;
#define TAPER_COMPARE(name)               \
  Tensor name(const Tensor& other) const; \
  Tensor name(const Scalar& other) const;
#define TAPER_BINARY(name)                    \
  Tensor name(const Tensor& other) const;     \
  Tensor name(const Scalar& other) const;     \
  Tensor& name##_(const Tensor& other) const; \
  Tensor& name##_(const Scalar& other) const;
#include <taper/core/elementwise.def>

#define TAPER_ALIAS(R, alias, name, parameters, ...) \
  R alias parameters const { return name(__VA_ARGS__); }
#define TAPER_ALIAS_IN_PLACE(alias, name, parameters, ...) \
  Tensor& alias parameters const { return name(__VA_ARGS__); }
#include <taper/core/aliases.def>

 private:
  const TensorImpl& get() const {
    if (!impl_) [[unlikely]]
      undefined();
    return *impl_;
  }
  Tensor& self() const { return const_cast<Tensor&>(*this); }
  [[noreturn]] static void undefined();
  void check_dtype(ScalarType wanted, const char* op) const {
    if (wanted != get().dtype()) [[unlikely]]
      wrong_dtype(wanted, op);
  }
  [[noreturn]] void wrong_dtype(ScalarType wanted, const char* op) const;

  intrusive_ptr<TensorImpl> impl_;
};

// a op b is the function that autograd/ops/tensor_methods.cpp names.
#define TAPER_OPERATOR(op)                                        \
  TAPER_API Tensor operator op(const Tensor& a, const Tensor& b); \
  TAPER_API Tensor operator op(const Tensor& a, const Scalar& b); \
  TAPER_API Tensor operator op(const Scalar& a, const Tensor& b);
TAPER_OPERATOR(+)
TAPER_OPERATOR(-)
TAPER_OPERATOR(*)
TAPER_OPERATOR(/)
TAPER_OPERATOR(%)
TAPER_OPERATOR(&)
TAPER_OPERATOR(|)
TAPER_OPERATOR(^)
TAPER_OPERATOR(==)
TAPER_OPERATOR(!=)
TAPER_OPERATOR(<)
TAPER_OPERATOR(<=)
TAPER_OPERATOR(>)
TAPER_OPERATOR(>=)
#undef TAPER_OPERATOR

// The values in PyTorch's layout, ending in a line such as [ CPUFloatType{2,3} ].
TAPER_API std::string to_string(const Tensor& tensor);
inline void append_to(std::string& out, const Tensor& tensor) { out += to_string(tensor); }
template <detail::TextStream Stream>
Stream& operator<<(Stream& stream, const Tensor& tensor) {
  return detail::write(stream, tensor);
}

}  // namespace taper
