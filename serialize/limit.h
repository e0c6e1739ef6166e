// The limit to what compressed files unpack to.
#pragma once

#include <cstdint>

namespace taper::serialize {

// A compressed file may by default unpack to 256 MiB, or 16 times its length if that is more. Weights and photographs
// hardly compress, and what does (masks, drawings, zeros) is rarely that large; decompression bombs reach a thousand
// times their length.
constexpr uint64_t kMaxUnpacked = uint64_t{256} << 20;
constexpr uint64_t kMaxUnpackedRatio = 16;

}  // namespace taper::serialize
