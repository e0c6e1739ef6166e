// Copies, conversions and fills. What they write to may share memory: the last value to be written there stays.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/autograd/view_geometry.h>

namespace taper {

using namespace autograd;

// y = x, in memory of its own                              dx = dy
Tensor clone(const Tensor& x) {
  return record("CloneBackward0", {x}, copied(x), [](const Tensor& dy) { return dy; });
}

Tensor detach(const Tensor& x) { return x.detach(); }

Tensor Tensor::contiguous() const { return is_contiguous() ? *this : taper::clone(*this); }

// ---- to: y = x in another dtype                          dx = dy, in x's dtype (the engine's doing) -----------------

Tensor Tensor::to(ScalarType dtype, bool, bool copy) const {
  if (dtype == this->dtype()) return copy ? clone() : *this;
  return record("ToCopyBackward0", {*this}, kernels::to_dtype(*this, dtype), [](const Tensor& dy) { return dy; });
}

Tensor Tensor::to(Device, bool, bool copy) const { return copy ? clone() : *this; }
Tensor Tensor::to(DeviceType type, bool non_blocking, bool copy) const { return to(Device(type), non_blocking, copy); }
Tensor Tensor::to(Device, ScalarType dtype, bool non_blocking, bool copy) const {
  return to(dtype, non_blocking, copy);
}
Tensor Tensor::to(const TensorOptions& options, bool non_blocking, bool copy) const {
  TAPER_CHECK_VALUE(!options.requires_grad(),
                    "to: the options must not ask for requires_grad; call requires_grad_() on the result");
  return to(options.dtype_opt().value_or(dtype()), non_blocking, copy);
}
Tensor Tensor::to(const Tensor& like, bool non_blocking, bool copy) const {
  return to(like.dtype(), non_blocking, copy);
}

// ---- copy_: x = src                                      dsrc = dy, dx = 0 ------------------------------------------

// The new value of x, whose value so far is `old`: src, broadcast and in x's dtype.
static Tensor overwritten_with(const char* node, const Tensor& x, const Tensor& old, const Tensor& src) {
  Tensor y = empty(x.sizes(), x.dtype());
  kernels::copy(y, src);
  return record(node, {old, src}, std::move(y),
                [gone = Overwritten(x), last_stays = LastStays(x)](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? gone(dy) : Tensor(), needs[1] ? last_stays(dy) : Tensor()};
                });
}

Tensor& Tensor::copy_(const Tensor& src, bool) const {
  return overwrite(
      "copy_", *this, {src}, [&] { kernels::copy(*this, src); },
      [&](const Tensor& old) { return overwritten_with("CopyBackwards", *this, old, src); });
}

// ---- fill_: x = value                                    dvalue = sum dy, dx = 0 ------------------------------------

Tensor& Tensor::fill_(const Tensor& value) const {
  check_zero_dim("fill_", value);
  return overwrite(
      "fill_", *this, {value}, [&] { kernels::copy(*this, value); },
      [&](const Tensor& old) { return overwritten_with("FillBackward3", *this, old, value); });
}

static Tensor& fill_in_place(const char* op, const char* node, const Tensor& x, const Scalar& value) {
  return overwrite(
      op, x, {}, [&] { kernels::fill(x, value); },
      [&](const Tensor& old) {
        Tensor y = empty(x.sizes(), x.dtype());
        kernels::fill(y, value);
        return record(node, {old}, std::move(y), [gone = Overwritten(x)](const Tensor& dy) { return gone(dy); });
      });
}

Tensor& Tensor::fill_(const Scalar& value) const { return fill_in_place("fill_", "FillBackward2", *this, value); }
Tensor& Tensor::zero_() const { return fill_in_place("zero_", "ZeroBackward0", *this, 0); }

}  // namespace taper
