#include <taper/serialize/serialize.h>

namespace taper::serialize {

void detail::throw_with_source(const Error& error, const InputArchive& archive) {
  throw Error(taper::detail::str("load: ", archive.source(), ": ", error.what()));
}

OutputArchive& operator<<(OutputArchive& archive, const Tensor& tensor) {
  archive.write("0", tensor);
  return archive;
}

InputArchive& operator>>(InputArchive& archive, Tensor& tensor) {
  archive.read("0", tensor);
  return archive;
}

OutputArchive& operator<<(OutputArchive& archive, const std::vector<Tensor>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) archive.write(std::to_string(i), tensors[i]);
  return archive;
}

InputArchive& operator>>(InputArchive& archive, std::vector<Tensor>& tensors) {
  std::vector<Tensor> found;
  for (const Tensor* next; (next = archive.tensors().find(std::to_string(found.size())));) found.push_back(*next);
  TAPER_CHECK(found.size() == archive.tensors().size(), "load: ", archive.source(),
              ": must hold tensors named 0, 1, 2, ... and no others for a std::vector; got ", archive.contents());
  tensors.insert(tensors.end(), found.begin(), found.end());
  return archive;
}

OutputArchive& operator<<(OutputArchive& archive, const OrderedDict<std::string, Tensor>& tensors) {
  for (const auto& item : tensors) archive.write(item.key(), item.value());
  return archive;
}

InputArchive& operator>>(InputArchive& archive, OrderedDict<std::string, Tensor>& tensors) {
  tensors = archive.tensors();
  return archive;
}

}  // namespace taper::serialize
