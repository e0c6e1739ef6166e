// safetensors files: named tensors in a format that cannot run code, shared with Python's safetensors package.
//
//   taper::serialize::save_safetensors("net.safetensors", net->state_dict(), {{"epoch", "5"}});
//   taper::serialize::Metadata metadata;
//   net->load_state_dict(taper::serialize::load_safetensors("net.safetensors", &metadata));
//
// The format: the length N of the header, 8 bytes little-endian; N bytes of JSON, padded with spaces so that the data
// begins at a multiple of 8,
//   {"__metadata__": {"epoch": "5"}, "fc.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...};
// then the data, row-major, little-endian, offsets counted from its beginning. It belongs to the tensors without gap or
// overlap, and the file ends with it.
//
// dtypes: BOOL U8 I8 I16 I32 I64 F32 F64. Read too, in a dtype that holds all their values: F16 and BF16 as float32,
// U16 as int32, U32 as int64, and U64 as int64, where a value of 2^63 or more is an error.
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

// Writes the tensors' values, bit by bit. Strides do not matter; tensors that share memory are written each. The header
// names them in the order of `tensors`; the data lies in the order of falling element size, so that every tensor is
// aligned for readers that map the file.
//
// The file is replaced as a whole: the new one is written beside it, flushed to the disk and renamed, and the folder is
// flushed. If anything goes wrong (no such folder, no permission, disk full, the process is killed), the file that was
// there stays as it was. A symbolic link is followed. The permissions, owner and group of the old file are kept where
// the system lets one; those of a new one follow the umask.
//
// Throws Error, naming the file, the reason and the bytes needed. Names and metadata must be UTF-8, no tensor may be
// undefined or named __metadata__, and the header must not exceed 100 MB (no reader takes more).
TAPER_API void save_safetensors(const std::string& path, const OrderedDict<std::string, Tensor>& tensors,
                                const Metadata& metadata = {});
// To a stream, or through `write`, which returns how many of the bytes it took: fewer is an error.
TAPER_API void save_safetensors(std::ostream& stream, const OrderedDict<std::string, Tensor>& tensors,
                                const Metadata& metadata = {});
TAPER_API void save_safetensors(const std::function<size_t(const void* data, size_t count)>& write,
                                const OrderedDict<std::string, Tensor>& tensors, const Metadata& metadata = {});

// Reads a whole file; the tensors come in the order of its header, none of them requires grad, none share memory.
// `metadata`, if given, receives what the file says about itself. Tensors of other dtypes (F8_E4M3, C64, ...) are left
// out, and a warning names them (a TypeError if there are no others).
//
// The file is not trusted. Everything it declares is checked against its length before memory is taken for it, which is
// at most the length of the data (twice that for F16, BF16, U16 and U32) and a small multiple of the header.
//
// Throws Error, naming the file, what was expected and what was found; if the file is of another kind, which one.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(const std::string& path, Metadata* metadata = nullptr);
// Only the tensors of these names, in their order; the others are not read. A name that the file lacks is an error, one
// of a tensor that cannot be read a TypeError.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(const std::string& path,
                                                            const std::vector<std::string>& names,
                                                            Metadata* metadata = nullptr);
// One file from a stream, which is left behind its last byte: what was saved one after the other is loaded one after
// the other. At its end a stream is begun anew, so that it can be loaded twice without a seekg.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(std::istream& stream, Metadata* metadata = nullptr);
// A file in memory.
TAPER_API OrderedDict<std::string, Tensor> load_safetensors(const void* data, size_t size,
                                                            Metadata* metadata = nullptr);

}  // namespace taper::serialize
