#include <taper/data/datasets/image_folder.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/png.h>

#include <algorithm>
#include <filesystem>

namespace taper::data::datasets {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool is_png(const fs::path& path) {
  const std::string ending = path.extension().string();
  constexpr const char* kPng = ".png";
  return ending.size() == 4 && std::equal(ending.begin(), ending.end(), kPng, [](char a, char b) {
           return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
         });
}

std::vector<std::string> list_classes(const std::string& root) {
  std::vector<std::string> classes;
  for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
    if (entry.is_directory() && !is_hidden(entry.path())) classes.push_back(entry.path().filename().string());
  }
  std::sort(classes.begin(), classes.end());
  return classes;
}

std::vector<std::string> list_pictures(const fs::path& folder) {
  std::vector<std::string> files;
  for (auto at = fs::recursive_directory_iterator(folder); at != fs::recursive_directory_iterator(); ++at) {
    if (is_hidden(at->path())) {
      at.disable_recursion_pending();
    } else if (is_png(at->path()) && at->is_regular_file()) {
      files.push_back(at->path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string joined(const std::vector<std::string>& names) {
  constexpr size_t kMost = 10;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kMost ? text + ", ..." : text;
}

}  // namespace

ImageFolder::ImageFolder(const std::string& root, int64_t channels) : channels_(channels) {
  TAPER_CHECK_VALUE(channels == 0 || channels == 1 || channels == 3,
                    "ImageFolder: channels must be 1 (grey), 3 (colour) or 0 (as in the files); got ", channels);
  auto list = std::make_shared<List>();
  std::vector<int64_t> targets;
  std::vector<std::string> empty_classes;
  try {
    TAPER_CHECK(fs::is_directory(root), "ImageFolder: ", root, ": must be a folder with a sub-folder of PNG files for ",
                "each class; there is no such folder");
    list->classes = list_classes(root);
    for (const std::string& name : list->classes) {
      std::vector<std::string> files = list_pictures(fs::path(root) / name);
      if (files.empty()) empty_classes.push_back(name);
      targets.resize(targets.size() + files.size(), static_cast<int64_t>(&name - list->classes.data()));
      std::move(files.begin(), files.end(), std::back_inserter(list->files));
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(taper::detail::str("ImageFolder: ", error.path1().string(),
                                   ": must be a readable folder; got: ", error.code().message()));
  }
  TAPER_CHECK(!list->classes.empty(), "ImageFolder: ", root,
              ": must have a sub-folder of PNG files for each class; it has none");
  TAPER_CHECK(empty_classes.empty(), "ImageFolder: ", root,
              ": each class must have at least one PNG file; got none in ", joined(empty_classes),
              "; other formats must be converted first, folders that are no class moved away");
  list->targets = tensor(ArrayRef<int64_t>(targets));
  list_ = std::move(list);
}

Example<> ImageFolder::get(size_t index) {
  TAPER_CHECK_INDEX(index < list_->files.size(), "ImageFolder: the index must be below the number of samples; got ",
                    index, " and ", list_->files.size(), " samples");
  return {read_png(list_->files[index], channels_).to(kFloat32) / 255.0, list_->targets[static_cast<int64_t>(index)]};
}

int64_t ImageFolder::class_to_idx(const std::string& name) const {
  const auto at = std::lower_bound(list_->classes.begin(), list_->classes.end(), name);
  TAPER_CHECK_VALUE(at != list_->classes.end() && *at == name, "ImageFolder: the class must be one of ",
                    joined(list_->classes), "; got ", name);
  return at - list_->classes.begin();
}

}  // namespace taper::data::datasets
