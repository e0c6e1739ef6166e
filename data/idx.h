// IDX files: the format of MNIST, Fashion-MNIST and KMNIST, unsigned bytes only, raw or gzip.
//
//   IdxPaths files = find_idx("data", /*train=*/true);
//   IdxArray images = read_idx(files.images);   // dims {60000, 28, 28}
//   IdxArray labels = read_idx(files.labels);   // dims {60000}
//
// An IDX file is: two zero bytes, a type byte (8 = unsigned byte), the rank, one big-endian 32-bit size for each
// dimension, then the elements in row-major order and nothing else.
#pragma once

#include <taper/core/array_ref.h>

#include <cstdint>
#include <string>
#include <vector>

namespace taper::data {

struct IdxArray {
  std::vector<int64_t> dims;
  std::vector<uint8_t> data;  // product of dims, row-major
};

// Reads a whole file. gzip is recognised by the first bytes, not by the name; consecutive gzip members are one file, as
// for gunzip, and zero bytes after the last one are skipped. The file is not trusted: memory is allocated as data
// arrives, a gzip file is unpacked at most one byte beyond what its header declares, and not at all if it declares more
// than `max_bytes`, by default as in serialize/limit.h.
//
// Throws Error, naming the path, what was expected and what was found, when the path is not a readable regular file;
// when magic, element type, rank (1 to 8) or sizes are wrong; when the data is shorter or longer than the sizes say;
// when gzip data is damaged, incomplete or followed by anything else.
TAPER_API IdxArray read_idx(const std::string& path, optional<uint64_t> max_bytes = nullopt);

struct IdxPaths {
  std::string images;
  std::string labels;
};

// The image and the label file of one split, wherever common tools put them: names with a dash
// (train-images-idx3-ubyte) or a dot (train-images.idx3-ubyte), with or without .gz; in `folder` itself, then its raw,
// MNIST/raw, FashionMNIST/raw or KMNIST/raw. The first of these that holds any such file of either split is the data
// set: its files are never completed from another one, so that images cannot meet labels of something else.
//
// Throws Error, listing every absolute path tried and how to get the data, when a file is missing.
TAPER_API IdxPaths find_idx(const std::string& folder, bool train);

}  // namespace taper::data
