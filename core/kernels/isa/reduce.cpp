#include <taper/core/kernels/isa/reduce.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Accumulators must stay in registers; compilers keep arrays of scalars in memory, hence the vector types.
#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
template <class T>
struct Vector {
  typedef T type __attribute__((vector_size(kVectorBytes)));
  static constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));
};
template <class T>
typename Vector<T>::type load(const T* x) {
  typename Vector<T>::type v;
  __builtin_memcpy(&v, x, sizeof v);
  return v;
}

constexpr int kLanes = 64;          // of a block, in T
constexpr int kFolded = 16;         // doubles that blocks are added to
constexpr int64_t kBlock = 2048;    // elements whose sum stays in T: 32 a lane

double fold(const double (&d)[kFolded]) {
  double s[kFolded / 2];
  for (int i = 0; i < 8; ++i) s[i] = d[i] + d[i + 8];
  for (int i = 0; i < 4; ++i) s[i] += s[i + 4];
  return (s[0] + s[2]) + (s[1] + s[3]);
}

// The sum of term(i) over [0, n): term_vector(i) gives the terms of one vector.
template <class T, class Term, class TermVector>
double sum_terms(int64_t n, const Term& term, const TermVector& term_vector) {
  if (n < kFolded) {
    double even = 0, odd = 0;
    int64_t i = 0;
    for (; i + 1 < n; i += 2) {
      even += term(i);
      odd += term(i + 1);
    }
    return i < n ? even + odd + term(i) : even + odd;
  }
  using V = typename Vector<T>::type;
  constexpr int kWidth = Vector<T>::kLanes, kVectors = kLanes / kWidth, kFourth = kVectors / 4;
  double d[kFolded] = {};
  int64_t i = 0;
  while (i + kLanes <= n) {
    const int64_t end = n - i < kBlock ? i + (n - i) / kLanes * kLanes : i + kBlock;
    V sum[kVectors];
    for (int v = 0; v < kVectors; ++v) sum[v] = term_vector(i + v * kWidth);
    for (i += kLanes; i < end; i += kLanes) {
      for (int v = 0; v < kVectors; ++v) sum[v] += term_vector(i + v * kWidth);
    }
    T folded[kFolded];
    for (int v = 0; v < kFourth; ++v) {
      const V s = (sum[v] + sum[v + kFourth]) + (sum[v + 2 * kFourth] + sum[v + 3 * kFourth]);
      __builtin_memcpy(folded + v * kWidth, &s, sizeof s);
    }
    for (int l = 0; l < kFolded; ++l) d[l] += static_cast<double>(folded[l]);
  }
  for (; i + kFolded <= n; i += kFolded) {
    for (int l = 0; l < kFolded; ++l) d[l] += term(i + l);
  }
  for (int l = 0; i < n; ++i, ++l) d[l] += term(i);
  return fold(d);
}

template <class T>
double sum(const T* x, int64_t n) {
  return sum_terms<T>(
      n, [x](int64_t i) { return static_cast<double>(x[i]); }, [x](int64_t i) { return load(x + i); });
}

template <class T>
double dot(const T* a, const T* b, int64_t n) {
  return sum_terms<T>(
      n, [a, b](int64_t i) { return static_cast<double>(a[i]) * static_cast<double>(b[i]); },
      [a, b](int64_t i) { return load(a + i) * load(b + i); });
}

// Eight rows are added in T, as a tree, before they join the double.
template <class T>
void sum_rows(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols) {
  for (; rows >= 8; rows -= 8, x += 8 * ld) {
    const T *a = x, *b = a + ld, *c = b + ld, *d = c + ld, *e = d + ld, *f = e + ld, *g = f + ld, *h = g + ld;
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) {
      acc[j] += static_cast<double>(((a[j] + b[j]) + (c[j] + d[j])) + ((e[j] + f[j]) + (g[j] + h[j])));
    }
  }
  for (; rows > 0; --rows, x += ld) {
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) acc[j] += static_cast<double>(x[j]);
  }
}

template <class T>
double squares(const T* x, int64_t n, double center) {
  double d[kFolded] = {};
  int64_t i = 0;
  for (; i + kFolded <= n; i += kFolded) {
    for (int l = 0; l < kFolded; ++l) {
      const double t = static_cast<double>(x[i + l]) - center;
      d[l] += t * t;
    }
  }
  for (int l = 0; i < n; ++i, ++l) {
    const double t = static_cast<double>(x[i]) - center;
    d[l] += t * t;
  }
  return fold(d);
}

template <class T>
void squares_rows(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols, const double* center) {
  for (int64_t r = 0; r < rows; ++r, x += ld) {
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) {
      const double t = static_cast<double>(x[j]) - center[j];
      acc[j] += t * t;
    }
  }
}

// Once the best is NaN both comparisons fail and it stays.
template <bool kMax, class T>
T better(T x, T best) {
  return (kMax ? x > best : x < best) || x != x ? x : best;
}

template <bool kMax, class T>
T extreme(const T* x, int64_t n) {
  using V = typename Vector<T>::type;
  constexpr int kWidth = Vector<T>::kLanes, kStep = 4 * kWidth;
  T best = x[0];
  int64_t i = 0;
  if (n >= kStep) {
    V bests[4];
    for (int v = 0; v < 4; ++v) bests[v] = load(x + v * kWidth);
    for (i = kStep; i + kStep <= n; i += kStep) {
      for (int v = 0; v < 4; ++v) {
        const V now = load(x + i + v * kWidth);
        bests[v] = ((kMax ? now > bests[v] : now < bests[v]) | (now != now)) ? now : bests[v];
      }
    }
    for (int v = 0; v < 4; ++v) {
      for (int l = 0; l < kWidth; ++l) best = better<kMax, T>(bests[v][l], best);
    }
  }
  for (; i < n; ++i) best = better<kMax, T>(x[i], best);
  return best;
}

template <bool kMax, class T>
void extreme_rows(T* acc, const T* x, int64_t rows, int64_t ld, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r, x += ld) {
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) acc[j] = better<kMax, T>(x[j], acc[j]);
  }
}

}  // namespace

#define TAPER_LOOPS(T)                                                                                            \
  {                                                                                                               \
    sum<T>, sum_rows<T>, squares<T>, squares_rows<T>, extreme<true, T>, extreme<false, T>, extreme_rows<true, T>, \
        extreme_rows<false, T>, dot<T>                                                                            \
  }
extern const ReduceLoops reduce_loops{TAPER_LOOPS(float), TAPER_LOOPS(double)};
#undef TAPER_LOOPS

}  // namespace taper::kernels::TAPER_ISA
