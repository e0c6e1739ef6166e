// Order and what follows from it: values from formulas and from std::sort, whatever the length, dtype and threads.
#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/indexing.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "catch.h"
#include "support/scopes.h"

using namespace taper;
using namespace support;

namespace {

const double kNan = std::nan("");

template <class T>
std::vector<T> values(const Tensor& t) {
  const Tensor c = t.contiguous();
  std::vector<T> result;
  for (int64_t i = 0; i < c.numel(); ++i) result.push_back(c.data_ptr<T>()[i]);
  return result;
}
using Indices = std::vector<int64_t>;

}  // namespace

TEST_CASE("sort orders lines of every length and dtype as std::stable_sort does") {
  manual_seed(1);
  for (const auto dtype : {kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64}) {
    for (const int64_t n : {1, 2, 7, 199, 200, 201, 1000, 70000}) {
      for (const bool descending : {false, true}) {
        INFO(dtype << " " << n << (descending ? " descending" : ""));
        const Tensor x = (randn({n}) * 40).to(is_floating_point(dtype) ? dtype : kInt64).to(dtype);
        const auto [y, index] = x.sort(true, 0, descending);
        dispatch(dtype, [&, &sorted = y, &order = index]<class T>(T) {
          const std::vector<T> in = values<T>(x);
          Indices wanted(in.size());
          for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = static_cast<int64_t>(i);
          std::stable_sort(wanted.begin(), wanted.end(), [&](int64_t a, int64_t b) {
            const T p = in[static_cast<size_t>(a)], q = in[static_cast<size_t>(b)];
            return descending ? p > q : p < q;
          });
          CHECK(values<int64_t>(order) == wanted);
          CHECK(equal(sorted, x.index_select(0, order)));
        });
      }
    }
  }
}

TEST_CASE("NaN is larger than all and -0 equals 0, for sort, topk and kthvalue alike") {
  const Tensor x = tensor({0., kNan, -1., -0., INFINITY, -INFINITY});
  CHECK(values<int64_t>(x.argsort()) == Indices{5, 2, 0, 3, 4, 1});
  CHECK(values<int64_t>(x.argsort(0, true)) == Indices{1, 4, 0, 3, 2, 5});
  CHECK(std::signbit(values<float>(std::get<0>(x.sort()))[3]));
  CHECK(values<int64_t>(std::get<1>(x.topk(2))) == Indices{1, 4});
  CHECK(std::get<1>(x.kthvalue(6)).item<int64_t>() == 1);
}

TEST_CASE("topk is the beginning of sort for every k") {
  manual_seed(2);
  for (const int64_t n : {5, 40, 300, 5000}) {
    const Tensor x = randint(0, 50, {3, n}, kFloat32);
    for (const int64_t k : {int64_t{0}, int64_t{1}, n / 20, n / 3, n - 1, n}) {
      for (const bool largest : {false, true}) {
        INFO(n << " " << k);
        const auto [y, index] = x.topk(k, 1, largest);
        const auto [sorted, order] = x.sort(true, 1, largest);
        CHECK(equal(y, sorted.narrow(1, 0, k)));
        CHECK(equal(index, order.narrow(1, 0, k)));
      }
    }
  }
}

TEST_CASE("kthvalue, medians and mode are where sort says") {
  manual_seed(3);
  for (const int64_t n : {1, 2, 9, 250, 3000}) {
    const Tensor x = randint(0, 1 + n / 2, {4, n}, kInt64), sorted = std::get<0>(x.sort());
    for (const int64_t k : {int64_t{1}, n / 2 + 1, n}) {
      CHECK(equal(std::get<0>(x.kthvalue(k)), sorted.select(1, k - 1)));
      CHECK(equal(x.gather(1, std::get<1>(x.kthvalue(k, 1, true))), sorted.narrow(1, k - 1, 1)));
    }
    CHECK(equal(std::get<0>(x.median(1)), sorted.select(1, (n - 1) / 2)));
  }
  const Tensor holes = tensor({{kNan, 3., 1., 2.}, {kNan, kNan, kNan, kNan}});
  CHECK(isnan(std::get<0>(holes.median(1))).all().item<bool>());
  const auto [y, index] = holes.nanmedian(1);
  CHECK(y[0].item<float>() == 2);
  CHECK(std::isnan(y[1].item<float>()));
  CHECK(values<int64_t>(index) == Indices{3, 0});
  const auto [often, last] = tensor({5, 2, 5, 2, 9}).mode();
  CHECK(often.item<int64_t>() == 2);
  CHECK(last.item<int64_t>() == 3);
}

TEST_CASE("sort gives the same for any number of threads") {
  manual_seed(4);
  const Tensor x = randn({50, 700});
  check_threads([&] {
    const auto [y, index] = x.sort(0);
    return std::vector<Tensor>{y, index};
  });
}

TEST_CASE("unique puts every value back together from its inverse") {
  manual_seed(5);
  const Tensor x = randint(-20, 20, {30, 40}, kInt32);
  const auto [y, inverse, counts] = _unique2(x, true, true, true);
  CHECK(equal(y.index({inverse}), x));
  CHECK(counts.sum().item<int64_t>() == x.numel());
  CHECK(equal(y, std::get<0>(y.sort())));
  const auto [rows, row_inverse, row_counts] = unique_dim(randint(0, 2, {100, 3}, kInt64), 0);
  CHECK(rows.size(0) == 8);
  CHECK(row_counts.sum().item<int64_t>() == 100);
  // NaN equals nothing.
  CHECK(std::get<0>(_unique2(tensor({kNan, 1., kNan}))).numel() == 3);
}

namespace {

// The different values of x in order, the first of equal ones, by std::stable_sort; NaN equals nothing and comes last.
template <class T>
void check_unique(const Tensor& x) {
  const std::vector<T> in = values<T>(x);
  Indices order(in.size()), inverse(in.size()), counts;
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const T p = in[static_cast<size_t>(a)], q = in[static_cast<size_t>(b)];
    return p < q || (p == p && q != q);
  });
  std::vector<T> wanted;
  for (const int64_t i : order) {
    const T value = in[static_cast<size_t>(i)];
    if (wanted.empty() || wanted.back() != value) {
      wanted.push_back(value);
      counts.push_back(0);
    }
    ++counts.back();
    inverse[static_cast<size_t>(i)] = static_cast<int64_t>(wanted.size()) - 1;
  }
  const auto same = [](T a, T b) {
    return (a != a && b != b) ||
           (a == b && std::signbit(static_cast<double>(a)) == std::signbit(static_cast<double>(b)));
  };
  for (const bool with_inverse : {false, true}) {
    for (const bool with_counts : {false, true}) {
      const auto [y, at, times] = _unique2(x, true, with_inverse, with_counts);
      const std::vector<T> got = values<T>(y);
      REQUIRE(got.size() == wanted.size());
      CHECK(std::equal(got.begin(), got.end(), wanted.begin(), same));
      if (with_inverse) {
        CHECK(at.sizes() == x.sizes());
        CHECK(values<int64_t>(at) == inverse);
      } else {
        CHECK(at.numel() == 0);
      }
      CHECK(values<int64_t>(times) == (with_counts ? counts : Indices()));
    }
  }
}

}  // namespace

TEST_CASE("unique of few and of many different values is the same as by sorting, for every dtype") {
  manual_seed(6);
  for (const auto dtype : {kBool, kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64}) {
    dispatch(dtype, [&]<class T>(T) {
      for (const int64_t n : {0, 1, 7, 8, 16, 2000}) {
        for (const int64_t range : {int64_t{3}, n / 8, n / 8 + 1, 2 * n}) {
          INFO(dtype << " " << n << " of " << range);
          const Tensor x = (randint(0, std::max<int64_t>(range, 1), {n}, kInt64) * 77777777 - 9).to(dtype);
          check_unique<T>(x);
          if (n == 16) check_unique<T>(x.view({2, n / 2}).t());
        }
      }
    });
  }
  for (const auto dtype : {kFloat32, kFloat64}) {
    Tensor x = randint(-3, 4, {1000}, dtype) * -0.5;  // -0 and 0
    dispatch_floating(dtype, "", [&]<class T>(T) { check_unique<T>(x); });
    x[999] = kNan;
    x[500] = kNan;
    x[3] = INFINITY;
    dispatch_floating(dtype, "", [&]<class T>(T) { check_unique<T>(x); });
  }
  for (const int64_t size : {65536, 65537}) {  // as many as a table takes, and one more
    const Tensor x = arange(size - 1, -1, -1, kInt64).repeat({9});
    const auto [y, inverse, counts] = _unique2(x, true, true, true);
    CHECK(y.equal(arange(size, kInt64)));
    CHECK(inverse.equal(x));
    CHECK(counts.equal(full({size}, 9, kInt64)));
  }
}

TEST_CASE("unique_consecutive numbers the runs, whatever is asked for") {
  const Tensor x = tensor({-0., 0., 2., 2., 2., -1., kNan, kNan, 2.});
  for (const bool with_inverse : {false, true}) {
    for (const bool with_counts : {false, true}) {
      const auto [y, at, times] = unique_consecutive(x, with_inverse, with_counts);
      CHECK(y.nan_to_num(7).equal(tensor({-0., 2., -1., 7., 7., 2.})));
      CHECK(std::signbit(y[0].item<float>()));
      CHECK(values<int64_t>(at) == (with_inverse ? Indices{0, 0, 1, 1, 1, 2, 3, 4, 5} : Indices()));
      CHECK(values<int64_t>(times) == (with_counts ? Indices{2, 3, 1, 1, 1, 1} : Indices()));
    }
  }
  CHECK(std::get<0>(unique_consecutive(zeros({0}), true, true)).numel() == 0);
  CHECK(std::get<1>(unique_consecutive(zeros({2, 3}), true)).sizes() == IntArrayRef({2, 3}));
}

TEST_CASE("isin is true where any of the others is equal, for every dtype and any number of them") {
  manual_seed(7);
  for (const auto dtype : {kBool, kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64}) {
    for (const int64_t m : {0, 1, 5, 128, 129, 3000}) {
      INFO(dtype << " " << m);
      const auto draw = [&](int64_t n) { return (randint(-2 - m, 3 + m, {n}, kInt64) * 1234567).to(dtype); };
      const Tensor x = draw(300), among = draw(m);
      dispatch(dtype, [&]<class T>(T) {
        const std::vector<T> in = values<T>(x), list = values<T>(among);
        const auto is_in = [&](T value) { return std::find(list.begin(), list.end(), value) != list.end(); };
        std::vector<bool> wanted, unwanted;
        std::transform(in.begin(), in.end(), std::back_inserter(wanted), is_in);
        std::transform(in.begin(), in.end(), std::back_inserter(unwanted), std::not_fn(is_in));
        CHECK(values<bool>(isin(x, among)) == wanted);
        CHECK(values<bool>(isin(x, among, false, true)) == unwanted);
      });
    }
  }
  const Tensor odd = tensor({0., -0., kNan, INFINITY});
  CHECK(isin(odd, tensor({-0., kNan})).equal(tensor({true, true, false, false})));
  CHECK(isin(odd, odd).equal(tensor({true, true, false, true})));
}

TEST_CASE("bad dims and arguments of the order functions are errors that say so") {
  const Tensor x = ones({2, 3});
  CHECK_THROWS_WITH(x.sort(2), "sort: the dimension must be in [-2, 1]; got 2");
  CHECK_THROWS_WITH(x.topk(4), "topk: k must be in [0, 3], the size of dimension 1; got 4");
  CHECK_THROWS_WITH(x.topk(-1), ContainsSubstring("got -1"));
  CHECK_THROWS_WITH(x.kthvalue(0), "kthvalue: k must be in [1, 3], the size of dimension 1; got 0");
  CHECK_THROWS_WITH(zeros({2, 0}).median(1), ContainsSubstring("dimension 1 must not be empty; got sizes [2, 0]"));
  CHECK_THROWS_WITH(zeros({0}, kInt64).median(), ContainsSubstring("must not be empty"));
  CHECK_THROWS_WITH(unique_dim(zeros({2, 0}), 0), ContainsSubstring("got sizes [2, 0] and dimension 0"));
  CHECK_THROWS_WITH(searchsorted(x, ones({3})), ContainsSubstring("got [2, 3] and values [3]"));
  CHECK_THROWS_WITH(searchsorted(x[0], x, false, false, "middle"), ContainsSubstring("got middle"));
  CHECK_THROWS_WITH(searchsorted(x[0], x, false, true, "left"), ContainsSubstring("exclude each other"));
  CHECK_THROWS_AS(searchsorted(x[0], x, false, false, {}, tensor({0, 1, 3})), IndexError);
  CHECK_THROWS_AS(searchsorted(x[0], x, false, false, {}, tensor({0, -1, 2})), IndexError);
  CHECK_THROWS_WITH(bincount(tensor({1, -2})), "bincount: the values must not be negative; got -2");
  CHECK_THROWS_WITH(bincount(tensor({INT64_MAX})), ContainsSubstring("must be below"));
  CHECK_THROWS_AS(bincount(ones({2})), TypeError);
  CHECK_THROWS_WITH(bincount(tensor({1, 2}), ones({3})), ContainsSubstring("one weight a value"));
  CHECK_THROWS_WITH(histc(tensor({1., kNan})), ContainsSubstring("the range must be finite"));
  CHECK_THROWS_WITH(histc(x, 0), ContainsSubstring("got 0"));
}

TEST_CASE("histc: a range that the dtype cannot hold is an error, one large value lies in the middle") {
  CHECK_THROWS_WITH(histc(tensor({-3e38, 3e38}), 4), ContainsSubstring("a length that the dtype can hold"));
  CHECK_THROWS_WITH(histc(ones({2}), 4, -1e300, 1e300), ContainsSubstring("got [-1e+300, 1e+300] for Float"));
  CHECK_THROWS_WITH(histc(zeros({2}), 4, 0, 1e-300), ContainsSubstring("a length that the dtype can hold"));
  for (const double value : {5., 1e10, -3e38}) CHECK(histc(full({3}, value), 5).equal(tensor({0., 0., 3., 0., 0.})));
}
