// NumPy's files: one array (.npy) or several under names (.npz).
//
//   taper::serialize::save_npy(x, "x.npy");                       // x = numpy.load("x.npy")
//   taper::serialize::save_npz(net->state_dict(), "net.npz");     // numpy.load("net.npz")["fc.weight"]
//   taper::Tensor y = taper::serialize::load_npy("y.npy");        // numpy.save("y.npy", y)
//   net->load_state_dict(taper::serialize::load_npz("net.npz"));
//
// dtypes: bool, uint8, int8, int16, int32, int64, float16, float32, float64, in either byte order; NumPy has no
// bfloat16. Also read, as a dtype that can represent all their values: uint16 as int32, uint32 as int64, and uint64 as
// int64, where a value of 2^63 or more is an error. Arrays in Fortran order are read into row-major tensors. Other
// arrays (strings, records, complex numbers, Python objects, which would run code) cannot be read.
//
// Files are not trusted: what a file declares is checked against its length before memory is allocated. Compressed
// files can unpack to a thousand times their length: more than `max_bytes`, by default as in limit.h, is an error
// before memory is allocated.
#pragma once

#include <taper/core/ordered_dict.h>
#include <taper/core/tensor.h>
#include <taper/serialize/limit.h>

#include <string>
#include <vector>

namespace taper::serialize {

// Writes version 1.0 of the format, in C order. As by save_safetensors, the file is replaced as a whole or not at all.
// Throws Error, naming the file and the reason.
TAPER_API void save_npy(const Tensor& tensor, const std::string& path);
// Reads versions 1.0 to 3.0. The file must end with the array. Throws Error, naming the file, what was expected and
// what was found.
TAPER_API Tensor load_npy(const std::string& path);

// An uncompressed zip file with one NAME.npy per tensor, as written by numpy.savez. Names must be UTF-8. zip64 is not
// written: at most 65,534 tensors and less than 4 GiB in total; beyond that use safetensors. Throws Error, naming the
// file and the reason.
TAPER_API void save_npz(const OrderedDict<std::string, Tensor>& tensors, const std::string& path);
// Reads what numpy.savez and savez_compressed write, in the order of the file's directory, and checks the checksums.
// Files of 4 GiB and more (zip64) are an error. Members that cannot be read (other dtypes, encrypted, not deflated, not
// .npy) are left out with a warning that names them (TypeError if there are no others); folders are skipped.
TAPER_API OrderedDict<std::string, Tensor> load_npz(const std::string& path, optional<uint64_t> max_bytes = nullopt);
// Only the arrays of these names, in their order; the others are not read. Throws Error for a missing name, TypeError
// for an array that cannot be read.
TAPER_API OrderedDict<std::string, Tensor> load_npz(const std::string& path, const std::vector<std::string>& names,
                                                    optional<uint64_t> max_bytes = nullopt);

}  // namespace taper::serialize
