#include <taper/core/float_mode_internal.h>

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace taper::detail {

#if defined(__x86_64__)

unsigned float_mode() { return _mm_getcsr() & ~0x3fu; }  // without the sticky exception flags
void set_float_mode(unsigned mode) { _mm_setcsr(mode); }
FlushSubnormals::FlushSubnormals() : before_(float_mode()) { set_float_mode(before_ | 0x8040u); }

#elif defined(__aarch64__)

unsigned float_mode() {
  std::uint64_t mode = 0;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return static_cast<unsigned>(mode);
}
void set_float_mode(unsigned mode) { asm volatile("msr fpcr, %0" : : "r"(std::uint64_t{mode})); }
FlushSubnormals::FlushSubnormals() : before_(float_mode()) { set_float_mode(before_ | 1u << 24); }

#else

unsigned float_mode() { return 0; }
void set_float_mode(unsigned) {}
FlushSubnormals::FlushSubnormals() : before_(0) {}

#endif

}  // namespace taper::detail
