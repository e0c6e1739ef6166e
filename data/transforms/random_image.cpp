#include <taper/data/transforms/random_image.h>

#include <taper/core/factories.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>

// n = samples, P = planes of one sample (channels), H = height, W = width.
namespace taper::data::transforms::detail {
// Captured by lambdas of change_images, a template with external linkage: so not in the unnamed namespace.
struct Sizes {
  int64_t planes, height, width;
};

namespace {

constexpr int64_t kMost = int64_t{1} << 31;  // pixels: far above any image; keeps the arithmetic in range

// A stream of random numbers from one seed.
class Draws {
 public:
  explicit Draws(uint64_t seed) : seed_(seed) {}
  // Uniform in [low, high).
  double uniform(double low, double high) {
    return low + (high - low) * 0x1p-53 * static_cast<double>(mix(seed_, count_++) >> 11);
  }
  // Uniform in -most..most.
  int64_t integer(int64_t most) { return below(2 * most + 1) - most; }
  // Uniform in 0..n-1.
  int64_t below(int64_t n) { return static_cast<int64_t>(mix(seed_, count_++) % static_cast<uint64_t>(n)); }

 private:
  uint64_t seed_;
  uint64_t count_ = 0;
};

// out [P, height, width] = in from (top, left) on; what lies outside the image is 0.
template <class T>
void cut(const T* in, T* out, const Sizes& s, int64_t top, int64_t left, int64_t height, int64_t width) {
  // Columns of the result that lie in the image.
  const int64_t from = std::clamp<int64_t>(-left, 0, width), to = std::clamp<int64_t>(s.width - left, from, width);
  for (int64_t p = 0; p < s.planes; ++p, in += s.height * s.width) {
    for (int64_t y = top; y < top + height; ++y, out += width) {
      if (y < 0 || y >= s.height || from >= to) {
        std::fill_n(out, width, T(0));
        continue;
      }
      const T* row = in + y * s.width + left;
      std::fill_n(out, from, T(0));
      std::copy(row + from, row + to, out + from);
      std::fill(out + to, out + width, T(0));
    }
  }
}

// The source of the pixel (x, y) of the result: (xx x + xy y + x0, yx x + yy y + y0).
struct Warp {
  double xx, xy, x0, yx, yy, y0;
};

// The result is R S H (p - middle) + middle + move, with R the rotation, S the scale and H = [1 tan(shear); 0 1];
// this is its inverse.
Warp draw_warp(const AffineRange& range, const Sizes& s, uint64_t seed) {
  constexpr double kRadians = 3.14159265358979323846 / 180;
  Draws draws(seed);
  const double angle = draws.uniform(-range.degrees, range.degrees) * kRadians;
  const double move_x = draws.uniform(-range.translate, range.translate) * static_cast<double>(s.width);
  const double move_y = draws.uniform(-range.translate, range.translate) * static_cast<double>(s.height);
  const double scale = draws.uniform(range.scale[0], range.scale[1]);
  const double shear = std::tan(draws.uniform(-range.shear, range.shear) * kRadians);
  const double c = std::cos(angle) / scale, d = std::sin(angle) / scale;
  Warp w{c - shear * d, -d - shear * c, 0, d, c, 0};
  const double middle_x = 0.5 * static_cast<double>(s.width - 1), middle_y = 0.5 * static_cast<double>(s.height - 1);
  w.x0 = middle_x - w.xx * (middle_x + move_x) - w.xy * (middle_y + move_y);
  w.y0 = middle_y - w.yx * (middle_x + move_x) - w.yy * (middle_y + move_y);
  return w;
}

// The plane with padding zeros, one before and two after in each direction, so that pixels outside need no special
// case.
template <class T>
void put_in_frame(const T* in, const Sizes& s, std::vector<T>& frame) {
  frame.assign(static_cast<size_t>((s.height + 3) * (s.width + 3)), T(0));
  for (int64_t y = 0; y < s.height; ++y) {
    std::copy(in + y * s.width, in + (y + 1) * s.width, frame.data() + (y + 1) * (s.width + 3) + 1);
  }
}

template <class T>
void warp(const T* in, T* out, const Sizes& s, const Warp& w) {
  const double right = static_cast<double>(s.width), bottom = static_cast<double>(s.height);
  const int64_t stride = s.width + 3;
  std::vector<T> frame;
  for (int64_t p = 0; p < s.planes; ++p, in += s.height * s.width) {
    put_in_frame(in, s, frame);
    for (int64_t y = 0; y < s.height; ++y) {
      const double row_x = w.xy * static_cast<double>(y) + w.x0, row_y = w.yy * static_cast<double>(y) + w.y0;
      for (int64_t x = 0; x < s.width; ++x) {
        // In frame coordinates: never negative, so that truncation rounds down.
        const double sx = std::clamp(w.xx * static_cast<double>(x) + row_x, -1.0, right) + 1;
        const double sy = std::clamp(w.yx * static_cast<double>(x) + row_y, -1.0, bottom) + 1;
        const int64_t left = static_cast<int64_t>(sx), top = static_cast<int64_t>(sy);
        const T fx = static_cast<T>(sx - static_cast<double>(left)), fy = static_cast<T>(sy - static_cast<double>(top));
        const T* corner = frame.data() + top * stride + left;
        const T upper = corner[0] + fx * (corner[1] - corner[0]);
        const T lower = corner[stride] + fx * (corner[stride + 1] - corner[stride]);
        *out++ = upper + fy * (lower - upper);
      }
    }
  }
}

template <class T>
void change(const ShiftRange& range, const T* in, T* out, const Sizes& s, uint64_t seed) {
  Draws draws(seed);
  const int64_t dx = draws.integer(range.max_pixels), dy = draws.integer(range.max_pixels);
  cut(in, out, s, -dy, -dx, s.height, s.width);
}

template <class T>
void change(const AffineRange& range, const T* in, T* out, const Sizes& s, uint64_t seed) {
  warp(in, out, s, draw_warp(range, s, seed));
}

template <class T>
void change(const FlipRange& range, const T* in, T* out, const Sizes& s, uint64_t seed) {
  const int64_t rows = s.planes * s.height;
  if (Draws(seed).uniform(0, 1) >= range.probability) {
    std::copy(in, in + rows * s.width, out);
    return;
  }
  for (int64_t row = 0; row < rows; ++row, in += s.width) {
    if (range.vertical) {
      const int64_t plane = row / s.height, y = row % s.height;
      std::copy(in, in + s.width, out + (plane * s.height + s.height - 1 - y) * s.width);
    } else {
      std::reverse_copy(in, in + s.width, out + row * s.width);
    }
  }
}

template <class T>
void change(const CropRange& range, const T* in, T* out, const Sizes& s, uint64_t seed) {
  const auto [height, width] = range.size;
  Draws draws(seed);
  const int64_t top = draws.below(s.height + 2 * range.padding - height + 1) - range.padding;
  const int64_t left = draws.below(s.width + 2 * range.padding - width + 1) - range.padding;
  cut(in, out, s, top, left, height, width);
}

// Height and width of the result.
template <class Range>
std::array<int64_t, 2> result_size(const Range&, int64_t height, int64_t width) {
  return {height, width};
}
std::array<int64_t, 2> result_size(const CropRange& range, int64_t height, int64_t width) {
  TAPER_CHECK_VALUE(height + 2 * range.padding >= range.size[0] && width + 2 * range.padding >= range.size[1],
                    "RandomCrop: the image must be at least ", range.size[0], " x ", range.size[1], " with padding ",
                    range.padding, " on each side; got ", height, " x ", width, "; pad more or crop less");
  return range.size;
}

}  // namespace

void check_range(const ShiftRange& range) {
  TAPER_CHECK_VALUE(range.max_pixels >= 0 && range.max_pixels <= kMost, "RandomShift: max_pixels must be from 0 to ",
                    kMost, "; got ", range.max_pixels);
}

void check_range(const AffineRange& range) {
  const auto [degrees, translate, scale, shear] = range;
  TAPER_CHECK_VALUE(degrees >= 0 && degrees <= 360, "RandomAffine: degrees must be from 0 to 360; got ", degrees);
  TAPER_CHECK_VALUE(translate >= 0 && translate <= 1,
                    "RandomAffine: translate must be from 0 to 1, as a fraction of the size; got ", translate);
  TAPER_CHECK_VALUE(scale[0] >= 1e-6 && scale[0] <= scale[1] && std::isfinite(scale[1]),
                    "RandomAffine: scale must be a range of factors of at least 1e-6, the smaller first; got ",
                    scale[0], " and ", scale[1]);
  TAPER_CHECK_VALUE(shear >= 0 && shear < 90, "RandomAffine: shear must be from 0 to below 90 degrees; got ", shear);
}

void check_range(const FlipRange& range) {
  TAPER_CHECK_VALUE(range.probability >= 0 && range.probability <= 1, range.name(), ": p must be from 0 to 1; got ",
                    range.probability);
}

void check_range(const CropRange& range) {
  const auto [height, width] = range.size;
  TAPER_CHECK_VALUE(height >= 1 && width >= 1 && height <= kMost && width <= kMost,
                    "RandomCrop: height and width must be from 1 to ", kMost, "; got ", height, " and ", width);
  TAPER_CHECK_VALUE(range.padding >= 0 && range.padding <= kMost, "RandomCrop: padding must be from 0 to ", kMost,
                    "; got ", range.padding);
}

template <class Range>
Tensor change_images(const Range& range, const Tensor& images, const std::vector<uint64_t>& seeds) {
  TAPER_CHECK_VALUE(images.dim() >= 3, range.name(), ": a sample must have sizes [..., height, width]; got ",
                    images.sizes().slice(1));
  const Tensor source = images.contiguous();
  const int64_t height = images.size(-2), width = images.size(-1);
  const auto [result_height, result_width] = result_size(range, height, width);
  std::vector<int64_t> sizes = images.sizes().vec();
  sizes[sizes.size() - 2] = result_height;
  sizes[sizes.size() - 1] = result_width;
  Tensor result = empty(sizes, images.options());
  if (images.numel() == 0) return result.zero_();  // a crop can be all padding
  const Sizes s{images.numel() / (images.size(0) * height * width), height, width};
  const int64_t pixels = s.planes * height * width, result_pixels = s.planes * result_height * result_width;
  dispatch_floating(images.dtype(), range.name(), [&](auto zero) {
    using T = decltype(zero);
    const T* in = source.data_ptr<T>();
    T* out = result.data_ptr<T>();
    // Pieces of 16 images of MNIST: some tens of microseconds.
    parallel_for(0, images.size(0), std::max<int64_t>(1, 16 * 784 / pixels), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        change(range, in + i * pixels, out + i * result_pixels, s, seeds[static_cast<size_t>(i)]);
      }
    });
  });
  return result;
}

template TAPER_API Tensor change_images(const ShiftRange&, const Tensor&, const std::vector<uint64_t>&);
template TAPER_API Tensor change_images(const AffineRange&, const Tensor&, const std::vector<uint64_t>&);
template TAPER_API Tensor change_images(const FlipRange&, const Tensor&, const std::vector<uint64_t>&);
template TAPER_API Tensor change_images(const CropRange&, const Tensor&, const std::vector<uint64_t>&);

}  // namespace taper::data::transforms::detail
