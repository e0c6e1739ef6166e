#include <taper/autograd/autocast.h>
#include <taper/autograd/grad_mode.h>

#include <unordered_map>

namespace taper {
namespace autocast {
namespace {

struct Converted {
  Tensor weight;  // keeps the address, which is the key, from being used again
  ScalarType type;
  int64_t version;
  Tensor value;
};

struct State {
  bool caches = true;
  ScalarType dtype = kBFloat16;
  int depth = 0;
  std::unordered_map<const TensorImpl*, Converted> converted;
};

State& state() {
  thread_local State of_thread;
  return of_thread;
}
// Read by every operation of the lists; plain, so that it takes no initialisation.
thread_local bool enabled_here = false;

}  // namespace

bool is_cpu_enabled() { return enabled_here; }
void set_cpu_enabled(bool enabled) { enabled_here = enabled; }

ScalarType get_autocast_cpu_dtype() { return state().dtype; }
void set_autocast_cpu_dtype(ScalarType dtype) {
  TAPER_CHECK_TYPE(isReducedFloatingType(dtype), "set_autocast_cpu_dtype: the dtype must be BFloat16 or Half; got ",
                   dtype);
  state().dtype = dtype;
}

bool is_autocast_cache_enabled() { return state().caches; }
void set_autocast_cache_enabled(bool enabled) { state().caches = enabled; }
void clear_cache() { state().converted.clear(); }
int increment_nesting() { return ++state().depth; }
int decrement_nesting() { return --state().depth; }

Tensor cached_cast(ScalarType type, const Tensor& x) {
  if (x.dtype() == type || !(x.dtype() == kFloat32 || isReducedFloatingType(x.dtype()))) return x;
  State& s = state();
  const bool keeps =
      s.caches && s.depth > 0 && x.dtype() == kFloat32 && x.requires_grad() && x.is_leaf() && GradMode::is_enabled();
  if (!keeps) return x.to(type);
  const auto found = s.converted.find(x.impl());
  if (found != s.converted.end() && found->second.type == type && found->second.version == x._version()) {
    return found->second.value;
  }
  Tensor value = x.to(type);
  s.converted.insert_or_assign(x.impl(), Converted{x, type, static_cast<int64_t>(x._version()), value});
  return value;
}

}  // namespace autocast

AutocastGuard::AutocastGuard(bool enabled, ScalarType dtype)
    : enabled_before_(autocast::is_cpu_enabled()), dtype_before_(autocast::get_autocast_cpu_dtype()) {
  autocast::set_autocast_cpu_dtype(dtype);
  autocast::set_cpu_enabled(enabled);
  autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard() {
  autocast::State& s = autocast::state();
  if (--s.depth == 0) s.converted.clear();
  s.dtype = dtype_before_;
  autocast::enabled_here = enabled_before_;
}

}  // namespace taper
