// Changes in place of what has views, and through views of y and views of those: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

template <class Op>
Rows<Op> in_place() {
  const std::vector<Operands> pair = {{{2, 3}, {2, 3}}};
  return {
      {"row", nullptr, IN_PLACE(y[1].mul_(3)), kMatrix},
      {"column", nullptr, IN_PLACE(y.select(1, 2).mul_(x[0].select(1, 1))), kMatrix},
      {"slice", nullptr, IN_PLACE(y.slice(1, 1, 5, 2).mul_(x[0].slice(1, 0, 4, 2))), kMatrix},
      {"slice added to itself", nullptr, IN_PLACE(y.slice(1, 1, 3).add_(y.slice(1, 0, 2).clone())), kMatrix},
      {"transposed", nullptr, IN_PLACE(y.t().slice(0, 1, 3).exp_()), kMatrix},
      {"diagonal", nullptr, IN_PLACE(y.diagonal().fill_(7)), kMatrix},
      {"view of a view", nullptr, IN_PLACE(y.view({-1}).slice(0, 2, 5).unsqueeze(0).sin_()), kMatrix},
      {"view first, then the base", nullptr,
       IN_PLACE(auto v = y.slice(1, 0, 2); y.mul_(2); v.mul_(y.slice(1, 1, 3).clone())), kMatrix},
      {"the view of a changed base", nullptr, IN_PLACE(auto v = y.select(1, 1); y.exp_(); y = v * x[0].select(1, 0)),
       kMatrix},
      {"two views", nullptr,
       IN_PLACE(auto a = y.slice(1, 0, 2); auto b = y.slice(1, 1, 3); a.mul_(2); b.mul_(3); a.add_(b.clone())),
       kMatrix},
      {"chunks", nullptr, IN_PLACE(auto c = y.t().slice(0, 0, 4).transpose(0, 1); c.mul_(c.clone())), kMatrix},
      {"permuted", nullptr, IN_PLACE(y.permute({2, 0, 1}).select(0, 1).copy_(x[0].select(2, 0))), kCube},
      {"expanded value", nullptr, IN_PLACE(y.copy_(x[0].slice(2, 0, 1).expand({-1, -1, y.size(2)}))), kCube},
      {"unsqueeze_", nullptr, IN_PLACE(y.unsqueeze_(1); y.squeeze_(1); y.mul_(x[0])), kMatrix},
      {"index_put_",
       nullptr,
       IN_PLACE(y.index_put_({l.slice(1, l.None), 0}, x[0].slice(0, 1).select(1, 3))),
       {{{4, 5}}}},
      {"index_put_ by a mask", "IndexPutBackward0", IN_PLACE(y.index_put_({x[0] > 0}, 2.5)), kMatrix},
      {"a result", nullptr, IN_PLACE(y.mul_(x[1]).add_(x[1], 3); y = y * y), pair},
      {"a constant", nullptr, IN_PLACE(y = x[0].detach() * 0 + 1; y.mul_(x[0]); y.sub_(x[1]); y = y * y), pair},
      {"a row by a row", nullptr, IN_PLACE(y[1].mul_(x[1][0]); y = y * y), pair},
      {"rows of a constant", nullptr,
       IN_PLACE(y = x[0].detach() * 0; y[0].copy_(x[1][1]); y[1].add_(x[0][0] * x[0][1]); y = y * y), pair},
      {"exp_ of a view of a view", nullptr, IN_PLACE(y.t()[1].exp_(); y = y * x[1]), pair},
      {"a view made before the change of its base", nullptr,
       IN_PLACE(auto v = y.slice(1, 0, 2); y.mul_(x[1]); y = y + (v * v).sum()), pair},
      {"a view made before the base had a history", nullptr,
       IN_PLACE(y = x[0].detach() * 0 + 1; auto v = y[1]; y.mul_(x[0]); y = v * v), pair},
      {"one view sees the change of another", nullptr,
       IN_PLACE(auto v = y[0]; auto w = y.t(); v.mul_(x[1][1]); y = w * w), pair},
      {"overwritten", nullptr, IN_PLACE(y.copy_(x[1]); y = y * x[0]), pair},
      {"overwritten by a number", nullptr, IN_PLACE(y = x[0] * x[1]; y.slice(1, 1).zero_(); y = y * y), pair},
      {"an expanded view of what changed", nullptr,
       IN_PLACE(y = x[0].slice(1, 0, 1) * 2; auto v = y.expand({2, 3}); y.mul_(3); y = v * x[1]), pair},
      {"a permuted base", nullptr,
       IN_PLACE(y = (x[0].detach() * 0).t().detach(); y.copy_(x[0].t() * x[1].t()); y[0].mul_(x[0][0][0]); y = y * y),
       pair},
      {"twice the same view", nullptr,
       IN_PLACE(auto v = y[0]; v.mul_(x[1][0]); v.sin_(); y.mul_(2); y = y + (v * v).sum()), pair},
      {"squeeze_ of a product", nullptr, IN_PLACE(y.unsqueeze_(0); y = y * y; y.squeeze_(0); y = y * x[1]), pair},
      {"a broadcast value", nullptr, IN_PLACE(y.add_(x[1][0]); y = y * y), pair},
  };
}

}  // namespace ops
