// einsum and tensordot: products of tensors summed over shared dimensions, as permutations around one bmm each.
#include <taper/autograd/ops/ops_internal.h>

#include <algorithm>

namespace taper {

using namespace autograd;

namespace {

// A dimension's name: A to Z, a to z, then those that `...` covers, so that their order is that of the result.
constexpr int kEllipsis = 0, kLetters = 64;  // an ellipsis covers at most 64 dims
using Labels = std::vector<int>;

int label_of(char c, std::string_view equation) {
  const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
  TAPER_CHECK_VALUE(upper || lower, "einsum: dimensions must be named by letters; got '", std::string(1, c), "' in \"",
                    equation, "\"");
  return kLetters + (upper ? c - 'A' : 26 + c - 'a');
}

bool has(const Labels& labels, int label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }
int64_t dim_of(const Labels& labels, int label) {
  return std::find(labels.begin(), labels.end(), label) - labels.begin();
}
Labels joined(Labels first, const Labels& second, const Labels& third) {
  first.insert(first.end(), second.begin(), second.end());
  first.insert(first.end(), third.begin(), third.end());
  return first;
}
Labels without(const Labels& labels, const Labels& some, const Labels& others) {
  Labels rest;
  for (const int label : labels) {
    if (!has(some, label) && !has(others, label)) rest.push_back(label);
  }
  return rest;
}

// A tensor with a name for each of its dimensions.
struct Named {
  Tensor x;
  Labels labels;

  int64_t size(int label) const { return x.size(dim_of(labels, label)); }
  int64_t numel(const Labels& of) const {
    int64_t product = 1;
    for (const int label : of) product *= size(label);
    return product;
  }
  void drop(int label, bool summed) {
    const int64_t d = dim_of(labels, label);
    x = summed ? sum(x, d) : x.squeeze(d);
    labels.erase(labels.begin() + d);
  }
  // x with these dimensions alone, in this order; those it lacks have size 1.
  Tensor arranged(const Labels& order) const {
    DimVector dims;
    for (const int label : order) {
      if (has(labels, label)) dims.push_back(dim_of(labels, label));
    }
    Tensor y = x.permute(dims);
    for (size_t d = 0; d < order.size(); ++d) {
      if (!has(labels, order[d])) y = y.unsqueeze(static_cast<int64_t>(d));
    }
    return y;
  }
};

// One term of the left side, whose ellipsis covers the last `ellipsis` of the `most` dims that any ellipsis covers.
Labels parse_term(std::string_view term, std::string_view equation, int64_t ellipsis, int64_t most) {
  Labels labels;
  bool dots = false;
  for (size_t i = 0; i < term.size(); ++i) {
    if (term[i] == ' ') continue;
    if (term[i] != '.') {
      labels.push_back(label_of(term[i], equation));
      continue;
    }
    TAPER_CHECK_VALUE(term.substr(i, 3) == "..." && !dots, "einsum: dots must come as one `...` per term; got \"",
                      equation, "\"");
    dots = true;
    i += 2;
    for (int64_t d = most - ellipsis; d < most; ++d) labels.push_back(kEllipsis + static_cast<int>(d));
  }
  return labels;
}

// The product of two: batch dims are in both and needed later, summed ones are in both and not needed.
Named contract(Named a, Named b, const Labels& needed) {
  Labels batch, summed;
  for (const int label : Labels(a.labels)) {
    if (!has(b.labels, label)) continue;
    const bool keep = has(needed, label);
    if (a.size(label) == b.size(label)) {
      (keep ? batch : summed).push_back(label);
    } else {  // one of them has size 1, and broadcasts
      Named &one = a.size(label) == 1 ? a : b, &other = a.size(label) == 1 ? b : a;
      one.drop(label, false);
      if (!keep) other.drop(label, true);
    }
  }
  const Labels only_a = without(a.labels, batch, summed), only_b = without(b.labels, batch, summed);
  const Labels labels = joined(batch, only_a, only_b);
  if (summed.empty()) return {a.arranged(labels) * b.arranged(labels), labels};

  DimVector sizes;
  for (const int label : labels) sizes.push_back(has(a.labels, label) ? a.size(label) : b.size(label));
  const int64_t B = a.numel(batch), I = a.numel(only_a), K = a.numel(summed), J = b.numel(only_b);
  const Tensor left = a.arranged(joined(batch, only_a, summed)), right = b.arranged(joined(batch, summed, only_b));
  const Tensor y = batch.empty() ? mm(left.reshape({I, K}), right.reshape({K, J}))
                                 : bmm(left.reshape({B, I, K}), right.reshape({B, K, J}));
  return {y.reshape(sizes), labels};
}

}  // namespace

Tensor einsum(std::string_view equation, TensorList operands) {
  TAPER_CHECK_VALUE(!operands.empty(), "einsum: at least one operand must be given; got none for \"", equation, "\"");
  const size_t arrow = equation.find("->");
  const std::string_view left = equation.substr(0, arrow);

  std::vector<std::string_view> terms;
  for (size_t begin = 0; begin <= left.size();) {
    const size_t end = std::min(left.find(',', begin), left.size());
    terms.push_back(left.substr(begin, end - begin));
    begin = end + 1;
  }
  TAPER_CHECK_VALUE(terms.size() == operands.size(), "einsum: there must be as many operands as terms; got ",
                    operands.size(), " operands for \"", equation, "\"");

  // How many dims each `...` covers.
  DimVector covered(terms.size());
  int64_t most = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    int64_t letters = 0;
    bool dots = false;
    for (const char c : terms[i]) {
      letters += c != '.' && c != ' ';
      dots = dots || c == '.';
    }
    const int64_t rank = operands[i].dim();
    TAPER_CHECK_VALUE(dots ? letters <= rank : letters == rank, "einsum: the term \"", terms[i], "\" of \"", equation,
                      "\" must name every dimension of operand ", i, "; got sizes ", operands[i].sizes());
    TAPER_CHECK_VALUE(rank <= kLetters, "einsum: at most ", kLetters, " dimensions; got ", rank);
    if (dots) covered[i] = rank - letters;
    most = std::max(most, covered[i]);
  }

  std::vector<Named> parts;
  int uses[kLetters + 52] = {};
  int64_t sizes[kLetters + 52];
  std::fill(std::begin(sizes), std::end(sizes), int64_t{1});
  for (size_t i = 0; i < terms.size(); ++i) {
    Named part{operands[i], parse_term(terms[i], equation, covered[i], most)};
    for (const int label : part.labels) ++uses[label];
    for (size_t d = 0; d < part.labels.size();) {  // a letter twice is a diagonal, which becomes the last dim
      const int label = part.labels[d];
      const auto again = std::find(part.labels.begin() + static_cast<int64_t>(d) + 1, part.labels.end(), label);
      if (again == part.labels.end()) {
        ++d;
        continue;
      }
      const auto e = again - part.labels.begin(), first = static_cast<int64_t>(d);
      TAPER_CHECK_VALUE(part.x.size(first) == part.x.size(e),
                        "einsum: dimensions of one letter must have one size; got ", part.x.size(first), " and ",
                        part.x.size(e), " in operand ", i, " of \"", equation, "\"");
      part.x = part.x.diagonal(0, first, e);
      part.labels.erase(again);
      part.labels.erase(part.labels.begin() + first);
      part.labels.push_back(label);
    }
    for (const int label : part.labels) {
      const int64_t size = part.size(label);
      TAPER_CHECK_VALUE(sizes[label] == 1 || size == 1 || sizes[label] == size,
                        "einsum: dimensions of one letter must have one size, or 1; got ", sizes[label], " and ", size,
                        " in operand ", i, " of \"", equation, "\"");
      if (size != 1) sizes[label] = size;
    }
    parts.push_back(std::move(part));
  }

  Labels out;
  if (arrow != std::string_view::npos) {
    out = parse_term(equation.substr(arrow + 2), equation, most, most);
    for (const int label : out) {
      TAPER_CHECK_VALUE(std::count(out.begin(), out.end(), label) == 1 && uses[label] > 0,
                        "einsum: the right side must name dimensions of the left side, each once; got \"", equation,
                        "\"");
    }
  } else {
    for (int label = 0; label < kLetters + 52; ++label) {
      if (label < kLetters ? uses[label] > 0 : uses[label] == 1) out.push_back(label);
    }
  }

  // From left to right; what neither the result nor a later operand names is summed at once.
  Named y = std::move(parts[0]);
  for (size_t i = 0; i < parts.size(); ++i) {
    Labels needed = out;
    for (size_t k = i + 1; k < parts.size(); ++k) {
      needed.insert(needed.end(), parts[k].labels.begin(), parts[k].labels.end());
    }
    if (i > 0) {
      for (const int label : Labels(parts[i].labels)) {
        if (!has(needed, label) && !has(y.labels, label)) parts[i].drop(label, true);
      }
      y = contract(std::move(y), std::move(parts[i]), needed);
    }
    for (const int label : Labels(y.labels)) {
      if (!has(needed, label)) y.drop(label, true);
    }
  }
  return y.arranged(out);
}

// a's dims are brought to [the others, dims_a], b's to [dims_b, the others]; then it is one mm.
Tensor tensordot(const Tensor& a, const Tensor& b, IntArrayRef dims_a, IntArrayRef dims_b) {
  TAPER_CHECK_VALUE(dims_a.size() == dims_b.size(), "tensordot: both must have the same number of dims; got ", dims_a,
                    " and ", dims_b);
  Tensor x = a, z = b;
  std::vector<bool> summed_a(static_cast<size_t>(a.dim())), summed_b(static_cast<size_t>(b.dim()));
  DimVector order_a, order_b, sizes;
  int64_t inner_size = 1;
  for (size_t i = 0; i < dims_a.size(); ++i) {
    const auto p = static_cast<size_t>(wrap_dim("tensordot", dims_a[i], a.dim()));
    const auto q = static_cast<size_t>(wrap_dim("tensordot", dims_b[i], b.dim()));
    TAPER_CHECK_VALUE(p < summed_a.size() && q < summed_b.size() && !summed_a[p] && !summed_b[q],
                      "tensordot: each dim must exist and appear once; got ", dims_a, " of sizes ", a.sizes(), " and ",
                      dims_b, " of sizes ", b.sizes());
    summed_a[p] = summed_b[q] = true;
    const int64_t n = a.sizes()[p], m = b.sizes()[q];
    TAPER_CHECK_VALUE(n == m || n == 1 || m == 1, "tensordot: the sizes of paired dims must agree; got ", n, " and ", m,
                      " for dims ", dims_a[i], " and ", dims_b[i]);
    if (n == 1 && m != 1) z = sum(z, static_cast<int64_t>(q), true);
    if (m == 1 && n != 1) x = sum(x, static_cast<int64_t>(p), true);
    inner_size *= n == m ? n : 1;  // by now both have 1
    order_b.push_back(static_cast<int64_t>(q));
  }
  const auto others = [&](const std::vector<bool>& summed, const Tensor& t, DimVector& order) {
    for (size_t d = 0; d < summed.size(); ++d) {
      if (summed[d]) continue;
      order.push_back(static_cast<int64_t>(d));
      sizes.push_back(t.sizes()[d]);
    }
  };
  others(summed_a, a, order_a);
  for (const int64_t dim : dims_a) order_a.push_back(wrap_dim("tensordot", dim, a.dim()));
  const size_t rank = sizes.size();
  others(summed_b, b, order_b);
  const int64_t rows = numel_of(IntArrayRef(sizes).slice(0, rank)), cols = numel_of(IntArrayRef(sizes).slice(rank));
  return mm(x.permute(order_a).reshape({rows, inner_size}), z.permute(order_b).reshape({inner_size, cols}))
      .reshape(sizes);
}

Tensor inner(const Tensor& a, const Tensor& b) {
  if (a.dim() == 0 || b.dim() == 0) return a * b;
  TAPER_CHECK(a.sizes().back() == b.sizes().back(), "inner: the last sizes must agree; got ", a.sizes(), " and ",
              b.sizes());
  return tensordot(a, b, -1, -1);
}

}  // namespace taper
