// Views: another geometry on the same memory. Each names its sizes and strides, then what the gradient does on its way
// back; in-place changes through a view, or beneath it, are seen by both (autograd/view_history.cpp).
#include <taper/autograd/functions.h>
#include <taper/autograd/record.h>
#include <taper/autograd/view_geometry.h>
#include <taper/core/dims.h>

#include <algorithm>
#include <cstring>

namespace taper {

using namespace autograd;

namespace {

Tensor alias(const Tensor& x, IntArrayRef sizes, IntArrayRef strides, int64_t offset) {
  return Tensor(intrusive_ptr<TensorImpl>::make(x.impl()->storage(), x.dtype(), sizes, strides, offset));
}
Tensor alias(const Tensor& x, IntArrayRef sizes, IntArrayRef strides) {
  return alias(x, sizes, strides, x.storage_offset());
}

size_t at(int64_t dim) { return static_cast<size_t>(dim); }

// The sizes asked for, with one -1 worked out.
DimVector infer_sizes(const char* op, int64_t numel, IntArrayRef before, IntArrayRef asked) {
  DimVector sizes(asked.begin(), asked.end());
  int64_t known = 1;
  optional<size_t> open;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == -1) {
      TAPER_CHECK_VALUE(!open, op, ": only one size may be -1; got ", asked);
      open = d;
    } else {
      TAPER_CHECK_VALUE(sizes[d] >= 0, op, ": sizes must not be negative, but for one -1; got ", asked);
      TAPER_CHECK_VALUE(!__builtin_mul_overflow(known, sizes[d], &known), op, ": the sizes ", asked,
                        " ask for more elements than memory can address");
    }
  }
  if (open) {
    TAPER_CHECK_VALUE(known != 0, op, ": -1 is ambiguous beside a size of 0; got ", asked, " for sizes ", before);
    if (numel % known == 0) sizes[*open] = numel / known;
  }
  TAPER_CHECK_VALUE(open ? numel % known == 0 : numel == known, op, ": the sizes must hold the same ", numel,
                    " elements; got ", asked, " for sizes ", before);
  return sizes;
}

// Strides that give x the new sizes without a copy; nothing when there are none. Runs of dimensions that lie evenly in
// memory can be cut anew, each run by itself.
optional<DimVector> view_strides(const TensorImpl& x, const DimVector& sizes) {
  DimVector strides(sizes.size());
  if (x.numel() == 0) {
    set_row_major(sizes, strides);
    return strides;
  }
  size_t d = sizes.size();  // the new dimensions below d still need strides
  int64_t run = 1, done = 1, base = x.dim() > 0 ? x.strides().back() : 1;
  for (size_t old = x.sizes().size(); old-- > 0;) {
    run *= x.sizes()[old];
    const bool run_ends = old == 0 || (x.sizes()[old - 1] != 1 && x.strides()[old - 1] != run * base);
    if (!run_ends) continue;
    while (d > 0 && (done < run || sizes[d - 1] == 1)) {
      --d;
      strides[d] = done * base;
      done *= sizes[d];
    }
    if (done != run) return nullopt;
    if (old > 0) {
      base = x.strides()[old - 1];
      run = done = 1;
    }
  }
  while (d-- > 0) strides[d] = done * base;  // what is left has size 1
  return strides;
}

Tensor view_with(const char* name, const Tensor& x, const DimVector& sizes, const DimVector& strides) {
  return record_view(name, x, alias(x, sizes, strides),
                     [before = x.impl()->sizes()](const Tensor& dy) { return dy.reshape(before); });
}

// x's own geometry changes, with its history (squeeze_, unsqueeze_).
void take_geometry(const Tensor& x, const char* op, const Tensor& view) {
  check_in_place(x, op);
  const intrusive_ptr<Node> fn = view.grad_fn();  // before the version moves, which would make it anew
  x.impl()->set_geometry(view.sizes(), view.strides());
  x.impl()->storage()->bump_version();  // whoever saved x meant its old sizes
  if (!fn) return;
  if (!x.is_view()) ++ensure_meta(x).changes;  // its views lead through it, hooks included
  continue_at(x, fn, static_cast<uint32_t>(view.output_nr()));
}

}  // namespace

// ---- other sizes, the same order ------------------------------------------------------------------------------------

Tensor Tensor::view(IntArrayRef asked) const {
  const DimVector sizes = infer_sizes("view", numel(), this->sizes(), asked);
  const auto strides = view_strides(*impl(), sizes);
  TAPER_CHECK(strides, "view: the elements of sizes ", this->sizes(), " and strides ", this->strides(),
              " do not lie so that sizes ", sizes, " are possible without a copy; use reshape()");
  return view_with("ViewBackward0", *this, sizes, *strides);
}

Tensor reshape(const Tensor& x, IntArrayRef asked) {
  const DimVector sizes = infer_sizes("reshape", x.numel(), x.sizes(), asked);
  if (const auto strides = view_strides(*x.impl(), sizes))
    return view_with("ReshapeAliasBackward0", x, sizes, *strides);
  return x.clone().view(sizes);
}

Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  const int64_t start = wrap_dim("flatten", start_dim, x.dim()), end = wrap_dim("flatten", end_dim, x.dim());
  TAPER_CHECK_VALUE(start <= end, "flatten: start_dim must not lie after end_dim; got ", start_dim, " and ", end_dim);
  if (x.dim() == 0) return x.reshape({1});
  if (start == end) return x;
  DimVector sizes;
  int64_t joined = 1;
  for (int64_t d = 0; d < x.dim(); ++d) {
    if (d >= start && d <= end) joined *= x.size(d);
    if (d == end) sizes.push_back(joined);
    if (d < start || d > end) sizes.push_back(x.size(d));
  }
  return x.reshape(sizes);
}

Tensor ravel(const Tensor& x) { return x.contiguous().view({x.numel()}); }

Tensor unflatten(const Tensor& x, int64_t dim, IntArrayRef sizes) {
  dim = wrap_dim("unflatten", dim, x.dim());
  TAPER_CHECK_VALUE(x.dim() > 0 && !sizes.empty(), "unflatten: a dimension and at least one size are needed; got ",
                    sizes, " for sizes ", x.sizes());
  const DimVector parts = infer_sizes("unflatten", x.size(dim), x.sizes(), sizes);
  DimVector all(x.sizes().begin(), x.sizes().begin() + dim);
  for (const int64_t size : parts) all.push_back(size);
  for (int64_t d = dim + 1; d < x.dim(); ++d) all.push_back(x.size(d));
  return x.view(all);
}

// Zero-dim tensors become [1], [1, 1] and [1, 1, 1]; vectors become [1, n] and [1, n, 1], matrices [m, n, 1].
Tensor atleast_1d(const Tensor& x) { return x.dim() == 0 ? x.reshape({1}) : x; }
Tensor atleast_2d(const Tensor& x) { return x.dim() >= 2 ? x : atleast_1d(x).unsqueeze(0); }
Tensor atleast_3d(const Tensor& x) { return x.dim() >= 3 ? x : atleast_2d(x).unsqueeze(-1); }
#define TAPER_ATLEAST(name)                                    \
  std::vector<Tensor> name(TensorList tensors) {               \
    std::vector<Tensor> result;                                \
    for (const Tensor& t : tensors) result.push_back(name(t)); \
    return result;                                             \
  }
TAPER_ATLEAST(atleast_1d)
TAPER_ATLEAST(atleast_2d)
TAPER_ATLEAST(atleast_3d)
#undef TAPER_ATLEAST

// ---- the same bytes, another dtype: without gradient ----------------------------------------------------------------

Tensor Tensor::view(ScalarType dtype) const {
  const int64_t from = static_cast<int64_t>(element_size()), to = static_cast<int64_t>(taper::element_size(dtype));
  TAPER_CHECK_TYPE(to > 0, "view: there are no tensors of dtype ", dtype);
  if (dtype == this->dtype()) return view(sizes());
  DimVector sizes = impl()->sizes(), strides = impl()->strides();
  if (from != to) {
    TAPER_CHECK(dim() > 0 && strides.back() == 1, "view: for a dtype of another size the last dimension must lie ",
                "without gaps; got sizes ", sizes, " and strides ", strides);
    bool fits = from > to || (sizes.back() * from % to == 0 && storage_offset() * from % to == 0);
    for (size_t d = 0; d + 1 < strides.size(); ++d) {
      fits = fits && strides[d] * from % to == 0;
      strides[d] = strides[d] * from / to;
    }
    TAPER_CHECK(fits, "view: elements of ", from, " bytes must make whole ones of ", to, "; got sizes ", sizes,
                ", strides ", this->strides(), " and offset ", storage_offset());
    sizes.back() = sizes.back() * from / to;
  }
  const auto as = [&](ScalarType t) {
    return Tensor(intrusive_ptr<TensorImpl>::make(impl()->storage(), t, sizes, strides, storage_offset() * from / to));
  };
  // Any other byte in a bool is undefined behaviour, and would be counted and sorted as a number.
  TAPER_CHECK_VALUE(dtype != kBool || (as(kUInt8) <= 1).all().item<bool>(),
                    "view: bytes read as bool must be 0 or 1; got others in a tensor of ", this->dtype(), " of sizes ",
                    this->sizes(), "; compare instead, for example x != 0");
  return as(dtype);
}

// ---- other order of dimensions --------------------------------------------------------------------------------------

Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  dim0 = wrap_dim("transpose", dim0, x.dim());
  dim1 = wrap_dim("transpose", dim1, x.dim());
  if (x.dim() == 0) return x;
  DimVector sizes = x.impl()->sizes(), strides = x.impl()->strides();
  std::swap(sizes[at(dim0)], sizes[at(dim1)]);
  std::swap(strides[at(dim0)], strides[at(dim1)]);
  return record_view("TransposeBackward0", x, alias(x, sizes, strides),
                     [dim0, dim1](const Tensor& dy) { return transpose(dy, dim0, dim1); });
}

Tensor permute(const Tensor& x, IntArrayRef dims) {
  TAPER_CHECK_VALUE(static_cast<int64_t>(dims.size()) == x.dim(), "permute: every dimension must be named once; got ",
                    dims, " for sizes ", x.sizes());
  DimVector sizes, strides, back(dims.size(), -1);
  for (size_t d = 0; d < dims.size(); ++d) {
    const size_t from = at(wrap_dim("permute", dims[d], x.dim()));
    TAPER_CHECK_VALUE(back[from] < 0, "permute: every dimension must be named once; got ", dims);
    back[from] = static_cast<int64_t>(d);
    sizes.push_back(x.impl()->sizes()[from]);
    strides.push_back(x.impl()->strides()[from]);
  }
  return record_view("PermuteBackward0", x, alias(x, sizes, strides),
                     [back](const Tensor& dy) { return permute(dy, back); });
}

Tensor t(const Tensor& x) {
  TAPER_CHECK(x.dim() <= 2, "t: the tensor must have at most 2 dimensions; got sizes ", x.sizes(),
              "; use transpose() or permute()");
  if (x.dim() < 2) return x;
  const TensorImpl& impl = *x.impl();
  return record_view("TBackward0", x,
                     alias(x, {impl.sizes()[1], impl.sizes()[0]}, {impl.strides()[1], impl.strides()[0]}),
                     [](const Tensor& dy) { return t(dy); });
}

Tensor movedim(const Tensor& x, IntArrayRef source, IntArrayRef destination) {
  TAPER_CHECK_VALUE(source.size() == destination.size(), "movedim: one destination a source is needed; got ", source,
                    " and ", destination);
  const size_t rank = x.sizes().size();
  DimVector dims(rank, -1);
  std::vector<bool> moved(rank + 1);
  for (size_t i = 0; i < source.size(); ++i) {
    const size_t from = at(wrap_dim("movedim", source[i], x.dim())),
                 to = at(wrap_dim("movedim", destination[i], x.dim()));
    if (rank == 0) continue;
    TAPER_CHECK_VALUE(!moved[from] && dims[to] < 0, "movedim: every dimension may be named once; got ", source, " and ",
                      destination);
    moved[from] = true;
    dims[to] = static_cast<int64_t>(from);
  }
  size_t next = 0;  // of those that nobody moves
  for (int64_t& dim : dims) {
    if (dim >= 0) continue;
    while (moved[next]) ++next;
    dim = static_cast<int64_t>(next++);
  }
  return permute(x, dims);
}
Tensor movedim(const Tensor& x, int64_t source, int64_t destination) {
  return movedim(x, IntArrayRef(source), IntArrayRef(destination));
}

Tensor Tensor::mT() const {
  TAPER_CHECK(dim() >= 2, "mT: the tensor must have at least 2 dimensions; got sizes ", sizes());
  return transpose(-2, -1);
}
Tensor Tensor::numpy_T() const {
  DimVector dims;
  for (int64_t d = dim(); d-- > 0;) dims.push_back(d);
  return permute(dims);
}
Tensor& Tensor::transpose_(int64_t dim0, int64_t dim1) const {
  return take_geometry(*this, "transpose_", transpose(dim0, dim1)), self();
}
Tensor& Tensor::t_() const { return take_geometry(*this, "t_", t()), self(); }

// ---- dimensions of size 1, come and gone ----------------------------------------------------------------------------

Tensor squeeze(const Tensor& x) {
  DimVector sizes, strides;
  for (size_t d = 0; d < x.sizes().size(); ++d) {
    if (x.impl()->sizes()[d] == 1) continue;
    sizes.push_back(x.impl()->sizes()[d]);
    strides.push_back(x.impl()->strides()[d]);
  }
  return view_with("SqueezeBackward0", x, sizes, strides);
}

Tensor squeeze(const Tensor& x, int64_t dim) {
  dim = wrap_dim("squeeze", dim, x.dim());
  DimVector sizes = x.impl()->sizes(), strides = x.impl()->strides();
  if (x.dim() > 0 && sizes[at(dim)] == 1) {
    sizes.erase(at(dim));
    strides.erase(at(dim));
  }
  return view_with("SqueezeBackward1", x, sizes, strides);
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  dim = wrap_dim("unsqueeze", dim, x.dim() + 1);
  DimVector sizes = x.impl()->sizes(), strides = x.impl()->strides();
  const int64_t stride = dim < x.dim() ? sizes[at(dim)] * strides[at(dim)] : 1;
  sizes.insert(at(dim), 1);
  strides.insert(at(dim), stride);
  return record_view("UnsqueezeBackward0", x, alias(x, sizes, strides),
                     [dim](const Tensor& dy) { return squeeze(dy, dim); });
}

Tensor& Tensor::squeeze_() const { return take_geometry(*this, "squeeze_", squeeze()), self(); }
Tensor& Tensor::squeeze_(int64_t dim) const { return take_geometry(*this, "squeeze_", squeeze(dim)), self(); }
Tensor& Tensor::unsqueeze_(int64_t dim) const { return take_geometry(*this, "unsqueeze_", unsqueeze(dim)), self(); }

// ---- repetition: dimensions of size 1 stretch, new ones come in front     dx = dy, summed by the engine ------

Tensor Tensor::expand(IntArrayRef asked, bool) const {
  const auto rank = static_cast<size_t>(dim());  // checks that the tensor is defined
  const TensorImpl& x = *impl();
  TAPER_CHECK_VALUE(asked.size() >= rank,
                    "expand: at least as many sizes as the tensor has dimensions are "
                    "needed; got ",
                    asked, " for sizes ", x.sizes());
  DimVector sizes(asked.begin(), asked.end()), strides(asked.size());
  const size_t lead = asked.size() - rank;
  for (size_t d = 0; d < sizes.size(); ++d) {
    const int64_t size = d < lead ? 1 : x.sizes()[d - lead];
    if (sizes[d] == -1 && d >= lead) sizes[d] = size;
    TAPER_CHECK_VALUE(sizes[d] >= 0 && (size == 1 || size == sizes[d]),
                      "expand: only sizes of 1 stretch (and -1 keeps a "
                      "size); got ",
                      asked, " for sizes ", x.sizes());
    if (d >= lead) strides[d] = size == sizes[d] ? x.strides()[d - lead] : 0;
  }
  return record_view("ExpandBackward0", *this, alias(*this, sizes, strides), [](const Tensor& dy) { return dy; });
}

// ---- parts ----------------------------------------------------------------------------------------------------------

namespace {

// x cut by `cut(Geometry&)`.                               dx = dy at the part, 0 elsewhere
// The same cut of a row-major tensor of x's sizes says where; x's own strides, which may be 0, play no part in that.
template <class Cut>
Tensor part(const char* name, const Tensor& x, Cut cut) {
  Geometry y = geometry(*x.impl());
  cut(y);
  return record_view(name, x, alias(x, y.sizes, y.strides, y.offset),
                     [sizes = x.impl()->sizes(), cut](const Tensor& dy) {
                       Place place{row_major(sizes), row_major(sizes)};
                       cut(place.view);
                       return scatter_place(dy, place);
                     });
}

}  // namespace

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  TAPER_CHECK_INDEX(x.dim() > 0, "select: a zero-dim tensor has nothing to index; use item()");
  dim = wrap_dim("select", dim, x.dim());
  const int64_t size = x.impl()->sizes()[at(dim)];
  TAPER_CHECK_INDEX(index >= -size && index < size, "select: the index must be in [", -size, ", ", size - 1,
                    "] for dimension ", dim, " of sizes ", x.sizes(), "; got ", index);
  if (index < 0) index += size;
  return part("SelectBackward0", x, [dim, index](Geometry& g) {
    g.offset += index * g.strides[at(dim)];
    g.sizes.erase(at(dim));
    g.strides.erase(at(dim));
  });
}

Tensor slice(const Tensor& x, int64_t dim, optional<int64_t> start, optional<int64_t> end, int64_t step) {
  TAPER_CHECK_INDEX(x.dim() > 0, "slice: a zero-dim tensor has nothing to cut");
  TAPER_CHECK_VALUE(step > 0, "slice: the step must be positive; got ", step);
  dim = wrap_dim("slice", dim, x.dim());
  const int64_t size = x.impl()->sizes()[at(dim)];
  // Out-of-range bounds are cut to the range, as everywhere in Python.
  const auto bound = [size](int64_t i, int64_t low) { return std::clamp(i < 0 ? i + size : i, low, size); };
  const int64_t first = bound(start.value_or(0), 0), last = bound(end.value_or(size), first);
  const int64_t length = (last - first) / step + ((last - first) % step != 0);
  return part("SliceBackward0", x, [dim, first, length, step](Geometry& g) {
    g.offset += first * g.strides[at(dim)];
    g.sizes[at(dim)] = length;
    if (length > 1) g.strides[at(dim)] *= step;  // fewer never take a step, and a huge one would overflow
  });
}

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  TAPER_CHECK_INDEX(x.dim() > 0, "narrow: a zero-dim tensor has nothing to cut");
  const int64_t size = x.size(dim), from = start < 0 ? start + size : start;
  TAPER_CHECK_INDEX(length >= 0 && from >= 0 && from <= size && length <= size - from, "narrow: start ", start,
                    " and length ", length, " must lie within dimension ", dim, " of sizes ", x.sizes());
  return slice(x, dim, from, from + length);
}

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const int64_t a = wrap_dim("diagonal", dim1, x.dim()), b = wrap_dim("diagonal", dim2, x.dim());
  TAPER_CHECK_VALUE(x.dim() >= 2 && a != b, "diagonal: two different dimensions are needed; got ", dim1, " and ", dim2,
                    " for sizes ", x.sizes());
  const int64_t rows = x.impl()->sizes()[at(a)], cols = x.impl()->sizes()[at(b)];
  const int64_t down = offset < 0 ? -std::max(offset, -rows) : 0, right = std::clamp<int64_t>(offset, 0, cols);
  const int64_t length = std::min(rows - down, cols - right);
  return part("DiagonalBackward0", x, [=](Geometry& g) {
    const int64_t stride = g.strides[at(a)] + g.strides[at(b)];
    if (length > 0) g.offset += down * g.strides[at(a)] + right * g.strides[at(b)];
    for (const int64_t d : {std::max(a, b), std::min(a, b)}) {
      g.sizes.erase(at(d));
      g.strides.erase(at(d));
    }
    g.sizes.push_back(length);
    g.strides.push_back(stride);
  });
}

// y[..., w, ..., i] = x[..., w step + i, ...]: windows that may overlap; their gradients then add up.
Tensor Tensor::unfold(int64_t dimension, int64_t size, int64_t step) const {
  const int64_t dim = wrap_dim("unfold", dimension, this->dim()), n = this->dim() == 0 ? 1 : this->size(dim);
  TAPER_CHECK_VALUE(size >= 0 && size <= n, "unfold: the size must be in [0, ", n, "], the size of dimension ", dim,
                    "; got ", size);
  TAPER_CHECK_VALUE(step > 0, "unfold: the step must be positive; got ", step);
  const int64_t windows = (n - size) / step + 1;
  return part("UnfoldBackward0", *this, [dim, size, step, windows](Geometry& g) {
    const bool is_number = g.sizes.empty();
    g.sizes.push_back(size);
    g.strides.push_back(is_number ? 1 : g.strides[at(dim)]);
    if (is_number) return;
    g.sizes[at(dim)] = windows;
    if (windows > 1) g.strides[at(dim)] *= step;
  });
}

// Any sizes and strides within the storage; elements may repeat, their gradients then add up.
Tensor Tensor::as_strided(IntArrayRef sizes, IntArrayRef strides, optional<int64_t> storage_offset) const {
  const int64_t offset = storage_offset.value_or(this->storage_offset());
  TAPER_CHECK_VALUE(sizes.size() == strides.size(), "as_strided: one stride a size is needed; got sizes ", sizes,
                    " and strides ", strides);
  const int64_t numel = checked_numel("as_strided", sizes);
  const int64_t room = static_cast<int64_t>(impl()->storage()->nbytes() / element_size());
  bool fits = offset >= 0 && offset <= room;
  int64_t last = offset;
  for (size_t d = 0; d < sizes.size() && numel > 0; ++d) {
    int64_t reach = 0;
    fits = fits && strides[d] >= 0 && !__builtin_mul_overflow(sizes[d] - 1, strides[d], &reach) &&
           !__builtin_add_overflow(last, reach, &last);
  }
  TAPER_CHECK_VALUE(fits && (numel == 0 || last < room), "as_strided: sizes ", sizes, ", strides ", strides,
                    " and offset ", offset, " must stay within the ", room, " elements of the storage");
  TAPER_CHECK(!requires_grad() || !may_overlap(geometry(*impl())),
              "as_strided: the gradient needs a tensor whose "
              "elements are apart in memory; got sizes ",
              this->sizes(), " and strides ", this->strides(), "; clone() it");
  Tensor y = alias(*this, sizes, strides, offset);
  return record_view(
      "AsStridedBackward0", *this, y,
      [place = Place{geometry(*impl()), geometry(*y.impl())}](const Tensor& dy) { return scatter_place(dy, place); });
}

// ---- resize_: the tensor itself gets another geometry ---------------------------------------------------------------

const Tensor& Tensor::resize_(IntArrayRef sizes) const {
  TAPER_CHECK(!requires_grad(), "resize_: the tensor must not require grad; got sizes ", this->sizes(),
              "; use reshape(), or resize a detached clone");
  const int64_t numel = checked_numel("resize_", sizes);
  if (sizes == this->sizes()) return *this;  // with any strides
  size_t bytes;
  TAPER_CHECK_VALUE(!__builtin_mul_overflow(static_cast<size_t>(storage_offset()) + static_cast<size_t>(numel),
                                            element_size(), &bytes),
                    "resize_: the sizes ", sizes, " ask for more than memory can address");
  const Storage& storage = impl()->storage();
  if (numel > 0 && bytes > storage->nbytes()) {
    TAPER_CHECK(storage->use_count() == 1, "resize_: to grow beyond its memory a tensor must be the only one on it; ",
                "got sizes ", sizes, " for ", this->sizes(), " and ", storage->use_count(), " tensors");
    const Storage grown = StorageImpl::allocate(bytes);
    std::memcpy(grown->data(), storage->data(), storage->nbytes());
    impl()->set_value(TensorImpl(grown, dtype(), this->sizes(), this->strides(), storage_offset()));
  }
  impl()->set_contiguous(sizes);
  impl()->storage()->bump_version();
  return *this;
}

}  // namespace taper
