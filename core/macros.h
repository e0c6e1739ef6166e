// Macros shared by every header. TAPER_API marks what the shared library exports (all else stays hidden).
#pragma once

#if defined(TAPER_SHARED) && defined(_WIN32)
#error "taper: shared builds on Windows are not supported; build the static library"
#elif defined(__GNUC__)
#define TAPER_API __attribute__((visibility("default")))
#else
#define TAPER_API
#endif
