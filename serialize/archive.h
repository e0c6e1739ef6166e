// Archives: tensors under names, on the way into a file or out of one. taper::save and taper::load (serialize.h) use
// them; a program does when a file holds more than one thing.
//
//   taper::serialize::OutputArchive net_part, optimizer_part, archive;
//   net_part << net;
//   optimizer_part << optimizer;
//   archive.write("net", net_part);
//   archive.write("optimizer", optimizer_part);
//   archive.write("epoch", 5);
//   archive.save_to("checkpoint.safetensors");    // holds "net.fc1.weight", ..., "epoch"
//
// Files are safetensors (safetensors.h). What they say of a tensor is dtype, shape and values: whether it requires grad
// is not saved, and `is_buffer` makes no difference. What is no tensor stands in the metadata, as "value:epoch": "5".
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

  // The tensor is not copied: what it holds when save_to is called is what is saved. An error if `key` is taken already
  // or the tensor is undefined.
  void write(const std::string& key, const Tensor& tensor, bool is_buffer = false);
  // A number, a bool, a text (UTF-8), a list of integers, nothing (IValue()) or a tensor.
  void write(const std::string& key, const IValue& value);
  // Everything `nested` holds, as "key.name". An empty archive leaves no trace.
  void write(const std::string& key, const OutputArchive& nested);
  // Text for the file's metadata. An error if `key` is taken already.
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
  OrderedDict<std::string, std::string> values_;  // those that are no tensors, as JSON
  Metadata metadata_;
};

class TAPER_API InputArchive final {
 public:
  InputArchive() = default;
  InputArchive(InputArchive&&) = default;
  InputArchive& operator=(InputArchive&&) = default;
  InputArchive(const InputArchive&) = delete;
  InputArchive& operator=(const InputArchive&) = delete;

  // As load_safetensors; what the archive held before is dropped, unless an error is thrown. The only device is the
  // CPU. Tensors of dtypes that cannot be read are no error until they are asked for.
  void load_from(const std::string& path, optional<Device> device = nullopt);
  void load_from(std::istream& stream, optional<Device> device = nullopt);
  void load_from(const char* data, size_t size, optional<Device> device = nullopt);
  // `read` copies up to `count` bytes from `position` on and returns how many.
  void load_from(const std::function<size_t(uint64_t position, void* to, size_t count)>& read,
                 const std::function<size_t()>& size, optional<Device> device = nullopt);

  // A defined tensor stays the same tensor (for modules and optimisers that hold it) and takes over dtype, sizes and
  // values of the saved one; an undefined one becomes it. It shares memory with the archive.
  // read() throws Error when there is no such key; try_read() then returns false.
  void read(const std::string& key, Tensor& tensor, bool is_buffer = false);
  bool try_read(const std::string& key, Tensor& tensor, bool is_buffer = false);
  // Whatever was written under the key, in the kind in which it was.
  void read(const std::string& key, IValue& value);
  bool try_read(const std::string& key, IValue& value);
  // Everything named "key.name", as "name".
  void read(const std::string& key, InputArchive& nested);
  bool try_read(const std::string& key, InputArchive& nested);
  template <class... Args>
  void operator()(Args&&... args) {
    read(std::forward<Args>(args)...);
  }

  // The first parts of all names, each once, those of tensors before the others: {"net", "optimizer", "epoch"}.
  std::vector<std::string> keys() const;
  // All of them: a TypeError, naming those that cannot be read, if there are any.
  const OrderedDict<std::string, Tensor>& tensors() const;
  const Metadata& metadata() const noexcept { return metadata_; }
  // Where it comes from, for error messages: a path, and the key of a nested archive.
  const std::string& source() const noexcept { return source_; }
  // What is in it, likewise: "2 tensors: 'fc.weight', 'fc.bias'", the first ten of them.
  std::string contents() const;

 private:
  void take(detail::Loaded loaded, std::string source);

  OrderedDict<std::string, Tensor> tensors_;
  OrderedDict<std::string, std::string> values_;      // those that are no tensors, as JSON
  OrderedDict<std::string, std::string> unreadable_;  // tensors of other dtypes, and why they are missing
  Metadata metadata_;
  std::string source_ = "an empty archive";
};

}  // namespace taper::serialize
