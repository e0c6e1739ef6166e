#include <taper/data/datasets/image_folder.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/png.h>
#include <taper/serialize/text_internal.h>

#include <strings.h>

#include <algorithm>
#include <filesystem>

namespace taper::data::datasets {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool is_png(const fs::path& path) { return ::strcasecmp(path.extension().c_str(), ".png") == 0; }

[[noreturn]] void cannot_list(const std::string& path, const char* what, const std::error_code& error) {
  throw Error(taper::detail::str("ImageFolder: ", path, ": must be a readable ", what, "; got: ", error.message()));
}

// What the path leads to. A link to nothing or in a circle is an error: samples would be missing without a word.
fs::file_type type_of(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (error) cannot_list(path.string(), "file or folder", error);
  return type;
}

// f(path) for what is in `folder`, but for hidden names.
template <class F>
void for_each_in(const fs::path& folder, const F& f) {
  std::error_code error;
  auto at = fs::directory_iterator(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (!is_hidden(at->path())) f(at->path());
  }
  if (error) cannot_list(folder.string(), "folder", error);
}

std::vector<std::string> list_classes(const std::string& root) {
  std::vector<std::string> classes;
  for_each_in(root, [&](const fs::path& path) {
    if (type_of(path) == fs::file_type::directory) classes.push_back(path.filename().string());
  });
  std::sort(classes.begin(), classes.end());
  return classes;
}

// Folder and name of every picture below `folder`.
void find_pictures(const fs::path& folder, std::vector<std::pair<std::string, std::string>>& found) {
  std::vector<fs::path> folders;
  for_each_in(folder, [&](const fs::path& path) {
    std::error_code error;
    if (fs::symlink_status(path, error).type() == fs::file_type::directory) {
      folders.push_back(path);
    } else if (is_png(path) && type_of(path) == fs::file_type::regular) {
      found.emplace_back(folder.string(), path.filename().string());
    }
  });
  for (const fs::path& sub : folders) find_pictures(sub, found);
}

std::vector<std::string> list_pictures(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> found;
  find_pictures(folder, found);
  std::sort(found.begin(), found.end());
  std::vector<std::string> files;
  files.reserve(found.size());
  for (const auto& [parent, name] : found) files.push_back((fs::path(parent) / name).string());
  return files;
}

}  // namespace

ImageFolder::ImageFolder(const std::string& root, int64_t channels, optional<uint64_t> max_bytes)
    : channels_(channels), max_bytes_(max_bytes) {
  TAPER_CHECK_VALUE(channels == 0 || channels == 1 || channels == 3,
                    "ImageFolder: channels must be 1 (grey), 3 (colour) or 0 (as in the files); got ", channels);
  auto list = std::make_shared<List>();
  std::vector<int64_t> targets;
  std::vector<std::string> empty_classes;
  std::error_code error;
  const fs::file_type type = fs::status(root, error).type();
  TAPER_CHECK(type == fs::file_type::directory, "ImageFolder: ", root, ": must be a folder with a sub-folder of PNG ",
              "files for each class; ",
              type == fs::file_type::not_found || !error ? "there is no such folder"
                                                         : taper::detail::str("got: ", error.message()));
  list->classes = list_classes(root);
  for (const std::string& name : list->classes) {
    std::vector<std::string> files = list_pictures(fs::path(root) / name);
    if (files.empty()) empty_classes.push_back(name);
    targets.resize(targets.size() + files.size(), static_cast<int64_t>(&name - list->classes.data()));
    std::move(files.begin(), files.end(), std::back_inserter(list->files));
  }
  TAPER_CHECK(!list->classes.empty(), "ImageFolder: ", root,
              ": must have a sub-folder of PNG files for each class; it has none");
  TAPER_CHECK(empty_classes.empty(), "ImageFolder: ", root,
              ": each class must have at least one PNG file; got none in ", serialize::detail::quoted(empty_classes),
              "; other formats must be converted first, folders that are no class moved away");
  list->targets = tensor(ArrayRef<int64_t>(targets));
  list_ = std::move(list);
}

Example<> ImageFolder::get(size_t index) {
  detail::check_index("ImageFolder", index, list_->files.size());
  return {read_png(list_->files[index], channels_, max_bytes_).to(kFloat32) / 255.0,
          list_->targets[static_cast<int64_t>(index)]};
}

int64_t ImageFolder::class_to_idx(const std::string& name) const {
  const auto at = std::lower_bound(list_->classes.begin(), list_->classes.end(), name);
  TAPER_CHECK_VALUE(at != list_->classes.end() && *at == name, "ImageFolder: the class must be one of ",
                    serialize::detail::quoted(list_->classes), "; got '", name, "'");
  return at - list_->classes.begin();
}

}  // namespace taper::data::datasets
