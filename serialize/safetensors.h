// safetensors files: named tensors in a format that cannot run code, shared with Python's safetensors package.
//
//   taper::serialize::save_safetensors("net.safetensors", net->state_dict(), {{"epoch", "5"}});
//   taper::serialize::Metadata metadata;
//   net->load_state_dict(taper::serialize::load_safetensors("net.safetensors", &metadata));
//
// The format: the length N of the header, 8 bytes little-endian; N bytes of JSON, padded with spaces so that the data
// begins at a multiple of 8,
//   {"__metadata__": {"epoch": "5"}, "fc.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...};
// then the data, row-major, little-endian, with offsets relative to its beginning. The tensors cover it without gap or
// overlap, and the file ends with it.
//
// dtypes: BOOL U8 I8 I16 I32 I64 F16 BF16 F32 F64. Also read, as a dtype that can represent all their values: U16 as
// int32, U32 as int64, and U64 as int64, where a value of 2^63 or more is an error.
#pragma once

#include <taper/core/ordered_dict.h>
#include <taper/core/tensor.h>

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace taper::serialize {

using Metadata = std::map<std::string, std::string>;

// Writes the elements exactly. Tensors may have any strides; tensors that share memory are each written in full. The
// header has the order of `tensors`; the data is sorted by decreasing element size, so that every tensor is aligned for
// readers that map the file.
//
// The file is replaced as a whole: the new one is written beside it, flushed to disk and renamed, and the folder is
// flushed. On any failure (no such folder, no permission, disk full, the process is killed) the old file stays
// unchanged. A symbolic link is followed. Permissions, owner and group of the old file are kept where the system
// allows; those of a new one follow the umask.
//
// Throws Error, naming the file, the reason and the bytes needed. Names and metadata must be UTF-8, no tensor may be
// undefined or named __metadata__, and the header must not exceed 100 MB (the limit of the published reader).
TAPER_API void save_safetensors(const std::string& path, const OrderedDict<std::string, Tensor>& tensors,
                                const Metadata& metadata = {});
// To a stream, or through `write`, which returns the number of bytes it has written; fewer than `count` is an error.
TAPER_API void save_safetensors(std::ostream& stream, const OrderedDict<std::string, Tensor>& tensors,
                                const Metadata& metadata = {});
TAPER_API void save_safetensors(const std::function<size_t(const void* data, size_t count)>& write,
                                const OrderedDict<std::string, Tensor>& tensors, const Metadata& metadata = {});

// Reads a whole file. The tensors have the order of its header, do not require grad and do not share memory.
// `metadata`, if given, receives the file's metadata. Tensors of other dtypes (F8_E4M3, C64, ...) are left out with a
// warning that names them (TypeError if there are no others).
//
// The file is not trusted. Everything it declares is checked against its length before memory is allocated, which is at
// most the length of the data (twice that for U16 and U32) and a small multiple of the header.
//
// Throws Error, naming the file, what was expected and what was found; for a file of another format, which one.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(const std::string& path, Metadata* metadata = nullptr);
// Only the tensors of these names, in their order; the others are not read. Throws Error for a missing name, TypeError
// for a tensor that cannot be read.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(const std::string& path,
                                                            const std::vector<std::string>& names,
                                                            Metadata* metadata = nullptr);
// One file from a stream, which is left after its last byte: files saved consecutively are loaded consecutively. A
// stream at its end is read from the beginning, so that it can be loaded twice without seekg.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(std::istream& stream, Metadata* metadata = nullptr);
// A file in memory.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(const void* data, size_t size,
                                                            Metadata* metadata = nullptr);

}  // namespace taper::serialize
