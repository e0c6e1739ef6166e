#include <taper/serialize/file_kind_internal.h>

#include <taper/core/error.h>
#include <taper/serialize/format_internal.h>

#include <algorithm>

namespace taper::serialize::detail {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view start;
  const char* what;
  const char* to_do;
};

constexpr const char* kConvert = "convert it in Python: python3 docs/weights.py model.pt model.safetensors";
constexpr const char* kRewrite = "read it in Python and write it by save() of docs/weights.py";
constexpr const char* kFetch = "fetch the file itself";

constexpr Kind kKinds[] = {
    {"\x80\x02"sv, "a Python pickle, as torch.save wrote it before PyTorch 1.6", kConvert},
    {"\x80\x03"sv, "a Python pickle", kConvert},
    {"\x80\x04"sv, "a Python pickle", kConvert},
    {"\x80\x05"sv, "a Python pickle", kConvert},
    {"\x93NUMPY"sv, "a NumPy array (.npy)", "read it by taper::serialize::load_npy"},
    {"\x89PNG"sv, "a PNG picture", "read it by taper::data::read_png"},
    {"\x89HDF"sv, "an HDF5 file (Keras, h5py)", kRewrite},
    {"GGUF"sv, "a GGUF file", kRewrite},
    {"\x1f\x8b"sv, "gzip data", "unpack it by gunzip"},
    {"version https://git-lfs"sv, "a pointer of Git LFS", "fetch the file itself: git lfs pull"},
    {"<!DOCTYPE"sv, "a web page", kFetch},
    {"<!doctype"sv, "a web page", kFetch},
    {"<html"sv, "a web page", kFetch},
    {"{"sv, "JSON text", "name the file with the tensors, which it may list"},
};

// A zip file by its first member.
Kind kind_of_zip(std::string_view start) {
  constexpr size_t kNameLength = 26, kName = 30;
  const std::string_view name = start.substr(std::min(kName, start.size()), get_number(start, kNameLength, 2));
  if (name.ends_with(".npy")) return {"", "a NumPy archive (.npz)", "read it by taper::serialize::load_npz"};
  if (name.ends_with("/data.pkl")) return {"", "a file of PyTorch's torch.save", kConvert};
  if (name.find("/data/") != name.npos || name.find("/code/") != name.npos) {
    return {"", "a TorchScript archive, as libtorch's torch::save and Python's torch.jit.save write it", kConvert};
  }
  return {"", "a zip file", "unpack it"};
}

}  // namespace

std::string file_kind(std::string_view start) {
  const auto text = [](const Kind& kind) { return taper::detail::str(kind.what, "; ", kind.to_do); };
  if (start.starts_with("PK\3\4"sv)) return text(kind_of_zip(start));
  for (const Kind& kind : kKinds) {
    if (start.starts_with(kind.start)) return text(kind);
  }
  // Protocol buffers: field 1, a small number (the version), then field 2, a string of a plausible length.
  if (start.size() > 4 && start[0] == '\x08' && get_number(start, 1, 1) < 0x20 && start[2] == '\x12') {
    return text({"", "an ONNX model", kRewrite});
  }
  if (get_number(start, 0, 3) > 1 && start.substr(std::min<size_t>(3, start.size()), 6) == "\0\0\0\0\0{"sv) {
    return text({"", "a safetensors file", "read it by taper::serialize::load_safetensors"});
  }
  return "";
}

void check_kind(const std::string& where, const char* expected, std::string_view start) {
  const std::string kind = file_kind(start);
  TAPER_CHECK(kind.empty(), where, ": must be ", expected, "; got ", kind);
}

}  // namespace taper::serialize::detail
