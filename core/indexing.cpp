#include <taper/core/indexing.h>

namespace taper {

TensorIndex::TensorIndex(const char* text) : kind(Kind::Ellipsis) {
  TAPER_CHECK_INDEX(text && std::string_view(text) == "...", "index: a text among indices must be \"...\"; got ",
                    text ? text : "null");
}

}  // namespace taper
