// ImageFolder: PNG files in one sub-folder for each class.
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
// names (by bytes), samples come class by class in the order of their folders, then of their names, as in torchvision.
// A picture is read when it is asked for, by the worker that needs it; pictures may differ in size (a transform makes
// them equal for Stack).
class TAPER_API ImageFolder : public Dataset<ImageFolder> {
 public:
  // Lists the files *.png (also .PNG) below each sub-folder of `root`, folders within it included, links to folders
  // not; names that begin with a dot are passed over. `channels`: 3, 1 (grey), as read_png converts them, or 0: as in
  // each file.
  // Throws Error when root is no folder or has no sub-folder, when a class has no pictures, and for folders that cannot
  // be read and links that lead nowhere; ValueError for other numbers of channels.
  // `max_bytes`: of a picture, as for read_png.
  explicit ImageFolder(const std::string& root, int64_t channels = 3, optional<uint64_t> max_bytes = nullopt);

  // Throws Error, naming the file, when it cannot be read (read_png).
  Example<> get(size_t index) override;
  optional<size_t> size() const override { return list_->files.size(); }

  // The names of the classes: classes()[target].
  const std::vector<std::string>& classes() const { return list_->classes; }
  // The number of a class. Throws ValueError, listing the first ten, for another name.
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
