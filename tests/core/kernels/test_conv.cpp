// The three products of a convolution against sums written out, and what must not change them: threads, strides in
// memory, cuts of the work.
#include "catch.h"
#include "support/scopes.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/conv.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>

#include <random>

using namespace taper;
using namespace support;
using kernels::ConvGeometry;

namespace {

struct Shape {
  int64_t N, C, K;  // channels of one group
  int64_t H, W, R, S;
  ConvGeometry g;
  int64_t out(int64_t size, int64_t kernel, int axis) const {
    const int64_t room = size + 2 * g.padding[axis] - g.dilation[axis] * (kernel - 1) - 1;
    return room < 0 ? 0 : room / g.stride[axis] + 1;
  }
  DimVector x() const { return {N, C * g.groups, H, W}; }
  DimVector w() const { return {K * g.groups, C, R, S}; }
  DimVector y() const { return {N, K * g.groups, out(H, R, 0), out(W, S, 1)}; }
};

// f(index into y, index into x, index into w) for each product that the convolution sums.
template <class F>
void for_each_term(const Shape& s, F f) {
  const int64_t OH = s.y()[2], OW = s.y()[3];
  for (int64_t n = 0; n < s.N; ++n) {
    for (int64_t k = 0; k < s.K * s.g.groups; ++k) {
      for (int64_t c = 0; c < s.C; ++c) {
        for (int64_t v = 0; v < OH; ++v) {
          for (int64_t r = 0; r < s.R; ++r) {
            const int64_t row = v * s.g.stride[0] + r * s.g.dilation[0] - s.g.padding[0];
            if (row < 0 || row >= s.H) continue;
            for (int64_t u = 0; u < OW; ++u) {
              for (int64_t q = 0; q < s.S; ++q) {
                const int64_t column = u * s.g.stride[1] + q * s.g.dilation[1] - s.g.padding[1];
                if (column < 0 || column >= s.W) continue;
                f(((n * s.K * s.g.groups + k) * OH + v) * OW + u,
                  ((n * s.g.groups + k / s.K) * s.C + c) * s.H * s.W + row * s.W + column,
                  ((k * s.C + c) * s.R + r) * s.S + q);
              }
            }
          }
        }
      }
    }
  }
}

double largest(const Tensor& a, const Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return a.numel() == 0 ? 0 : (a.to(kFloat64) - b).abs().max().item<double>();
}

void check(const Shape& s, ScalarType dtype) {
  INFO("x " << detail::str(s.x()) << ", w " << detail::str(s.w()) << ", groups " << s.g.groups << ", stride "
            << s.g.stride[0] << " " << s.g.stride[1] << ", padding " << s.g.padding[0] << " " << s.g.padding[1]
            << ", dilation " << s.g.dilation[0] << " " << s.g.dilation[1] << ", " << to_string(dtype));
  const Tensor x = randn(s.x(), dtype), w = randn(s.w(), dtype), dy = randn(s.y(), dtype);
  const Tensor bias = randn({s.K * s.g.groups}, dtype), input_bias = randn({s.C * s.g.groups}, dtype);
  const Tensor wide_x = x.to(kFloat64), wide_w = w.to(kFloat64), wide_dy = dy.to(kFloat64);
  const Tensor y = zeros(s.y(), kFloat64) + bias.to(kFloat64).view({-1, 1, 1});
  const Tensor dx = zeros(s.x(), kFloat64) + input_bias.to(kFloat64).view({-1, 1, 1}), dw = zeros(s.w(), kFloat64);
  const double *px = wide_x.data_ptr<double>(), *pw = wide_w.data_ptr<double>(), *pdy = wide_dy.data_ptr<double>();
  double *py = y.data_ptr<double>(), *pdx = dx.data_ptr<double>(), *pdw = dw.data_ptr<double>();
  for_each_term(s, [&](int64_t iy, int64_t ix, int64_t iw) {
    py[iy] += px[ix] * pw[iw];
    pdx[ix] += pdy[iy] * pw[iw];
    pdw[iw] += pdy[iy] * px[ix];
  });
  const double eps = dtype == kFloat32 ? 2e-6 : 1e-14;
  const auto terms = [](int64_t n) { return 4 + std::sqrt(static_cast<double>(n)) * 4; };
  CHECK(largest(kernels::conv(x, w, bias, s.g, s.y()), y) < eps * terms(s.C * s.R * s.S));
  CHECK(largest(kernels::conv_input(dy, w, input_bias, s.g, s.x()), dx) < eps * terms(s.K * s.R * s.S));
  CHECK(largest(kernels::conv_weight(dy, x, s.g, s.w()), dw) < eps * terms(s.N * s.y()[2] * s.y()[3]));
}

}  // namespace

TEST_CASE("convolution: random shapes and options agree with the sums written out") {
  manual_seed(3);
  std::mt19937 engine(4);
  const auto from = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine() % static_cast<uint64_t>(high - low + 1));
  };
  for (int i = 0; i < 150;) {
    Shape s{from(1, 3), from(1, 6), from(1, 20), from(1, 12), from(1, 20), from(1, 4), from(1, 5), {}};
    for (int axis = 0; axis < 2; ++axis) {
      s.g.stride[axis] = from(1, 3);
      s.g.dilation[axis] = from(1, 3);
      s.g.padding[axis] = from(0, 4);
    }
    s.g.groups = from(1, 3);
    if (s.out(s.H, s.R, 0) == 0 || s.out(s.W, s.S, 1) == 0) continue;
    check(s, i % 3 == 0 ? kFloat64 : kFloat32);
    ++i;
  }
}

TEST_CASE("convolution: dilations that are wide against the image") {
  manual_seed(7);
  check({2, 3, 5, 20, 18, 3, 3, {{1, 1}, {9, 8}, {9, 8}, 1}}, kFloat32);
  check({2, 3, 5, 20, 18, 3, 2, {{2, 3}, {7, 15}, {5, 3}, 2}}, kFloat64);
  check({1, 64, 33, 300, 4, 3, 1, {{1, 1}, {100, 1}, {100, 0}, 1}}, kFloat32);  // several bands, the height alone
  check({1, 40, 8, 1200, 1, 2, 1, {{1, 1}, {500, 1}, {0, 0}, 1}}, kFloat64);
  check({1, 2, 3, 5, 6, 2, 2, {{1, 1}, {1000, 2000}, {500, 1000}, 1}}, kFloat32);  // every tap outside
}

TEST_CASE("convolution: shapes that are cut into several pieces, and shapes at the edge") {
  manual_seed(5);
  const ConvGeometry plain, padded{{1, 1}, {1, 1}, {1, 1}, 1}, strided{{2, 2}, {1, 1}, {1, 1}, 1};
  check({2, 20, 40, 60, 50, 3, 3, padded}, kFloat32);                   // several bands of rows
  check({1, 64, 300, 3, 3, 3, 3, padded}, kFloat32);                    // parts of the output's channels
  check({1, 70, 33, 4, 4, 3, 3, padded}, kFloat64);                     // parts of the input's channels
  check({1, 3, 2, 1, 3000, 1, 31, strided}, kFloat32);                  // a signal
  check({40, 1, 1, 2, 2, 2, 2, plain}, kFloat32);                       // many tiny images
  check({1, 2, 3, 2, 2, 1, 1, {{5, 5}, {1, 1}, {0, 0}, 1}}, kFloat32);  // a stride beyond the image
  check({2, 1, 2, 5, 5, 5, 5, plain}, kFloat32);                        // one value of output
  check({1, 1, 1, 1, 1, 3, 3, {{1, 1}, {4, 4}, {4, 4}, 1}}, kFloat32);  // padding alone makes room
  check({1, 16, 48, 9, 9, 1, 1, {{2, 2}, {1, 1}, {0, 0}, 2}}, kFloat32);
}

TEST_CASE("convolution: kernels of 3x3 by Winograd's algorithm") {
  manual_seed(8);
  const auto padded = [](int64_t h, int64_t w, int64_t groups = 1) {
    return ConvGeometry{{1, 1}, {1, 1}, {h, w}, groups};
  };
  check({3, 16, 17, 13, 11, 3, 3, padded(1, 1)}, kFloat32);     // a last row and column of half tiles
  check({2, 20, 16, 14, 16, 3, 3, padded(0, 0)}, kFloat32);     // nothing padded
  check({2, 33, 18, 12, 11, 3, 3, padded(2, 0, 2)}, kFloat32);  // groups
  check({1, 16, 19, 9, 10, 3, 3, padded(5, 4)}, kFloat32);      // tiles of zeros alone
  check({1, 16, 16, 61, 50, 3, 3, padded(1, 1)}, kFloat32);     // several bands of rows
  check({21, 16, 16, 12, 12, 3, 3, padded(1, 1)}, kFloat32);    // several images at a time
  check({1, 16, 16, 2, 130, 3, 3, padded(1, 1)}, kFloat32);
  check({2, 16, 16, 130, 1, 3, 3, padded(1, 1)}, kFloat32);
  check({1, 330, 16, 12, 12, 3, 3, padded(1, 1)}, kFloat32);  // a sum in two parts
}

// Of y against `exact`: the root of the mean square.
double error_of(const Tensor& y, const Tensor& exact) {
  return (y.to(kFloat64) - exact).square().mean().sqrt().item<double>();
}

TEST_CASE("convolution: the error is not that of a direct sum in float, but less") {
  manual_seed(9);
  const Shape s{2, 32, 16, 14, 14, 3, 3, {{1, 1}, {1, 1}, {1, 1}, 1}};
  for (const bool positive : {false, true}) {
    const auto draw = [&](const DimVector& sizes) { return positive ? rand(sizes) : randn(sizes); };
    const Tensor x = draw(s.x()), w = draw(s.w()), dy = draw(s.y());
    const Tensor wide_x = x.to(kFloat64), wide_w = w.to(kFloat64), wide_dy = dy.to(kFloat64);
    const Tensor y = zeros(s.y()), dx = zeros(s.x()), dw = zeros(s.w());
    const float *px = x.data_ptr<float>(), *pw = w.data_ptr<float>(), *pdy = dy.data_ptr<float>();
    float *py = y.data_ptr<float>(), *pdx = dx.data_ptr<float>(), *pdw = dw.data_ptr<float>();
    for_each_term(s, [&](int64_t iy, int64_t ix, int64_t iw) {
      py[iy] = std::fma(px[ix], pw[iw], py[iy]);
      pdx[ix] = std::fma(pdy[iy], pw[iw], pdx[ix]);
      pdw[iw] = std::fma(pdy[iy], px[ix], pdw[iw]);
    });
    const Tensor exact[] = {kernels::conv(wide_x, wide_w, {}, s.g, s.y()),
                            kernels::conv_input(wide_dy, wide_w, {}, s.g, s.x()),
                            kernels::conv_weight(wide_dy, wide_x, s.g, s.w())};
    CHECK(error_of(kernels::conv(x, w, {}, s.g, s.y()), exact[0]) < error_of(y, exact[0]));
    CHECK(error_of(kernels::conv_input(dy, w, {}, s.g, s.x()), exact[1]) < error_of(dx, exact[1]));
    CHECK(error_of(kernels::conv_weight(dy, x, s.g, s.w()), exact[2]) < error_of(dw, exact[2]));
  }
}

// Shapes that take every way through the kernels.
const std::vector<Shape>& every_way() {
  static const std::vector<Shape> shapes = {
      {19, 20, 24, 17, 15, 3, 3, {{1, 1}, {1, 1}, {1, 1}, 1}},  // Winograd
      {9, 20, 24, 7, 7, 3, 3, {{1, 1}, {1, 1}, {1, 1}, 1}},     // images of few values
      {3, 70, 26, 20, 19, 3, 3, {{2, 2}, {1, 1}, {1, 1}, 1}},   // strides
      {5, 340, 30, 9, 7, 1, 1, {}},                             // 1x1, in place
      {4, 6, 16, 14, 14, 5, 5, {}},                             // rows in place
      {4, 1, 1, 20, 30, 3, 3, {{1, 1}, {1, 1}, {1, 1}, 7}},     // depthwise
      {3, 3, 2, 40, 41, 5, 5, {{1, 1}, {1, 1}, {2, 2}, 1}},     // few channels
      {3, 20, 9, 12, 13, 3, 3, {{1, 1}, {5, 5}, {5, 5}, 2}},    // a dilation that is wide against the image
      {2, 4, 8, 1, 5000, 1, 9, {{1, 2}, {1, 3}, {0, 12}, 1}},   // lines
  };
  return shapes;
}

TEST_CASE("convolution: every way through the kernels agrees with the sums written out") {
  manual_seed(10);
  for (const Shape& s : every_way()) check(s, kFloat32);
}

TEST_CASE("convolution: the same bits for any number of threads, and for an image alone") {
  manual_seed(6);
  for (const Shape& s : every_way()) {
    INFO("x " << detail::str(s.x()) << ", w " << detail::str(s.w()));
    const Tensor x = randn(s.x()), w = randn(s.w()), dy = randn(s.y());
    const auto run = [&] {
      return std::vector<Tensor>{kernels::conv(x, w, {}, s.g, s.y()), kernels::conv_input(dy, w, {}, s.g, s.x()),
                                 kernels::conv_weight(dy, x, s.g, s.w())};
    };
    check_threads(run, {1, 2, 5});
    Shape one = s;
    one.N = 1;
    const std::vector<Tensor> all = run();
    for (const int64_t n : {int64_t{0}, s.N - 1}) {
      CHECK(equal(kernels::conv(x.narrow(0, n, 1), w, {}, s.g, one.y()), all[0].narrow(0, n, 1)));
      CHECK(equal(kernels::conv_input(dy.narrow(0, n, 1), w, {}, s.g, one.x()), all[1].narrow(0, n, 1)));
    }
  }
}

TEST_CASE("convolution: operands of any strides in memory") {
  manual_seed(7);
  const Tensor x = randn({5, 6, 4, 2}).permute({3, 2, 1, 0}), w = randn({3, 3, 4, 5}).permute({3, 2, 1, 0});
  const Tensor bias = randn({10}).slice(0, 0, 10, 2);
  CHECK(equal(conv2d(x, w, bias, 1, 1), conv2d(x.contiguous(), w.contiguous(), bias.contiguous(), 1, 1)));
  const Tensor ones_x = ones({1}).expand({2, 3, 4, 4});
  CHECK(equal(conv_transpose2d(ones_x, w.slice(0, 0, 3), {}, 2),
              conv_transpose2d(ones_x.contiguous(), w.slice(0, 0, 3).contiguous(), {}, 2)));
}

TEST_CASE("convolution: an empty batch, no channels") {
  const Tensor w = randn({3, 2, 3, 3}).requires_grad_(), b = randn({3}).requires_grad_();
  const Tensor x = empty({0, 2, 5, 5}).requires_grad_();
  const Tensor y = conv2d(x, w, b);
  CHECK(y.sizes() == IntArrayRef({0, 3, 3, 3}));
  y.sum().backward();
  CHECK(x.grad().sizes() == x.sizes());
  CHECK(equal(w.grad(), zeros_like(w)));
  CHECK(equal(b.grad(), zeros({3})));
  CHECK(conv_transpose1d(empty({0, 2, 5}), randn({2, 3, 3})).sizes() == IntArrayRef({0, 3, 7}));
  CHECK(equal(conv2d(empty({1, 0, 4, 4}), empty({2, 0, 3, 3}), ones({2})), ones({1, 2, 2, 2})));
}
