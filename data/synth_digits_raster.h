// SynthDigits: MNIST-style handwritten digits, drawn by a model instead of scanned, so that nothing need be downloaded.
//
// The model. Every digit has several handwriting variants, each a few strokes through control points. For one image:
//   1. a variant is drawn, its control points jittered, its strokes moved against each other, their ends cut short;
//   2. smooth curves are laid through the points and bent by a random smooth field, slanted, rotated and stretched;
//   3. the ink, with a pen of random width, pressure and softness, is fitted into a box of 20 x 20 pixels;
//   4. the pen is stamped along the curves, white (255) on black (0) with soft edges, and the picture is moved by whole
//      pixels so that its centre of mass is the centre of the 28 x 28 image, as MNIST does.
// The two splits differ in their random stream only.
//
// Image i depends on (seed, split, i) alone, and all arithmetic is on integers: the same call gives the same bytes for
// any number of threads, on any machine, with any compiler and flags.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>

namespace taper::data {

// Draws images [first, first + count) of a split: `pixels` receives count x 28 x 28 bytes, `labels` count bytes 0 to 9.
// The sequence has no end; each ten images from a multiple of ten on hold every digit once, in random order.
// Throws ValueError for a negative first or count, and for null pointers with a count above 0.
TAPER_API void render_synth_digits(uint64_t seed, bool train, int64_t first, int64_t count, uint8_t* pixels,
                                   uint8_t* labels);

}  // namespace taper::data
