// The shapes and orders of tensors: sorting, selecting, scattering, rearranging, indexing, as programs use them.
#include <torch/torch.h>

#include <iostream>

using namespace torch::indexing;

// Non-maximum suppression of boxes [x1, y1, x2, y2]: what a detector does with its scores.
torch::Tensor nms(const torch::Tensor& boxes, const torch::Tensor& scores, double threshold) {
  const auto area = (boxes.select(1, 2) - boxes.select(1, 0)) * (boxes.select(1, 3) - boxes.select(1, 1));
  auto order = scores.argsort(-1, /*descending=*/true);
  std::vector<torch::Tensor> kept;
  while (order.numel() > 0) {
    const auto best = order[0];
    kept.push_back(best);
    const auto rest = order.index({Slice(1)});
    const auto others = boxes.index_select(0, rest), box = boxes[best.item<int64_t>()];
    const auto low = torch::maximum(others.index({Slice(), Slice(None, 2)}), box.index({Slice(None, 2)}));
    const auto high = torch::minimum(others.index({Slice(), Slice(2)}), box.index({Slice(2)}));
    const auto common = (high - low).clamp_min(0).select(1, 0) * (high - low).clamp_min(0).select(1, 1);
    const auto overlap = common / (area[best.item<int64_t>()] + area.index_select(0, rest) - common);
    order = rest.masked_select(overlap <= threshold);
  }
  return torch::stack(kept);
}

int main() {
  torch::manual_seed(3);
  const auto x = torch::randn({3, 5});
  const auto [sorted, order] = x.sort(1);
  std::cout << sorted << '\n' << order << '\n' << torch::equal(x.gather(1, order), sorted) << '\n';
  const auto [best, where] = torch::topk(x, 2);
  std::cout << best << '\n' << where << '\n';
  std::cout << std::get<0>(x.kthvalue(2, 1)) << x.median() << std::get<1>(x.median(0)) << '\n';

  // Accuracy among the first two, as image classifiers report it.
  const auto target = torch::tensor({4, 0, 2}, torch::kLong);
  std::cout << where.eq(target.unsqueeze(1)).any(1).sum().item<int64_t>() << '\n';
  // One-hot vectors by scatter_, means per class by index_add_ and bincount.
  std::cout << torch::zeros({3, 5}).scatter_(1, target.unsqueeze(1), 1) << '\n';
  const auto classes = torch::tensor({1, 0, 1}, torch::kLong);
  const auto sums = torch::zeros({2, 5}).index_add_(0, classes, x);
  std::cout << sums / torch::bincount(classes, {}, 2).unsqueeze(1) << '\n';
  std::cout << torch::zeros({2, 5}).scatter_reduce(0, classes.unsqueeze(1).expand({3, 5}), x, "amax", false) << '\n';

  const auto image = torch::arange(12, torch::kFloat).view({1, 3, 4});
  std::cout << image.flip({2}) << image.roll(1, 2) << torch::rot90(image, 1, {1, 2}) << '\n';
  std::cout << image.unfold(1, 2, 1).unfold(2, 2, 2).sizes() << image.repeat({2, 1, 2}).sizes()
            << image.movedim(0, -1).sizes() << image.unflatten(2, {2, 2}).sizes() << '\n';
  std::cout << torch::tril(torch::ones({3, 3})) << torch::diag(torch::arange(1, 4)) << '\n';
  std::cout << torch::repeat_interleave(torch::arange(3), torch::tensor({2, 0, 1}, torch::kLong)) << '\n';
  for (const auto& grid : torch::meshgrid({torch::arange(2), torch::arange(3)}, "xy")) std::cout << grid << '\n';
  std::cout << torch::hstack({torch::ones({2, 1}), torch::zeros({2, 2})}) << torch::vstack({x[0], x[1]}).sizes()
            << '\n';
  const auto [values, inverse, counts] = at::_unique2(torch::tensor({3, 1, 3, 7}, torch::kLong), true, true, true);
  std::cout << values << inverse << counts << '\n';
  std::cout << torch::searchsorted(torch::tensor({1.0, 2.0, 4.0}), torch::tensor({0.5, 2.0, 9.0})) << '\n';
  std::cout << torch::isin(torch::arange(4), torch::tensor({1, 3}, torch::kLong)) << '\n';

  const auto boxes = torch::tensor({{0., 0., 4., 4.}, {1., 1., 5., 5.}, {8., 8., 9., 9.}, {0., 0., 4., 5.}});
  std::cout << nms(boxes, torch::tensor({0.9, 0.5, 0.4, 0.8}), 0.3) << '\n';

  // A gradient through all of them.
  auto w = torch::ones({3, 5}, torch::requires_grad());
  auto y = std::get<0>((w * x).sort(1, true)).flip(1).roll(1, 0).tril();
  y = y.index_put({torch::tensor({0, 2}, torch::kLong)}, torch::zeros({5})).index({"...", Slice(None, None, 2)});
  y.square().sum().backward();
  std::cout << w.grad() << '\n';
}
