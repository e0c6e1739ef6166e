// Convolutions of 3x3 with a stride of 1 by Winograd's F(2x2, 3x3) (isa/winograd.h): tiles of 2x2 outputs. A piece of
// work packs its input as planes of even and of odd columns, transforms it to 16 matrices, [C, tiles], multiplies each
// by that of the weight, [K, C], and transforms the products back. Its error is that of a direct sum or less (tests
// compare both with double): the transforms only add, and the sums are shorter.
#include <taper/core/kernels/conv_internal.h>
#include <taper/core/kernels/isa/conv_weight.h>
#include <taper/core/kernels/isa/winograd.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

namespace taper::kernels::convolution {
namespace {

constexpr int64_t kPoints = 16;
constexpr int64_t kChannels = 16;      // on both sides, for the transforms to pay
constexpr int64_t kValues = 128;       // of an image
constexpr int64_t kTiles = 96;         // of a piece, about
constexpr int64_t kScratch = 3 << 20;  // bytes of a piece's matrices, where they are not too small then
constexpr int64_t kSum = 320;          // products of a sum

bool is_three(const Axis& a) {
  return a.at.size() == 3 && a.step == 1 && a.spacing == 1 && a.at[1] == a.at[0] + 1 && a.at[2] == a.at[0] + 2;
}

int64_t tiles_of_piece(int64_t K, int64_t C) {
  return std::clamp<int64_t>(kScratch / (kPoints * 4 * (C + K)), kTiles / 3, kTiles);
}

// The transformed input of a piece: `band` rows of tiles of some images.
struct TileInput {
  int64_t C, band, columns_of_tiles, room;
  Axis rows, columns;
  Packing packing;
  std::vector<int64_t> offset;  // of each channel

  TileInput(const Axis& h, const Axis& w, int64_t C_, int64_t band_, int64_t images, int64_t lanes)
      : C(C_),
        band(band_),
        columns_of_tiles(ceil_div(w.count, 2)),
        // An odd number of lines for each channel: those of all channels are spread over the first cache.
        room(ceil_div(images * band * columns_of_tiles + lanes, 16) / 2 * 32 + 16),
        rows(rows_of(h, band)),
        columns(columns_of(w)),
        packing(rows, columns, C, rows.count) {
    for (int64_t c = 0; c < C; ++c) offset.push_back(c * room);
  }

  // Rows one after the other, columns by turns in two planes.
  static Axis rows_of(const Axis& h, int64_t band) {
    Axis a;
    a.input = h.input;
    a.count = 2 * band + 2;
    a.at = {h.at[0]};
    a.finish();
    return a;
  }
  static Axis columns_of(const Axis& w) {
    Axis a;
    a.input = w.input;
    a.count = ceil_div(w.count, 2);
    a.step = 2;
    for (int64_t j = 0; j < 4; ++j) a.at.push_back(w.at[0] + j);
    a.finish();
    return a;
  }

  // The channels of one image at x, rows of tiles from `row` on, to [16, C, room].
  void transform(const float* x, int64_t channels, int64_t row, int64_t tile_rows, float* packed, float* to) const {
    packing.pack(rows, columns, x, channels, 2 * row, packed);
    loops<WinogradLoops<float>>().input({channels, tile_rows, columns_of_tiles, packed, packing.channel, packing.Wq,
                                         packing.offset.data(), to, C * room, room});
  }
};

}  // namespace

bool winograd_pays(int64_t K, int64_t C, const Axis& h, const Axis& w) {
  return is_three(h) && is_three(w) && K >= kChannels && C >= kChannels && h.count * w.count >= kValues;
}

void correlate_winograd(const Correlation<float>& s, const Axis& h, const Axis& w) {
  const WinogradLoops<float>& transform = loops<WinogradLoops<float>>();
  const ConvLoops<float>& loop = loops<ConvLoops<float>>();
  const int64_t K = s.K, C = s.C, H = h.count, W = w.count, TH = ceil_div(H, 2), TW = ceil_div(W, 2);

  // Pieces: images, or a band of rows of tiles of one.
  const int threads = taper::detail::in_parallel_region() ? 1 : get_num_threads();
  const int64_t wanted = threads == 1 ? 1 : 4 * threads;
  const int64_t tiles = tiles_of_piece(K, C);
  int64_t bands = ceil_div(TH, std::max<int64_t>(1, tiles / TW)), images = 1;
  if (bands == 1)
    images = std::clamp<int64_t>(std::min((tiles + TH * TW / 2) / (TH * TW), s.N * s.groups / wanted), 1, s.N);
  bands = std::clamp<int64_t>(ceil_div(wanted, s.N * s.groups), bands, std::max(bands, TH * TW / 24));
  const int64_t band = ceil_div(TH, bands);
  bands = ceil_div(TH, band);
  const int64_t image_blocks = ceil_div(s.N, images);

  const TileInput input(h, w, C, band, images, loop.lanes);
  const int64_t room = input.room;
  const Scratch<float> weight(s.groups * kPoints * K * C);
  parallel_for(0, s.groups * K, 1 + 4096 / C, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      transform.weight({C, s.weight + i * C * 9, weight.get() + (i / K * kPoints * K + i % K) * C, K * C});
    }
  });

  parallel_for(0, image_blocks * s.groups * bands, 1, [&](int64_t first, int64_t last) {
    const Scratch<float> packed(input.packing.size(1, loop.lanes));
    const Scratch<float> x(kPoints * C * room + loop.lanes), y(kPoints * K * room + loop.lanes);
    for (int64_t index = first; index < last; ++index) {
      const int64_t b = index % bands, g = index / bands % s.groups, n0 = index / bands / s.groups * images;
      const int64_t count = std::min(images, s.N - n0), tile_rows = std::min(band, TH - b * band);
      const int64_t piece_tiles = tile_rows * TW;
      for (int64_t i = 0; i < count; ++i) {
        input.transform(s.x + ((n0 + i) * s.groups + g) * C * h.input * w.input, C, b * band, tile_rows, packed.get(),
                        x.get() + i * piece_tiles);
      }
      for (int64_t c0 = 0; c0 < C; c0 += kSum) {
        ConvProduct<float> p{};
        p.K = K;
        p.steps = std::min(kSum, C - c0);
        p.images = kPoints;
        p.runs = 1;
        p.length = round_up(count * piece_tiles, loop.lanes);
        p.add = c0 > 0;
        p.w = weight.get() + g * kPoints * K * C + c0;
        p.w_row = C;
        p.w_image = K * C;
        p.offset = input.offset.data();
        p.x = x.get() + c0 * room;
        p.x_image = C * room;
        p.out = y.get();
        p.out_image = K * room;
        p.out_row = room;
        loop.multiply(p);
      }
      for (int64_t i = 0; i < count; ++i) {
        transform.output({K, tile_rows, TW, y.get() + i * piece_tiles, K * room, room,
                          s.bias ? s.bias + g * K : nullptr,
                          s.y + ((n0 + i) * s.groups + g) * K * H * W + 2 * b * band * W, H * W, H - 2 * b * band, W});
      }
    }
  });
}

void correlate_weight_winograd(const WeightCorrelation<float>& s, const Axis& h, const Axis& w) {
  const WinogradLoops<float>& transform = loops<WinogradLoops<float>>();
  const ConvWeightLoops<float>& loop = loops<ConvWeightLoops<float>>();
  const int64_t groups = s.groups, K = s.K, C = s.C, H = h.count, W = w.count, P = H * W;
  const int64_t TH = ceil_div(H, 2), TW = ceil_div(W, 2), K_full = round_up(K, loop.lanes);
  const int64_t weights = kPoints * C * K_full;
  const int64_t block = image_block(s.N, P, groups * kPoints * C * K), blocks = ceil_div(s.N, block);

  // A sum runs over a band of rows of tiles, or a few images.
  const int64_t tiles = tiles_of_piece(K, C);
  const int64_t band = std::clamp<int64_t>(tiles / TW, 1, TH);
  const int64_t images = band < TH ? 1 : std::clamp<int64_t>((tiles + TH * TW / 2) / (TH * TW), 1, block);
  const int64_t parts = std::clamp<int64_t>(ceil_div(kPieces, blocks * groups), 1, ceil_div(C, 64));
  const int64_t part = ceil_div(C, parts), used = ceil_div(C, part);
  const TileInput input(h, w, part, band, images, loop.lanes);
  const int64_t room = input.room, most = images * band * TW;

  const Scratch<float> sums(blocks * groups * weights);
  parallel_for(0, blocks * groups * used, 1, [&](int64_t first, int64_t last) {
    const Scratch<float> packed(input.packing.size(1, loop.lanes)), turned(2 * band * W * K_full);
    const Scratch<float> x(kPoints * part * room + loop.lanes), d(kPoints * most * K_full);
    for (int64_t index = first; index < last; ++index) {
      const int64_t c0 = index % used * part, g = index / used % groups, b = index / used / groups;
      const int64_t channels = std::min(part, C - c0), end = std::min(s.N, (b + 1) * block);
      float* const sum = sums.get() + (b * groups + g) * weights + c0 * K_full;
      for (int64_t point = 0; point < kPoints; ++point) {
        std::fill_n(sum + point * C * K_full, channels * K_full, 0.f);
      }
      for (int64_t n = b * block; n < end; n += images) {
        for (int64_t row = 0; row < TH; row += band) {
          const int64_t count = std::min(images, end - n), tile_rows = std::min(band, TH - row);
          const int64_t rows = std::min(2 * tile_rows, H - 2 * row), piece_tiles = tile_rows * TW;
          for (int64_t i = 0; i < count; ++i) {
            input.transform(s.x_at(n + i, g, c0, h, w), channels, row, tile_rows, packed.get(),
                            x.get() + i * piece_tiles);
            loop.transpose(K, rows * W, s.dy_at(n + i, g, P) + 2 * row * W, P, turned.get());
            transform.gradient({K_full, tile_rows, TW, rows, W, count * piece_tiles, i * piece_tiles, turned.get(),
                                d.get(), most * K_full});
          }
          for (int64_t point = 0; point < kPoints; ++point) {
            loop.multiply({.K = K_full,
                           .pairs = channels,
                           .images = 1,
                           .rows = 1,
                           .columns = count * piece_tiles,
                           .offset = input.offset.data(),
                           .x = x.get() + point * part * room,
                           .x_image = 0,
                           .x_row = 0,
                           .dy = d.get() + point * most * K_full,
                           .dy_image = 0,
                           .dw = sum + point * C * K_full});
          }
        }
      }
    }
  });
  add_blocks(sums.get(), blocks, groups * weights);
  constexpr int64_t kLine = 16;  // channels whose weights are written side by side
  const int64_t lines = ceil_div(K, kLine);
  parallel_for(0, groups * lines, 1 + 2048 / C, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t g = i / lines, k = i % lines * kLine;
      transform.weight_gradient(
          {std::min(kLine, K - k), C, sums.get() + g * weights + k, C * K_full, K_full, s.dw + (g * K + k) * C * 9});
    }
  });
}

}  // namespace taper::kernels::convolution
