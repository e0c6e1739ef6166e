// Convolutions: every option, the transposed ones, and the gradients' own gradients.
#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const auto bias = [](const List& in) { return in.size() > 2 ? in[2] : Tensor(); };
  const auto plain = [=](IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, int64_t groups) {
    return [=, s = stride.vec(), p = padding.vec(), d = dilation.vec()](const List& in) {
      return List{in[1].dim() == 3 ? conv1d(in[0], in[1], bias(in), s, p, d, groups)
                                   : conv2d(in[0], in[1], bias(in), s, p, d, groups)};
    };
  };
  const auto transposed = [=](IntArrayRef stride, IntArrayRef padding, IntArrayRef output_padding, IntArrayRef dilation,
                              int64_t groups) {
    return [=, s = stride.vec(), p = padding.vec(), o = output_padding.vec(), d = dilation.vec()](const List& in) {
      return List{in[1].dim() == 3 ? conv_transpose1d(in[0], in[1], bias(in), s, p, o, groups, d)
                                   : conv_transpose2d(in[0], in[1], bias(in), s, p, o, groups, d)};
    };
  };
  const auto same = [=](const List& in) {
    return List{in[1].dim() == 3 ? conv1d(in[0], in[1], bias(in), 1, "same") : conv2d(in[0], in[1], {}, 1, "same", 2)};
  };
  const auto gradients = [](const List& in) {
    const AutoGradMode recording(true);  // also for the differences
    List x;
    for (const Tensor& t : in) x.push_back(t.requires_grad() ? t : t.detach().requires_grad_());
    return List(autograd::grad({conv2d(x[0], x[1], {}, 2, 1)}, {x[0], x[1]}, {x[2]}, true, true));
  };
  const char* const node = "ConvolutionBackward0";
  return {
      {"conv1d", node, plain(1, 0, 1, 1), {leaf({2, 2, 5}), leaf({3, 2, 3}), leaf({3})}},
      {"conv1d, all options", node, plain(2, 1, 2, 2), {leaf({2, 4, 6}), leaf({2, 2, 2}), leaf({2})}},
      {"conv1d, one sample", "SqueezeBackward1", plain(1, 1, 1, 1), {leaf({2, 4}), leaf({3, 2, 3}), leaf({3})}},
      {"conv1d, same", node, same, {leaf({1, 2, 5}), leaf({2, 2, 4}), leaf({2})}},
      {"conv2d", node, plain(1, 0, 1, 1), {leaf({2, 2, 3, 4}), leaf({3, 2, 2, 3}), leaf({3})}},
      {"conv2d without bias", node, plain(1, 1, 1, 1), {leaf({1, 2, 3, 3}), leaf({2, 2, 3, 3})}},
      {"conv2d, stride", node, plain({2, 3}, {1, 2}, 1, 1), {leaf({1, 2, 5, 4}), leaf({2, 2, 3, 2}), leaf({2})}},
      {"conv2d, rows left over", node, plain(3, 0, 1, 1), {leaf({1, 1, 6, 5}), leaf({1, 1, 2, 2})}},
      {"conv2d, dilation", node, plain({2, 1}, {2, 1}, {2, 3}, 1), {leaf({1, 1, 4, 5}), leaf({2, 1, 3, 2}), leaf({2})}},
      {"conv2d, groups", node, plain(1, {0, 1}, 1, 2), {leaf({2, 4, 3, 2}), leaf({2, 2, 2, 2}), leaf({2})}},
      {"conv2d, each channel by itself", node, plain(1, 1, 1, 3), {leaf({2, 3, 2, 3}), leaf({6, 1, 2, 2})}},
      {"conv2d, one image", "SqueezeBackward1", plain(2, 1, 1, 1), {leaf({2, 3, 3}), leaf({2, 2, 2, 2}), leaf({2})}},
      {"conv2d of 1 x 1", node, plain(1, 0, 1, 1), {leaf({2, 3, 2, 2}), leaf({2, 3, 1, 1}), leaf({2})}},
      {"conv2d, same", node, same, {leaf({1, 2, 4, 3}), leaf({2, 2, 2, 3})}},
      {"conv_transpose1d", node, transposed(2, 1, 1, 1, 1), {leaf({2, 2, 3}), leaf({2, 3, 3}), leaf({3})}},
      {"conv_transpose1d, one sample", "SqueezeBackward1", transposed(3, 0, 0, 2, 1), {leaf({2, 3}), leaf({2, 2, 2})}},
      {"conv_transpose2d", node, transposed(1, 0, 0, 1, 1), {leaf({2, 2, 2, 2}), leaf({2, 2, 2, 3}), leaf({2})}},
      {"conv_transpose2d, all options",
       node,
       transposed({2, 3}, {1, 2}, {1, 0}, {1, 2}, 2),
       {leaf({1, 4, 3, 2}), leaf({4, 2, 2, 3}), leaf({4})}},
      {"conv_transpose2d, gaps", node, transposed(3, 0, 2, 1, 1), {leaf({1, 1, 2, 2}), leaf({1, 2, 2, 1}), leaf({2})}},
      {"gradient of a conv2d", nullptr, gradients, {leaf({1, 2, 4, 3}), leaf({2, 2, 3, 2}), leaf({1, 2, 2, 2})}},
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of convolutions, first and second") { table.check(); }
