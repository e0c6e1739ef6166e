#include <taper/data/datasets/cifar10.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/serialize/file_internal.h>

#include <cstring>
#include <filesystem>

namespace taper::data::datasets {
namespace {

constexpr int64_t kCifarPixels = 3 * 32 * 32;
constexpr int64_t kCifarRecord = 1 + kCifarPixels;
constexpr int64_t kCifarClasses = 10;

// The folder that holds `file`: root, or what the archive unpacks to in it.
std::string find_cifar(const std::string& root, const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path sub = fs::path(root) / "cifar-10-batches-bin";
  for (const fs::path& folder : {fs::path(root), sub}) {
    if (fs::is_regular_file(folder / file, error)) return folder.string();
  }
  throw Error(taper::detail::str("CIFAR10: ", file, " must be in ", root, " or ", sub.string(), "; it is in neither",
                                 fs::is_directory(root, error) ? "" : " (no such folder)",
                                 "; unpack cifar-10-binary.tar.gz, the binary version of CIFAR-10, there"));
}

ByteImages read_cifar(const std::string& root, bool train) {
  std::vector<std::string> names{"test_batch.bin"};
  if (train) {
    names.clear();
    for (int i = 1; i <= 5; ++i) names.push_back(taper::detail::str("data_batch_", i, ".bin"));
  }
  const std::string folder = find_cifar(root, names[0]);
  std::vector<Tensor> images, labels;
  for (const std::string& name : names) {
    serialize::detail::InputFile file("CIFAR10", folder + "/" + name);
    const int64_t n = static_cast<int64_t>(file.size() / kCifarRecord);
    TAPER_CHECK(n > 0 && file.size() % kCifarRecord == 0, "CIFAR10: ", folder, "/", name, ": must be records of ",
                kCifarRecord, " bytes, at least one; got ", file.size(),
                " bytes; the file is cut short or not of the binary version: unpack cifar-10-binary.tar.gz again");
    Tensor batch = empty({n, 3, 32, 32}, kUInt8), label = empty({n}, kUInt8);
    auto* to = batch.data_ptr<uint8_t>();
    std::vector<uint8_t> record(static_cast<size_t>(kCifarRecord));
    for (int64_t i = 0; i < n; ++i) {
      file.read(record.data(), record.size());
      TAPER_CHECK(record[0] < kCifarClasses, "CIFAR10: ", folder, "/", name, ": labels must be from 0 to 9; got ",
                  static_cast<int>(record[0]), " in record ", i, "; the file is damaged or of another data set");
      label.data_ptr<uint8_t>()[i] = record[0];
      std::memcpy(to + i * kCifarPixels, record.data() + 1, static_cast<size_t>(kCifarPixels));
    }
    images.push_back(std::move(batch));
    labels.push_back(std::move(label));
  }
  return ByteImages("CIFAR10", cat(images), cat(labels));
}

}  // namespace

CIFAR10::CIFAR10(const std::string& root, Mode mode) : ByteImageDataset(read_cifar(root, mode == Mode::kTrain), mode) {}

}  // namespace taper::data::datasets
