// Automatic mixed precision: the expensive operations in bfloat16, those that need digits in float32, chosen by
// operation; weights, their gradients and optimisers stay float32.
//
//   taper::Tensor loss;
//   {
//     const taper::AutocastGuard autocast;
//     loss = taper::nn::functional::cross_entropy(net->forward(x), digits);
//   }
//   loss.backward();
//   optimizer.step();
//
// In the scope, on tensors of any floating-point type but float64:
//   in bfloat16    linear, matmul, mm, bmm, addmm, addbmm, baddbmm, conv1d, conv2d
//   in float32     losses, prod, cdist, trace, conv_transpose1d and 2d
//   as they are    everything else; operands of several types give the widest, and normalisations keep float32 weights
//                  and statistics beside an input in bfloat16
// A float32 weight that requires grad is converted once in a scope, not at each use. Its gradient arrives in float32.
// backward() belongs outside of the scope, as in PyTorch; operations run backwards in the types they ran in.
//
// Thread-local. libtorch's names, at::autocast::set_cpu_enabled and the others, are below.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

namespace autocast {

TAPER_API bool is_cpu_enabled();
TAPER_API void set_cpu_enabled(bool enabled);
// kBFloat16 by default. TypeError for another type than kBFloat16 and kHalf.
TAPER_API ScalarType get_autocast_cpu_dtype();
TAPER_API void set_autocast_cpu_dtype(ScalarType dtype);
// Of a GPU, which there is none of: false, and setting it changes nothing.
inline bool is_enabled() { return false; }
inline void set_enabled(bool) {}

// Whether converted weights are kept until clear_cache(), which whoever leaves the outermost scope calls: scopes are
// counted by increment_nesting() and decrement_nesting(), which return the new depth.
TAPER_API bool is_autocast_cache_enabled();
TAPER_API void set_autocast_cache_enabled(bool enabled);
TAPER_API void clear_cache();
TAPER_API int increment_nesting();
TAPER_API int decrement_nesting();

// x in `type` if it is float32, float16 or bfloat16, else x. Recorded; a float32 leaf that requires grad is converted
// once, until it changes or the cache is cleared.
TAPER_API Tensor cached_cast(ScalarType type, const Tensor& x);

}  // namespace autocast

// Autocast on (or, with `enabled` false, off) for a scope.
class TAPER_API AutocastGuard {
 public:
  explicit AutocastGuard(bool enabled = true, ScalarType dtype = kBFloat16);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  bool enabled_before_;
  ScalarType dtype_before_;
};

}  // namespace taper
