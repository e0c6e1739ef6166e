// Tensor: an n-dimensional array of one dtype, a handle with value semantics (copying it shares the data).
//
//   taper::Tensor w = taper::randn({3, 4}, taper::requires_grad());
//   taper::Tensor loss = w.matmul(x).relu().sum();
//   loss.backward();                       // w.grad() now holds dloss/dw
//
// Methods carry the names, signatures, defaults and semantics of libtorch's at::Tensor; each does what the free
// function of the same name (autograd/functions.h) does, where the formula is given. A method ending in `_` changes the
// values in place and returns the tensor; as in libtorch it is const, since the handle stays what it is. Dimensions may
// be negative and then count from the end. Reading the same tensor from several threads is safe; changing it while
// another thread uses it is not. A view whose base was changed in place finds its new history when it is first used:
// have one thread do that, with grad_fn() say, before several read it.
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
  // Whether the dtype has numbers below 0.
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

  // ---- copies and conversions ---------------------------------------------------------------------------------------
  Tensor clone() const;
  Tensor contiguous() const;
  Tensor& copy_(const Tensor& src, bool non_blocking = false) const;
  Tensor to(ScalarType dtype, bool non_blocking = false, bool copy = false) const;
  Tensor to(Device device, bool non_blocking = false, bool copy = false) const;
  Tensor to(DeviceType device, bool non_blocking = false, bool copy = false) const;
  Tensor to(Device device, ScalarType dtype, bool non_blocking = false, bool copy = false) const;
  Tensor to(const TensorOptions& options, bool non_blocking = false, bool copy = false) const;
  Tensor to(const Tensor& like, bool non_blocking = false, bool copy = false) const;
  Tensor toType(ScalarType dtype) const { return to(dtype); }
  Tensor type_as(const Tensor& other) const { return to(other.dtype()); }
  Tensor cpu() const { return *this; }
  Tensor& fill_(const Scalar& value) const;
  Tensor& fill_(const Tensor& value) const;
  Tensor& zero_() const;
  // New tensors of this one's dtype, unless the options say otherwise.
  Tensor new_empty(IntArrayRef sizes, const TensorOptions& options = {}) const;
  Tensor new_zeros(IntArrayRef sizes, const TensorOptions& options = {}) const;
  Tensor new_ones(IntArrayRef sizes, const TensorOptions& options = {}) const;
  Tensor new_full(IntArrayRef sizes, const Scalar& value, const TensorOptions& options = {}) const;

  // ---- views (share the data) ---------------------------------------------------------------------------------------
  Tensor view(IntArrayRef sizes) const;
  // The same bytes read as another dtype; the last dimension takes up the difference in size. Without gradient.
  Tensor view(ScalarType dtype) const;
  Tensor view_as(const Tensor& other) const { return view(other.sizes()); }
  Tensor reshape(IntArrayRef sizes) const;
  Tensor reshape_as(const Tensor& other) const { return reshape(other.sizes()); }
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
  Tensor transpose(int64_t dim0, int64_t dim1) const;
  Tensor permute(IntArrayRef dims) const;
  Tensor t() const;
  Tensor squeeze() const;
  Tensor squeeze(int64_t dim) const;
  Tensor unsqueeze(int64_t dim) const;
  Tensor mT() const;  // the last two dimensions swapped
  Tensor mH() const { return mT(); }
  Tensor numpy_T() const;  // all dimensions in reverse
  Tensor movedim(IntArrayRef source, IntArrayRef destination) const;
  Tensor movedim(int64_t source, int64_t destination) const;
  Tensor moveaxis(IntArrayRef source, IntArrayRef destination) const { return movedim(source, destination); }
  Tensor moveaxis(int64_t source, int64_t destination) const { return movedim(source, destination); }
  Tensor swapaxes(int64_t axis0, int64_t axis1) const { return transpose(axis0, axis1); }
  Tensor swapdims(int64_t dim0, int64_t dim1) const { return transpose(dim0, dim1); }
  Tensor unflatten(int64_t dim, IntArrayRef sizes) const;
  Tensor ravel() const;
  Tensor unfold(int64_t dimension, int64_t size, int64_t step) const;
  Tensor broadcast_to(IntArrayRef sizes) const { return expand(sizes); }
  // These change the sizes and strides of the tensor itself.
  Tensor& squeeze_() const;
  Tensor& squeeze_(int64_t dim) const;
  Tensor& unsqueeze_(int64_t dim) const;
  Tensor& transpose_(int64_t dim0, int64_t dim1) const;
  Tensor& swapaxes_(int64_t axis0, int64_t axis1) const { return transpose_(axis0, axis1); }
  Tensor& swapdims_(int64_t dim0, int64_t dim1) const { return transpose_(dim0, dim1); }
  Tensor& t_() const;
  // Row-major with other sizes; the values stay, as far as they reach, and new ones are undefined. To grow beyond its
  // memory a tensor must be the only one on it. Not for tensors that require grad.
  const Tensor& resize_(IntArrayRef sizes) const;
  const Tensor& resize_as_(const Tensor& other) const { return resize_(other.sizes()); }
  Tensor expand(IntArrayRef sizes, bool implicit = false) const;
  Tensor expand_as(const Tensor& other) const { return expand(other.sizes()); }
  Tensor select(int64_t dim, int64_t index) const;
  Tensor slice(int64_t dim = 0, optional<int64_t> start = nullopt, optional<int64_t> end = nullopt,
               int64_t step = 1) const;
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;
  Tensor as_strided(IntArrayRef sizes, IntArrayRef strides, optional<int64_t> storage_offset = nullopt) const;
  std::vector<Tensor> chunk(int64_t chunks, int64_t dim = 0) const;
  std::vector<Tensor> split(int64_t split_size, int64_t dim = 0) const;
  std::vector<Tensor> split(IntArrayRef split_sizes, int64_t dim = 0) const;
  std::vector<Tensor> split_with_sizes(IntArrayRef split_sizes, int64_t dim = 0) const;
  std::vector<Tensor> unbind(int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(int64_t sections, int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(IntArrayRef indices, int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(const Tensor& indices_or_sections, int64_t dim = 0) const;
  std::vector<Tensor> hsplit(int64_t sections) const;
  std::vector<Tensor> hsplit(IntArrayRef indices) const;
  std::vector<Tensor> vsplit(int64_t sections) const;
  std::vector<Tensor> vsplit(IntArrayRef indices) const;
  std::vector<Tensor> dsplit(int64_t sections) const;
  std::vector<Tensor> dsplit(IntArrayRef indices) const;
  Tensor operator[](int64_t index) const { return select(0, index); }
  Tensor operator[](const Tensor& index) const;

  // ---- indexing -----------------------------------------------------------------------------------------------------
  Tensor index(ArrayRef<TensorIndex> indices) const;
  Tensor index(std::initializer_list<TensorIndex> indices) const;
  Tensor& index_put_(ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor& index_put_(std::initializer_list<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor& index_put_(ArrayRef<TensorIndex> indices, const Scalar& value) const;
  Tensor& index_put_(std::initializer_list<TensorIndex> indices, const Scalar& value) const;
  Tensor index_put(ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor index_put(std::initializer_list<TensorIndex> indices, const Tensor& value, bool accumulate = false) const;
  Tensor index_select(int64_t dim, const Tensor& index) const;
  Tensor gather(int64_t dim, const Tensor& index, bool sparse_grad = false) const;
  Tensor take(const Tensor& index) const;
  Tensor take_along_dim(const Tensor& indices, optional<int64_t> dim = nullopt) const;
#define TAPER_SCATTER(name, ...)  \
  Tensor name(__VA_ARGS__) const; \
  Tensor& name##_(__VA_ARGS__) const;
  TAPER_SCATTER(scatter, int64_t dim, const Tensor& index, const Tensor& src)
  TAPER_SCATTER(scatter, int64_t dim, const Tensor& index, const Scalar& value)
  TAPER_SCATTER(scatter, int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce)
  TAPER_SCATTER(scatter, int64_t dim, const Tensor& index, const Scalar& value, std::string_view reduce)
  TAPER_SCATTER(scatter_add, int64_t dim, const Tensor& index, const Tensor& src)
  TAPER_SCATTER(scatter_reduce, int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce,
                bool include_self = true)
  TAPER_SCATTER(index_add, int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha = 1)
  TAPER_SCATTER(index_copy, int64_t dim, const Tensor& index, const Tensor& source)
  TAPER_SCATTER(index_fill, int64_t dim, const Tensor& index, const Scalar& value)
  TAPER_SCATTER(index_fill, int64_t dim, const Tensor& index, const Tensor& value)
  TAPER_SCATTER(put, const Tensor& index, const Tensor& source, bool accumulate = false)
  TAPER_SCATTER(masked_scatter, const Tensor& mask, const Tensor& source)
#undef TAPER_SCATTER
  Tensor select_scatter(const Tensor& src, int64_t dim, int64_t index) const;
  Tensor slice_scatter(const Tensor& src, int64_t dim = 0, optional<int64_t> start = nullopt,
                       optional<int64_t> end = nullopt, int64_t step = 1) const;
  Tensor diagonal_scatter(const Tensor& src, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;
  Tensor& fill_diagonal_(const Scalar& fill_value, bool wrap = false) const;
  Tensor masked_fill(const Tensor& mask, const Scalar& value) const;
  Tensor masked_fill(const Tensor& mask, const Tensor& value) const;
  Tensor& masked_fill_(const Tensor& mask, const Scalar& value) const;
  Tensor& masked_fill_(const Tensor& mask, const Tensor& value) const;
  Tensor masked_select(const Tensor& mask) const;
  Tensor nonzero() const;
  std::vector<Tensor> nonzero_numpy() const;
  Tensor argwhere() const;

  // ---- order --------------------------------------------------------------------------------------------------------
  std::tuple<Tensor, Tensor> sort(int64_t dim = -1, bool descending = false) const;
  std::tuple<Tensor, Tensor> sort(optional<bool> stable, int64_t dim = -1, bool descending = false) const;
  Tensor argsort(int64_t dim = -1, bool descending = false) const;
  template <class Bool>
  requires std::is_same_v<Bool, bool> Tensor argsort(Bool stable, int64_t dim = -1, bool descending = false)
  const { return std::get<1>(sort(optional<bool>(stable), dim, descending)); }
  Tensor msort() const;
  std::tuple<Tensor, Tensor> topk(int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true) const;
  std::tuple<Tensor, Tensor> kthvalue(int64_t k, int64_t dim = -1, bool keepdim = false) const;
  Tensor median() const;
  std::tuple<Tensor, Tensor> median(int64_t dim, bool keepdim = false) const;
  Tensor nanmedian() const;
  std::tuple<Tensor, Tensor> nanmedian(int64_t dim, bool keepdim = false) const;
  std::tuple<Tensor, Tensor> mode(int64_t dim = -1, bool keepdim = false) const;
  std::tuple<Tensor, Tensor, Tensor> unique_consecutive(bool return_inverse = false, bool return_counts = false,
                                                        optional<int64_t> dim = nullopt) const;
  Tensor bincount(const optional<Tensor>& weights = {}, int64_t minlength = 0) const;
  Tensor histc(int64_t bins = 100, const Scalar& min = 0, const Scalar& max = 0) const;

  // ---- the values elsewhere -----------------------------------------------------------------------------------------
  Tensor flip(IntArrayRef dims) const;
  Tensor fliplr() const;
  Tensor flipud() const;
  Tensor rot90(int64_t k = 1, IntArrayRef dims = {0, 1}) const;
  Tensor roll(IntArrayRef shifts, IntArrayRef dims = {}) const;
  Tensor repeat(IntArrayRef repeats) const;
  Tensor tile(IntArrayRef dims) const;
  Tensor repeat_interleave(const Tensor& repeats, optional<int64_t> dim = nullopt,
                           optional<int64_t> output_size = nullopt) const;
  Tensor repeat_interleave(int64_t repeats, optional<int64_t> dim = nullopt,
                           optional<int64_t> output_size = nullopt) const;
  Tensor tril(int64_t diagonal = 0) const;
  Tensor triu(int64_t diagonal = 0) const;
  Tensor& tril_(int64_t diagonal = 0) const;
  Tensor& triu_(int64_t diagonal = 0) const;
  Tensor diag(int64_t diagonal = 0) const;
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1) const;
  Tensor diagflat(int64_t offset = 0) const;

  // ---- arithmetic ---------------------------------------------------------------------------------------------------
  Tensor add(const Tensor& other, const Scalar& alpha = 1) const;
  Tensor add(const Scalar& other, const Scalar& alpha = 1) const;
  Tensor sub(const Tensor& other, const Scalar& alpha = 1) const;
  Tensor sub(const Scalar& other, const Scalar& alpha = 1) const;
  Tensor mul(const Tensor& other) const;
  Tensor mul(const Scalar& other) const;
  Tensor div(const Tensor& other) const;
  Tensor div(const Scalar& other) const;
  Tensor div(const Tensor& other, optional<std::string_view> rounding_mode) const;
  Tensor div(const Scalar& other, optional<std::string_view> rounding_mode) const;
  Tensor pow(const Tensor& exponent) const;
  Tensor pow(const Scalar& exponent) const;
  Tensor& add_(const Tensor& other, const Scalar& alpha = 1) const;
  Tensor& add_(const Scalar& other, const Scalar& alpha = 1) const;
  Tensor& sub_(const Tensor& other, const Scalar& alpha = 1) const;
  Tensor& sub_(const Scalar& other, const Scalar& alpha = 1) const;
  Tensor& mul_(const Tensor& other) const;
  Tensor& mul_(const Scalar& other) const;
  Tensor& div_(const Tensor& other) const;
  Tensor& div_(const Scalar& other) const;
  Tensor& div_(const Tensor& other, optional<std::string_view> rounding_mode) const;
  Tensor& div_(const Scalar& other, optional<std::string_view> rounding_mode) const;
  Tensor& pow_(const Tensor& exponent) const;
  Tensor& pow_(const Scalar& exponent) const;
  Tensor& addcmul_(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  Tensor& addcdiv_(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  Tensor addcmul(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  Tensor addcdiv(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
#define TAPER_BINARY(name)                    \
  Tensor name(const Tensor& other) const;     \
  Tensor name(const Scalar& other) const;     \
  Tensor& name##_(const Tensor& other) const; \
  Tensor& name##_(const Scalar& other) const;
  TAPER_BINARY(fmod)
  TAPER_BINARY(remainder)
  TAPER_BINARY(floor_divide)
  TAPER_BINARY(xlogy)
  TAPER_BINARY(bitwise_and)
  TAPER_BINARY(bitwise_or)
  TAPER_BINARY(bitwise_xor)
#undef TAPER_BINARY
  Tensor bitwise_not() const;
  Tensor& bitwise_not_() const;
  Tensor atan2(const Tensor& other) const;
  Tensor& atan2_(const Tensor& other) const;
  Tensor hypot(const Tensor& other) const;
  Tensor& hypot_(const Tensor& other) const;
  Tensor logaddexp(const Tensor& other) const;
  Tensor lerp(const Tensor& end, const Scalar& weight) const;
  Tensor lerp(const Tensor& end, const Tensor& weight) const;
  Tensor& lerp_(const Tensor& end, const Scalar& weight) const;
  Tensor& lerp_(const Tensor& end, const Tensor& weight) const;
  // The same by another name.
#define TAPER_ALIAS(alias, name)                                         \
  Tensor alias(const Tensor& other) const { return name(other); }        \
  Tensor alias(const Scalar& other) const { return name(other); }        \
  Tensor& alias##_(const Tensor& other) const { return name##_(other); } \
  Tensor& alias##_(const Scalar& other) const { return name##_(other); }
  TAPER_ALIAS(multiply, mul)
  TAPER_ALIAS(divide, div)
  TAPER_ALIAS(true_divide, div)
#undef TAPER_ALIAS
  Tensor subtract(const Tensor& other, const Scalar& alpha = 1) const { return sub(other, alpha); }
  Tensor subtract(const Scalar& other, const Scalar& alpha = 1) const { return sub(other, alpha); }
  Tensor& subtract_(const Tensor& other, const Scalar& alpha = 1) const { return sub_(other, alpha); }
  Tensor& subtract_(const Scalar& other, const Scalar& alpha = 1) const { return sub_(other, alpha); }
  Tensor operator-() const { return neg(); }
  Tensor operator~() const { return bitwise_not(); }
  Tensor& operator+=(const Tensor& other) const { return add_(other); }
  Tensor& operator+=(const Scalar& other) const { return add_(other); }
  Tensor& operator-=(const Tensor& other) const { return sub_(other); }
  Tensor& operator-=(const Scalar& other) const { return sub_(other); }
  Tensor& operator*=(const Tensor& other) const { return mul_(other); }
  Tensor& operator*=(const Scalar& other) const { return mul_(other); }
  Tensor& operator/=(const Tensor& other) const { return div_(other); }
  Tensor& operator/=(const Scalar& other) const { return div_(other); }
  Tensor& operator&=(const Tensor& other) const { return bitwise_and_(other); }
  Tensor& operator&=(const Scalar& other) const { return bitwise_and_(other); }
  Tensor& operator|=(const Tensor& other) const { return bitwise_or_(other); }
  Tensor& operator|=(const Scalar& other) const { return bitwise_or_(other); }
  Tensor& operator^=(const Tensor& other) const { return bitwise_xor_(other); }
  Tensor& operator^=(const Scalar& other) const { return bitwise_xor_(other); }

  // ---- elementwise functions ----------------------------------------------------------------------------------------
#define TAPER_UNARY(name) \
  Tensor name() const;    \
  Tensor& name##_() const;
  TAPER_UNARY(neg)
  TAPER_UNARY(abs)
  TAPER_UNARY(exp)
  TAPER_UNARY(log)
  TAPER_UNARY(sqrt)
  TAPER_UNARY(rsqrt)
  TAPER_UNARY(square)
  TAPER_UNARY(reciprocal)
  TAPER_UNARY(tanh)
  TAPER_UNARY(sigmoid)
  TAPER_UNARY(relu)
  TAPER_UNARY(sin)
  TAPER_UNARY(cos)
  TAPER_UNARY(erf)
  TAPER_UNARY(log1p)
  TAPER_UNARY(expm1)
  TAPER_UNARY(sign)
  TAPER_UNARY(floor)
  TAPER_UNARY(ceil)
  TAPER_UNARY(round)
  TAPER_UNARY(trunc)
  TAPER_UNARY(frac)
  TAPER_UNARY(tan)
  TAPER_UNARY(asin)
  TAPER_UNARY(acos)
  TAPER_UNARY(atan)
  TAPER_UNARY(sinh)
  TAPER_UNARY(cosh)
  TAPER_UNARY(asinh)
  TAPER_UNARY(acosh)
  TAPER_UNARY(atanh)
  TAPER_UNARY(exp2)
  TAPER_UNARY(log2)
  TAPER_UNARY(log10)
  TAPER_UNARY(erfc)
  TAPER_UNARY(erfinv)
  TAPER_UNARY(lgamma)
  TAPER_UNARY(digamma)
#undef TAPER_UNARY
  // The same by another name.
#define TAPER_ALIAS(alias, name)          \
  Tensor alias() const { return name(); } \
  Tensor& alias##_() const { return name##_(); }
  TAPER_ALIAS(absolute, abs)
  TAPER_ALIAS(negative, neg)
  TAPER_ALIAS(fix, trunc)
  TAPER_ALIAS(arcsin, asin)
  TAPER_ALIAS(arccos, acos)
  TAPER_ALIAS(arctan, atan)
  TAPER_ALIAS(arcsinh, asinh)
  TAPER_ALIAS(arccosh, acosh)
  TAPER_ALIAS(arctanh, atanh)
#undef TAPER_ALIAS
  Tensor positive() const { return *this; }
  Tensor polygamma(int64_t n) const;
  Tensor nan_to_num(optional<double> nan = nullopt, optional<double> posinf = nullopt,
                    optional<double> neginf = nullopt) const;
  Tensor& nan_to_num_(optional<double> nan = nullopt, optional<double> posinf = nullopt,
                      optional<double> neginf = nullopt) const;
  Tensor clamp(const optional<Scalar>& min, const optional<Scalar>& max = nullopt) const;
  Tensor clamp(const optional<Tensor>& min = nullopt, const optional<Tensor>& max = nullopt) const;
  Tensor clamp_min(const Scalar& min) const { return clamp(min, nullopt); }
  Tensor clamp_max(const Scalar& max) const { return clamp(nullopt, max); }
  Tensor clamp_min(const Tensor& min) const { return clamp(optional<Tensor>(min)); }
  Tensor clamp_max(const Tensor& max) const { return clamp(nullopt, optional<Tensor>(max)); }
  Tensor& clamp_(const optional<Scalar>& min, const optional<Scalar>& max = nullopt) const;
  Tensor& clamp_(const optional<Tensor>& min = nullopt, const optional<Tensor>& max = nullopt) const;
  Tensor& clamp_min_(const Scalar& min) const { return clamp_(min, nullopt); }
  Tensor& clamp_max_(const Scalar& max) const { return clamp_(nullopt, max); }
  Tensor& clamp_min_(const Tensor& min) const { return clamp_(optional<Tensor>(min)); }
  Tensor& clamp_max_(const Tensor& max) const { return clamp_(nullopt, optional<Tensor>(max)); }
  Tensor clip(const optional<Scalar>& min, const optional<Scalar>& max = nullopt) const { return clamp(min, max); }
  Tensor& clip_(const optional<Scalar>& min, const optional<Scalar>& max = nullopt) const { return clamp_(min, max); }
  Tensor where(const Tensor& condition, const Tensor& other) const;
  Tensor maximum(const Tensor& other) const;
  Tensor minimum(const Tensor& other) const;
  Tensor fmax(const Tensor& other) const;
  Tensor fmin(const Tensor& other) const;
  Tensor max(const Tensor& other) const { return maximum(other); }
  Tensor min(const Tensor& other) const { return minimum(other); }
  Tensor logical_not() const;
  Tensor logical_and(const Tensor& other) const;
  Tensor logical_or(const Tensor& other) const;
  Tensor logical_xor(const Tensor& other) const;
  // In place they keep the dtype: 0 and 1.
  Tensor& logical_not_() const;
  Tensor& logical_and_(const Tensor& other) const;
  Tensor& logical_or_(const Tensor& other) const;
  Tensor& logical_xor_(const Tensor& other) const;
  Tensor signbit() const;
  Tensor isnan() const;
  Tensor isinf() const;
  Tensor isfinite() const;
#define TAPER_COMPARE(name)               \
  Tensor name(const Tensor& other) const; \
  Tensor name(const Scalar& other) const;
  TAPER_COMPARE(eq)
  TAPER_COMPARE(ne)
  TAPER_COMPARE(lt)
  TAPER_COMPARE(le)
  TAPER_COMPARE(gt)
  TAPER_COMPARE(ge)
#undef TAPER_COMPARE
#define TAPER_ALIAS(alias, name)                                  \
  Tensor alias(const Tensor& other) const { return name(other); } \
  Tensor alias(const Scalar& other) const { return name(other); }
  TAPER_ALIAS(not_equal, ne)
  TAPER_ALIAS(less, lt)
  TAPER_ALIAS(less_equal, le)
  TAPER_ALIAS(greater, gt)
  TAPER_ALIAS(greater_equal, ge)
#undef TAPER_ALIAS
  bool equal(const Tensor& other) const;
  bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) const;

  // ---- reductions (an empty list of dims means all of them) ---------------------------------------------------------
  Tensor sum(optional<ScalarType> dtype = nullopt) const;
  Tensor sum(IntArrayRef dim, bool keepdim = false, optional<ScalarType> dtype = nullopt) const;
  Tensor mean(optional<ScalarType> dtype = nullopt) const;
  Tensor mean(IntArrayRef dim, bool keepdim = false, optional<ScalarType> dtype = nullopt) const;
  Tensor var(bool unbiased = true) const;
  Tensor var(IntArrayRef dim, bool unbiased = true, bool keepdim = false) const;
  Tensor var(int dim) const { return var(IntArrayRef(dim)); }  // a number alone is a dim, not `unbiased`
  Tensor var(int64_t dim) const { return var(IntArrayRef(dim)); }
  Tensor std(bool unbiased = true) const;
  Tensor std(IntArrayRef dim, bool unbiased = true, bool keepdim = false) const;
  Tensor std(int dim) const { return std(IntArrayRef(dim)); }
  Tensor std(int64_t dim) const { return std(IntArrayRef(dim)); }
  Tensor var(IntArrayRef dim, optional<int64_t> correction, bool keepdim = false) const;
  Tensor std(IntArrayRef dim, optional<int64_t> correction, bool keepdim = false) const;
  Tensor max() const;
  Tensor min() const;
  std::tuple<Tensor, Tensor> max(int64_t dim, bool keepdim = false) const;
  std::tuple<Tensor, Tensor> min(int64_t dim, bool keepdim = false) const;
  Tensor amax(IntArrayRef dim = {}, bool keepdim = false) const;
  Tensor amin(IntArrayRef dim = {}, bool keepdim = false) const;
  Tensor argmax(optional<int64_t> dim = nullopt, bool keepdim = false) const;
  Tensor argmin(optional<int64_t> dim = nullopt, bool keepdim = false) const;
  Tensor all() const;
  Tensor all(int64_t dim, bool keepdim = false) const;
  Tensor any() const;
  Tensor any(int64_t dim, bool keepdim = false) const;
  Tensor prod(optional<ScalarType> dtype = nullopt) const;
  Tensor prod(int64_t dim, bool keepdim = false, optional<ScalarType> dtype = nullopt) const;
  Tensor nansum(IntArrayRef dim = {}, bool keepdim = false, optional<ScalarType> dtype = nullopt) const;
  Tensor count_nonzero(IntArrayRef dim = {}) const;
  std::tuple<Tensor, Tensor> aminmax(optional<int64_t> dim = nullopt, bool keepdim = false) const;
  Tensor trace() const;
  Tensor cumsum(int64_t dim, optional<ScalarType> dtype = nullopt) const;
  Tensor& cumsum_(int64_t dim, optional<ScalarType> dtype = nullopt) const;
  Tensor cumprod(int64_t dim, optional<ScalarType> dtype = nullopt) const;
  Tensor& cumprod_(int64_t dim, optional<ScalarType> dtype = nullopt) const;
  Tensor logcumsumexp(int64_t dim) const;
  Tensor norm(const Scalar& p = 2) const;
  Tensor norm(const optional<Scalar>& p, IntArrayRef dim, bool keepdim = false) const;
  Tensor norm(const optional<Scalar>& p, ScalarType dtype) const;
  Tensor norm(const optional<Scalar>& p, IntArrayRef dim, bool keepdim, ScalarType dtype) const;
  Tensor logsumexp(IntArrayRef dim, bool keepdim = false) const;
  Tensor softmax(int64_t dim, optional<ScalarType> dtype = nullopt) const;
  Tensor log_softmax(int64_t dim, optional<ScalarType> dtype = nullopt) const;

  // ---- linear algebra -----------------------------------------------------------------------------------------------
  Tensor mm(const Tensor& other) const;
  Tensor bmm(const Tensor& other) const;
  Tensor mv(const Tensor& vector) const;
  Tensor dot(const Tensor& other) const;
  Tensor outer(const Tensor& other) const;
  Tensor matmul(const Tensor& other) const;
#define TAPER_ADD_PRODUCT(name)                                                                         \
  Tensor name(const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1) const; \
  Tensor& name##_(const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1) const;
  TAPER_ADD_PRODUCT(addmm)
  TAPER_ADD_PRODUCT(addmv)
  TAPER_ADD_PRODUCT(addr)
  TAPER_ADD_PRODUCT(addbmm)
  TAPER_ADD_PRODUCT(baddbmm)
#undef TAPER_ADD_PRODUCT
  Tensor inner(const Tensor& other) const;
  Tensor vdot(const Tensor& other) const { return dot(other); }
  Tensor ger(const Tensor& other) const { return outer(other); }
  Tensor kron(const Tensor& other) const;
  Tensor cross(const Tensor& other, optional<int64_t> dim = nullopt) const;

  // ---- random fills (taper's generator, PyTorch's stream) -----------------------------------------------------------
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
  Tensor bernoulli() const;
  Tensor bernoulli(double p) const;
  Tensor multinomial(int64_t num_samples, bool replacement = false) const;

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

#define TAPER_OPERATOR(op, method)                                                    \
  inline Tensor operator op(const Tensor& a, const Tensor& b) { return a.method(b); } \
  inline Tensor operator op(const Tensor& a, const Scalar& b) { return a.method(b); }
TAPER_OPERATOR(+, add)
TAPER_OPERATOR(-, sub)
TAPER_OPERATOR(*, mul)
TAPER_OPERATOR(/, div)
TAPER_OPERATOR(%, remainder)
TAPER_OPERATOR(&, bitwise_and)
TAPER_OPERATOR(|, bitwise_or)
TAPER_OPERATOR(^, bitwise_xor)
TAPER_OPERATOR(==, eq)
TAPER_OPERATOR(!=, ne)
TAPER_OPERATOR(<, lt)
TAPER_OPERATOR(<=, le)
TAPER_OPERATOR(>, gt)
TAPER_OPERATOR(>=, ge)
#undef TAPER_OPERATOR
inline Tensor operator+(const Scalar& a, const Tensor& b) { return b.add(a); }
inline Tensor operator*(const Scalar& a, const Tensor& b) { return b.mul(a); }
TAPER_API Tensor operator-(const Scalar& a, const Tensor& b);
TAPER_API Tensor operator/(const Scalar& a, const Tensor& b);
TAPER_API Tensor operator%(const Scalar& a, const Tensor& b);
inline Tensor operator&(const Scalar& a, const Tensor& b) { return b.bitwise_and(a); }
inline Tensor operator|(const Scalar& a, const Tensor& b) { return b.bitwise_or(a); }
inline Tensor operator^(const Scalar& a, const Tensor& b) { return b.bitwise_xor(a); }
inline Tensor operator==(const Scalar& a, const Tensor& b) { return b.eq(a); }
inline Tensor operator!=(const Scalar& a, const Tensor& b) { return b.ne(a); }
inline Tensor operator<(const Scalar& a, const Tensor& b) { return b.gt(a); }
inline Tensor operator<=(const Scalar& a, const Tensor& b) { return b.ge(a); }
inline Tensor operator>(const Scalar& a, const Tensor& b) { return b.lt(a); }
inline Tensor operator>=(const Scalar& a, const Tensor& b) { return b.le(a); }

// The values in PyTorch's layout, ending in a line such as [ CPUFloatType{2,3} ].
TAPER_API std::string to_string(const Tensor& tensor);
template <class Stream>
requires requires(Stream& s, const std::string& text) { s.write(text.data(), 1); }
Stream& operator<<(Stream& stream, const Tensor& tensor) {
  const std::string text = to_string(tensor);
  stream.write(text.data(), static_cast<long>(text.size()));
  return stream;
}
inline void append_to(std::string& out, const Tensor& tensor) { out += to_string(tensor); }

}  // namespace taper
