// PNG files.
//
//   taper::Tensor picture = taper::data::read_png("cat.png", 3);          // [3, height, width], uint8
//   taper::data::write_png((image.clamp(0, 1) * 255).round().to(taper::kUInt8), "image.png");
#pragma once

#include <taper/core/tensor.h>

#include <string>

namespace taper::data {

// The image as [channels, height, width], uint8, rows from the top. `channels`: 1 (grey), 3 (red, green, blue), or 0:
// 1 for grey files and 3 for all others.
//
// Other formats are converted as by most readers: 16-bit values are rounded to 8 bits, 1-, 2- and 4-bit greys are
// scaled to 0..255, palettes are looked up; transparency and colour profiles are ignored. Colour is converted to grey
// as
// 0.299 R + 0.587 G + 0.114 B (ITU-R 601), rounded, and grey to colour as three equal channels.
//
// The file is not trusted. Memory is allocated for the file and, once its header has been checked, for twice the image:
// no image of more than `max_bytes` is read, by default as in serialize/limit.h (256 MiB are 9,450 x 9,450 pixels in
// colour), no file above 1 GiB or max_bytes, and none that claims more pixels than a file of its length can hold
// (1032 times its bytes). Throws Error, naming the file and the reason, when it is missing, not a PNG file, damaged,
// truncated, or too large; ValueError for other numbers of channels.
TAPER_API Tensor read_png(const std::string& path, int64_t channels = 0, optional<uint64_t> max_bytes = nullopt);

// Writes image [C, H, W] or [H, W], uint8, C = 1 (grey) or 3 (red, green, blue), at least one pixel and at most 1 GiB,
// height and width at most 1,000,000. The file is replaced as a whole or, on an error, not at all (as by taper::save).
// Throws ValueError for any other tensor, Error when the file cannot be written.
TAPER_API void write_png(const Tensor& image, const std::string& path);

}  // namespace taper::data
