#include <taper/core/error.h>
#include <taper/core/parallel.h>
#include <taper/data/synth_digits_raster.h>
#include <taper/data/transforms/base.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <vector>

namespace taper::data {
namespace {

constexpr int kSide = 28;
constexpr int kMiddle = kSide / 2;
constexpr int kBox = 20;  // the ink's larger side, in pixels

// A number with 16 fractional bits. It is made from literals only, by the compiler: nothing here computes in floating
// point, whose last bit may depend on compiler, flags and library.
struct Fixed {
  int64_t raw = 0;

  constexpr Fixed() = default;
  consteval Fixed(double value) : raw(static_cast<int64_t>(value * 65536)) {}
  static constexpr Fixed of_raw(int64_t raw) {
    Fixed f;
    f.raw = raw;
    return f;
  }
  constexpr int round() const { return static_cast<int>((raw + 32768) >> 16); }

  friend constexpr Fixed operator+(Fixed a, Fixed b) { return of_raw(a.raw + b.raw); }
  friend constexpr Fixed operator-(Fixed a, Fixed b) { return of_raw(a.raw - b.raw); }
  friend constexpr Fixed operator*(Fixed a, Fixed b) { return of_raw((a.raw * b.raw) >> 16); }
  friend constexpr Fixed operator/(Fixed a, Fixed b) { return of_raw(a.raw * 65536 / b.raw); }
  friend constexpr auto operator<=>(Fixed a, Fixed b) = default;
};

struct Point {
  Fixed x, y;
  friend bool operator==(Point a, Point b) = default;
  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Fixed s, Point a) { return {s * a.x, s * a.y}; }
};

using Stroke = std::vector<Point>;

// The handwriting variants: the digit, how often this variant is drawn relative to the digit's others, and its strokes,
// about 100 units high, x to the right, y down. A stroke is a smooth curve through its points; a point given twice is a
// corner; | lifts the pen.
struct Glyph {
  int digit;
  int weight;
  const char* strokes;
};
constexpr Glyph kGlyphs[] = {
    {0, 3, "30,0 10,18 2,55 12,88 32,100 52,85 60,50 52,15 34,1 24,4"},
    {0, 2, "25,0 8,25 5,60 14,92 27,100 40,88 46,50 40,15 27,1 18,8"},
    {0, 2, "46,8 24,3 6,30 4,68 20,98 42,92 58,62 56,25 38,4 26,14"},
    {0, 1, "12,0 0,50 14,94 40,98 62,62 58,16 36,3"},
    {0, 1, "56,0 16,16 0,56 18,92 60,100 104,84 116,44 92,10 52,0"},
    {0, 2, "40,0 12,14 0,50 14,86 42,98 72,84 82,48 68,12 40,1 30,3"},
    {1, 5, "0,0 1,50 0,100"},
    {1, 2, "6,0 2,50 0,100"},
    {1, 1, "0,24 14,14 25,0 25,0 25,50 25,100"},
    {1, 1, "0,22 14,14 26,0 26,0 26,50 26,98 | 2,99 26,99 52,98"},
    {2, 3, "5,22 18,4 38,0 54,14 52,36 34,64 4,97 4,97 32,96 66,95"},
    {2, 3, "4,20 20,2 44,4 53,24 40,56 18,84 4,94 2,80 16,76 36,90 66,94"},
    {2, 2, "4,18 24,2 48,8 52,30 34,64 8,92 8,92 26,84 46,94 72,86"},
    {2, 3, "4,30 14,6 36,0 54,16 54,46 36,78 14,98 2,90 12,75 36,82 64,97"},
    {2, 1, "16,30 4,18 22,0 50,6 58,30 44,66 20,96 6,86 24,74 44,90 70,84"},
    {2, 1, "14,10 34,0 42,14 30,52 6,92 6,92 42,94 82,86"},
    {2, 1, "2,8 30,0 50,10 44,40 24,70 0,98 0,98 34,98 60,96"},
    {3, 3, "6,12 28,0 50,12 44,36 22,47 22,47 48,56 57,76 42,97 18,100 0,88"},
    {3, 1, "6,2 52,2 52,2 26,40 26,40 52,54 56,78 36,100 2,92"},
    {3, 1, "2,16 40,0 66,14 54,38 20,48 20,48 58,54 70,76 48,97 0,92"},
    {3, 2, "6,10 30,0 50,14 42,36 24,48 16,44 28,43 48,55 56,76 40,98 14,98 0,86"},
    {3, 2, "4,8 26,0 44,10 42,32 26,46 42,58 50,78 34,98 2,96"},
    {4, 3, "8,2 3,46 6,52 30,54 60,48 | 52,0 49,50 46,100"},
    {4, 2, "44,0 22,30 0,60 0,60 30,62 64,60 | 44,0 43,50 41,100"},
    {4, 2, "6,4 0,34 12,54 36,50 52,38 | 56,0 50,50 44,100"},
    {4, 2, "36,0 18,30 2,62 2,62 30,62 66,58 | 44,28 40,64 36,100"},
    {4, 2, "6,4 2,46 24,54 48,44 56,2 56,2 52,50 46,100"},
    {5, 2, "14,3 9,42 9,42 34,38 54,58 48,86 24,100 0,90 | 14,3 34,3 56,0"},
    {5, 3, "60,0 38,3 16,4 16,4 10,44 10,44 38,42 52,66 36,94 0,96"},
    {5, 2, "60,4 28,6 14,26 28,46 48,62 48,84 26,100 0,90"},
    {5, 2, "14,10 8,46 34,45 46,68 30,97 0,94 | 14,9 40,5 66,0"},
    {5, 2, "20,14 14,44 36,46 44,68 28,95 0,95 | 20,14 50,8 90,2"},
    {5, 2, "54,0 18,2 10,40 34,33 58,54 52,88 24,100 0,82"},
    {6, 3, "44,0 20,26 4,64 14,96 40,98 54,78 42,58 20,62 8,82"},
    {6, 3, "30,0 12,36 2,74 14,99 34,94 42,76 28,62 6,78"},
    {6, 2, "52,8 38,0 16,22 4,62 16,95 38,98 50,78 38,58 16,62 6,78"},
    {6, 2, "36,0 12,34 2,70 20,98 50,94 64,74 48,60 22,72 10,88"},
    {6, 2, "28,0 10,30 2,70 14,98 40,96 60,70 54,44 36,42 16,60 8,84"},
    {6, 2, "24,0 6,34 4,74 24,98 56,94 74,74 62,56 36,64 18,88"},
    {6, 1, "40,0 16,40 6,80 22,100 42,88 40,70 24,70 10,92"},
    {7, 3, "0,8 26,4 56,2 56,2 40,40 26,100"},
    {7, 3, "0,8 26,4 56,2 56,2 40,40 26,100 | 14,50 36,50 60,46"},
    {7, 2, "2,24 4,5 4,5 30,5 58,2 58,2 38,50 26,100"},
    {7, 2, "0,12 26,2 56,6 52,30 36,64 28,100"},
    {7, 2, "3,34 8,4 8,4 34,3 62,0 62,0 56,50 48,100"},
    {7, 1, "0,12 18,2 36,8 36,40 24,100"},
    {8, 3, "48,14 26,0 6,16 20,40 46,62 50,86 26,100 2,84 14,60 40,36 50,12"},
    {8, 2, "30,0 12,18 28,45 46,22 29,1 | 28,45 4,72 26,100 50,74 29,45"},
    {8, 2, "54,8 36,0 12,10 16,34 42,60 44,88 20,100 2,84 14,60 44,34 60,12"},
    {8, 1, "52,4 26,0 10,18 26,44 40,70 32,98 8,94 10,66 34,40 56,2"},
    {8, 2, "64,16 42,3 20,2 6,18 24,44 44,66 44,90 22,100 6,86 18,62 42,36 60,18"},
    {8, 2, "50,10 28,0 8,14 18,38 34,62 34,90 20,100 8,90 14,66 34,42 54,14"},
    {8, 2, "48,20 28,0 4,12 4,34 26,50 40,72 36,94 22,100 10,90 16,68 34,48 52,26 44,10"},
    {8, 1, "30,46 8,22 26,0 46,18 26,48 4,78 24,100 46,80 30,48"},
    {9, 3, "46,12 26,0 4,18 8,42 30,46 48,18 48,18 46,60 42,100"},
    {9, 2, "50,18 30,0 6,14 6,38 26,46 48,26 50,14 50,52 38,90 16,100 2,92"},
    {9, 3, "40,6 18,2 2,22 12,40 34,26 42,4 36,50 24,100"},
    {9, 1, "50,2 18,6 2,28 16,44 40,34 52,4 52,4 48,50 42,100"},
    {9, 2, "56,12 32,0 6,20 6,44 28,54 50,36 56,6 56,6 55,50 50,100"},
    {9, 2, "38,12 22,3 6,26 10,48 28,38 40,10 40,10 38,60 34,100"},
    {9, 1, "52,16 30,0 4,16 14,36 38,32 52,14 52,50 34,86 12,100"},
};

struct Variant {
  int weight;
  std::vector<Stroke> strokes;  // about -1 to 1 in both directions
};

Variant parse(const Glyph& glyph) {
  Variant variant{glyph.weight, {{}}};
  for (const char* c = glyph.strokes; *c;) {
    if (*c == '|') variant.strokes.emplace_back();
    if (*c == '|' || *c == ' ') {
      ++c;
      continue;
    }
    char* end = nullptr;
    const Fixed x = Fixed::of_raw(std::strtol(c, &end, 10) << 16);
    const Fixed y = Fixed::of_raw(std::strtol(end + 1, &end, 10) << 16);  // past the comma
    variant.strokes.back().push_back(Fixed(0.02) * (Point{x, y} - Point{30, 50}));
    c = end;
  }
  return variant;
}

const std::array<std::vector<Variant>, 10>& variants() {
  // call_once begins anew in the child of a fork that came in between; a static variable would wait for ever.
  static constinit std::once_flag once;
  static constinit const std::array<std::vector<Variant>, 10>* table = nullptr;
  std::call_once(once, [] {
    auto* const by_digit = new std::array<std::vector<Variant>, 10>;
    for (const Glyph& glyph : kGlyphs) (*by_digit)[glyph.digit].push_back(parse(glyph));
    table = by_digit;
  });
  return *table;
}

// A counter in, 64 well mixed bits out.
uint64_t mix(uint64_t counter) { return transforms::detail::mix(counter, 0); }

// The random numbers of one image (or one group of labels). Take one number per statement or initialiser: the order of
// two calls in one expression is the compiler's choice.
class Random {
 public:
  Random(uint64_t key, uint64_t stream) : state_(mix(key ^ mix(stream))) {}

  uint64_t bits() { return mix(state_++); }
  int below(int n) { return static_cast<int>((bits() >> 32) * n >> 32); }
  Fixed uniform(Fixed low, Fixed high) { return low + (high - low) * Fixed::of_raw(bits() >> 48); }
  // Close to a normal distribution: the sum of four uniforms, so never beyond 3.5 standard deviations.
  Fixed normal(Fixed mean, Fixed stddev) {
    const uint64_t b = bits();
    const int64_t sum = (b & 0xffff) + (b >> 16 & 0xffff) + (b >> 32 & 0xffff) + (b >> 48);
    return mean + stddev * (Fixed(1.7320508) * Fixed::of_raw(sum - 131070));
  }
  Point normal_point(Fixed stddev) {
    const Fixed x = normal(0, stddev);
    return {x, normal(0, stddev)};
  }

 private:
  uint64_t state_;
};

using Path = std::vector<Point>;  // a polyline

// The curve through a stroke's points (a Catmull-Rom spline), kSteps pieces between each two of them. A corner's two
// points make the curve stop there and leave in another direction.
void append_curve(const Stroke& points, Path& path) {
  constexpr int kSteps = 6;
  const int last = static_cast<int>(points.size()) - 1;
  path.push_back(points[0]);
  for (int i = 0; i < last; ++i) {
    const Point a = points[std::max(i - 1, 0)], b = points[i], c = points[i + 1], d = points[std::min(i + 2, last)];
    if (b == c) continue;
    const Point slope_b = Fixed(0.5) * (c - a), slope_c = Fixed(0.5) * (d - b), chord = c - b;
    for (int s = 1; s <= kSteps; ++s) {
      const Fixed t = Fixed::of_raw(65536 * s / kSteps);
      const Point cubic = slope_b + slope_c - Fixed(2) * chord,
                  square = Fixed(3) * chord - Fixed(2) * slope_b - slope_c;
      path.push_back(b + t * (slope_b + t * (square + t * cubic)));
    }
  }
}

// Steps 1 and 2 of the model: the paths of one handwritten digit, in no particular place or size.
std::vector<Path> write_digit(int digit, Random& random) {
  const std::vector<Variant>& choices = variants()[digit];
  int total = 0;
  for (const Variant& v : choices) total += v.weight;
  int pick = random.below(total);
  size_t chosen = 0;
  while ((pick -= choices[chosen].weight) >= 0) ++chosen;

  const Fixed wobble = random.uniform(0.01, 0.065);
  const Fixed slant = random.normal(0.16, 0.24), turn = random.normal(0, 0.1);
  const Fixed half_stretch = random.uniform(0.85, 1.25), stretch = half_stretch * random.uniform(0.87, 1.3);
  // The bending field: x and y move by a polynomial in u, v (the place on the glyph, -1 to 1).
  Point bend[5];
  for (Point& b : bend) b = random.normal_point(0.10);

  std::vector<Path> paths;
  for (const Stroke& stroke : choices[chosen].strokes) {
    Stroke points = stroke;
    const Point shift = random.normal_point(0.02);
    for (size_t i = 0; i < points.size(); ++i) {
      const bool corner = i > 0 && stroke[i] == stroke[i - 1];
      points[i] = corner ? points[i - 1] : stroke[i] + Fixed(2) * (shift + random.normal_point(wobble));
    }
    // Ends fall short of where they should be, or overshoot.
    points.front() = points.front() + random.normal(0, 0.08) * (points[1] - points[0]);
    points.back() = points.back() + random.normal(0, 0.08) * (points[points.size() - 2] - points.back());
    Path path;
    append_curve(points, path);
    for (Point& p : path) {
      const Fixed u = p.x, v = p.y;
      p = p + u * v * bend[0] + u * u * bend[1] + v * v * bend[2] + u * u * v * bend[3] + v * v * v * bend[4];
      p.x = stretch * (p.x - slant * p.y);
      p = {p.x - turn * p.y, p.y + turn * p.x};
    }
    paths.push_back(std::move(path));
  }
  return paths;
}

// A picture with the ink in the box in its middle. Coverage only grows: strokes that cross do not add up.
class Canvas {
 public:
  // One dab of a round pen: full inside radius - soft / 2, nothing outside radius + soft / 2.
  void stamp(Point at, Fixed radius, Fixed soft) {
    constexpr int kShift = 8;  // 1/256 pixel, so that squared distances fit 32 bits
    const int x = static_cast<int>(at.x.raw >> kShift), y = static_cast<int>(at.y.raw >> kShift);
    const int outer = static_cast<int>((radius + soft * 0.5).raw >> kShift);
    const int inner = std::max(0, static_cast<int>((radius - soft * 0.5).raw >> kShift));
    const int outer2 = outer * outer, slope = (255 << 16) / (outer2 - inner * inner);
    const int left = std::max(0, (x - outer) >> 8), right = std::min(kSide - 1, (x + outer) >> 8);
    const int top = std::max(0, (y - outer) >> 8), bottom = std::min(kSide - 1, (y + outer) >> 8);
    for (int row = top; row <= bottom; ++row) {
      const int dy = row * 256 + 128 - y;
      for (int column = left; column <= right; ++column) {
        const int dx = column * 256 + 128 - x;
        const int ink = std::min(255, std::max(0, outer2 - dx * dx - dy * dy) * slope >> 16);
        ink_[row][column] = std::max(ink_[row][column], ink);
      }
    }
  }

  // Copies the picture, its centre of mass in the middle.
  void copy_centred(uint8_t* pixels) const {
    int64_t mass = 1, sum_x = 0, sum_y = 0;
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column) {
        mass += ink_[row][column];
        sum_x += ink_[row][column] * column;
        sum_y += ink_[row][column] * row;
      }
    }
    // The clamp keeps the box inside the picture for very lopsided digits.
    const int margin = (kSide - kBox) / 2;
    const int shift_x = std::clamp((Fixed::of_raw(sum_x * 65536 / mass) - Fixed(kMiddle)).round(), -margin, margin);
    const int shift_y = std::clamp((Fixed::of_raw(sum_y * 65536 / mass) - Fixed(kMiddle)).round(), -margin, margin);
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column) {
        const int from_row = row + shift_y, from_column = column + shift_x;
        const bool inside = from_row >= 0 && from_row < kSide && from_column >= 0 && from_column < kSide;
        *pixels++ = static_cast<uint8_t>(inside ? ink_[from_row][from_column] : 0);
      }
    }
  }

 private:
  int ink_[kSide][kSide] = {};
};

// Steps 3 and 4.
void draw(const std::vector<Path>& paths, Random& random, uint8_t* pixels) {
  const Fixed radius = std::max(random.normal(1.22, 0.42), Fixed(0.62));
  const Fixed soft = random.uniform(0.9, 1.5), pressure = random.normal(0, 0.15);

  Point low = paths[0][0], high = low;
  for (const Path& path : paths) {
    for (Point p : path) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const Fixed scale = (Fixed(kBox) - Fixed(2) * radius - soft * 0.5) / std::max(high.x - low.x, high.y - low.y);
  const Point middle = Fixed(0.5) * (low + high), centre{kMiddle, kMiddle};

  Canvas canvas;
  for (const Path& path : paths) {
    Point from = centre + scale * (path[0] - middle);
    for (size_t i = 1; i < path.size(); ++i) {
      const Point to = centre + scale * (path[i] - middle), way = to - from;
      const Fixed along = Fixed::of_raw(static_cast<int64_t>(131072 * i / path.size())) - Fixed(1);
      const Fixed width = std::max(radius * (Fixed(1) + pressure * along), Fixed(0.6));
      // Dabs at most 0.5 pixels apart in x and y.
      const int dabs = 1 + static_cast<int>(std::max(std::abs(way.x.raw), std::abs(way.y.raw)) >> 15);
      for (int d = 1; d <= dabs; ++d) canvas.stamp(from + Fixed::of_raw(65536 * d / dabs) * way, width, soft);
      from = to;
    }
  }
  canvas.copy_centred(pixels);
}

// The digits of the g-th ten images: 0 to 9, shuffled.
std::array<uint8_t, 10> labels_of_group(uint64_t key, int64_t group) {
  Random random(~key, group);
  std::array<uint8_t, 10> digits;
  for (int i = 0; i < 10; ++i) {
    const int j = random.below(i + 1);
    digits[i] = digits[j];
    digits[j] = static_cast<uint8_t>(i);
  }
  return digits;
}

}  // namespace

void render_synth_digits(uint64_t seed, bool train, int64_t first, int64_t count, uint8_t* pixels, uint8_t* labels) {
  TAPER_CHECK_VALUE(first >= 0 && count >= 0, "render_synth_digits: first and count must be at least 0; got ", first,
                    " and ", count);
  TAPER_CHECK_VALUE(count <= std::numeric_limits<int64_t>::max() - first,
                    "render_synth_digits: first + count must fit 63 bits; got ", first, " and ", count);
  TAPER_CHECK_VALUE(count == 0 || (pixels && labels), "render_synth_digits: pixels and labels must not be null");
  const uint64_t key = mix(2 * mix(seed) + (train ? 1 : 0));
  parallel_for(0, count, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      labels[i] = labels_of_group(key, (first + i) / 10)[(first + i) % 10];
      Random random(key, first + i);
      const std::vector<Path> paths = write_digit(labels[i], random);
      draw(paths, random, pixels + i * kSide * kSide);
    }
  });
}

}  // namespace taper::data
