// Matrix products by taper's loops, by OpenBLAS, called directly and with the kernels that suit the processor, and,
// where it is found, by oneDNN (float only): GF/s of each, taper's ratio to the others, and its share of what the
// processor's fused multiply-adds can reach. Then products of bfloat16 with sums in float, by each path that the
// processor has, and their ratio to taper's of float. The shortest times of runs that take turns, with one thread and
// with all.
//
//   gemm [--threads N] [--rounds N] [--bf16] [words that a row's name must contain]
//
// --bf16: bfloat16 alone
#include <taper/core/blas.h>
#include <taper/core/blas_bf16.h>
#include <taper/core/kernels/gemm_bf16.h>
#include <taper/core/kernels/openblas.h>
#include <taper/core/parallel.h>

#include "measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#if defined(TAPER_BENCH_ONEDNN)
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

#include <chrono>
#include <thread>
#endif

namespace {

using std::int64_t;

struct Product {
  std::string name;
  bool trans_a, trans_b;
  int64_t m, n, k;
  bool in_double;
};

std::vector<Product> products() {
  std::vector<Product> all;
  const auto add = [&](const std::string& name, const char* trans, int64_t m, int64_t n, int64_t k,
                       bool in_double = false) {
    all.push_back({name, trans[0] == 'T', trans[1] == 'T', m, n, k, in_double});
  };
  // y = x W^T, dx = dy W, dW = dy^T x
  const auto layer = [&](const std::string& net, int64_t batch, int64_t in, int64_t out, bool first = false,
                         bool in_double = false) {
    const std::string name = net + " " + std::to_string(in) + "-" + std::to_string(out);
    add(name + " forward", "NT", batch, out, in, in_double);
    if (!first) add(name + " backward x", "NN", batch, in, out, in_double);
    add(name + " backward W", "TN", out, in, batch, in_double);
  };
  for (const int64_t batch : {64, 256}) {
    const std::string net = "MLP b" + std::to_string(batch);
    layer(net, batch, 784, 512);
    layer(net, batch, 512, 256);
    layer(net, batch, 256, 10);
  }
  layer("MLP b60", 60, 784, 100, true);
  layer("MLP b60", 60, 100, 100);
  layer("MLP b60", 60, 100, 10);
  layer("CNN b64", 64, 1568, 128);
  layer("CNN b64", 64, 128, 10);
  layer("GPT 4x64", 256, 128, 384);
  layer("GPT 4x64", 256, 128, 128);
  layer("GPT 4x64", 256, 128, 512);
  layer("GPT 4x64", 256, 512, 128);
  add("GPT head q k^T", "NT", 64, 64, 32);
  add("GPT head p v", "NN", 64, 32, 64);
  add("GPT logits", "NT", 256, 65, 128);
  layer("double b64", 64, 784, 512, false, true);
  layer("double b64", 64, 256, 10, false, true);
  for (const int64_t n : {16, 32, 64, 96, 128, 200, 256, 512, 1000, 1024, 2048}) {
    add("square", "NN", n, n, n);
    if (n >= 64 && n <= 1024) add("square", "NN", n, n, n, true);
  }
  for (const int64_t n : {32, 128, 512}) {
    for (const char* trans : {"TN", "NT", "TT"}) add("square", trans, n, n, n);
  }
  for (const char* trans : {"NN", "NT"}) {
    for (const int64_t m : {1, 2, 4, 8, 16}) add("few rows", trans, m, 512, 512);
    for (const int64_t n : {1, 2, 4, 8, 16}) add("few columns", trans, 512, n, 512);
  }
  for (const char* trans : {"NN", "NT", "TN", "TT"}) {
    for (const bool in_double : {false, true}) {
      add("narrow", trans, 2, 2, 784, in_double);
      add("narrow", trans, 5, 3, 64, in_double);
      add("narrow", trans, 16, 6, 784, in_double);
      add("narrow", trans, 64, 9, 784, in_double);
      add("narrow", trans, 512, 15, 784, in_double);
    }
  }
  add("few rows", "TN", 8, 512, 512);
  add("few rows", "TT", 8, 512, 512);
  add("few columns", "TN", 512, 1, 512);
  add("few columns", "TT", 512, 8, 512);
  add("vector, double", "NN", 512, 1, 512, true);
  add("vector, double", "NN", 1, 512, 512, true);
  add("short k", "NN", 256, 256, 4);
  add("short k", "NN", 1000, 1000, 16);
  add("long k", "TN", 16, 16, 10000);
  add("long k", "NT", 10, 10, 10000);
  return all;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Times {
  double own = kInfinity, openblas = kInfinity, onednn = kInfinity;  // infinite: it has no such product
};

#if defined(TAPER_BENCH_ONEDNN)
// The threads of its OpenMP; other builds have none.
void set_onednn_threads(int threads) {
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set) set(threads);
}
#endif

template <class T, class OpenBlasGemm>
Times times_of(const Product& x, OpenBlasGemm openblas, int threads, int rounds) {
  std::mt19937 random(1);
  std::uniform_real_distribution<T> uniform(-1, 1);
  const auto values = [&](int64_t n) {
    std::vector<T> v(static_cast<size_t>(n));
    for (T& value : v) value = uniform(random);
    return v;
  };
  const std::vector<T> a = values(x.m * x.k), b = values(x.k * x.n);
  std::vector<T> c(static_cast<size_t>(x.m * x.n));
  const int64_t lda = x.trans_a ? x.m : x.k, ldb = x.trans_b ? x.k : x.n;
  const auto own = [&] {
    taper::blas::gemm(x.trans_a, x.trans_b, x.m, x.n, x.k, T(1), a.data(), lda, b.data(), ldb, T(0), c.data(), x.n);
  };
  const auto other = [&] {
    const auto i = [](int64_t value) { return static_cast<blasint>(value); };
    openblas(CblasRowMajor, x.trans_a ? CblasTrans : CblasNoTrans, x.trans_b ? CblasTrans : CblasNoTrans, i(x.m),
             i(x.n), i(x.k), T(1), a.data(), i(lda), b.data(), i(ldb), T(0), c.data(), i(x.n));
  };
  Times best;
  for (int round = 0; round < rounds; ++round) {
    best.own = std::min(best.own, bench::time_of(own, threads));
    best.openblas = std::min(best.openblas, bench::time_of(other, threads));
#if defined(TAPER_BENCH_ONEDNN)
    if constexpr (std::is_same_v<T, float>) {
      const auto onednn = [&] {
        dnnl_sgemm(x.trans_a ? 'T' : 'N', x.trans_b ? 'T' : 'N', x.m, x.n, x.k, 1, a.data(), lda, b.data(), ldb, 0,
                   c.data(), x.n);
      };
      best.onednn = std::min(best.onednn, bench::time_of(onednn, threads));
      // its other threads wait for work at full speed for a while
      if (threads > 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
#endif
  }
  return best;
}

// Of taper's ratio to another library.
struct Ratios {
  double logs = 0, least = kInfinity;
  int count = 0;
  double add(double ratio) {
    logs += std::log(ratio);
    least = std::min(least, ratio);
    ++count;
    return ratio;
  }
  void print(const char* name) const {
    if (count == 0) return;
    std::printf("ratio %s: geometric mean %.2f, least %.2f, %d products\n", name, std::exp(logs / count), least, count);
  }
};

void run(const taper::blas::OpenBlas& openblas, int threads, int rounds, const std::string& only) {
  taper::set_num_threads(threads);
  openblas.set_num_threads(threads);
#if defined(TAPER_BENCH_ONEDNN)
  set_onednn_threads(threads);
#endif
  const double peaks[] = {bench::peak<float>() * threads, bench::peak<double>() * threads};
  std::printf("%d thread%s; at most %.0f GF/s, in double %.0f\n", threads, threads == 1 ? "" : "s", peaks[0] / 1e9,
              peaks[1] / 1e9);
  std::printf("%-34s %5s %5s %5s %5s %8s %7s %10s %7s %8s %7s\n", "", "", "m", "n", "k", "taper", "share", "OpenBLAS",
              "ratio", "oneDNN", "ratio");
  Ratios to_openblas, to_onednn;
  for (const Product& x : products()) {
    if (x.name.find(only) == std::string::npos) continue;
    const Times t = x.in_double ? times_of<double>(x, openblas.dgemm, threads, rounds)
                                : times_of<float>(x, openblas.sgemm, threads, rounds);
    const double flops = 2.0 * static_cast<double>(x.m) * static_cast<double>(x.n) * static_cast<double>(x.k);
    std::printf("%-34s %c%c%s %5ld %5ld %5ld %8.1f %6.0f%% %10.1f %7.2f", x.name.c_str(), x.trans_a ? 'T' : 'N',
                x.trans_b ? 'T' : 'N', x.in_double ? " f64" : "    ", static_cast<long>(x.m), static_cast<long>(x.n),
                static_cast<long>(x.k), flops / t.own / 1e9, 100 * flops / t.own / peaks[x.in_double],
                flops / t.openblas / 1e9, to_openblas.add(t.openblas / t.own));
    if (t.onednn < kInfinity) {
      std::printf(" %8.1f %7.2f", flops / t.onednn / 1e9, to_onednn.add(t.onednn / t.own));
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  to_openblas.print("to OpenBLAS");
  to_onednn.print("to oneDNN");
  std::printf("\n");
}

void run_bf16(int threads, int rounds, const std::string& only) {
  namespace bf16 = taper::blas::bf16;
  taper::set_num_threads(threads);
  std::vector<bf16::Path> paths;
  for (const bf16::Path path : {bf16::Path::Widen, bf16::Path::Avx512, bf16::Path::Amx}) {
    if (bf16::has(path)) paths.push_back(path);
  }
  std::printf("%d thread%s; bfloat16 is multiplied by: %s\n%-34s %5s %5s %5s %5s %8s", threads, threads == 1 ? "" : "s",
              taper::blas::bf16_backend().c_str(), "", "", "m", "n", "k", "float");
  for (const bf16::Path path : paths) std::printf(" %8s %7s", bf16::name(path), "ratio");
  std::printf("\n");
  std::vector<Ratios> ratios(paths.size());
  for (const Product& x : products()) {
    if (x.in_double || x.name.find(only) == std::string::npos) continue;
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> a(static_cast<size_t>(x.m * x.k)), b(static_cast<size_t>(x.k * x.n));
    std::vector<float> c(static_cast<size_t>(x.m * x.n));
    for (float& value : a) value = uniform(random);
    for (float& value : b) value = uniform(random);
    std::vector<std::uint16_t> a16(a.size()), b16(b.size());
    taper::blas::round_to_bf16(a.data(), a16.data(), x.m * x.k);
    taper::blas::round_to_bf16(b.data(), b16.data(), x.k * x.n);
    const int64_t lda = x.trans_a ? x.m : x.k, ldb = x.trans_b ? x.k : x.n;
    double float_time = kInfinity;
    std::vector<double> times(paths.size(), kInfinity);
    for (int round = 0; round < rounds; ++round) {
      const auto in_float = [&] {
        taper::blas::gemm(x.trans_a, x.trans_b, x.m, x.n, x.k, 1.0f, a.data(), lda, b.data(), ldb, 0.0f, c.data(), x.n);
      };
      float_time = std::min(float_time, bench::time_of(in_float, threads));
      for (size_t i = 0; i < paths.size(); ++i) {
        const auto in_bf16 = [&] {
          bf16::gemm(paths[i], x.trans_a, x.trans_b, x.m, x.n, x.k, a16.data(), lda, b16.data(), ldb, nullptr, 0,
                     c.data(), x.n);
        };
        times[i] = std::min(times[i], bench::time_of(in_bf16, threads));
      }
    }
    const double flops = 2.0 * static_cast<double>(x.m) * static_cast<double>(x.n) * static_cast<double>(x.k);
    std::printf("%-34s %c%c    %5ld %5ld %5ld %8.1f", x.name.c_str(), x.trans_a ? 'T' : 'N', x.trans_b ? 'T' : 'N',
                static_cast<long>(x.m), static_cast<long>(x.n), static_cast<long>(x.k), flops / float_time / 1e9);
    for (size_t i = 0; i < paths.size(); ++i) {
      std::printf(" %8.1f %7.2f", flops / times[i] / 1e9, ratios[i].add(float_time / times[i]));
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  for (size_t i = 0; i < paths.size(); ++i)
    ratios[i].print((std::string("of ") + bf16::name(paths[i]) + " to float").c_str());
  std::printf("\n");
}

}  // namespace

int main(int argc, char* argv[]) {
  int threads = 0, rounds = 10;
  bool bf16_alone = false;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const bool value = i + 1 < argc;
    if (value && std::strcmp(argv[i], "--threads") == 0) {
      threads = std::atoi(argv[++i]);
    } else if (value && std::strcmp(argv[i], "--rounds") == 0) {
      rounds = std::atoi(argv[++i]);
    } else if (std::strcmp(argv[i], "--bf16") == 0) {
      bf16_alone = true;
    } else {
      only = argv[i];
    }
  }
  const taper::blas::OpenBlas openblas = taper::blas::load_openblas();
  std::printf("%s against %s (%s)\n", taper::blas::backend().c_str(), openblas.version().c_str(),
              openblas.get_corename());
  const int all = taper::get_num_threads();
  const auto run_all = [&](int count) {
    if (!bf16_alone) run(openblas, count, rounds, only);
    run_bf16(count, rounds, only);
  };
  run_all(threads > 0 ? threads : 1);
  if (threads == 0 && all > 1) run_all(all);
}
