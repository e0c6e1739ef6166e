// Views of all elements: other sizes, another order of dimensions, repetition. Each gives its sizes and strides, then
// its derivative; in-place changes of a view or its base are seen, and differentiated, by both
// (autograd/view_history.cpp). Views of some elements: view_parts.cpp.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/autograd/view_geometry.h>

#include <algorithm>
#include <cstring>

namespace taper {

using namespace autograd;

namespace {

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

// Strides that give x the new sizes without a copy; nothing when there are none. Runs of dimensions that are evenly
// spaced in memory can be divided anew, each run by itself.
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

// x's own geometry becomes that of `view`, with its history (squeeze_, unsqueeze_).
Tensor& set_geometry(const char* op, const Tensor& x, const Tensor& view) {
  check_in_place(x, op);
  const intrusive_ptr<Node> fn = view.grad_fn();  // before the version moves, which would make it anew
  x.impl()->set_geometry(view.sizes(), view.strides());
  x.impl()->storage()->bump_version();  // whoever saved x meant its old sizes
  if (fn) {
    if (!x.is_view()) ++ensure_meta(x).changes;  // its views lead through it, hooks included
    continue_at(x, fn, static_cast<uint32_t>(view.output_nr()));
  }
  return const_cast<Tensor&>(x);
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
  DimVector sizes = x.impl()->sizes();
  for (int64_t d = start; d < end; ++d) {
    sizes[at(start)] *= sizes[at(start) + 1];
    sizes.erase(at(start) + 1);
  }
  return x.reshape(sizes);
}

Tensor ravel(const Tensor& x) { return x.contiguous().view({x.numel()}); }

Tensor unflatten(const Tensor& x, int64_t dim, IntArrayRef sizes) {
  dim = wrap_dim("unflatten", dim, x.dim());
  TAPER_CHECK_VALUE(x.dim() > 0 && !sizes.empty(), "unflatten: a dimension and at least one size are needed; got ",
                    sizes, " for sizes ", x.sizes());
  const DimVector parts = infer_sizes("unflatten", x.size(dim), x.sizes(), sizes);
  DimVector all = x.impl()->sizes();
  all.erase(at(dim));
  for (size_t i = 0; i < parts.size(); ++i) all.insert(at(dim) + i, parts[i]);
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

Tensor Tensor::mT() const { return check_min_dims("mT", *this, 2), transpose(-2, -1); }
Tensor Tensor::numpy_T() const {
  DimVector dims;
  for (int64_t d = dim(); d-- > 0;) dims.push_back(d);
  return permute(dims);
}
Tensor& Tensor::transpose_(int64_t dim0, int64_t dim1) const {
  return set_geometry("transpose_", *this, transpose(dim0, dim1));
}
Tensor& Tensor::t_() const { return set_geometry("t_", *this, t()); }

// ---- dimensions of size 1 -------------------------------------------------------------------------------------------

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

Tensor& Tensor::squeeze_() const { return set_geometry("squeeze_", *this, squeeze()); }
Tensor& Tensor::squeeze_(int64_t dim) const { return set_geometry("squeeze_", *this, squeeze(dim)); }
Tensor& Tensor::unsqueeze_(int64_t dim) const { return set_geometry("unsqueeze_", *this, unsqueeze(dim)); }

// ---- repetition: dimensions of size 1 stretch, new ones come in front     dx = dy, summed by the engine ------

Tensor Tensor::expand(IntArrayRef asked, bool) const {
  const auto rank = static_cast<size_t>(dim());  // checks that the tensor is defined
  const TensorImpl& x = *impl();
  TAPER_CHECK_VALUE(asked.size() >= rank,
                    "expand: at least as many sizes as the tensor has dimensions are needed; got ", asked,
                    " for sizes ", x.sizes());
  DimVector sizes(asked.begin(), asked.end()), strides(asked.size());
  const size_t lead = asked.size() - rank;
  for (size_t d = 0; d < sizes.size(); ++d) {
    const int64_t size = d < lead ? 1 : x.sizes()[d - lead];
    if (sizes[d] == -1 && d >= lead) sizes[d] = size;
    TAPER_CHECK_VALUE(sizes[d] >= 0 && (size == 1 || size == sizes[d]),
                      "expand: only sizes of 1 stretch (and -1 keeps ", "a size); got ", asked, " for sizes ",
                      x.sizes());
    if (d >= lead) strides[d] = size == sizes[d] ? x.strides()[d - lead] : 0;
  }
  return record_view("ExpandBackward0", *this, alias(*this, sizes, strides), [](const Tensor& dy) { return dy; });
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
