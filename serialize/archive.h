// Archives: named tensors and values, to be written to or read from a file. taper::save and taper::load (serialize.h)
// use them; programs do so directly to store several objects in one file.
//
//   taper::serialize::OutputArchive net_part, optimizer_part, archive;
//   net_part << net;
//   optimizer_part << optimizer;
//   archive.write("net", net_part);
//   archive.write("optimizer", optimizer_part);
//   archive.write("epoch", 5);
//   archive.save_to("checkpoint.safetensors");    // holds "net.fc1.weight", ..., "epoch"
//
// Files are safetensors (safetensors.h), which store dtype, shape and elements of a tensor: requires_grad is not saved,
// and `is_buffer` makes no difference. Values other than tensors are stored in the metadata, as "value:epoch": "5".
#pragma once

#include <taper/autograd/ivalue.h>
#include <taper/serialize/safetensors.h>

#include <vector>

namespace taper::serialize {

namespace detail {
struct Loaded;
}

class TAPER_API OutputArchive final {
 public:
  OutputArchive() = default;
  OutputArchive(OutputArchive&&) = default;
  OutputArchive& operator=(OutputArchive&&) = default;
  OutputArchive(const OutputArchive&) = delete;
  OutputArchive& operator=(const OutputArchive&) = delete;

  // The tensor is not copied: its elements are read when save_to is called. Throws Error if `key` exists already or the
  // tensor is undefined.
  void write(const std::string& key, const Tensor& tensor, bool is_buffer = false);
  // An integer, a double, a bool, a string (UTF-8), a list of integers, None (IValue()) or a tensor.
  void write(const std::string& key, const IValue& value);
  // Everything in `nested`, as "key.name". An empty archive writes nothing.
  void write(const std::string& key, const OutputArchive& nested);
  // A string in the file's metadata. Throws Error if `key` exists already.
  void write_metadata(const std::string& key, const std::string& text);
  template <class... Args>
  void operator()(Args&&... args) {
    write(std::forward<Args>(args)...);
  }

  // As save_safetensors: a file is replaced as a whole or, on an error, not at all.
  void save_to(const std::string& path) const;
  void save_to(std::ostream& stream) const;
  void save_to(const std::function<size_t(const void* data, size_t count)>& write) const;

  const OrderedDict<std::string, Tensor>& tensors() const noexcept { return tensors_; }
  const Metadata& metadata() const noexcept { return metadata_; }

 private:
  void check_new(const std::string& key) const;
  Metadata all_metadata() const;

  OrderedDict<std::string, Tensor> tensors_;
  OrderedDict<std::string, std::string> values_;  // other than tensors, as JSON
  Metadata metadata_;
};

class TAPER_API InputArchive final {
 public:
  InputArchive() = default;
  InputArchive(InputArchive&&) = default;
  InputArchive& operator=(InputArchive&&) = default;
  InputArchive(const InputArchive&) = delete;
  InputArchive& operator=(const InputArchive&) = delete;

  // As load_safetensors; replaces the contents of the archive or, on an error, leaves them unchanged. The only device
  // is the CPU. Tensors of unsupported dtypes are an error only when they are read.
  void load_from(const std::string& path, optional<Device> device = nullopt);
  void load_from(std::istream& stream, optional<Device> device = nullopt);
  void load_from(const char* data, size_t size, optional<Device> device = nullopt);
  // `read` copies up to `count` bytes from `position` and returns their number.
  void load_from(const std::function<size_t(uint64_t position, void* to, size_t count)>& read,
                 const std::function<size_t()>& size, optional<Device> device = nullopt);

  // A defined tensor stays the same object (modules and optimisers hold it) and gets dtype, sizes and elements of the
  // saved one; an undefined one becomes the saved one. Both share memory with the archive.
  // read() throws Error for an unknown key; try_read() returns false.
  void read(const std::string& key, Tensor& tensor, bool is_buffer = false);
  bool try_read(const std::string& key, Tensor& tensor, bool is_buffer = false);
  // The value written under the key, with its type.
  void read(const std::string& key, IValue& value);
  bool try_read(const std::string& key, IValue& value);
  // Everything named "key.name", as "name".
  void read(const std::string& key, InputArchive& nested);
  bool try_read(const std::string& key, InputArchive& nested);
  template <class... Args>
  void operator()(Args&&... args) {
    read(std::forward<Args>(args)...);
  }

  // The parts of all names before the first dot, without duplicates, tensors first: {"net", "optimizer", "epoch"}.
  std::vector<std::string> keys() const;
  // All tensors. Throws TypeError, naming them, if some have an unsupported dtype.
  const OrderedDict<std::string, Tensor>& tensors() const;
  const Metadata& metadata() const noexcept { return metadata_; }
  // The origin, for error messages: a path, and the key of a nested archive.
  const std::string& source() const noexcept { return source_; }
  // A summary for error messages: "2 tensors: 'fc.weight', 'fc.bias'", the first ten names.
  std::string contents() const;

 private:
  void take(detail::Loaded loaded, std::string source);

  OrderedDict<std::string, Tensor> tensors_;
  OrderedDict<std::string, std::string> values_;      // other than tensors, as JSON
  OrderedDict<std::string, std::string> unreadable_;  // tensors of unsupported dtypes, with the reason
  Metadata metadata_;
  std::string source_ = "an empty archive";
};

}  // namespace taper::serialize
