// What a file is that was taken for something else, told by its first bytes. Internal to serialize/ and data/.
#pragma once

#include <string>
#include <string_view>

namespace taper::serialize::detail {

constexpr size_t kKindBytes = 256;  // enough to tell

// What it looks like and what to do with it, to stand behind "got "; empty for what is not known.
//   "a file of PyTorch's torch.save; convert it in Python: python3 docs/weights.py model.pt model.safetensors"
std::string file_kind(std::string_view start);

}  // namespace taper::serialize::detail
