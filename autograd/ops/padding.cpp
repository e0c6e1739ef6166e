// Padding: constant values in one pass, the other modes axis by axis, as copies of other elements of the input.
#include <taper/autograd/ops/ops_internal.h>

#include <algorithm>

namespace taper {

using namespace autograd;

namespace {

enum class PadMode { Reflect, Replicate, Circular };

void check_pad_list(const char* op, const Tensor& x, IntArrayRef pad) {
  TAPER_CHECK_VALUE(pad.size() % 2 == 0, op, ": the padding must have two numbers, before and after, for each ",
                    "dimension, the last one first; got ", pad);
  TAPER_CHECK_VALUE(pad.size() <= 2 * static_cast<size_t>(x.dim()), op, ": the input must have a dimension for every ",
                    "two numbers of padding; got input sizes ", x.sizes(), " and padding ", pad);
  for (int64_t n : pad) {  // whose sums do not overflow
    TAPER_CHECK_VALUE(n >= -(int64_t{1} << 60) && n <= int64_t{1} << 60, op,
                      ": the padding must be below 2^60 either way; got ", pad);
  }
}

// The size of dim `d` of x with padding (pad[k], pad[k + 1]).
int64_t padded_size(const char* op, const Tensor& x, size_t d, IntArrayRef pad, size_t k) {
  int64_t size = x.sizes()[d];
  const bool overflows = __builtin_add_overflow(size, pad[k], &size) || __builtin_add_overflow(size, pad[k + 1], &size);
  TAPER_CHECK_VALUE(!overflows && size >= 0, op, ": negative padding must leave something of each dimension; got ",
                    "input sizes ", x.sizes(), " and padding ", pad);
  return size;
}

// The part of `big`, which is padded, where the elements of `small` are, and the elements of `small` that negative
// padding does not cut off.
struct Overlap {
  Tensor big, small;
};
Overlap overlap(Tensor big, Tensor small, IntArrayRef pad) {
  const NoGradGuard no_grad;
  for (size_t k = 0; k < pad.size(); k += 2) {
    const int64_t d = small.dim() - 1 - static_cast<int64_t>(k / 2), before = pad[k], after = pad[k + 1];
    const int64_t cut = std::max<int64_t>(0, -before);
    const int64_t length = std::max<int64_t>(0, small.size(d) - cut - std::max<int64_t>(0, -after));
    small = small.narrow(d, length > 0 ? cut : 0, length);
    big = big.narrow(d, length > 0 ? std::max<int64_t>(0, before) : 0, length);
  }
  return {big, small};
}

// The position in the input from which position p of the padded axis, counted from the input's first, has its value.
int64_t pad_source(PadMode mode, int64_t p, int64_t in) {
  if (mode == PadMode::Replicate) return std::clamp<int64_t>(p, 0, in - 1);
  if (mode == PadMode::Circular) return p < 0 ? p + in : p >= in ? p - in : p;
  return p < 0 ? -p : p >= in ? 2 * (in - 1) - p : p;
}

// The positions [from, to) of a padded axis of x.
Tensor pad_piece(const Tensor& x, int64_t dim, int64_t from, int64_t to, PadMode mode) {
  if (from >= 0 && to <= x.size(dim)) return x.narrow(dim, from, to - from);
  Tensor index = empty({to - from}, kInt64);
  for (int64_t p = from; p < to; ++p) index.data_ptr<int64_t>()[p - from] = pad_source(mode, p, x.size(dim));
  return x.index_select(dim, index);
}

Tensor pad_axis(const char* op, const Tensor& x, int64_t dim, IntArrayRef pad, size_t k, PadMode mode) {
  const int64_t in = x.size(dim), before = pad[k], after = pad[k + 1];
  const int64_t most = mode == PadMode::Reflect ? in - 1 : mode == PadMode::Circular ? in : INT64_MAX;
  TAPER_CHECK_VALUE(in > 0 && before <= most && after <= most, op, ": the padding must ",
                    mode == PadMode::Reflect    ? "be below the size of the dimension, which it reflects"
                    : mode == PadMode::Circular ? "be at most the size of the dimension, which it repeats"
                                                : "have something to repeat",
                    "; got input sizes ", x.sizes(), " and padding ", pad);
  const int64_t end = padded_size(op, x, static_cast<size_t>(dim), pad, k) - before;  // counted from the input's first
  if (before < 0 || after < 0) return pad_piece(x, dim, -before, end, mode);
  std::vector<Tensor> pieces;
  if (before > 0) pieces.push_back(pad_piece(x, dim, -before, 0, mode));
  pieces.push_back(x);
  if (after > 0) pieces.push_back(pad_piece(x, dim, in, end, mode));
  return cat(pieces, dim);
}

Tensor pad_axes(const char* op, const Tensor& x, IntArrayRef pad, PadMode mode) {
  check_pad_list(op, x, pad);
  const auto axes = static_cast<int64_t>(pad.size() / 2);
  TAPER_CHECK_VALUE(axes >= 1 && axes <= 3 && (x.dim() == axes + 1 || x.dim() == axes + 2), op,
                    ": this mode pads the last 1, 2 or 3 dimensions of an input with one or two more; got input sizes ",
                    x.sizes(), " and padding ", pad);
  Tensor y = x;
  for (size_t k = 0; k < pad.size(); k += 2) {
    if (pad[k] != 0 || pad[k + 1] != 0) y = pad_axis(op, y, x.dim() - 1 - static_cast<int64_t>(k / 2), pad, k, mode);
  }
  return y.is_same(x) ? x.clone() : y;
}

}  // namespace

// y = x with `value` around it             dx = dy without the border
Tensor constant_pad_nd(const Tensor& x, IntArrayRef pad, const Scalar& value) {
  check_pad_list("constant_pad_nd", x, pad);
  DimVector sizes = x.impl()->sizes();
  for (size_t k = 0; k < pad.size(); k += 2) {
    const size_t d = sizes.size() - 1 - k / 2;
    sizes[d] = padded_size("constant_pad_nd", x, d, pad, k);
  }
  const Tensor y = full(sizes, value, x.dtype());
  const Overlap same = overlap(y, x.detach(), pad);
  kernels::copy(same.big, same.small);
  DimVector border(pad.begin(), pad.end());
  for (int64_t& n : border) n = -n;
  return record("ConstantPadNdBackward0", {x}, y,
                [border](const Tensor& dy) { return constant_pad_nd(dy, border, 0); });
}

#define TAPER_PAD(name, dims, mode)                                                                             \
  Tensor name(const Tensor& x, IntArrayRef padding) {                                                           \
    TAPER_CHECK_VALUE(padding.size() == 2 * dims, #name ": the padding must have ", 2 * dims, " numbers; got ", \
                      padding);                                                                                 \
    return pad_axes(#name, x, padding, mode);                                                                   \
  }
TAPER_PAD(reflection_pad1d, 1, PadMode::Reflect)
TAPER_PAD(reflection_pad2d, 2, PadMode::Reflect)
TAPER_PAD(replication_pad1d, 1, PadMode::Replicate)
TAPER_PAD(replication_pad2d, 2, PadMode::Replicate)
#undef TAPER_PAD

Tensor pad(const Tensor& x, IntArrayRef pad, std::string_view mode, optional<double> value) {
  if (mode == "constant") return constant_pad_nd(x, pad, value.value_or(0));
  TAPER_CHECK_VALUE(mode == "reflect" || mode == "replicate" || mode == "circular",
                    "pad: mode must be \"constant\", \"reflect\", \"replicate\" or \"circular\"; got \"", mode, "\"");
  TAPER_CHECK_VALUE(value.value_or(0) == 0, "pad: a value is for mode \"constant\"; got ", *value, " for \"", mode,
                    "\"");
  return pad_axes("pad", x, pad,
                  mode == "reflect"     ? PadMode::Reflect
                  : mode == "replicate" ? PadMode::Replicate
                                        : PadMode::Circular);
}

}  // namespace taper
