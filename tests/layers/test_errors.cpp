// Layers refuse bad options and inputs, and say which: a row a check. What needs more than a call stands with the tests
// of the layer.
#include <taper/taper.h>

#include "catch.h"
#include "support/refused.h"

using namespace taper;
using namespace taper::nn;
using namespace support;

namespace {

Tensor ints(IntArrayRef sizes) { return zeros(sizes, kInt64); }

const Refusals kOptions = {
    REFUSED(Conv2d(Conv2dOptions(2, 2, 3).groups(0)), "Conv2d: groups must be at least 1; got 0"),
    REFUSED(Embedding(-1, 2), "Embedding: num_embeddings and embedding_dim must not be negative; got -1 and 2"),
    REFUSED(Embedding::from_pretrained(ones(2)), "Embedding: the weight must be [num_embeddings, embedding_dim]"),
    REFUSED(InstanceNorm2d(InstanceNorm2dOptions(2).momentum(2)), "InstanceNorm: momentum must be from 0 to 1; got 2"),
    REFUSED(LayerNorm(LayerNormOptions({})), "LayerNorm: normalized_shape must name at least one dimension; got []"),
    REFUSED(LayerNorm(LayerNormOptions({2}).eps(-1)), "LayerNorm: eps must not be negative; got -1"),
    REFUSED(GroupNorm(GroupNormOptions(1, 2).eps(-1)), "GroupNorm: eps must not be negative; got -1"),
    REFUSED(Linear(1, 1)->to(kInt64), "Module::to: the dtype must be"),
    REFUSED(Linear(1, 1)->register_parameter("n", ints(1)), "register_parameter: a trainable parameter must be"),
    REFUSED(Sequential(Linear(1, 1))->replace_module("0", std::shared_ptr<LinearImpl>()),
            "replace_module: the module must not be null; got null for '0'"),
    REFUSED(ModuleList()->insert(1, Linear(1, 1).ptr()), "ModuleList: the position must be at most the size"),
    REFUSED(AnyModule(std::shared_ptr<LinearImpl>()), "AnyModule: the module must not be null"),
};

const Refusals kInputs = {
    REFUSED(ConvTranspose1d(1, 1, 1)->forward(ones(2), IntArrayRef{2}),
            "ConvTranspose1d: the input must have 3 dimensions, or one less without a batch; got sizes [2]"),
    REFUSED(ConvTranspose1d(1, 1, 1)->forward(ones({1, 1, 2}), IntArrayRef{1, 2}),
            "ConvTranspose1d: output_size must be the 1 spatial sizes, or all 3; got [1, 2]"),
    REFUSED(functional::dropout2d(ones({})), "dropout2d: the input must be [N, C, H, W] or [C, H, W]; got a zero-dim"),
    REFUSED(functional::dropout2d(ints({1, 2, 2})), "dropout2d: the input must be of a floating-point type"),
    REFUSED(functional::normalize(ones({2, 2}), functional::NormalizeFuncOptions().out(ints({2, 2}))),
            "normalize: `out` must be"),
    REFUSED(init::orthogonal_(ones(2)), "orthogonal_: the tensor must have two dims or more; got sizes [2]"),
    REFUSED(utils::fuse_bn_weights(ones(2), {}, *BatchNorm1d(2)),
            "fuse_bn_weights: the weight must be [C, ...]; got sizes [2]"),
    REFUSED(utils::statistics_distance(ones(2), ones(2), ones(1), ones(1), 0),
            "statistics_distance: all four must have the"),
    REFUSED(utils::clip_grad_norm_(ones(1), 1, 0), "clip_grad_norm_: norm_type must be above 0; got 0"),
};

}  // namespace

TEST_CASE("layers and containers refuse bad options and members") { check_refused(kOptions); }
TEST_CASE("layers and functions refuse bad inputs") { check_refused(kInputs); }
