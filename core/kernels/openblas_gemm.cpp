// A product is cut into tiles, each one single-threaded call.
//
// Two kinds of tile. OpenBLAS has, for processors with AVX-512, kernels that read A and B where they lie; it takes them
// for m n k <= 100^3. Cut into such tiles a large product runs 5 to 15 % faster than in one call, which first packs
// both matrices, and a product of few columns up to twice as fast. On other processors every tile packs its share of A
// and B again, so tiles are as large as the number of threads allows.
#include <taper/core/error.h>
#include <taper/core/fork.h>
#include <taper/core/kernels/openblas.h>
#include <taper/core/kernels/openblas_gemm.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#include <sys/resource.h>
#endif

namespace taper::blas::openblas {
namespace {

using std::int64_t;

// Who is at a product, for fork to wait for. Counted in several places, so that threads do not take one cache line from
// each other.
class Gate final : public taper::detail::ForkAware {
 public:
  constexpr Gate() = default;
  bool open_for_fork() {
    enlist();
    return true;
  }

  void enter() {
    for (;; closed_.wait(true)) {
      give_way();
      inside().fetch_add(1);
      if (!closed_.load()) return;  // one order of all four: either fork sees us inside or we see it closed
      inside().fetch_sub(1);
    }
  }
  void leave() { inside().fetch_sub(1, std::memory_order_release); }

 private:
  struct alignas(64) Count {
    std::atomic<int> value{0};
  };

  std::atomic<int>& inside() {
    static thread_local const char here = 0;
    return counts_[reinterpret_cast<uintptr_t>(&here) / 4096 % std::size(counts_)].value;
  }
  // Waits, as between long products of several threads there may be no moment without one. What is inside takes
  // nothing that fork holds: its memory is OpenBLAS's or malloc's.
  bool hold_for_fork() override {
    closed_ = true;
    for (const Count& count : counts_) {
      while (count.value.load() != 0) std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    return true;
  }
  void release_after_fork() override {
    closed_ = false;
    closed_.notify_all();
  }

  std::atomic<bool> closed_{false};
  Count counts_[16];
};

constinit Gate gate;
[[maybe_unused]] const bool gate_is_listed = gate.open_for_fork();

// For as long as it lives its thread is at a product and may use the library; fork waits until nobody is, for OpenBLAS
// has locks of its own, which it does not free in the child.
class Inside {
 public:
  Inside() { gate.enter(); }
  ~Inside() { gate.leave(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

// Below this m n k OpenBLAS does not start threads (its SMP_THRESHOLD_MIN times GEMM_MULTITHREAD_THRESHOLD is 4 times
// as much; the margin is for builds that chose otherwise).
constexpr double kNeverThreaded = 65536;
// Up to this one it takes kernels that read A and B where they lie, if it has them.
constexpr double kUnpackedMax = 1e6;

struct Library : OpenBlas {
  bool own_threads, openmp;
  bool unpacked_kernels;
  bool little_memory = false;  // the address space is limited

  Library() : OpenBlas(load_openblas()) {
    own_threads = get_parallel() == OPENBLAS_THREAD;
    openmp = get_parallel() == OPENBLAS_OPENMP && omp_get_max_threads != nullptr && omp_set_num_threads != nullptr;
    const std::string_view core = get_corename();
    unpacked_kernels = core == "SkylakeX" || core == "Cooperlake" || core == "SapphireRapids";
#if defined(__linux__)
    rlimit limit = {};
    little_memory = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
#endif
  }
};
// Only inside the gate: the child of a fork would wait for ever for a library that another thread was loading.
const Library& library() {
  static const Library l;
  return l;
}

// OpenBLAS has a buffer for each call that runs at the same time as others, which it keeps, and where the system has no
// memory for a new one it asks again for ever. So with little memory a call that needs a new one waits for an old one,
// and throws if there is none. While one call makes a new one, which it has for certain only when it is over, no other
// may: what looked free to both would be enough for one.
class Buffer {
 public:
  Buffer() {
    if (!library().little_memory) return;
    std::unique_lock lock(mutex);
    while (in_use == made) {
      if (!making && there_is_room()) {
        ++made;
        making = makes_ = true;
        break;
      }
      TAPER_CHECK(made > 0, "matmul: OpenBLAS must have ", kBytes >> 20, " MiB of address space for a buffer, and ",
                  "the limit of this process leaves less; raise it (ulimit -v)");
      given_back.wait(lock);
    }
    ++in_use;
  }
  ~Buffer() {
    if (!library().little_memory) return;
    const std::lock_guard lock(mutex);
    --in_use;
    if (makes_) making = false;
    given_back.notify_all();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

 private:
  static constexpr size_t kBytes = (size_t{128} << 20) + (size_t{1} << 20);  // its BUFFER_SIZE and some

  static bool there_is_room() {
#if defined(__linux__)
    void* const room = mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return false;
    munmap(room, kBytes);
#endif
    return true;
  }

  static inline std::mutex mutex;
  static inline std::condition_variable given_back;
  static inline int made = 0, in_use = 0;
  static inline bool making = false;
  bool makes_ = false;
};

template <class T>
void call(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
          int64_t ldb, T beta, T* c, int64_t ldc) {
  const auto ta = trans_a ? CblasTrans : CblasNoTrans, tb = trans_b ? CblasTrans : CblasNoTrans;
  const auto i = [](int64_t x) { return static_cast<blasint>(x); };
  const Buffer buffer;
  const auto function = [] {
    if constexpr (std::is_same_v<T, float>) return library().sgemm;
    if constexpr (std::is_same_v<T, double>) return library().dgemm;
  }();
  function(CblasRowMajor, ta, tb, i(m), i(n), i(k), alpha, a, i(lda), b, i(ldb), beta, c, i(ldc));
}

// The build on threads of its own has one setting for the process: the first product sets it to 1, the last one to
// leave restores what the host had.
std::mutex setting_mutex;
int setting_users = 0, host_setting = 1;

// For as long as one lives OpenBLAS computes on the calling thread alone: on all threads of this process, ...
class SingleThreaded {
 public:
  SingleThreaded() {
    if (!library().own_threads) return;
    const std::lock_guard lock(setting_mutex);
    if (setting_users++ == 0 && (host_setting = library().get_num_threads()) != 1) library().set_num_threads(1);
  }
  ~SingleThreaded() {
    if (!library().own_threads) return;
    const std::lock_guard lock(setting_mutex);
    if (--setting_users == 0 && host_setting != 1) library().set_num_threads(host_setting);
  }
  SingleThreaded(const SingleThreaded&) = delete;
  SingleThreaded& operator=(const SingleThreaded&) = delete;
};
// ... and on this thread, for the build on OpenMP, whose setting belongs to each thread.
class SingleThreadedHere {
 public:
  SingleThreadedHere() : host_setting_(library().openmp ? library().omp_get_max_threads() : 1) {
    if (host_setting_ != 1) library().omp_set_num_threads(1);
  }
  ~SingleThreadedHere() {
    if (host_setting_ != 1) library().omp_set_num_threads(host_setting_);
  }
  SingleThreadedHere(const SingleThreadedHere&) = delete;
  SingleThreadedHere& operator=(const SingleThreadedHere&) = delete;

 private:
  int host_setting_;
};

struct Tile {
  int64_t m, n, k;
};

int64_t divide_up(int64_t a, int64_t b) { return (a - 1) / b + 1; }

// The size of the tiles of a product, from its own sizes alone. A tile's k is a part of it; the parts of one tile are
// summed in order. The figures are the best of a sweep over the products of MLP training, batches of 60 to 1000.
Tile choose_tile(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k) {
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const bool rows_by_rows = !trans_a && trans_b;  // A and B are read along k: a short or split k costs most
  if (library().unpacked_kernels && (!rows_by_rows || work <= kUnpackedMax || n < 32 || (k >= 200 && k <= 960))) {
    if (rows_by_rows && work > kUnpackedMax && n >= 32) return {std::min<int64_t>(m, 32), 32, k};
    if (rows_by_rows && k <= 4096) return {std::min<int64_t>(m, n < 32 ? 64 : work < 0.5e6 ? m : 32), n, k};
    const double target = work < 0.5e6 ? kUnpackedMax : std::clamp(work / 16, 0.25e6, kUnpackedMax);
    const int64_t tile_k = divide_up(k, divide_up(k, 384));
    const auto area = static_cast<int64_t>(target / static_cast<double>(tile_k));
    int64_t tile_n = std::min<int64_t>(n, 64);
    const int64_t tile_m = std::clamp<int64_t>(area / tile_n, 1, m);
    if (tile_m == m) tile_n = std::clamp<int64_t>(area / m / 16 * 16, tile_n, n);
    // Tiles of about one height, in steps the kernels like, none above the limit.
    const int64_t even = (divide_up(m, divide_up(m, tile_m)) + 3) / 4 * 4;
    return {std::min(m, even * tile_n <= area ? even : tile_m), tile_n, tile_k};
  }
  // Long rows, so that packing the rows of A and B costs little beside the product: C is cut between its rows first.
  const int64_t tile_k = divide_up(k, divide_up(k, 1 << 20));  // so that it fits an int
  const auto area = static_cast<int64_t>(std::clamp(work / 4, 0.5e6, 16e6) / static_cast<double>(tile_k));
  int64_t tile_n = divide_up(n, divide_up(n, 1024));
  const int64_t tile_m = std::clamp(area / tile_n, std::min<int64_t>(m, 128), m);
  if (tile_m == m) tile_n = std::clamp(area / m / 64 * 64, std::min<int64_t>(n, 128), n);
  return {std::min(m, (divide_up(m, divide_up(m, tile_m)) + 3) / 4 * 4), tile_n, tile_k};
}

template <class T>
void product(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
             int64_t ldb, T beta, T* c, int64_t ldc) {
  const Tile tile = choose_tile(trans_a, trans_b, m, n, k);
  const int64_t down = divide_up(m, tile.m), across = divide_up(n, tile.n);
  // Threads take tiles in runs: of columns where B is the largest of the three matrices, so that each reads only its
  // part of it, else of rows. For the weight of a layer, in forward as B and in backward as C, that is the same part.
  const bool by_columns = n > m && k > m;
  parallel_for(0, down * across, 1, [&](int64_t index, int64_t) {
    const int64_t i = (by_columns ? index % down : index / across) * tile.m;
    const int64_t j = (by_columns ? index / down : index % across) * tile.n;
    const SingleThreadedHere guard;
    for (int64_t p = 0; p < k; p += tile.k) {
      call(trans_a, trans_b, std::min(tile.m, m - i), std::min(tile.n, n - j), std::min(tile.k, k - p), alpha,
           trans_a ? a + p * lda + i : a + i * lda + p, lda, trans_b ? b + j * ldb + p : b + p * ldb + j, ldb,
           p == 0 ? beta : T(1), c + i * ldc + j, ldc);
    }
  });
}

}  // namespace

template <class T>
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
          int64_t ldb, T beta, T* c, int64_t ldc) {
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const Inside inside;
  if (work <= kNeverThreaded) return call(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  const SingleThreaded guard;
  product(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
template void gemm(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t, float,
                   float*, int64_t);
template void gemm(bool, bool, int64_t, int64_t, int64_t, double, const double*, int64_t, const double*, int64_t,
                   double, double*, int64_t);

std::string name() {
  const Inside inside;
  return detail::str(library().version(), " (", library().get_corename(), ")");
}
std::string advice() {
  const Inside inside;
  return library().advice;
}

}  // namespace taper::blas::openblas
