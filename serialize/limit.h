// How much memory a compressed file may ask for.
#pragma once

#include <cstdint>

namespace taper::serialize {

// What a compressed file may unpack to unless the caller says otherwise: 256 MiB, or 16 times its length if that is
// more. Weights and photographs hardly shrink, and what does (masks, drawings, zeros) is rarely that large; files made
// to fill the memory reach a thousand times their length.
constexpr uint64_t kMaxUnpacked = uint64_t{256} << 20;
constexpr uint64_t kMaxUnpackedRatio = 16;

}  // namespace taper::serialize
