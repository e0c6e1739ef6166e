// Padding: constant borders, and the modes whose borders are copies.
#include <taper/autograd/functions.h>

#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor image = leaf({1, 2, 3, 4});
  // squares: padding itself is linear, and its second derivative nothing
  const auto row = [&](const char* name, const char* node, std::vector<int64_t> border, const char* mode) {
    return Row{name,
               node,
               [=](const List& in) {
                 const Tensor y = pad(in[0], border, mode);
                 return node ? List{y, y.square()} : List{y.square()};
               },
               {image}};
  };
  return {
      row("pad", "ConstantPadNdBackward0", {1, 2, 0, 1}, "constant"),
      row("pad, cutting off", "ConstantPadNdBackward0", {-1, 2, 1, -2, 1, 0}, "constant"),
      row("pad, reflect", nullptr, {3, 1, 0, 2}, "reflect"),
      row("pad, reflect, cutting off", nullptr, {-2, 3, 1, -1}, "reflect"),
      row("pad, replicate", nullptr, {5, 1, 0, 2}, "replicate"),
      row("pad, circular", nullptr, {4, 1, 3, 2}, "circular"),
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of padding, first and second") { table.check(); }
