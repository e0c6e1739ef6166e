// Bytes of .npy files, of which every part can lie.
#pragma once

#include <cstdint>
#include <string>

namespace support {

// The lowest `count` bytes of value, the first the lowest.
inline void put(std::string& bytes, uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
}

inline std::string npy(const std::string& header, const std::string& data, int major = 1) {
  std::string bytes = "\x93NUMPY";
  put(bytes, static_cast<uint64_t>(major), 1);
  put(bytes, 0, 1);
  put(bytes, header.size(), major == 1 ? 2 : 4);
  return bytes + header + data;
}
inline std::string npy(const std::string& descr, bool fortran, const std::string& shape, const std::string& data) {
  return npy(
      "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n",
      data);
}

}  // namespace support
