// Every operation and its gradients have the same bits with AVX2, with AVX-512 and with any number of threads.
#include <taper/autograd/autograd.h>
#include <taper/core/random.h>

#include "autograd/gradcheck_table.h"
#include "ops/all.h"
#include "same_bits/sheets.h"

using namespace taper;
using gradcheck_table::List;

namespace {

// The result of f and the gradient of each input.
void add(sheets::Sheet& sheet, const std::string& name, const std::function<List(const List&)>& f, const List& inputs) {
  try {
    List leaves, outputs, cotangents;
    for (const Tensor& x : inputs) leaves.push_back(x.detach().requires_grad_(x.requires_grad()));
    manual_seed(2);
    for (const Tensor& y : f(leaves)) {
      sheet.add(name, y);
      if (!y.requires_grad()) continue;
      outputs.push_back(y);
      cotangents.push_back(randn(y.sizes(), y.dtype()));
    }
    if (outputs.empty()) return;
    List wanted;
    for (const Tensor& x : leaves) {
      if (x.requires_grad()) wanted.push_back(x);
    }
    for (const Tensor& dx : autograd::grad(outputs, wanted, cotangents, false, false, true)) {
      if (dx.defined()) sheet.add(name + ", gradient", dx);
    }
  } catch (const Error&) {
    // operands that are refused, also for their dtypes
  }
}

void add_of_both_types(sheets::Sheet& sheet, const std::string& name, const std::function<List(const List&)>& f,
                       const List& inputs) {
  add(sheet, name, f, inputs);
  List floats;
  for (const Tensor& x : inputs) floats.push_back(x.detach().to(kFloat32).requires_grad_(x.requires_grad()));
  add(sheet, name + ", float", f, floats);
}

// The operations that have a row in tests/ops, with all their operands, contiguous and transposed in memory.
void add_operations(sheets::Sheet& sheet) {
  for (const ops::Row<ops::Ours>& row : ops::all<ops::Ours>()) {
    for (const ops::Operands& operands : row.operands) {
      for (const bool reversed : {false, true}) {
        std::mt19937 engine(5);
        List inputs;
        for (const ops::Sizes& sizes : operands) {
          inputs.push_back(gradcheck_table::draw(sizes, row.domain, reversed, engine));
        }
        const auto add_form = [&](const std::string& form, ops::Ours op) {
          add_of_both_types(
              sheet, row.name + form, [op](const List& x) { return List{op.ours({}, x)}; }, inputs);
        };
        add_form("", row.op.function);
        if (row.op.in_place) add_form(", in place", *row.op.in_place);
      }
    }
  }
  for (const gradcheck_table::Table* table : gradcheck_table::Table::all()) {
    for (const gradcheck_table::Row& row : table->rows()) add_of_both_types(sheet, row.name, row.f, row.inputs);
  }
}

// What is cut into pieces, of many sizes; and what those tables do not have.
void add_by_size(sheets::Sheet& sheet) {
  const auto leaf = [](IntArrayRef sizes) { return randn(sizes, kFloat64).requires_grad_(); };
  add_of_both_types(sheet, "conv2d in blocks of images", OF(conv2d(in[0], in[1], {}, 1, 1)),
                    {leaf({16, 192, 4, 4}), leaf({36, 192, 3, 3})});
  for (const int64_t n : {1, 3, 4, 7, 9, 16, 17, 31, 33, 65, 130}) {
    const auto with = [&](const char* name, const std::function<List(const List&)>& f, const List& inputs) {
      add_of_both_types(sheet, detail::str(name, " ", n), f, inputs);
    };
    with("conv2d 3 x 3 of n channels", OF(conv2d(in[0], in[1], in[2], 1, 1)),
         {leaf({3, n, 9, 11}), leaf({5, n, 3, 3}), leaf({5})});
    with("conv2d to n channels", OF(conv2d(in[0], in[1], in[2], 1, 1)),
         {leaf({3, 2, 14, 14}), leaf({n, 2, 3, 3}), leaf({n})});
    with("conv2d of stride 2", OF(conv2d(in[0], in[1], {}, 2, 1)), {leaf({2, 3, n, 21}), leaf({20, 3, 3, 3})});
    with("conv2d of 1 x 1", OF(conv2d(in[0], in[1])), {leaf({2, n, 7, 7}), leaf({17, n, 1, 1})});
    with("conv2d of n images", OF(conv2d(in[0], in[1], {}, 1, 1)), {leaf({n, 3, 14, 14}), leaf({16, 3, 5, 5})});
    with("conv2d in bands", OF(conv2d(in[0], in[1], {}, 1, 1)), {leaf({1, 20, 50, 60}), leaf({n, 20, 3, 3})});
    with("conv_transpose2d", OF(conv_transpose2d(in[0], in[1], in[2], 2, 1)),
         {leaf({2, n, 5, 6}), leaf({n, 4, 3, 3}), leaf({4})});
    with("matmul", OF(matmul(in[0], in[1])), {leaf({n, 70}), leaf({70, 33})});
    with("matmul, transposed", OF(matmul(in[0].t(), in[1].t())), {leaf({300, n}), leaf({n + 2, 300})});
    with("matmul of 1000", OF(matmul(in[0], in[1])), {leaf({2, 1000}), leaf({1000, n})});
    with("batch_norm of rows", OF(batch_norm(in[0], in[1], in[2], {}, {}, true, 0.1, 1e-5)),
         {leaf({67, n}), leaf({n}), leaf({n})});
    with("batch_norm of images", OF(batch_norm(in[0], in[1], in[2], {}, {}, true, 0.1, 1e-5)),
         {leaf({9, 3, n}), leaf({3}), leaf({3})});
    with("batch_norm of many images", OF(batch_norm(in[0], in[1], in[2], {}, {}, true, 0.1, 1e-5)),
         {leaf({300, 4, n, 3}), leaf({4}), leaf({4})});
    with("batch_norm far from 0", OF(batch_norm(in[0] + 1e6, in[1], in[2], {}, {}, true, 0.1, 1e-5)),
         {leaf({40, 3, n}), leaf({3}), leaf({3})});
    with("batch_norm by running statistics",
         OF(batch_norm(in[0], in[1], in[2], zeros({n}, in[0].dtype()), ones({n}, in[0].dtype()), false, 0.1, 1e-5)),
         {leaf({7, n, 5}), leaf({n}), leaf({n})});
    with("layer_norm", OF(layer_norm(in[0], {n}, in[1], in[2], 1e-5)), {leaf({37, n}), leaf({n}), leaf({n})});
    with("group_norm", OF(group_norm(in[0], 2, in[1], in[2], 1e-5)), {leaf({5, 4, n}), leaf({4}), leaf({4})});
    with("cross_entropy", OF(nn::functional::cross_entropy(in[0], arange(37) % n)), {leaf({37, n})});
    with("cross_entropy by probabilities", OF(nn::functional::cross_entropy(in[0], softmax(in[1], 1))),
         {leaf({37, n}), leaf({37, n})});
    with("softmax", OF(softmax(in[0], 1), log_softmax(in[0], 1), logsumexp(in[0], 1)), {leaf({19, 5 * n})});
    with("sums", OF(in[0].sum(), in[0].sum(0), in[0].sum(1), in[0].var(0), in[0].var(1), in[0].norm()),
         {leaf({171, 11 * n})});
    with("products of elements", OF(dot(in[0], in[1])), {leaf({97 * n}), leaf({97 * n})});
    with("running sums", OF(in[0].cumsum(1), in[0].cumprod(0), in[0].logcumsumexp(1)), {leaf({5, n})});
    with("cdist", OF(cdist(in[0], in[1]), cdist(in[0], in[1], 1), cdist(in[0], in[1], 3)),
         {leaf({70, n}), leaf({41, n})});
    with("max_pool2d", OF(max_pool2d(in[0], 2), max_pool2d(in[0], 3, 2, 1)), {leaf({2, 3, 12, n + 2})});
    with("avg_pool2d", OF(avg_pool2d(in[0], 2), avg_pool2d(in[0], 3, 2, 1), adaptive_avg_pool2d(in[0], {1, 1})),
         {leaf({2, 3, 12, n + 2})});
    with("activations",
         OF(relu(in[0]), gelu(in[0]), silu(in[0]), tanh(in[0]), sigmoid(in[0]), softplus(in[0]), mish(in[0]),
            elu(in[0]), exp(in[0]), log(in[0].abs() + 0.1), log1p(in[0].abs()), erf(in[0]), rsqrt(in[0].abs() + 0.1)),
         {leaf({13, n})});
    with("lstm",
         OF(std::get<0>(lstm(in[0], {in[1], in[2]}, {in[3], in[4], in[5], in[5]}, true, 1, 0, true, false, false))),
         {leaf({5, 19, 7}), leaf({1, 19, n}), leaf({1, 19, n}), leaf({4 * n, 7}), leaf({4 * n, n}), leaf({4 * n})});
    with("gru", OF(std::get<0>(gru(in[0], in[1], {in[2], in[3], in[4], in[4]}, true, 1, 0, true, false, false))),
         {leaf({5, 19, 7}), leaf({1, 19, n}), leaf({3 * n, 7}), leaf({3 * n, n}), leaf({3 * n})});
    with("random numbers",
         [n](const List& in) {
           const auto type = in[0].dtype();
           const Tensor some = zeros({17 * n}, type);
           return List{rand({n}, type),
                       randn({n}, type),
                       randn({40 * n}, type),
                       randperm(n),
                       randint(10, {n}),
                       bernoulli(rand({n}, type)),
                       dropout(in[0], 0.3, true),
                       some.clone().exponential_(),
                       some.clone().log_normal_(),
                       some.clone().cauchy_(),
                       some.clone().geometric_(0.3)};
         },
         {leaf({n})});
  }
}

}  // namespace

TEST_CASE("operations and gradients: a sheet", "[.sheet of operations]") {
  sheets::Sheet sheet;
  add_operations(sheet);
  add_by_size(sheet);
}

TEST_CASE("operations and their gradients have the same bits with any instruction set and number of threads") {
  sheets::check("[sheet of operations]");
}
