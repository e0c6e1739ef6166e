#include <taper/core/error.h>
#include <taper/core/fork.h>
#include <taper/core/kernels/openblas.h>
#include <taper/core/kernels/openblas_gemm.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

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

struct Library : OpenBlas {
  bool own_threads, openmp;
  bool unpacked_kernels;       // for small products
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

template <class Function, class T>
void call(Function* function, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a,
          int64_t lda, const T* b, int64_t ldb, T beta, T* c, int64_t ldc) {
  const auto ta = trans_a ? CblasTrans : CblasNoTrans, tb = trans_b ? CblasTrans : CblasNoTrans;
  const auto i = [](int64_t x) { return static_cast<blasint>(x); };
  const Buffer buffer;
  function(CblasRowMajor, ta, tb, i(m), i(n), i(k), alpha, a, i(lda), b, i(ldb), beta, c, i(ldc));
}

// The build on threads of its own has one setting for the process: the first product sets it to 1, the last one to
// leave restores what the host had.
std::mutex setting_mutex;
int setting_users = 0, host_setting = 1;

}  // namespace

Inside::Inside() { gate.enter(); }
Inside::~Inside() { gate.leave(); }

SingleThreaded::SingleThreaded() {
  if (!library().own_threads) return;
  const std::lock_guard lock(setting_mutex);
  if (setting_users++ == 0 && (host_setting = library().get_num_threads()) != 1) library().set_num_threads(1);
}
SingleThreaded::~SingleThreaded() {
  if (!library().own_threads) return;
  const std::lock_guard lock(setting_mutex);
  if (--setting_users == 0 && host_setting != 1) library().set_num_threads(host_setting);
}

SingleThreadedHere::SingleThreadedHere() : host_setting_(library().openmp ? library().omp_get_max_threads() : 1) {
  if (host_setting_ != 1) library().omp_set_num_threads(1);
}
SingleThreadedHere::~SingleThreadedHere() {
  if (host_setting_ != 1) library().omp_set_num_threads(host_setting_);
}

void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  call(library().sgemm, trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda,
          const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  call(library().dgemm, trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

bool has_unpacked_kernels() { return library().unpacked_kernels; }
std::string name() { return detail::str(library().version(), " (", library().get_corename(), ")"); }
std::string advice() { return library().advice; }

}  // namespace taper::blas::openblas
