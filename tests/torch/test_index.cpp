// x.index({...}) and x.index_put_({...}, value) against libtorch on random expressions: numbers, slices, None, "...",
// true and false, masks of one and more dims, integer tensors that broadcast, adjacent or apart, good ones and bad.
#include "catch.h"
#include "compare.h"

namespace {

using compare::Sizes;
using Engine = std::mt19937;

int64_t pick(Engine& engine, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(engine);
}
bool one_in(Engine& engine, int64_t n) { return pick(engine, 1, n) == 1; }

// One index for both sides.
struct Both {
  taper::TensorIndex ours;
  at::indexing::TensorIndex theirs;
  std::string text;
};
using Expression = std::vector<Both>;

Both of_tensor(const taper::Tensor& t, const char* what) {
  return {t, bridge::to_torch(t), what + taper::detail::str(t.sizes())};
}

std::optional<int64_t> bound(Engine& engine, int64_t size) {
  if (one_in(engine, 3)) return std::nullopt;
  return pick(engine, -size - 2, size + 2);
}

Both slice(Engine& engine, int64_t size) {
  const auto start = bound(engine, size), stop = bound(engine, size);
  const int64_t step = pick(engine, 1, 3);
  const auto theirs = [](std::optional<int64_t> v) { return v ? c10::optional<int64_t>(*v) : c10::nullopt; };
  const auto text = [](std::optional<int64_t> v) { return v ? std::to_string(*v) : ""; };
  return {taper::indexing::Slice(start, stop, step),
          at::indexing::TensorIndex(at::indexing::Slice(theirs(start), theirs(stop), step)),
          text(start) + ":" + text(stop) + ":" + std::to_string(step)};
}

// Integers of [-size, size) (rarely beyond); of sizes that broadcast with `common`.
Both integers(Engine& engine, int64_t size, const Sizes& common) {
  Sizes sizes(common.end() - pick(engine, 0, static_cast<int64_t>(common.size())), common.end());
  for (int64_t& s : sizes) {
    if (one_in(engine, 3)) s = 1;
  }
  if (one_in(engine, 30)) sizes.push_back(3);
  const taper::Tensor t = taper::empty(sizes, taper::kInt64);
  const int64_t beyond = one_in(engine, 40) ? 1 : 0;
  for (int64_t i = 0; i < t.numel(); ++i) {
    t.data_ptr<int64_t>()[i] = size == 0 ? 0 : pick(engine, -size - beyond, size - 1 + beyond);
  }
  return of_tensor(one_in(engine, 4) ? compare::scattered(t) : t, "ints");
}

Both mask(Engine& engine, Sizes sizes) {
  if (!sizes.empty() && one_in(engine, 30)) sizes[0] += 1;
  const taper::Tensor t = taper::empty(sizes, taper::kBool);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<bool>()[i] = one_in(engine, 2);
  return of_tensor(one_in(engine, 25) ? t.to(taper::kUInt8) : t, "mask");
}

Expression random_expression(Engine& engine, const Sizes& x) {
  Expression e;
  Sizes common;
  for (int64_t n = pick(engine, 1, 2); n > 0; --n) common.push_back(one_in(engine, 12) ? 0 : pick(engine, 1, 3));
  bool has_ellipsis = false;
  const auto extras = [&] {
    if (one_in(engine, 6)) e.push_back({taper::indexing::None, at::indexing::None, "None"});
    if (one_in(engine, 25)) e.push_back({true, true, "true"});
    if (one_in(engine, 40)) e.push_back({false, false, "false"});
    if (!has_ellipsis && one_in(engine, 6)) {
      e.push_back({taper::indexing::Ellipsis, at::indexing::Ellipsis, "..."});
      has_ellipsis = true;
    }
  };
  size_t d = 0;
  const size_t used =
      static_cast<size_t>(pick(engine, 0, static_cast<int64_t>(x.size()) + (one_in(engine, 20) ? 1 : 0)));
  while (d < used) {
    extras();
    const int64_t size = d < x.size() ? x[d] : 2;
    switch (pick(engine, 0, 6)) {
      case 0: {
        const int64_t i = one_in(engine, 40) ? size + 1 : pick(engine, -size, std::max<int64_t>(0, size - 1));
        e.push_back({i, i, std::to_string(i)});
        break;
      }
      case 1:
      case 2: e.push_back(slice(engine, size)); break;
      case 3:
        if (d + 1 < x.size() && one_in(engine, 2)) {
          // The last one: libtorch counts a mask of two dims as one for what comes behind it.
          e.push_back(mask(engine, {size, x[d + 1]}));
          return e;
        } else {
          e.push_back(mask(engine, {size}));
        }
        break;
      default: e.push_back(integers(engine, size, common));
    }
    ++d;
  }
  extras();
  if (e.empty()) e.push_back({taper::indexing::None, at::indexing::None, "None"});
  return e;
}

struct Case {
  taper::Tensor x;
  std::vector<taper::TensorIndex> ours;
  std::vector<at::indexing::TensorIndex> theirs;
  std::string text;
};

Case random_case(Engine& engine) {
  Sizes sizes;
  for (int64_t n = pick(engine, 0, 4) + pick(engine, 0, 1); n > 0; --n)
    sizes.push_back(one_in(engine, 15) ? 0 : pick(engine, 1, 4));
  Case c;
  c.x = compare::draw(sizes, {-2, 2}, compare::Values::Uniform, engine);
  if (one_in(engine, 3)) c.x = compare::scattered(c.x);
  c.text = taper::detail::str(c.x.sizes(), " [");
  for (const Both& b : random_expression(engine, sizes)) {
    c.ours.push_back(b.ours);
    c.theirs.push_back(b.theirs);
    c.text += b.text + ", ";
  }
  c.text += "]";
  return c;
}

constexpr int kCases = 3000;

}  // namespace

TEST_CASE("random index expressions read what libtorch reads, with the same gradients") {
  Engine engine(11);
  int good = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = random_case(engine);
    INFO("case " << i << ": " << c.text);
    const taper::Tensor x = c.x.detach().requires_grad_();
    const at::Tensor tx = bridge::to_torch(c.x).requires_grad_();
    taper::Tensor y;
    at::Tensor ty;
    std::string why;
    const bool ours = compare::throws("taper", why, [&] { y = x.index(c.ours); });
    const bool theirs = compare::throws("libtorch", why, [&] { ty = tx.index(c.theirs); });
    INFO(why);
    CHECK(ours == theirs);
    if (ours || theirs) continue;
    ++good;
    CHECK(compare::relative_difference(y, ty) == 0);
    CHECK(y.is_alias_of(x) == ty.is_alias_of(tx));
    if (y.sizes().vec() != ty.sizes().vec()) continue;
    const taper::Tensor dy = compare::draw(y.sizes().vec(), {-1, 1}, compare::Values::Uniform, engine);
    y.backward(dy);
    ty.backward(bridge::to_torch(dy));
    CHECK(compare::relative_difference(x.grad(), tx.grad()) < 1e-12);
  }
  CHECK(good > kCases / 2);
}

TEST_CASE("random index expressions write where libtorch writes, with the same gradients") {
  Engine engine(12);
  int good = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = random_case(engine);
    // Sizes of the place, and whether a point occurs in it twice: what stays there then libtorch does not promise.
    Sizes sizes;
    at::Tensor places;  // each once
    bool unique = true, nothing = false;
    try {
      const at::Tensor numbers = torch::arange(c.x.numel()).view(c.x.sizes().vec()).index(c.theirs).flatten();
      nothing = numbers.numel() == 0;
      sizes = torch::empty(c.x.sizes().vec()).index(c.theirs).sizes().vec();
      places = std::get<0>(at::_unique(numbers));
      unique = places.numel() == numbers.numel();
    } catch (const std::exception&) {
    }
    const bool accumulate = one_in(engine, 2);
    if (!unique && !accumulate) sizes = {};
    while (!sizes.empty() && one_in(engine, 4)) sizes.erase(sizes.begin());
    for (int64_t& s : sizes) {
      if (one_in(engine, 5)) s = 1;
    }
    if (one_in(engine, 10)) sizes.insert(sizes.begin(), 1);
    if (one_in(engine, 30)) sizes.push_back(2);
    const taper::Tensor value = compare::draw(sizes, {-2, 2}, compare::Values::Uniform, engine);
    INFO("case " << i << ": " << c.text << (accumulate ? " += " : " = ") << taper::detail::str(value.sizes()));

    const taper::Tensor x = c.x.detach().requires_grad_(), v = value.detach().requires_grad_();
    const at::Tensor tx = bridge::to_torch(c.x).requires_grad_(), tv = bridge::to_torch(value).requires_grad_();
    taper::Tensor y = x * 1;
    at::Tensor ty = tx * 1;
    std::string why;
    const bool ours = compare::throws("taper", why, [&] { y.index_put_(c.ours, v, accumulate); });
    const bool theirs = compare::throws("libtorch", why, [&] {
      // Without a flag in libtorch's expressions: the accumulating form takes tensors alone.
      if (accumulate) {
        at::Tensor place = ty.index(c.theirs), fitted = tv;
        while (fitted.dim() > place.dim() && fitted.size(0) == 1) fitted = fitted.squeeze(0);
        if (place.is_alias_of(ty)) {
          place.add_(fitted);
        } else {
          const at::Tensor numbers = torch::arange(ty.numel()).view(ty.sizes()).index(c.theirs);
          ty = ty.flatten().index_add(0, numbers.flatten(), fitted.expand(numbers.sizes()).flatten()).view(ty.sizes());
        }
      } else {
        ty.index_put_(c.theirs, tv);
      }
    });
    INFO(why);
    if (nothing && ours && !theirs) continue;  // where nothing is written libtorch takes values of any sizes
    CHECK(ours == theirs);
    if (ours || theirs) continue;
    ++good;
    CHECK(compare::relative_difference(y, ty) < 1e-12);
    const taper::Tensor dy = compare::draw(y.sizes().vec(), {-1, 1}, compare::Values::Uniform, engine);
    if (y.dim() != ty.dim()) continue;
    y.backward(dy);
    ty.backward(bridge::to_torch(dy));
    // One value that is written to a place twice counts once; libtorch counts it twice.
    if (!unique && !accumulate) {
      if (v.numel() != 1) continue;
      tv.mutable_grad() = bridge::to_torch(dy).flatten().index_select(0, places).sum().expand_as(tv);
    }
    for (const auto& [a, b] : {std::pair(x, tx), std::pair(v, tv)}) {
      CHECK((a.grad().defined() || !b.grad().defined()));
      const taper::Tensor ga = a.grad().defined() ? a.grad() : taper::zeros_like(a);
      const at::Tensor gb = b.grad().defined() ? b.grad() : torch::zeros_like(b);
      CHECK(compare::relative_difference(ga, gb) < 1e-12);
    }
  }
  CHECK(good > kCases / 2);
}
