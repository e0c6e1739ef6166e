#include <taper/core/error.h>
#include <taper/core/kernels/openblas.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <string>
#include <vector>

#if !defined(TAPER_LINK_OPENBLAS)
#include <dlfcn.h>
#include <unistd.h>
#endif

#if defined(TAPER_LINK_OPENBLAS)
extern "C" {  // there only when OpenBLAS is the build that runs on OpenMP
__attribute__((weak)) int omp_get_max_threads();
__attribute__((weak)) void omp_set_num_threads(int);
}
#endif

namespace taper::blas {
namespace {

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

#if defined(TAPER_LINK_OPENBLAS)

// Nothing can be told a library that is there before any of our code runs.
class Library {
 public:
  bool reload(std::string_view) { return false; }
  OpenBlas functions() const {
    return {::cblas_sgemm,
            ::cblas_dgemm,
            ::openblas_get_num_threads,
            ::openblas_set_num_threads,
            ::openblas_get_parallel,
            ::openblas_get_config,
            ::openblas_get_corename,
            ::omp_get_max_threads,
            ::omp_set_num_threads,
            {}};
  }
};

#else

// For its lifetime the environment holds `settings`, too: in front of what is there, in an array of ours that is never
// freed. Unlike setenv this takes nothing away that another thread may be reading.
class Environment {
 public:
  explicit Environment(const std::vector<std::string>& settings) : before_(environ) {
    struct Kept {
      std::vector<std::string> settings;
      std::vector<char*> array;
    };
    static auto& kept = *new std::deque<Kept>;
    auto& [ours, array] = kept.emplace_back(Kept{settings, {}});
    for (std::string& setting : ours) array.push_back(setting.data());
    for (char** at = before_; at != nullptr && *at != nullptr; ++at) array.push_back(*at);
    array.push_back(nullptr);
    environ = ours_ = array.data();
  }
  ~Environment() {
    if (environ == ours_) environ = before_;
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  char **const before_, **ours_ = nullptr;
};

// The OpenBLAS that the program has already, or else one of ours. It is never unloaded.
class Library {
 public:
  Library() : handle_(open(RTLD_NOLOAD)), ours_(handle_ == nullptr) {
    if (ours_) load({});
  }

  // Ours, with the kernels `core`. False, and nothing done, if it is the program's.
  bool reload(std::string_view core) {
    if (!ours_) return false;
    dlclose(handle_);
    load(core);
    return true;
  }

  OpenBlas functions() const {
    OpenBlas f;
    find("cblas_sgemm", f.sgemm);
    find("cblas_dgemm", f.dgemm);
    find("openblas_get_num_threads", f.get_num_threads);
    find("openblas_set_num_threads", f.set_num_threads);
    find("openblas_get_parallel", f.get_parallel);
    find("openblas_get_config", f.get_config);
    find("openblas_get_corename", f.get_corename);
    find("omp_get_max_threads", f.omp_get_max_threads, false);
    find("omp_set_num_threads", f.omp_set_num_threads, false);
    return f;
  }

 private:
  // By the name that programs are linked to, else from where it was when taper was built.
  static void* open(int flags) {
    flags |= RTLD_LAZY | RTLD_LOCAL;
    void* const found = dlopen(TAPER_OPENBLAS_SONAME, flags);
    return found != nullptr ? found : dlopen(TAPER_OPENBLAS_FOLDER "/" TAPER_OPENBLAS_SONAME, flags);
  }

  // What the user has set stays as it is.
  void load(std::string_view core) {
    std::vector<std::string> settings;
    if (!is_set("OPENBLAS_NUM_THREADS")) settings.emplace_back("OPENBLAS_NUM_THREADS=1");
    if (!core.empty()) settings.push_back(detail::str("OPENBLAS_CORETYPE=", core));
    const Environment told(settings);
    handle_ = open(0);
    if (handle_ != nullptr) return;
    const char* const why = dlerror();
    throw Error(detail::str("matmul: OpenBLAS must be there for products of matrices; got: ", why ? why : "nothing",
                            "; install libopenblas0 (Debian, Ubuntu) or openblas (Fedora)"));
  }

  template <class Function>
  void find(const char* name, Function*& function, bool needed = true) const {
    function = reinterpret_cast<Function*>(dlsym(handle_, name));
    TAPER_CHECK(function != nullptr || !needed, "matmul: OpenBLAS must have ", name,
                ", and the one found has not; install another version");
  }

  void* handle_;
  bool ours_;
};

#endif

}  // namespace

std::string OpenBlas::version() const {
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  const std::string_view config = get_config();
  return std::string(config.substr(0, config.find(' ', config.find(' ') + 1)));
}

std::string_view better_core(std::string_view chosen, kernels::Isa machine) {
  // Made for processors without AVX2; "Haswell" needs AVX2 and FMA, "SkylakeX" AVX-512.
  constexpr std::string_view kOld[] = {"Unknown", "Katmai", "Coppermine", "Northwood",    "Prescott",
                                       "Banias",  "Atom",   "Core2",      "Penryn",       "Dunnington",
                                       "Nehalem", "Athlon", "Opteron",    "Opteron_SSE3", "Barcelona",
                                       "Bobcat",  "Nano",   "Sandybridge"};
  if (std::find(std::begin(kOld), std::end(kOld), chosen) == std::end(kOld)) return {};
  if (machine == kernels::Isa::Avx512) return "SkylakeX";
  if (machine == kernels::Isa::Avx2) return "Haswell";
  return {};
}

OpenBlas load_openblas(std::string_view (*better)(std::string_view, kernels::Isa)) {
  Library library;
  OpenBlas f = library.functions();
  const std::string chosen = f.get_corename();
  const std::string_view core = is_set("OPENBLAS_CORETYPE") ? "" : better(chosen, kernels::machine());
  if (core.empty()) return f;
  if (library.reload(core)) f = library.functions();
  const std::string found = detail::str(f.version(), " does not know this processor and took its kernels for ", chosen);
  f.advice = core == f.get_corename()
                 ? detail::str(found, "; taper made it take those for ", core)
                 : detail::str(found, ", which are two to four times slower than need be; set OPENBLAS_CORETYPE=", core,
                               " in the environment before the program starts");
  return f;
}

}  // namespace taper::blas
