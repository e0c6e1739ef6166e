// Rows of a few elements, which loops take many at a time: broadcast, cut out of a larger tensor, written into one.
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/reduce.h>

#include <algorithm>

#include "catch.h"
#include "support/tensors.h"

using namespace taper;
using namespace taper::kernels;
using namespace support;

namespace {

constexpr int64_t kRows = 1500;  // more than are taken at once
constexpr ScalarType kDtypes[] = {kUInt8, kInt16, kFloat32, kFloat64};

// 1, 2, ..., 7, 1, 2, ...
Tensor counted(IntArrayRef sizes, ScalarType dtype) {
  Tensor t = empty(sizes, kFloat64);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<double>()[i] = static_cast<double>(i % 7 + 1);
  return to_dtype(t, dtype);
}
double at(const Tensor& t, int64_t i) { return values(t)[static_cast<size_t>(i)]; }

}  // namespace

TEST_CASE("short rows: a row and a column broadcast, slices are read and written") {
  for (const ScalarType dtype : kDtypes) {
    for (const int64_t n : {2, 3, 5, 31}) {
      INFO("dtype " << to_string(dtype) << ", rows of " << n);
      const Tensor x = counted({2, kRows, n + 1}, dtype), row = counted({n}, dtype),
                   column = counted({kRows, 1}, dtype);
      const Tensor part = x.slice(2, 1);
      const auto in = values(x), by_row = values(binary(BinaryOp::Add, part, row)),
                 by_column = values(binary(BinaryOp::Mul, part, column));
      Tensor whole = zeros({2, kRows, n + 2}, dtype);
      copy(whole.slice(2, 1, n + 1), part);
      binary_out(whole.slice(2, 1, n + 1), BinaryOp::Add, whole.slice(2, 1, n + 1), row);
      const auto written = values(whole);
      bool ok = true;
      for (int64_t r = 0; r < 2 * kRows; ++r) {
        for (int64_t i = 0; i < n; ++i) {
          const double value = in[static_cast<size_t>(r * (n + 1) + i + 1)];
          const double plus = value + static_cast<double>(i % 7 + 1);
          ok = ok && by_row[static_cast<size_t>(r * n + i)] == plus;
          ok = ok && by_column[static_cast<size_t>(r * n + i)] == value * static_cast<double>(r % kRows % 7 + 1);
          ok = ok && written[static_cast<size_t>(r * (n + 2) + i + 1)] == plus;
        }
        ok = ok && written[static_cast<size_t>(r * (n + 2))] == 0 &&
             written[static_cast<size_t>((r + 1) * (n + 2) - 1)] == 0;
      }
      CHECK(ok);
    }
  }
}

TEST_CASE("short rows: sums, products and extremes of each") {
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    for (const int64_t n : {1, 2, 3, 4, 5, 8, 9}) {
      const Tensor x = counted({kRows, n}, dtype);
      const auto in = values(x), sums = values(kernels::sum(x, IntArrayRef(1), false)),
                 products = values(kernels::prod(x, IntArrayRef(1), false)),
                 most = values(kernels::amax(x, IntArrayRef(1), false)),
                 least = values(kernels::amin(x, IntArrayRef(1), false));
      const auto [best, places] = kernels::max_dim(x, 1, false);
      const auto where = values(places);
      bool ok = true;
      for (int64_t r = 0; r < kRows; ++r) {
        const auto begin = in.begin() + r * n, end = begin + n;
        double s = 0, p = 1;
        std::for_each(begin, end, [&](double v) { s += v, p *= v; });
        const auto i = static_cast<size_t>(r);
        ok = ok && sums[i] == s && products[i] == p && most[i] == *std::max_element(begin, end);
        ok = ok && least[i] == *std::min_element(begin, end) && at(best, r) == most[i];
        ok = ok && static_cast<int64_t>(where[i]) == std::max_element(begin, end) - begin;
        if (r > 40) break;
      }
      INFO("runs of " << n);
      CHECK(ok);
    }
  }
}
