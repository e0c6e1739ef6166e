// Parallel loops over taper's own threads, and how many of them there are.
//
//   parallel_for(0, n, 4096, [&](int64_t begin, int64_t end) {
//     for (int64_t i = begin; i < end; ++i) y[i] = f(x[i]);
//   });
//
// The range is cut into pieces of exactly `grain` items (the last one shorter), whatever the number of threads: a
// result that is combined per piece, in the order of the pieces, has the same bits for 1 or 64 threads.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>

namespace taper {

// The number of threads a parallel loop may use, the calling one included. The default is the environment variable
// TAPER_NUM_THREADS where it is a whole number from 1 on, otherwise the number of processors this process may use
// (affinity and container limits respected). The host program's OpenMP and OpenBLAS settings play no part.
// Throws ValueError for n below 1 or above 4096, Error inside a parallel loop; warns once when n is above the number of
// processors.
TAPER_API void set_num_threads(int n);
TAPER_API int get_num_threads();

namespace detail {

// Calls piece_fn(ctx, piece) once for each piece in [0, pieces), on any thread, in any order; returns when all are
// done. If pieces throw, the exception of the lowest piece that threw reaches the caller; later pieces may not have
// run. Calls from inside a piece, and calls while another thread of the program has the pool, run on the calling
// thread.
TAPER_API void parallel_run(std::int64_t pieces, void (*piece_fn)(void* ctx, std::int64_t piece), void* ctx);

// Whether this thread is inside a piece of a parallel loop.
TAPER_API bool in_parallel_region();

}  // namespace detail

// Calls f(b, e) for the pieces [begin, begin + grain), [begin + grain, begin + 2 grain), ..., the last ending at `end`.
// A grain below 1 counts as 1. A grain worth 10 to 50 us of work pays for handing pieces to other threads (about 1 us).
template <class F>
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain, const F& f) {
  if (begin >= end) return;
  if (grain < 1) grain = 1;
  if (end - begin <= grain) return f(begin, end);
  struct Loop {
    std::int64_t begin, end, grain;
    const F& f;
  } loop{begin, end, grain, f};
  detail::parallel_run((end - begin - 1) / grain + 1,
                       [](void* ctx, std::int64_t piece) {
                         const Loop& l = *static_cast<const Loop*>(ctx);
                         const std::int64_t b = l.begin + piece * l.grain;
                         l.f(b, l.end - b < l.grain ? l.end : b + l.grain);
                       },
                       &loop);
}

}  // namespace taper
