#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>

#include <cmath>
#include <limits>

#include "catch.h"

using namespace taper;

namespace {

Tensor strided(const Tensor& t, IntArrayRef sizes, IntArrayRef strides, int64_t offset = 0) {
  return Tensor(intrusive_ptr<TensorImpl>::make(t.impl()->storage(), t.dtype(), sizes, strides, offset));
}

// 0, 1, 2, ... in row-major order.
Tensor counting(IntArrayRef sizes, ScalarType dtype) {
  Tensor t = empty(sizes, kFloat64);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<double>()[i] = static_cast<double>(i);
  return kernels::to_dtype(t, dtype);
}

double at(const Tensor& t, std::initializer_list<int64_t> index) {
  int64_t offset = 0;
  size_t d = 0;
  for (const int64_t i : index) offset += i * t.strides()[d++];
  return dispatch(t.dtype(), [&]<class T>(T) { return static_cast<double>(t.data_ptr<T>()[offset]); });
}

constexpr ScalarType kDtypes[] = {kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64, kBool};

}  // namespace

TEST_CASE("copy between all dtypes, contiguous, broadcast and strided") {
  for (const ScalarType from : kDtypes) {
    for (const ScalarType to : kDtypes) {
      const Tensor src = counting({5, 20}, from);  // 0 .. 99 fits everywhere
      const Tensor dst = empty({5, 20}, to), sparse = empty({5, 40}, to), repeated = empty({3, 5, 20}, to);
      kernels::copy(dst, src);
      kernels::copy(strided(sparse, {5, 20}, {40, 2}), src);
      kernels::copy(repeated, src);
      for (int64_t i = 0; i < 5; ++i) {
        for (int64_t j = 0; j < 20; ++j) {
          const double wanted = to == kBool || from == kBool ? (i + j > 0) : static_cast<double>(i * 20 + j);
          REQUIRE(at(dst, {i, j}) == wanted);
          REQUIRE(at(sparse, {i, 2 * j}) == wanted);
          REQUIRE(at(repeated, {2, i, j}) == wanted);
        }
      }
    }
  }
}

TEST_CASE("conversion of floats: fractions cut off, every value defined") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    const Tensor x = kernels::to_dtype(tensor({1.9, -1.9, 300.0, -1.0, nan, inf, -inf, 0.25}, kFloat64), dtype);
    const Tensor longs = kernels::to_dtype(x, kInt64);
    const int64_t wanted[] = {1, -1, 300, -1, 0, INT64_MAX, INT64_MIN, 0};
    for (int64_t i = 0; i < 8; ++i) CHECK(longs.data_ptr<int64_t>()[i] == wanted[i]);
    const Tensor bytes = kernels::to_dtype(x, kUInt8);
    const int wanted_bytes[] = {1, 255, 44, 255, 0, 255, 0, 0};
    for (int64_t i = 0; i < 8; ++i) CHECK(bytes.data_ptr<uint8_t>()[i] == wanted_bytes[i]);
    const Tensor bools = kernels::to_dtype(x, kBool);
    for (int64_t i = 0; i < 8; ++i) CHECK(bools.data_ptr<bool>()[i]);
  }
  CHECK(std::isinf(kernels::to_dtype(tensor({1e300}, kFloat64), kFloat32).item<float>()));
}

TEST_CASE("transposing copies of any size and rank") {
  for (const ScalarType dtype : {kUInt8, kInt16, kFloat32, kFloat64}) {
    for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 100}, {3, 50}, {33, 65}, {32, 32}, {100, 257}}) {
      const Tensor x = counting({rows, columns}, dtype);
      const Tensor y = kernels::contiguous(strided(x, {columns, rows}, {1, columns}));
      for (int64_t i = 0; i < columns; ++i) {
        for (int64_t j = 0; j < rows; ++j) REQUIRE(at(y, {i, j}) == at(x, {j, i}));
      }
    }
  }
  // NCHW from NHWC, and all other orders of three dimensions.
  const Tensor x = counting({9, 10, 11}, kFloat32);
  const int64_t strides[] = {110, 11, 1}, sizes[] = {9, 10, 11};
  int order[] = {0, 1, 2};
  do {
    const Tensor view = strided(x, {sizes[order[0]], sizes[order[1]], sizes[order[2]]},
                                {strides[order[0]], strides[order[1]], strides[order[2]]});
    const Tensor y = kernels::contiguous(view), back = empty({9, 10, 11});
    kernels::copy(strided(back, view.sizes(), view.strides()), y);
    for (int64_t i = 0; i < view.size(0); ++i) {
      for (int64_t j = 0; j < view.size(1); ++j) {
        for (int64_t k = 0; k < view.size(2); ++k) REQUIRE(at(y, {i, j, k}) == at(view, {i, j, k}));
      }
    }
    for (int64_t i = 0; i < 990; ++i) REQUIRE(back.data_ptr<float>()[i] == x.data_ptr<float>()[i]);
  } while (std::next_permutation(order, order + 3));
}

TEST_CASE("copies between parts of one storage read everything before they write") {
  Tensor x = counting({8}, kFloat32);
  kernels::copy(strided(x, {6}, {1}, 2), strided(x, {6}, {1}));
  const float shifted[] = {0, 1, 0, 1, 2, 3, 4, 5};
  for (int64_t i = 0; i < 8; ++i) CHECK(x.data_ptr<float>()[i] == shifted[i]);

  x = counting({40, 40}, kFloat32);
  kernels::copy(x, strided(x, {40, 40}, {1, 40}));  // transposes in place
  for (int64_t i = 0; i < 40; ++i) {
    for (int64_t j = 0; j < 40; ++j) REQUIRE(at(x, {i, j}) == static_cast<double>(j * 40 + i));
  }
  kernels::copy(x, x);
  CHECK(at(x, {0, 1}) == 40);
}

TEST_CASE("copy and fill: sizes, empty tensors, values") {
  REQUIRE_THROWS_WITH(kernels::copy(empty({3}), empty({2, 3})),
                      ContainsSubstring("copy_:") && ContainsSubstring("[2, 3]"));
  REQUIRE_THROWS_AS(kernels::copy(empty({3}), empty({2})), Error);
  kernels::copy(empty({0, 3}), empty({3}));
  for (const ScalarType dtype : kDtypes) {
    Tensor x = counting({6, 7}, dtype);
    kernels::fill(strided(x, {6, 3}, {7, 2}, 1), 1);
    CHECK(at(x, {5, 1}) == 1);
    CHECK(at(x, {5, 3}) == 1);
    CHECK(at(x, {5, 2}) == (dtype == kBool ? 1 : 37));
    kernels::fill(x, 0);
    for (int64_t i = 0; i < 6; ++i) CHECK(at(x, {i, i}) == 0);
  }
  REQUIRE_THROWS_AS(kernels::fill(empty({1}, kUInt8), 300), ValueError);
}
