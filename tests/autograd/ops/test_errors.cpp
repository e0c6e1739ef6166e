// Operations refuse bad arguments and say which: a row a check. What needs more than a call stands with the tests of
// the operation.
#include <taper/taper.h>

#include "catch.h"
#include "support/refused.h"

using namespace taper;
using namespace support;

namespace {

Tensor ints(IntArrayRef sizes) { return zeros(sizes, kInt64); }

const Refusals kJoined = {
    REFUSED(stack({}), "stack: at least one tensor is needed; got an empty list"),
    REFUSED(block_diag({ones({1, 1, 1})}),
            "block_diag: the tensors must have at most 2 dimensions; got sizes [1, 1, 1]"),
    REFUSED(meshgrid({ones(2)}, "ji"), "meshgrid: indexing must be ij or xy; got ji"),
    REFUSED(meshgrid({ones(2), ints(2)}), "meshgrid: all tensors must have the same dtype; got Float and Long"),
    REFUSED(cartesian_prod({ones({2, 2}), ones(2)}), "cartesian_prod: the tensors must be vectors; got sizes [2, 2]"),
    REFUSED(combinations(ones({2, 2})), "combinations: the tensor must be a vector; got sizes [2, 2]"),
    REFUSED(combinations(ones(2), -1), "combinations: r must not be negative; got -1"),
    REFUSED(split(ones({}), 1), "split: the tensor must have at least one dimension; got sizes []"),
    REFUSED(split_with_sizes(ones({}), {1}), "split: the tensor must have at least one dimension; got sizes []"),
    REFUSED(split_with_sizes(ones(3), {-1, 4}), "split: the sizes must not be negative; got [-1, 4]"),
    REFUSED(chunk(ones({}), 1), "chunk: the tensor must have at least one dimension; got sizes []"),
    REFUSED(unbind(ones({})), "unbind: the tensor must have at least one dimension; got sizes []"),
    REFUSED(tensor_split(ones({}), 1), "tensor_split: the tensor must have at least one dimension; got sizes []"),
    REFUSED(tensor_split(ones({}), IntArrayRef{1}),
            "tensor_split: the tensor must have at least one dimension; got sizes []"),
    REFUSED(tensor_split(ones(3), ones(2)), "tensor_split: indices or sections must be an int64 vector or number"),
    REFUSED(tensor_split(ones(3), ints({1, 2})), "tensor_split: indices or sections must be an int64 vector or number"),
};

const Refusals kRearranged = {
    REFUSED(fliplr(ones(2)), "fliplr: the tensor must have at least 2 dimensions; got sizes [2]"),
    REFUSED(flipud(ones({})), "flipud: the tensor must have at least one dimension; got sizes []"),
    REFUSED(rot90(ones(2)), "rot90: two dimensions of at least two are needed; got [0, 1] for sizes [2]"),
    REFUSED(rot90(ones({2, 2}), 1, {1, -1}), "rot90: two different dimensions are needed; got [1, -1]"),
    REFUSED(repeat_interleave(ints({2, 1})), "repeat_interleave: the numbers must be a vector; got sizes [2, 1]"),
    REFUSED(repeat_interleave(ones(2)), "repeat_interleave: the numbers must be int64 or int32; got Float"),
    REFUSED(repeat_interleave(tensor({2, 1}), optional<int64_t>(4)),
            "repeat_interleave: output_size must be the sum of the numbers, 3; got 4"),
    REFUSED(tril_indices(-1, 2), "tril_indices: the sizes must not be negative; got -1 and 2"),
    REFUSED(diag_embed(ones({})), "diag_embed: the tensor must have at least one dimension; got sizes []"),
    REFUSED(diag_embed(ones(2), 0, 1, 1), "diag_embed: two different dimensions are needed; got 1 and 1"),
    REFUSED(diag(ones({1, 1, 1})), "diag: the tensor must be a vector or a matrix; got sizes [1, 1, 1]"),
    REFUSED(pixel_shuffle(ones({3, 2, 2}), 2), "pixel_shuffle: at least 3 dimensions are needed and channels that are"),
    REFUSED(pixel_unshuffle(ones({1, 3, 2}), 2),
            "pixel_unshuffle: at least 3 dimensions are needed and height and width"),
    REFUSED(channel_shuffle(ones({1, 4, 2}), 3),
            "channel_shuffle: at least 3 dimensions are needed and channels (dim 1)"),
    REFUSED(ones({}).unflatten(0, {1}),
            "unflatten: a dimension and at least one size are needed; got [1] for sizes []"),
    REFUSED(movedim(ones({2, 3}), {0, 0}, {0, 1}), "movedim: every dimension may be named once; got [0, 0] and [0, 1]"),
    REFUSED(ones(2).mT(), "mT: the tensor must have at least 2 dimensions; got sizes [2]"),
    REFUSED(slice(ones({}), 0, 0, 1), "slice: a zero-dim tensor has nothing to cut"),
    REFUSED(narrow(ones({}), 0, 0, 1), "narrow: a zero-dim tensor has nothing to cut"),
    REFUSED(
        ones(1).requires_grad_().expand({2}).as_strided({1}, {1}),
        "as_strided: the gradient needs a tensor whose elements are apart in memory; got sizes [2] and strides [0]"),
};

const Refusals kIndexed = {
    REFUSED(ones(2).index(ArrayRef<indexing::TensorIndex>()), "index: at least one index is needed; got none"),
    REFUSED(masked_fill(ones(2), ones(2) > 0, ones(1)), "masked_fill: the value must be a zero-dim tensor or a number"),
    REFUSED(ones(2).masked_fill_(ones(2) > 0, ones(1)),
            "masked_fill_: the value must be a zero-dim tensor or a number"),
    REFUSED(ones(2).fill_(ones(1)), "fill_: the value must be a zero-dim tensor or a number; got sizes [1]"),
    REFUSED(take(ones(2), ones(1)), "take: the index must be int64; got Float"),
    REFUSED(take(ones(0), ints(1)), "take: there is nothing to take from a tensor of sizes [0]"),
    REFUSED(take_along_dim(ones(2), ones(1)), "take_along_dim: the indices must be int64; got Float"),
    REFUSED(take_along_dim(ones(2), ints({1, 1}), 0),
            "take_along_dim: indices must have as many dimensions as the tensor; got [1, 1] for [2]"),
    REFUSED(one_hot(ints(1), 0), "one_hot: the number of classes must be positive, or -1 to count them; got 0"),
    REFUSED(index_select(ones({}), 0, ints(2)), "index_select: one index is needed for a zero-dim tensor; got 2"),
    REFUSED(scatter(ones(2), 0, ints(1), ones({1, 1})),
            "scatter: the source must have as many dimensions as the index; got [1, 1] and [1]"),
    REFUSED(scatter(ones(2), 0, ints(2), ones(1)), "scatter: the index must not exceed the source; got [2] and [1]"),
    REFUSED(index_add(ones(2), 0, ints({1, 1}), ones(1)), "index_add: the index must be a vector; got sizes [1, 1]"),
    REFUSED(index_add(ones(2), 0, ints(1), ints(1)), "index_add: tensor and source must have the same dtype"),
    REFUSED(index_add(ones({2, 3}), 0, ints(1), ones({1, 2})), "index_add: the source must have the sizes [1, 3]"),
    REFUSED(index_add(ints(2), 0, ints(1), ints(1), 0.5), "index_add: alpha must be an integer for integers; got 0.5"),
    REFUSED(index_copy(ones(2), 0, ones(1), ones(1)), "index_copy: the index must be int64; got Float"),
    REFUSED(index_copy(ones(2), 0, ints(1), ints(1)), "index_copy: tensor and source must have the same dtype"),
    REFUSED(index_copy(ones({2, 3}), 0, ints(1), ones({1, 2})), "index_copy: the source must have the sizes [1, 3]"),
    REFUSED(index_fill(ones(2), 0, ones(1), 1), "index_fill: the index must be int64; got Float"),
    REFUSED(index_fill(ones(2), 0, ints(1), ones(1)), "index_fill: the value must be a zero-dim tensor or a number"),
    REFUSED(put(ones(2), ones(1), ones(1)), "put_: the index must be int64; got Float"),
    REFUSED(put(ones(2), ints(1), ints(1)), "put_: tensor and source must have the same dtype"),
    REFUSED(put(ones(2), ints(1), ones(2)), "put_: one value per index is needed; got indices [1] and values [2]"),
    REFUSED(put(ones(0), ints(1), ones(1)), "put_: there is no place in a tensor of sizes [0]"),
    REFUSED(masked_scatter(ones(2), ones(2) > 0, ints(2)),
            "masked_scatter: tensor and source must have the same dtype"),
    REFUSED(select_scatter(ones({2, 3}), ones(2), 0, 0), "select_scatter: the source must have the sizes of the place"),
    REFUSED(ones({2, 2, 3}).fill_diagonal_(0),
            "fill_diagonal_: a tensor of more than 2 dimensions must have equal sizes"),
    REFUSED(searchsorted(ones(2), ones(1), false, false, nullopt, ones(2)),
            "searchsorted: the sorter must be int64; got Float"),
    REFUSED(searchsorted(ones(2), ones(1), false, false, nullopt, ints(3)),
            "searchsorted: the sorter must have the sizes of the sequence; got [3] and [2]"),
    REFUSED(searchsorted(ones({2, 2}), 1),
            "searchsorted: the sequence for a number must be a vector; got sizes [2, 2]"),
    REFUSED(bucketize(ones(2), ones({2, 2})), "bucketize: the boundaries must be a vector; got sizes [2, 2]"),
    REFUSED(bincount(ints({1, 1})), "bincount: the values must be a vector; got sizes [1, 1]"),
    REFUSED(bincount(ints(1), {}, -1), "bincount: minlength must not be negative; got -1"),
    REFUSED(histc(ints(1)), "histc: the input must be"),
    REFUSED(histc(ones(1), 3, 2, 1), "histc: max must be larger than min; got 2 and 1"),
};

const Refusals kProducts = {
    REFUSED(mv(ones({2, 3}), ones({3, 1})), "mv: a matrix and a vector are needed; got [2, 3] and [3, 1]"),
    REFUSED(outer(ones({1, 1}), ones(1)), "outer: two vectors are needed; got [1, 1] and [1]"),
    REFUSED(inner(ones({2, 3}), ones(2)), "inner: the last sizes must agree; got [2, 3] and [2]"),
    REFUSED(addmm(ones(2), ones({2, 3}), ones({2, 3})), "addmm: the operands must be matrices whose inner dimensions"),
    REFUSED(addmm(ints(2), ones({2, 3}), ones({3, 2})), "addmm: the summand must have the dtype of the product"),
    REFUSED(addmm(ones({3, 2, 2}), ones({2, 3}), ones({3, 2})), "addmm: the summand must broadcast to [2, 2]"),
    REFUSED(addmv(ones(2), ones({2, 3}), ones(2)), "addmv: a matrix and a vector whose sizes agree are needed"),
    REFUSED(addmv(ones({3, 2}), ones({2, 3}), ones(3)),
            "addmv: the summand must broadcast to the sizes of the product"),
    REFUSED(addr(ones(2), ones({2, 1}), ones(2)), "addr: two vectors are needed; got [2, 1] and [2]"),
    REFUSED(addbmm(ones(2), ones({1, 2, 3}), ones({1, 2, 3})),
            "addbmm: the operands must be batches of matrices whose"),
    REFUSED(cdist(ones({2, 3}), ones({2, 3}), 2, 3), "cdist: compute_mode must be 0, 1 or 2; got 3"),
    REFUSED(cdist(ints({2, 3}), ints({2, 3})), "cdist: the operands must have the same floating-point dtype"),
    REFUSED(tensordot(ones({2, 3}), ones({3, 2}), {0, 1}, {1}), "tensordot: both must have the same number of dims"),
    REFUSED(einsum("ii->i", {ones({2, 3})}), "einsum: dimensions of one letter must have one size; got 2 and 3"),
    REFUSED(ints(2).add(1, 0.5), "add: alpha must be an integer when the result is one; got alpha 0.5"),
};

const Refusals kNormalised = {
    REFUSED(batch_norm(ones(3), {}, {}, {}, {}, true, 0.1, 1e-5, false), "batch_norm: the input must be [N, C] or"),
    REFUSED(batch_norm(ones({2, 3}), {}, {}, {}, {}, true, 0.1, -1, false),
            "batch_norm: eps must not be negative; got -1"),
    REFUSED(batch_norm(ones({2, 3}), {}, {}, {}, {}, true, 2, 1e-5, false), "batch_norm: momentum must be from 0 to 1"),
    REFUSED(group_norm(ones(3), 1), "group_norm: the input must be [N, C] or [N, C, ...]; got sizes [3]"),
    REFUSED(instance_norm(ones({2, 3}), {}, {}, {}, {}, true, 0.1, 1e-5, false), "instance_norm: the input must be"),
    REFUSED(instance_norm(ones({2, 3, 4}), {}, {}, ones(2), ones(2), true, 0.1, 1e-5, false),
            "instance_norm: running_mean must have one value for each channel (dim 1) of the input; got sizes [2]"),
    REFUSED(embedding(ones({2, 3}), ints(1), -1, false, true),
            "embedding: gradients are dense here; use sparse = false"),
};

const Refusals kConverted = {
    REFUSED(ones(1).to(dtype(kFloat64).requires_grad(true)), "to: the options must not ask for requires_grad"),
    REFUSED(ones(1).retain_grad(), "retain_grad: the tensor must require grad"),
};

const Refusals kRandom = {
    REFUSED(bernoulli(ints(2)), "bernoulli: the probabilities must be"),
    REFUSED(bernoulli(full(2, 1.5)),
            "bernoulli: probabilities must be from 0 to 1; got others in a tensor of sizes [2]"),
    REFUSED(ones(2).bernoulli_(ones({2, 2})),
            "bernoulli: the probabilities must broadcast to the sizes of the result, [2]"),
    REFUSED(normal(ones(2), -ones(2)),
            "normal: every std must be 0 or more; got a smaller one in a tensor of sizes [2]"),
    REFUSED(multinomial(ones({}), 1), "multinomial: the weights must be [classes] or [rows, classes]; got sizes []"),
    REFUSED(multinomial(ints(2), 1), "multinomial: the weights must be"),
    REFUSED(multinomial(ones(2), 3), "multinomial: num_samples must be above 0 and, without replacement, at most"),
    REFUSED(ints(2).random_(5, 5), "random_: "),
    REFUSED(zeros(2, kUInt8).random_(256, nullopt), "random_: from must be a value of"),
    REFUSED(ones(2).exponential_(-1), "exponential_: lambd must be 0 or more; got -1"),
    REFUSED(ones(2).log_normal_(0, 0), "log_normal_: std must be above 0; got 0"),
    REFUSED(ones(2).cauchy_(0, 0), "cauchy_: sigma must be above 0; got 0"),
    REFUSED(ones(2).geometric_(1), "geometric_: p must be above 0 and below 1; got 1"),
};

}  // namespace

TEST_CASE("joining and splitting refuse bad arguments") { check_refused(kJoined); }
TEST_CASE("rearranging and views refuse bad arguments") { check_refused(kRearranged); }
TEST_CASE("indexing and searching refuse bad arguments") { check_refused(kIndexed); }
TEST_CASE("products refuse bad operands") { check_refused(kProducts); }
TEST_CASE("normalisation and embedding refuse bad arguments") { check_refused(kNormalised); }
TEST_CASE("random numbers refuse bad arguments") { check_refused(kRandom); }
TEST_CASE("converting and marking tensors refuses bad arguments") { check_refused(kConverted); }
