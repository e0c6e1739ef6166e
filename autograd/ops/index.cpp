#include <taper/autograd/ops/index_internal.h>

#include <taper/core/indexing.h>
#include <taper/core/kernels/index.h>

#include <algorithm>

namespace taper {

using namespace autograd;

// y = x at the indices along dim           dx = dy added up at the indices
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  dim = wrap_dim("index_select", dim, x.dim());
  return record("IndexSelectBackward0", {x}, kernels::index_select(x, dim, index),
                [sizes = x.impl()->sizes(), dim, index = save(index)](const Tensor& dy) {
                  return index_add(zeros(sizes, dy.dtype()), dim, index.get(), dy);
                });
}

// y[..., i, ...] = x[..., index[..., i, ...], ...]        dx = dy added up at the indices
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index, bool sparse_grad) {
  if (sparse_grad) throw NotImplementedError("gather: there are no sparse gradients; leave sparse_grad false");
  dim = wrap_dim("gather", dim, x.dim());
  return record("GatherBackward0", {x}, kernels::gather(x, dim, index),
                [sizes = x.impl()->sizes(), dim, index = save(index)](const Tensor& dy) {
                  return scatter_add(zeros(sizes, dy.dtype()), dim, index.get(), dy);
                });
}

// ---- masks ----------------------------------------------------------------------------------------------------------
static void warn_of_uint8(const char* op) {
  warn(taper::detail::str(op, ": a mask of uint8 is deprecated; use one of bool, for example mask.to(taper::kBool)"));
}

Tensor autograd::bool_mask(const char* op, const Tensor& mask) {
  if (mask.dtype() == kBool) return mask;
  TAPER_CHECK_TYPE(mask.dtype() == kUInt8, op, ": the mask must be bool; got ", mask.dtype(),
                   "; compare first, for example mask != 0");
  warn_of_uint8(op);
  TAPER_CHECK_VALUE((mask <= 1).all().item<bool>(), op, ": a mask of uint8 must hold 0 and 1 only");
  return mask.to(kBool);
}

// y = mask ? value : x                     dx = mask ? 0 : dy, dvalue = sum of dy where mask
Tensor masked_fill(const Tensor& x, const Tensor& where_true, const Tensor& value) {
  const Tensor mask = bool_mask("masked_fill", where_true);
  check_zero_dim("masked_fill", value);
  const Tensor typed = value.dtype() == x.dtype() ? value : kernels::to_dtype(value, x.dtype());
  return record("MaskedFillBackward0", {x, value}, kernels::where(mask, typed, x),
                [mask = save(mask)](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? masked_fill(dy, mask.get(), 0) : Tensor(),
                               needs[1] ? sum(where(mask.get(), dy, 0)) : Tensor()};
                });
}
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value) {
  return masked_fill(x, mask, scalar_tensor(value, x.dtype()));
}
Tensor& Tensor::masked_fill_(const Tensor& where_true, const Tensor& value) const {
  const Tensor mask = bool_mask("masked_fill_", where_true);
  check_zero_dim("masked_fill_", value);
  TAPER_CHECK(IntArrayRef(kernels::broadcast_sizes("masked_fill_", sizes(), mask.sizes())) == sizes(),
              "masked_fill_: the mask must broadcast to the tensor; got ", mask.sizes(), " for ", sizes());
  return in_place_by_copy("masked_fill_", *this, {value}, false,
                          [&](const Tensor& x) { return taper::masked_fill(x, mask, value); });
}
Tensor& Tensor::masked_fill_(const Tensor& mask, const Scalar& value) const {
  return masked_fill_(mask, scalar_tensor(value, dtype()));
}

Tensor nonzero(const Tensor& x) { return kernels::nonzero(x); }
std::vector<Tensor> nonzero_numpy(const Tensor& x) { return unbind(kernels::nonzero(atleast_1d(x.detach())), 1); }
std::vector<Tensor> where(const Tensor& condition) { return nonzero_numpy(condition); }
Tensor where(const Tensor& condition, const Scalar& a, const Scalar& b) {
  const auto dtype_of_number = [](const Scalar& s) { return s.isFloatingPoint() ? get_default_dtype() : s.type(); };
  const ScalarType dtype = promote_types(dtype_of_number(a), dtype_of_number(b));
  return kernels::where(condition, scalar_tensor(a, dtype), scalar_tensor(b, dtype));
}

// ---- integer tensors as indices: one for each of the leading dims, undefined for a dim taken whole ------------------
namespace {

std::vector<SavedTensor> save_all(const Indices& indices) {
  std::vector<SavedTensor> saved;
  if (!GradMode::is_enabled()) return saved;
  for (const Tensor& index : indices) saved.push_back(index.defined() ? save(index) : SavedTensor());
  return saved;
}
Indices get_all(const std::vector<SavedTensor>& saved) {
  Indices indices;
  for (const SavedTensor& index : saved) indices.push_back(index ? index.get() : Tensor());
  return indices;
}

}  // namespace

Tensor autograd::index_points(const char* node, const Tensor& x, const Indices& indices) {
  return record(node, {x}, kernels::index(x, indices),
                [sizes = x.impl()->sizes(), indices = save_all(indices)](const Tensor& dy) {
                  return index_put_points(zeros(sizes, dy.dtype()), get_all(indices), dy, true);
                });
}

Tensor autograd::index_put_points(const Tensor& x, const Indices& indices, const Tensor& value, bool accumulate) {
  const Tensor y = copied(x);
  kernels::index_put(y, indices, value, accumulate);
  return record("IndexPutBackward0", {x, value}, y,
                [indices = save_all(indices), accumulate](const Tensor& dy, const Needs& needs) {
                  const Indices at = get_all(indices);
                  Tensor dx = dy, dvalue;
                  if (needs[0] && !accumulate) dx = index_put_points(dy, at, zeros({}, dy.dtype()), false);
                  if (needs[1]) {
                    dvalue = index_points("IndexBackward0", dy, at);  // checks the indices, which last_written does not
                    if (!accumulate) dvalue = where_stays(kernels::last_written(dy.sizes(), at), dvalue);
                  }
                  return Grads{dx, dvalue};
                });
}

namespace {

// What x.index({...}) means: a view by the numbers, slices and None among the indices, and tensors for its dims.
struct Picked {
  Tensor view;
  Indices tensors;
  bool has_tensors = false;

  Picked(const char* op, const Tensor& x, ArrayRef<TensorIndex> indices) : view(x) {
    TAPER_CHECK_INDEX(!indices.empty(), op, ": at least one index is needed; got none");
    int64_t taken = 0, ellipses = 0;  // dims of x that the indices speak of
    for (const TensorIndex& i : indices) {
      ellipses += i.is_ellipsis();
      taken += dims_taken(op, i);
    }
    TAPER_CHECK_INDEX(ellipses <= 1, op, ": \"...\" may appear once; got ", ellipses);
    TAPER_CHECK_INDEX(taken <= x.dim(), op, ": there must not be more indices than dimensions; got ", taken,
                      " for sizes ", x.sizes());
    int64_t dim = 0, from = 0;  // of view, and the dim of x that is there
    for (const TensorIndex& i : indices) {
      switch (i.kind()) {
        case TensorIndex::Kind::None: view = view.unsqueeze(dim++); break;
        case TensorIndex::Kind::Ellipsis:
          dim += x.dim() - taken;
          from += x.dim() - taken;
          break;
        case TensorIndex::Kind::Integer: take_one(op, x, dim, from, i.integer()); break;
        case TensorIndex::Kind::Slice:
          view = view.slice(dim, i.slice().start(), i.slice().stop(), i.slice().step()), ++dim;
          break;
        case TensorIndex::Kind::Boolean: put_bool(dim++, i.boolean()); break;
        case TensorIndex::Kind::Tensor: put_tensor(op, x, dim, from, i.tensor()); break;
      }
      from += dims_taken(op, i);
    }
    if (view.is_same(x) && x.dim() > 0 && !has_tensors) view = view.slice();
  }

  // f(), whose IndexError speaks of the view, in terms of x.
  template <class F>
  auto named(const char* op, const Tensor& x, const F& f) const {
    try {
      return f();
    } catch (const IndexError&) {
      for (size_t d = 0; d < tensors.size(); ++d) {
        if (tensors[d].defined() && origins[d] >= 0) check_range(op, x, origins[d], tensors[d]);
      }
      throw;
    }
  }

  // Dims of the values at this place: those that no tensor indexes and those of the broadcast index tensors.
  int64_t result_dim() const {
    int64_t index_dim = 0, dims = view.dim();
    for (const Tensor& index : tensors) {
      if (!index.defined()) continue;
      index_dim = std::max(index_dim, index.dim());
      --dims;
    }
    return dims + index_dim;
  }

 private:
  DimVector origins;  // the dim of x for each of `tensors`; -1 for none

  static void check_index(const char* op, const Tensor& x, int64_t dim, int64_t index) {
    const int64_t size = x.size(dim);
    TAPER_CHECK_INDEX(size > 0, op, ": there is nothing to index in dimension ", dim, " of sizes ", x.sizes());
    TAPER_CHECK_INDEX(index >= -size && index < size, op, ": the index must be within the dimension; got index ", index,
                      " for dimension ", dim, " of size ", size, " of a tensor of sizes ", x.sizes());
  }
  static void check_range(const char* op, const Tensor& x, int64_t dim, const Tensor& index) {
    if (index.numel() == 0) return;
    for (const Tensor& extreme : {index.max(), index.min()}) check_index(op, x, dim, extreme.item<int64_t>());
  }
  static bool is_mask(const Tensor& t) { return t.dtype() == kBool || t.dtype() == kUInt8; }
  static int64_t dims_taken(const char* op, const TensorIndex& i) {
    if (i.is_integer() || i.is_slice()) return 1;
    if (!i.is_tensor()) return 0;
    const Tensor& t = i.tensor();
    TAPER_CHECK_INDEX(t.defined() && is_integral(t.dtype(), true), op,
                      ": a tensor among the indices must be bool or an integer type; got ",
                      t.defined() ? to_string(t.dtype()) : "an undefined tensor");
    return is_mask(t) ? t.dim() : 1;
  }
  void take_one(const char* op, const Tensor& x, int64_t dim, int64_t from, int64_t index) {
    check_index(op, x, from, index);
    view = view.select(dim, index);
  }
  void put(int64_t dim, int64_t from, Tensor index) {
    if (static_cast<int64_t>(tensors.size()) <= dim) {
      tensors.resize(static_cast<size_t>(dim) + 1);
      origins.resize(tensors.size());
    }
    tensors[static_cast<size_t>(dim)] = std::move(index);
    origins[static_cast<size_t>(dim)] = from;
    has_tensors = true;
  }
  // true keeps everything under a new dim of size 1, false nothing under one of size 0.
  void put_bool(int64_t dim, bool value) {
    view = view.unsqueeze(dim);
    put(dim, -1, zeros({value ? 1 : 0}, kInt64));
  }
  void put_tensor(const char* op, const Tensor& x, int64_t& dim, int64_t from, const Tensor& index) {
    if (!is_mask(index)) {
      if (index.dim() == 0) return take_one(op, x, dim, from, index.item<int64_t>());
      return put(dim++, from, index.dtype() == kInt64 ? index : kernels::to_dtype(index, kInt64));
    }
    if (index.dim() == 0) return put_bool(dim++, index.item<bool>());
    if (index.dtype() == kUInt8) warn_of_uint8(op);
    for (int64_t d = 0; d < index.dim(); ++d) {
      TAPER_CHECK_INDEX(index.size(d) == view.size(dim + d), op,
                        ": a mask must have the sizes of the dimensions it stands for; got mask ", index.sizes(),
                        " at dimension ", from, " of ", x.sizes());
    }
    const Tensor points = kernels::nonzero(index);
    for (int64_t d = 0; d < index.dim(); ++d) put(dim++, from + d, points.select(1, d));
  }
};

}  // namespace

Tensor masked_select(const Tensor& x, const Tensor& where_true) {
  const Tensor mask = bool_mask("masked_select", where_true);
  const DimVector sizes = kernels::broadcast_sizes("masked_select", x.sizes(), mask.sizes());
  if (sizes.empty()) return masked_select(x.reshape({1}), mask.reshape({1}));
  const Picked place("masked_select", x.expand(sizes), TensorIndex(mask.expand(sizes)));
  return index_points("MaskedSelectBackward0", place.view, place.tensors);
}

// y = x at the indices of the flattened tensor              dx = dy added up at the indices
Tensor take(const Tensor& x, const Tensor& index) {
  TAPER_CHECK_TYPE(index.dtype() == kInt64, "take: the index must be int64; got ", index.dtype());
  TAPER_CHECK_INDEX(x.numel() > 0 || index.numel() == 0, "take: there is nothing to take from a tensor of sizes ",
                    x.sizes());
  return with_flat_index("take", x, index, true,
                         [&] { return index_points("TakeBackward0", x.reshape({x.numel()}), {index}); });
}

Tensor take_along_dim(const Tensor& x, const Tensor& indices, optional<int64_t> dim) {
  TAPER_CHECK_TYPE(indices.dtype() == kInt64, "take_along_dim: the indices must be int64; got ", indices.dtype());
  if (!dim) {
    return with_flat_index("take_along_dim", x, indices, false,
                           [&] { return gather(x.reshape({x.numel()}), 0, indices.reshape({indices.numel()})); });
  }
  TAPER_CHECK(x.dim() == indices.dim(), "take_along_dim: indices must have as many dimensions as the tensor; got ",
              indices.sizes(), " for ", x.sizes());
  const int64_t d = wrap_dim("take_along_dim", *dim, x.dim());
  if (x.dim() == 0) return gather(x, d, indices);
  // The two broadcast in every dim but this one.
  const auto at = static_cast<size_t>(d);
  DimVector sizes = x.impl()->sizes(), index_sizes = indices.impl()->sizes();
  index_sizes[at] = sizes[at];
  const DimVector common = kernels::broadcast_sizes("take_along_dim", sizes, index_sizes);
  index_sizes = common;
  index_sizes[at] = indices.size(d);
  return gather(x.expand(common), d, indices.expand(index_sizes));
}

Tensor one_hot(const Tensor& index, int64_t num_classes) {
  TAPER_CHECK_TYPE(index.dtype() == kInt64, "one_hot: the class indices must be int64; got ", index.dtype());
  TAPER_CHECK(num_classes >= -1 && num_classes != 0,
              "one_hot: the number of classes must be positive, or -1 to count them; got ", num_classes);
  TAPER_CHECK(num_classes > 0 || index.numel() > 0,
              "one_hot: the classes cannot be counted without indices; got sizes ", index.sizes(),
              "; give num_classes");
  const Tensor c = kernels::contiguous(index);
  const int64_t* at = c.data_ptr<int64_t>();
  int64_t largest = -1;
  for (int64_t i = 0; i < c.numel(); ++i) {
    TAPER_CHECK_VALUE(at[i] >= 0 && (num_classes < 0 || at[i] < num_classes), "one_hot: class indices must be in [0, ",
                      num_classes < 0 ? std::string("infinity") : taper::detail::str(num_classes), "); got ", at[i]);
    largest = std::max(largest, at[i]);
  }
  TAPER_CHECK_VALUE(largest < INT64_MAX, "one_hot: there can be no more than ", INT64_MAX, " classes; got class ",
                    largest);
  const int64_t classes = num_classes < 0 ? largest + 1 : num_classes;
  DimVector sizes = index.impl()->sizes();
  sizes.push_back(classes);
  Tensor y = zeros(sizes, kInt64);
  int64_t* row = y.data_ptr<int64_t>();
  for (int64_t i = 0; i < c.numel(); ++i, row += classes) row[at[i]] = 1;
  return y;
}

// ---- the brackets ---------------------------------------------------------------------------------------------------

Tensor Tensor::index(ArrayRef<TensorIndex> indices) const {
  const Picked place("index", *this, indices);
  if (!place.has_tensors) return place.view;
  return place.named("index", *this, [&] { return index_points("IndexBackward0", place.view, place.tensors); });
}
Tensor Tensor::index(std::initializer_list<TensorIndex> indices) const { return index(ArrayRef<TensorIndex>(indices)); }
Tensor Tensor::operator[](const Tensor& index) const {
  // A number among the integers; uint8, too, which is a mask elsewhere.
  if (index.dim() == 0 && is_integral(index.dtype(), false)) return select(0, index.item<int64_t>());
  return this->index(TensorIndex(index));
}

Tensor& Tensor::index_put_(ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate) const {
  Picked place("index_put_", *this, indices);
  Tensor& view = place.view;
  // As in PyTorch a value may carry leading dims of size 1 that the place has not.
  DimVector sizes(value.sizes().begin(), value.sizes().end());
  while (static_cast<int64_t>(sizes.size()) > place.result_dim() && sizes[0] == 1) sizes.erase(0);
  const Tensor fitted = sizes.size() == value.sizes().size() ? value : value.reshape(sizes);
  if (!place.has_tensors) {
    accumulate ? view.add_(fitted) : view.copy_(fitted);
    return self();
  }
  const Tensor typed = fitted.dim() == 0 && fitted.dtype() != dtype() ? fitted.to(dtype()) : fitted;
  place.named("index_put_", *this, [&] {
    in_place(
        "index_put_", view, {typed}, [&] { kernels::index_put(view, place.tensors, typed, accumulate); },
        [&](const Tensor& old) { return index_put_points(old, place.tensors, typed, accumulate); });
  });
  return self();
}
Tensor& Tensor::index_put_(std::initializer_list<TensorIndex> indices, const Tensor& value, bool accumulate) const {
  return index_put_(ArrayRef<TensorIndex>(indices), value, accumulate);
}
Tensor& Tensor::index_put_(ArrayRef<TensorIndex> indices, const Scalar& value) const {
  return index_put_(indices, scalar_tensor(value, dtype()));
}
Tensor& Tensor::index_put_(std::initializer_list<TensorIndex> indices, const Scalar& value) const {
  return index_put_(ArrayRef<TensorIndex>(indices), value);
}
Tensor Tensor::index_put(ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate) const {
  return clone().index_put_(indices, value, accumulate);
}
Tensor Tensor::index_put(std::initializer_list<TensorIndex> indices, const Tensor& value, bool accumulate) const {
  return index_put(ArrayRef<TensorIndex>(indices), value, accumulate);
}
Tensor index(const Tensor& x, ArrayRef<TensorIndex> indices) { return x.index(indices); }
Tensor index_put(const Tensor& x, ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate) {
  return x.index_put(indices, value, accumulate);
}
Tensor& index_put_(Tensor& x, ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate) {
  return x.index_put_(indices, value, accumulate);
}

}  // namespace taper
