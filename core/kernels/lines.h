// Lines along a dimension of a row-major tensor, [outer, n, inner]: n elements each, `inner` apart. Internal.
#pragma once

#include <taper/core/array_ref.h>

namespace taper::kernels {

struct Lines {
  int64_t outer = 1, n = 1, inner = 1;

  Lines(IntArrayRef sizes, int64_t dim) {
    for (size_t d = 0; d < sizes.size(); ++d) {
      (static_cast<int64_t>(d) < dim ? outer : static_cast<int64_t>(d) == dim ? n : inner) *= sizes[d];
    }
  }
  int64_t count() const { return outer * inner; }
  // The first element of a line in a tensor of `size` elements along the dimension.
  int64_t start(int64_t line, int64_t size) const { return line / inner * size * inner + line % inner; }
};

}  // namespace taper::kernels
