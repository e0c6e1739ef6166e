// ImageFolder: PNG files in one sub-folder per class.
//
//   animals/cat/1.png, animals/cat/2.png, animals/dog/1.png, ...
//
//   ImageFolder animals("animals");
//   auto loader = make_data_loader(animals.map(RandomCrop<>({32, 32}, 4)).map(Stack<>()), 64);
#pragma once

#include <taper/data/datasets/base.h>

#include <memory>
#include <string>

namespace taper::data::datasets {

// Samples are {data [channels, H, W] float32 in [0, 1], target [] int64}. Classes are numbered in the order of their
// names (by bytes), samples are sorted by class, then by folder, then by name, as in torchvision. An image is read on
// access, by the worker that needs it; images may differ in size (a transform must make them equal for Stack).
class TAPER_API ImageFolder : public Dataset<ImageFolder> {
 public:
  // Lists the files *.png (in any case) below each sub-folder of `root`, recursively, without following links to
  // folders; names that begin with a dot are skipped. `channels`: 3, 1 (grey), converted as by read_png, or 0: as in
  // each file. `max_bytes`: of an image, as for read_png.
  // Throws Error when root is not a folder or has no sub-folder, when a class has no images, and for unreadable folders
  // and dangling links; ValueError for other numbers of channels.
  explicit ImageFolder(const std::string& root, int64_t channels = 3, optional<uint64_t> max_bytes = nullopt);

  // Throws Error, naming the file, when it cannot be read (read_png).
  Example<> get(size_t index) override;
  optional<size_t> size() const override { return list_->files.size(); }

  // The names of the classes: classes()[target].
  const std::vector<std::string>& classes() const { return list_->classes; }
  // The index of a class. Throws ValueError, listing the first ten classes, for an unknown name.
  int64_t class_to_idx(const std::string& name) const;
  // The path of each sample.
  const std::vector<std::string>& files() const { return list_->files; }
  // All labels, [N] int64.
  const Tensor& targets() const { return list_->targets; }

 private:
  struct List {
    std::vector<std::string> classes, files;
    Tensor targets;
  };
  std::shared_ptr<const List> list_;  // of all copies
  int64_t channels_;
  optional<uint64_t> max_bytes_;
};

}  // namespace taper::data::datasets
