// Functions along dimensions: reductions, normalisation, softmax, pooling, distances, order.
#pragma once

#include "functions.h"

namespace bench {

#define ALONG(name, grads)                                                                       \
  {"reduce", #name, one_uniform, F(x[0].name()), grads},                                         \
      {"reduce", #name "(0)", one_uniform, F(x[0].name(int64_t{0})), grads},                     \
      {"reduce", #name "(1)", one_uniform, F(x[0].name(int64_t{1})), grads},                     \
      {"reduce", #name "(1) of a cube", IN(uniform(s.cube)), F(x[0].name(int64_t{1})), grads},   \
      {"reduce", #name "(1), narrow", IN(uniform(s.narrow)), F(x[0].name(int64_t{1})), grads}, { \
    "reduce", #name "(0), narrow", IN(uniform(s.narrow)), F(x[0].name(int64_t{0})), grads        \
  }
#define ALONG_PAIR(name)                                                                                  \
  {"reduce", #name "(0)", one_uniform, F(std::get<0>(x[0].name(int64_t{0}))), 1},                         \
      {"reduce", #name "(1)", one_uniform, F(std::get<0>(x[0].name(int64_t{1}))), 1},                     \
      {"reduce", #name "(1) of a cube", IN(uniform(s.cube)), F(std::get<0>(x[0].name(int64_t{1}))), 1}, { \
    "reduce", #name "(1), narrow", IN(uniform(s.narrow)), F(std::get<0>(x[0].name(int64_t{1}))), 1        \
  }

inline const Rows& reduce_rows() {
  static const Rows rows = {
      ALONG(sum, 1),
      ALONG(mean, 1),
      ALONG(prod, 1),
      ALONG(amax, 1),
      ALONG(argmax, 0),
      ALONG(all, 0),
      ALONG(any, 0),
      ALONG_PAIR(max),
      ALONG_PAIR(min),
      {"reduce", "count_nonzero", one_normal, F(x[0].count_nonzero()), 0},
      {"reduce", "count_nonzero(0)", one_normal, F(x[0].count_nonzero(Sizes{0})), 0},
      {"reduce", "count_nonzero(1)", one_normal, F(x[0].count_nonzero(Sizes{1})), 0},
      {"reduce", "max", one_uniform, F(x[0].max()), 1},
      {"reduce", "var", one_normal, F(x[0].var()), 1},
      {"reduce", "var(0)", one_normal, F(x[0].var(Sizes{0})), 1},
      {"reduce", "var(1)", one_normal, F(x[0].var(Sizes{1})), 1},
      {"reduce", "var(1), narrow", IN(normal(s.narrow)), F(x[0].var(Sizes{1})), 1},
      {"reduce", "std(1)", one_normal, F(x[0].std(Sizes{1})), 1},
      {"reduce", "std(0, 2, 3) of images", IN(normal(s.images)), F(x[0].std(Sizes{0, 2, 3})), 1},
      {"reduce", "sum(0, 2, 3) of images", IN(normal(s.images)), F(x[0].sum(Sizes{0, 2, 3})), 1},
      {"reduce", "mean(2, 3) of images", IN(normal(s.images)), F(x[0].mean({2, 3})), 1},
      {"reduce", "sum of a transposed one", IN(normal(s.matrix).t()), F(x[0].sum()), 0},
      {"reduce", "sum(1) of every other column", IN(normal(s.matrix).slice(1, 0, s.matrix[1], 2)), F(x[0].sum(1)), 0},
      {"reduce", "nansum", one_normal, F(x[0].nansum()), 0},
      {"reduce", "norm", one_normal, F(x[0].norm()), 1},
      {"reduce", "norm(1)", one_normal, F(x[0].norm(1)), 1},
      {"reduce", "norm(inf)", one_normal, F(x[0].norm(INFINITY)), 0},
      {"reduce", "norm(3)", one_normal, F(x[0].norm(3)), 1},
      {"reduce", "norm(2, 0)", one_normal, F(x[0].norm(2, 0)), 1},
      {"reduce", "norm(2, 1)", one_normal, F(x[0].norm(2, 1)), 1},
      {"reduce", "norm(1, 1)", one_normal, F(x[0].norm(1, 1)), 1},
      {"reduce", "logsumexp(0)", one_normal, F(x[0].logsumexp(0)), 1},
      {"reduce", "logsumexp(1)", one_normal, F(x[0].logsumexp(1)), 1},
      {"reduce", "aminmax", one_normal, F(std::get<0>(x[0].aminmax())), 0},
      {"reduce", "aminmax(1)", one_normal, F(std::get<0>(x[0].aminmax(1))), 0},
      {"reduce", "sum of double", IN(normal(s.matrix).to(torch::kDouble)), F(x[0].sum()), 0},
      {"reduce", "sum of int64", IN(integers(s.matrix)), F(x[0].sum()), 0},
      {"reduce", "sum(0) of int64", IN(integers(s.matrix)), F(x[0].sum(0)), 0},
      {"reduce", "sum(1) of int64", IN(integers(s.matrix)), F(x[0].sum(1)), 0},
      {"reduce", "sum of bool", IN(mask(s.matrix)), F(x[0].sum()), 0},
      {"reduce", "sum(1) of bool", IN(mask(s.matrix)), F(x[0].sum(1)), 0},
      {"reduce", "all of bool", IN(torch::ones(s.matrix, torch::kBool)), F(x[0].all()), 0},
      {"reduce", "any(1) of bool", IN(torch::zeros(s.matrix, torch::kBool)), F(x[0].any(1)), 0},
      {"reduce", "trace", one_normal, F(x[0].trace()), 1},
      {"reduce", "dot", IN(normal({s.n}), normal({s.n}, 1)), F(x[0].dot(x[1])), 2},
      {"reduce", "outer", IN(normal({s.matrix[0]}), normal({s.matrix[1]}, 1)), F(x[0].outer(x[1])), 2},
      {"reduce", "cross", IN(normal({s.n / 3, 3}), normal({s.n / 3, 3}, 1)), F(x[0].cross(x[1], 1)), 2},
      {"reduce", "cumsum(0)", one_normal, F(x[0].cumsum(0)), 1},
      {"reduce", "cumsum(1)", one_normal, F(x[0].cumsum(1)), 1},
      {"reduce", "cumsum(0) of a row", IN(normal({s.n})), F(x[0].cumsum(0)), 1},
      {"reduce", "cumsum(1), narrow", IN(normal(s.narrow)), F(x[0].cumsum(1)), 1},
      {"reduce", "cumsum(1) of int64", IN(integers(s.matrix)), F(x[0].cumsum(1)), 0},
      {"reduce", "cumprod(1)", one_uniform, F(x[0].cumprod(1)), 0},
      {"reduce", "logcumsumexp(1)", one_uniform, F(x[0].logcumsumexp(1)), 0},
  };
  return rows;
}

#define WIDTH s.tokens[1]

inline const Rows& norm_rows() {
  static const Rows rows = {
      {"norm", "softmax(0)", one_normal, F(x[0].softmax(0)), 1},
      {"norm", "softmax(1)", one_normal, F(x[0].softmax(1)), 1},
      {"norm", "softmax of scores", IN(normal(s.scores)), F(x[0].softmax(-1)), 1},
      {"norm", "softmax of logits", IN(normal(s.logits)), F(x[0].softmax(-1)), 1},
      {"norm", "softmax(1), narrow", IN(normal(s.narrow)), F(x[0].softmax(1)), 1},
      {"norm", "softmax(1) of images", IN(normal(s.images)), F(x[0].softmax(1)), 1},
      {"norm", "log_softmax(0)", one_normal, F(x[0].log_softmax(0)), 1},
      {"norm", "log_softmax(1)", one_normal, F(x[0].log_softmax(1)), 1},
      {"norm", "log_softmax of logits", IN(normal(s.logits)), F(x[0].log_softmax(-1)), 1},
      {"norm", "log_softmax(1), narrow", IN(normal(s.narrow)), F(x[0].log_softmax(1)), 1},
      {"norm", "log_softmax(1) of images", IN(normal(s.images)), F(x[0].log_softmax(1)), 1},
      {"norm", "layer_norm", IN(normal(s.tokens), uniform({WIDTH}), uniform({WIDTH}, 1)),
       F(torch::layer_norm(x[0], {x[0].size(1)}, x[1], x[2])), 3},
      {"norm", "layer_norm, 64 wide",
       IN(normal({(s.n + 63) / 64, std::min<int64_t>(s.n, 64)}), uniform({std::min<int64_t>(s.n, 64)}),
          uniform({std::min<int64_t>(s.n, 64)}, 1)),
       F(torch::layer_norm(x[0], {x[0].size(1)}, x[1], x[2])), 3},
      {"norm", "group_norm", IN(normal(s.images), uniform({s.images[1]}), uniform({s.images[1]}, 1)),
       F(torch::group_norm(x[0], (x[0].size(1) + 7) / 8, x[1], x[2])), 3},
      {"norm", "instance_norm", IN(normal(s.images)),
       F(torch::instance_norm(x[0], {}, {}, {}, {}, true, 0.1, 1e-5, false)), 1},
      {"norm", "batch_norm, training", IN(normal(s.images), uniform({s.images[1]}), uniform({s.images[1]}, 1)),
       F(torch::batch_norm(x[0], x[1], x[2], {}, {}, true, 0.1, 1e-5, false)), 3},
      {"norm", "batch_norm, inference",
       IN(normal(s.images), uniform({s.images[1]}), uniform({s.images[1]}, 1), uniform({s.images[1]}, 2)),
       F(torch::batch_norm(x[0], x[1], x[2], x[3], x[3], false, 0.1, 1e-5, false)), 3},
      {"norm", "batch_norm of rows, training", IN(normal(s.tokens), uniform({WIDTH}), uniform({WIDTH}, 1)),
       F(torch::batch_norm(x[0], x[1], x[2], {}, {}, true, 0.1, 1e-5, false)), 3},
      {"norm", "batch_norm of rows, inference",
       IN(normal(s.tokens), uniform({WIDTH}), uniform({WIDTH}, 1), uniform({WIDTH}, 2)),
       F(torch::batch_norm(x[0], x[1], x[2], x[3], x[3], false, 0.1, 1e-5, false)), 3},
  };
  return rows;
}

inline const Rows& pool_rows() {
  static const Rows rows = {
      {"pool", "max_pool2d(2)", IN(normal(s.images)), F(torch::max_pool2d(x[0], {2, 2})), 1},
      {"pool", "max_pool2d(3, 2, 1)", IN(normal(s.images)), F(torch::max_pool2d(x[0], {3, 3}, {2, 2}, {1, 1})), 1},
      {"pool", "max_pool2d(3, 1, 1)", IN(normal(s.images)), F(torch::max_pool2d(x[0], {3, 3}, {1, 1}, {1, 1})), 1},
      {"pool", "avg_pool2d(2)", IN(normal(s.images)), F(torch::avg_pool2d(x[0], {2, 2})), 1},
      {"pool", "avg_pool2d(3, 1, 1)", IN(normal(s.images)), F(torch::avg_pool2d(x[0], {3, 3}, {1, 1}, {1, 1})), 1},
      {"pool", "avg_pool2d(3, 2, 1)", IN(normal(s.images)), F(torch::avg_pool2d(x[0], {3, 3}, {2, 2}, {1, 1})), 1},
      {"pool", "adaptive_avg_pool2d(1)", IN(normal(s.images)), F(torch::adaptive_avg_pool2d(x[0], {1, 1})), 1},
      {"pool", "adaptive_avg_pool2d(1) of 7 x 7", IN(normal({std::max<int64_t>(s.n / 490, 1), 10, 7, 7})),
       F(torch::adaptive_avg_pool2d(x[0], {1, 1})), 1},
      {"pool", "adaptive_avg_pool2d(2)", IN(normal(s.images)), F(torch::adaptive_avg_pool2d(x[0], {2, 2})), 1},
      {"pool", "adaptive_max_pool2d(1)", IN(normal(s.images)), F(std::get<0>(torch::adaptive_max_pool2d(x[0], {1, 1}))),
       1},
      {"pool", "max_pool1d(2)", IN(normal(s.cube)), F(torch::max_pool1d(x[0], {2})), 1},
      {"pool", "avg_pool1d(2)", IN(normal(s.cube)), F(torch::avg_pool1d(x[0], {2})), 1},
      {"pool", "cdist", IN(normal({s.matrix[0], 16}), normal({s.matrix[1], 16}, 1)), F(torch::cdist(x[0], x[1])), 0},
      {"pool", "cdist(1)", IN(normal({s.matrix[0], 16}), normal({s.matrix[1], 16}, 1)), F(torch::cdist(x[0], x[1], 1)),
       0},
      {"pool", "cdist of 3 columns", IN(normal({s.matrix[0], 3}), normal({s.matrix[1], 3}, 1)),
       F(torch::cdist(x[0], x[1])), 0},
      {"pool", "cdist, no mm", IN(normal({s.matrix[0], 16}), normal({s.matrix[1], 16}, 1)),
       F(torch::cdist(x[0], x[1], 2, 2)), 2},
      {"pool", "pdist", IN(normal({s.matrix[0], 16})), F(torch::pdist(x[0])), 1},
  };
  return rows;
}

inline const Rows& order_rows() {
  static const Rows rows = {
      {"order", "sort(1)", one_normal, F(std::get<0>(x[0].sort(1))), 1},
      {"order", "sort(0)", one_normal, F(std::get<0>(x[0].sort(0))), 0},
      {"order", "sort(1, descending)", one_normal, F(std::get<0>(x[0].sort(1, true))), 0},
      {"order", "sort of a row", IN(normal({s.n})), F(std::get<0>(x[0].sort(0))), 0},
      {"order", "sort of int64", IN(integers(s.matrix)), F(std::get<0>(x[0].sort(1))), 0},
      {"order", "argsort(1)", one_normal, F(x[0].argsort(int64_t{1})), 0},
      {"order", "topk(2)", one_normal, F(std::get<0>(x[0].topk(2, 1))), 1},
      {"order", "topk(2) of logits", IN(normal(s.logits)), F(std::get<0>(x[0].topk(2, 1))), 0},
      {"order", "topk(half)", one_normal, F(std::get<0>(x[0].topk(x[0].size(1) / 2, 1))), 0},
      {"order", "kthvalue(2)", one_normal, F(std::get<0>(x[0].kthvalue(2, 1))), 0},
      {"order", "median", one_normal, F(x[0].median()), 0},
      {"order", "median(1)", one_normal, F(std::get<0>(x[0].median(1))), 0},
      {"order", "mode(1) of int64", IN(integers(s.matrix, 50)), F(std::get<0>(x[0].mode(1))), 0},
      {"order", "unique", IN(normal({s.n})), F(std::get<0>(torch::_unique2(x[0]))), 0},
      {"order", "unique of int64", IN(integers({s.n})), F(std::get<0>(torch::_unique2(x[0]))), 0},
      {"order", "unique_consecutive", IN(integers({s.n}, 3)), F(std::get<0>(torch::unique_consecutive(x[0]))), 0},
      {"order", "searchsorted", IN(std::get<0>(uniform({s.matrix[1]}).sort()), uniform({s.n}, 1)),
       F(torch::searchsorted(x[0], x[1])), 0},
      {"order", "bucketize", IN(torch::linspace(0, 1, 16), uniform({s.n}, 1)), F(torch::bucketize(x[1], x[0])), 0},
      {"order", "bincount", IN(integers({s.n})), F(x[0].bincount()), 0},
      {"order", "histc", one_uniform, F(x[0].histc(100, 0, 1)), 0},
      {"order", "isin", IN(integers({s.n}), integers({std::min<int64_t>(s.n, 100)})), F(torch::isin(x[0], x[1])), 0},
  };
  return rows;
}

}  // namespace bench
