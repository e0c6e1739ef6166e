#include <taper/data/png.h>

#include <taper/core/factories.h>
#include <taper/serialize/atomic_file_internal.h>
#include <taper/serialize/file_kind_internal.h>
#include <taper/serialize/inflate_internal.h>

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

namespace taper::data {
namespace {

constexpr uint64_t kMostPngBytes = uint64_t{1} << 30;  // of a file, and of a picture to be written
constexpr int64_t kMostPngSide = 1'000'000;            // libpng's own limit in writing

// libpng's reader over a file in memory. libpng reports errors by longjmp, which must not pass a C++ object: the
// functions that call it return false instead and have none.
struct PngReader {
  const uint8_t* at = nullptr;
  size_t left = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  char error[128] = "no memory";
  // Of the rows as they come out: 8 bits, 1 or 3 channels.
  png_uint_32 width = 0, height = 0;
  int channels = 0;
  uint64_t packed_bytes = 0;  // of all rows as they are in the file, unpacked

  PngReader(const uint8_t* data, size_t size) : at(data), left(size) {}
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool read_header();
  bool read_rows(uint8_t* pixels);  // [height, width, channels]

 private:
  static void on_error(png_structp png, png_const_charp message) {
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(reader->error, sizeof reader->error, "%s", message);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}
  static void give(png_structp png, png_bytep to, size_t count) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader->left) png_error(png, "the file ends too early");
    std::memcpy(to, reader->at, count);
    reader->at += count;
    reader->left -= count;
  }
};

bool PngReader::read_header() {
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  if (png == nullptr) return false;
  if (setjmp(png_jmpbuf(png))) return false;
  info = png_create_info_struct(png);
  if (info == nullptr) return false;
  png_set_read_fn(png, this, give);
  // Texts, profiles and the like are skipped unread: they can be packed as tightly as pixels.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // read_png looks at the product
  png_read_info(png, info);
  width = png_get_image_width(png, info);
  height = png_get_image_height(png, info);
  if (__builtin_mul_overflow(uint64_t{png_get_rowbytes(png, info)}, height, &packed_bytes)) packed_bytes = UINT64_MAX;
  png_set_expand(png);    // palettes and greys of fewer bits, to 8
  png_set_scale_16(png);  // rounds, where strip_16 cuts off
  png_set_strip_alpha(png);
  channels = png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  return true;
}

bool PngReader::read_rows(uint8_t* pixels) {
  if (setjmp(png_jmpbuf(png))) return false;
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const size_t row = size_t{width} * static_cast<size_t>(channels);
  if (png_get_rowbytes(png, info) != row) png_error(png, "its rows have another length than its header says");
  for (int pass = 0; pass < passes; ++pass) {
    for (size_t y = 0; y < height; ++y) png_read_row(png, pixels + y * row, nullptr);
  }
  png_read_end(png, nullptr);  // a file cut short after its last row is damaged, too
  return true;
}

// [H, W, C] to [C, H, W]
Tensor png_planes(const std::vector<uint8_t>& pixels, const PngReader& reader, int64_t channels) {
  const int64_t height = reader.height, width = reader.width, area = height * width;
  Tensor picture = empty({channels, height, width}, kUInt8);
  auto* out = picture.data_ptr<uint8_t>();
  const uint8_t* in = pixels.data();
  if (reader.channels == 1) {
    for (int64_t c = 0; c < channels; ++c) std::memcpy(out + c * area, in, static_cast<size_t>(area));
  } else if (channels == 3) {
    for (int64_t i = 0; i < area; ++i, in += 3) {
      for (int64_t c = 0; c < 3; ++c) out[c * area + i] = in[c];
    }
  } else {
    for (int64_t i = 0; i < area; ++i, in += 3) {
      out[i] = static_cast<uint8_t>((299 * in[0] + 587 * in[1] + 114 * in[2] + 500) / 1000);
    }
  }
  return picture;
}

}  // namespace

Tensor read_png(const std::string& path, int64_t channels, optional<uint64_t> max_bytes) {
  TAPER_CHECK_VALUE(channels == 0 || channels == 1 || channels == 3,
                    "read_png: channels must be 1 (grey), 3 (colour) or 0 (as in the file); got ", channels);
  serialize::detail::InputFile file("read_png", path);
  const auto check = [&](bool holds, const auto&... what) { TAPER_CHECK(holds, "read_png: ", path, ": ", what...); };
  const uint64_t most_file = std::max(kMostPngBytes, max_bytes.value_or(0));
  check(file.size() <= most_file, "the file must not exceed ", most_file, " bytes; got ", file.size());
  std::vector<uint8_t> bytes(file.size());
  file.read(bytes.data(), bytes.size());
  if (bytes.size() < 8 || png_sig_cmp(bytes.data(), 0, 8) != 0) {
    serialize::detail::check_kind(
        "read_png: " + path, "a PNG file",
        {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), serialize::detail::kKindBytes)});
    check(false, "must be a PNG file; it does not begin as one; convert other formats first");
  }

  PngReader reader(bytes.data(), bytes.size());
  check(reader.read_header(), "must be an undamaged PNG file; got: ", reader.error);
  const uint64_t area = uint64_t{reader.width} * reader.height;
  check(reader.packed_bytes / serialize::detail::kMaxDeflateRatio <= bytes.size(),
        "must be an undamaged PNG file; its header claims ", reader.width, " x ", reader.height, " pixels, more than ",
        bytes.size(), " bytes can hold");
  const int64_t planes = channels == 0 ? reader.channels : channels;
  const uint64_t largest = static_cast<uint64_t>(std::max<int64_t>(reader.channels, planes));
  serialize::detail::check_unpacked(taper::detail::str("read_png: ", path, ": ", reader.width, " x ", reader.height),
                                    area * largest, file.size(), max_bytes);
  std::vector<uint8_t> pixels(area * static_cast<uint64_t>(reader.channels));
  check(reader.read_rows(pixels.data()), "must be an undamaged PNG file; got: ", reader.error);
  return png_planes(pixels, reader, planes);
}

void write_png(const Tensor& image, const std::string& path) {
  TAPER_CHECK_VALUE(image.defined(), "write_png: the image must be defined; got an undefined tensor");
  const int64_t rank = image.dim(), channels = rank == 3 ? image.size(0) : 1;
  TAPER_CHECK_VALUE((rank == 2 || rank == 3) && (channels == 1 || channels == 3),
                    "write_png: the image must have sizes [H, W], [1, H, W] or [3, H, W]; got ", image.sizes());
  TAPER_CHECK_VALUE(image.dtype() == kUInt8, "write_png: the image must be uint8; got ", image.dtype(),
                    "; for values from 0 to 1: (image.clamp(0, 1) * 255).round().to(taper::kUInt8)");
  TAPER_CHECK_VALUE(image.numel() > 0 && static_cast<uint64_t>(image.numel()) <= kMostPngBytes,
                    "write_png: the image must have at least one pixel and at most 1 GiB; got sizes ", image.sizes());
  TAPER_CHECK_VALUE(std::max(image.size(-2), image.size(-1)) <= kMostPngSide,
                    "write_png: height and width must be at most ", kMostPngSide, "; got sizes ", image.sizes());
  const Tensor rows = (rank == 3 ? image.permute({1, 2, 0}) : image).contiguous();

  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.size(-1));
  png.height = static_cast<png_uint_32>(image.size(-2));
  png.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<uint8_t> bytes(size);
  const int ok = png_image_write_to_memory(&png, bytes.data(), &size, 0, rows.data_ptr<uint8_t>(), 0, nullptr);
  TAPER_CHECK(ok && size <= bytes.size(), "write_png: ", path, ": the image must fit a PNG file; got sizes ",
              image.sizes(), ": ", png.message);
  serialize::detail::AtomicFile file("write_png", path, size);
  file.write(bytes.data(), size);
  file.commit();
}

}  // namespace taper::data
