// m, k, n: rows of the result, the dim summed over, columns of the result.
#include <taper/core/kernels/matmul.h>

#include <taper/core/blas.h>
#include <taper/core/blas_bf16.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/reduce.h>
#include <taper/core/parallel.h>

#include <algorithm>

namespace taper::kernels {
namespace {

void check_dtypes(const char* op, const Tensor& a, const Tensor& b) {
  TAPER_CHECK_TYPE(a.dtype() == b.dtype(), op, ": the operands must have the same dtype; got ", a.dtype(), " and ",
                   b.dtype(), "; convert one with .to(dtype)");
  TAPER_CHECK_TYPE(a.dtype() != kBool, op, ": the operands must be numbers; got ", a.dtype());
}

// A matrix of `rows` x `cols` as the BLAS seam takes it: row-major with leading dimension ld, or the transpose of that.
struct Matrix {
  bool trans = false;
  int64_t ld = 1;
};

// False when neither dim has unit stride (or rows overlap), so that the matrix must be copied.
bool describe(int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride, Matrix& m) {
  if ((col_stride == 1 || cols == 1) && (row_stride >= std::max<int64_t>(cols, 1) || rows == 1)) {
    m = {false, std::max({row_stride, cols, int64_t{1}})};
    return true;
  }
  if ((row_stride == 1 || rows == 1) && (col_stride >= std::max<int64_t>(rows, 1) || cols == 1)) {
    m = {true, std::max({col_stride, rows, int64_t{1}})};
    return true;
  }
  return false;
}

// A 2-D operand, copied when it must be.
struct Factor {
  Tensor copy;
  const void* data;
  Matrix matrix;

  Factor(const Tensor& t, bool trans) {
    const TensorImpl& x = *t.impl();
    if (describe(x.sizes()[0], x.sizes()[1], x.strides()[0], x.strides()[1], matrix)) {
      data = x.data();
    } else {
      copy = contiguous(t);
      data = copy.data_ptr();
      matrix = {false, std::max<int64_t>(x.sizes()[1], 1)};
    }
    matrix.trans ^= trans;
  }
};

template <class T>
void gemm(int64_t m, int64_t n, int64_t k, double alpha, const void* a, Matrix ma, const void* b, Matrix mb,
          double beta, void* c, int64_t ldc) {
  const T *pa = static_cast<const T*>(a), *pb = static_cast<const T*>(b);
  T* pc = static_cast<T*>(c);
  if constexpr (is_float_type<T>) {
    blas::gemm(ma.trans, mb.trans, m, n, k, static_cast<T>(alpha), pa, ma.ld, pb, mb.ld, static_cast<T>(beta), pc, ldc);
  } else {
    // Integers have no BLAS; sums wrap around, as in PyTorch.
    const int64_t ai = ma.trans ? 1 : ma.ld, ak = ma.trans ? ma.ld : 1, bk = mb.trans ? 1 : mb.ld,
                  bj = mb.trans ? mb.ld : 1;
    const uint64_t scale = static_cast<uint64_t>(static_cast<int64_t>(alpha)),
                   keep = static_cast<uint64_t>(static_cast<int64_t>(beta));
    parallel_for(0, m, 1 + 65536 / std::max<int64_t>(1, n * k), [&](int64_t first, int64_t last) {
      std::vector<uint64_t> row(static_cast<size_t>(n));
      for (int64_t i = first; i < last; ++i) {
        std::fill(row.begin(), row.end(), uint64_t{0});
        for (int64_t l = 0; l < k; ++l) {
          const uint64_t x = static_cast<uint64_t>(pa[i * ai + l * ak]);
          for (int64_t j = 0; j < n; ++j) row[static_cast<size_t>(j)] += x * static_cast<uint64_t>(pb[l * bk + j * bj]);
        }
        for (int64_t j = 0; j < n; ++j) {
          T& out = pc[i * ldc + j];
          out = static_cast<T>((keep ? keep * static_cast<uint64_t>(out) : 0) + scale * row[static_cast<size_t>(j)]);
        }
      }
    });
  }
}

// c = a b + bias in every row (n floats or null), of bfloat16: rounded once.
void gemm_bf16(int64_t m, int64_t n, int64_t k, const void* a, Matrix ma, const void* b, Matrix mb, const float* bias,
               void* c) {
  blas::gemm_bf16(ma.trans, mb.trans, m, n, k, static_cast<const uint16_t*>(a), ma.ld, static_cast<const uint16_t*>(b),
                  mb.ld, bias, static_cast<uint16_t*>(c), std::max<int64_t>(n, 1));
}

// `c` is row-major of m x n.
void gemm(ScalarType dtype, int64_t m, int64_t n, int64_t k, double alpha, const void* a, Matrix ma, const void* b,
          Matrix mb, double beta, void* c, int64_t ldc) {
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_same_v<T, bool>) gemm<T>(m, n, k, alpha, a, ma, b, mb, beta, c, ldc);
  });
}

}  // namespace

Tensor mm(const Tensor& a, bool trans_a, const Tensor& b, bool trans_b) {
  TAPER_CHECK(a.dim() == 2 && b.dim() == 2, "mm: the operands must be matrices; got ", a.sizes(), " and ", b.sizes(),
              "; matmul takes other shapes");
  check_dtypes("mm", a, b);
  const int64_t m = a.sizes()[trans_a], k = a.sizes()[!trans_a], n = b.sizes()[!trans_b];
  TAPER_CHECK(b.sizes()[trans_b] == k, "mm: the inner dimensions must agree; got ", a.sizes(),
              trans_a ? " (transposed)" : "", " and ", b.sizes(), trans_b ? " (transposed)" : "");
  if (a.dtype() == kHalf) {
    return in_float32(
        kHalf, [](const auto&... x) { return mm(x...); }, a, trans_a, b, trans_b);
  }
  Tensor c = empty({m, n}, a.dtype());
  const Factor pa(a, trans_a), pb(b, trans_b);
  if (a.dtype() == kBFloat16) {
    gemm_bf16(m, n, k, pa.data, pa.matrix, pb.data, pb.matrix, nullptr, c.data_ptr());
    return c;
  }
  gemm(a.dtype(), m, n, k, 1, pa.data, pa.matrix, pb.data, pb.matrix, 0, c.data_ptr(), std::max<int64_t>(n, 1));
  return c;
}

Tensor mm(const Tensor& a, const Tensor& b) { return mm(a, false, b, false); }

void addmm_out(const Tensor& out, const Tensor& a, const Tensor& b, double beta, double alpha) {
  TAPER_CHECK(a.dim() == 2 && b.dim() == 2, "addmm: the operands must be matrices; got ", a.sizes(), " and ",
              b.sizes());
  check_dtypes("addmm", a, b);
  check_dtypes("addmm", out, a);
  const int64_t m = a.sizes()[0], k = a.sizes()[1], n = b.sizes()[1];
  TAPER_CHECK(b.sizes()[0] == k, "addmm: the inner dimensions must agree; got ", a.sizes(), " and ", b.sizes());
  TAPER_CHECK(out.dim() == 2 && out.sizes()[0] == m && out.sizes()[1] == n, "addmm: the result must be [", m, ", ", n,
              "]; got ", out.sizes());
  if (is_half(out)) {
    return change_in_float32(
        out, [&](const Tensor& c) { addmm_out(c, in_compute_type(a), in_compute_type(b), beta, alpha); });
  }
  const Factor pa(a, false), pb(b, false);
  Matrix mc;
  if (describe(m, n, out.strides()[0], out.strides()[1], mc) && !mc.trans) {
    gemm(out.dtype(), m, n, k, alpha, pa.data, pa.matrix, pb.data, pb.matrix, beta, out.data_ptr(), mc.ld);
    return;
  }
  const Tensor c = empty({m, n}, out.dtype());
  if (beta != 0) copy(c, out);
  gemm(out.dtype(), m, n, k, alpha, pa.data, pa.matrix, pb.data, pb.matrix, beta, c.data_ptr(),
       std::max<int64_t>(n, 1));
  copy(out, c);
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  TAPER_CHECK(a.dim() >= 2 && b.dim() >= 2, "bmm: the operands must be batches of matrices; got ", a.sizes(), " and ",
              b.sizes());
  check_dtypes("bmm", a, b);
  const size_t ra = a.sizes().size() - 2, rb = b.sizes().size() - 2;
  const int64_t m = a.sizes()[ra], k = a.sizes()[ra + 1], n = b.sizes()[rb + 1];
  TAPER_CHECK(b.sizes()[rb] == k, "bmm: the inner dimensions must agree; got ", a.sizes(), " and ", b.sizes());
  if (a.dtype() == kHalf) return in_float32(kHalf, bmm, a, b);
  DimVector sizes = broadcast_sizes("bmm", a.sizes().slice(0, ra), b.sizes().slice(0, rb));
  const DimVector batch = sizes;
  int64_t batches = 1;
  for (int64_t size : batch) batches *= size;
  sizes.push_back(m);
  sizes.push_back(n);
  Tensor c = empty(sizes, a.dtype());
  if (c.numel() == 0) return c;

  // The last two dims must suit the BLAS in every matrix, hence one description for all of them.
  Matrix ma, mb;
  Tensor ca = a, cb = b;
  if (!describe(m, k, a.strides()[ra], a.strides()[ra + 1], ma)) {
    ca = contiguous(a);
    ma = {false, std::max<int64_t>(k, 1)};
  }
  if (!describe(k, n, b.strides()[rb], b.strides()[rb + 1], mb)) {
    cb = contiguous(b);
    mb = {false, n};
  }
  const int64_t bytes = static_cast<int64_t>(c.element_size());
  // Small matrices go to threads in groups; a large one is cut by the product itself.
  constexpr int64_t kSmall = int64_t{1} << 20;
  const int64_t work = std::max<int64_t>(1, m * n * k), grain = work < kSmall ? kSmall / work : batches;
  parallel_for(0, batches, grain, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      int64_t offset_a = 0, offset_b = 0, rest = i;
      for (size_t d = batch.size(); d-- > 0;) {
        const int64_t at = rest % batch[d];
        rest /= batch[d];
        const size_t from_end = batch.size() - d;  // dims are aligned at the right; size 1 stretches
        if (from_end <= ra && ca.sizes()[ra - from_end] != 1) offset_a += at * ca.strides()[ra - from_end];
        if (from_end <= rb && cb.sizes()[rb - from_end] != 1) offset_b += at * cb.strides()[rb - from_end];
      }
      const void* const pa = static_cast<const char*>(ca.data_ptr()) + offset_a * bytes;
      const void* const pb = static_cast<const char*>(cb.data_ptr()) + offset_b * bytes;
      void* const pc = static_cast<char*>(c.data_ptr()) + i * m * n * bytes;
      if (c.dtype() == kBFloat16) {
        gemm_bf16(m, n, k, pa, ma, pb, mb, nullptr, pc);
      } else {
        gemm(c.dtype(), m, n, k, 1, pa, ma, pb, mb, 0, pc, n);
      }
    }
  });
  return c;
}

Tensor mv(const Tensor& a, const Tensor& x) {
  TAPER_CHECK(a.dim() == 2 && x.dim() == 1, "mv: a matrix and a vector are needed; got ", a.sizes(), " and ",
              x.sizes());
  check_dtypes("mv", a, x);
  const int64_t m = a.sizes()[0], k = a.sizes()[1];
  TAPER_CHECK(x.sizes()[0] == k, "mv: the inner dimensions must agree; got ", a.sizes(), " and ", x.sizes());
  if (is_half(a)) return in_float32(a.dtype(), mv, a, x);
  Tensor y = empty({m}, a.dtype());
  const Factor pa(a, false);
  const Tensor column = contiguous(x);
  gemm(a.dtype(), m, 1, k, 1, pa.data, pa.matrix, column.data_ptr(), {false, 1}, 0, y.data_ptr(), 1);
  return y;
}

Tensor dot(const Tensor& a, const Tensor& b) {
  TAPER_CHECK(a.dim() == 1 && b.dim() == 1 && a.numel() == b.numel(),
              "dot: two vectors of the same length are needed; got ", a.sizes(), " and ", b.sizes());
  check_dtypes("dot", a, b);
  if (is_half(a)) return in_float32(a.dtype(), dot, a, b);
  const Tensor ca = contiguous(a), cb = contiguous(b);
  Tensor y = empty({}, a.dtype());
  const int64_t n = a.numel();
  dispatch(a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T *pa = ca.data_ptr<T>(), *pb = cb.data_ptr<T>();
    if constexpr (is_float_type<T>) {
      *y.data_ptr<T>() = static_cast<T>(loops<ReduceLoops<T>>().dot(pa, pb, n));
    } else {
      uint64_t s = 0;
      for (int64_t i = 0; i < n; ++i) s += static_cast<uint64_t>(pa[i]) * static_cast<uint64_t>(pb[i]);
      *y.data_ptr<T>() = static_cast<T>(s);
    }
  });
  return y;
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (!bias.defined()) return mm(x, false, weight, true);
  if (x.dtype() == kHalf) return in_float32(kHalf, linear, x, weight, bias);
  if (!is_floating_point(x.dtype())) return binary(BinaryOp::Add, mm(x, false, weight, true), bias);
  const int64_t rows = x.sizes()[0], in = x.sizes()[1], out = weight.sizes()[0];
  Tensor y = empty({rows, out}, x.dtype());
  const Factor px(x, false), pw(weight, true);
  const Tensor row = contiguous(in_compute_type(bias));
  if (x.dtype() == kBFloat16) {
    gemm_bf16(rows, out, in, px.data, px.matrix, pw.data, pw.matrix, row.data_ptr<float>(), y.data_ptr());
    return y;
  }
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (is_float_type<T>) {
      blas::gemm_bias(px.matrix.trans, pw.matrix.trans, rows, out, in, static_cast<const T*>(px.data), px.matrix.ld,
                      static_cast<const T*>(pw.data), pw.matrix.ld, row.data_ptr<T>(), y.data_ptr<T>(),
                      std::max<int64_t>(out, 1));
    }
  });
  return y;
}

}  // namespace taper::kernels
