#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "catch.h"

#include <sstream>

using namespace taper;
namespace F = taper::nn::functional;

TEST_CASE("Embedding looks rows up, for indices of any sizes and both integer dtypes") {
  manual_seed(0);
  nn::Embedding table(7, 3);
  const Tensor words = tensor({0, 6, 2, 2}).view({2, 2});
  const Tensor y = table(words);
  CHECK(y.sizes() == IntArrayRef({2, 2, 3}));
  CHECK(y[0][1].equal(table->weight[6]));
  CHECK(table(words.to(kInt32)).equal(y));
  CHECK(table(words.t())[1][0].equal(table->weight[6]));
  CHECK(table(tensor(4)).equal(table->weight[4]));
  CHECK(table(empty({0, 5}, kInt64)).sizes() == IntArrayRef({0, 5, 3}));
  y.sum().backward();
  CHECK(table->weight.grad().select(1, 0).equal(tensor({1.f, 0.f, 2.f, 0.f, 0.f, 0.f, 1.f})));
  table->to(kFloat64);
  CHECK(table(words).dtype() == kFloat64);
}

TEST_CASE("Embedding: padding_idx is a row of zeros without gradient, counted from either end") {
  nn::Embedding table(nn::EmbeddingOptions(5, 2).padding_idx(-2));
  CHECK(*table->options.padding_idx() == 3);
  CHECK(table->weight[3].equal(zeros({2})));
  table(tensor({3, 1})).sum().backward();
  CHECK(table->weight.grad()[3].equal(zeros({2})));
  CHECK(table->weight.grad()[1].equal(ones({2})));
}

TEST_CASE("Embedding: max_norm scales the rows that are used, in the weight") {
  const Tensor weight = tensor({3.0, 4.0, 0.3, 0.4, 6.0, 8.0}).view({3, 2});
  nn::Embedding table = nn::Embedding::from_pretrained(weight, nn::EmbeddingFromPretrainedOptions().max_norm(1));
  const Tensor y = table(tensor({0, 1, 0}));
  CHECK(y.allclose(tensor({0.6, 0.8, 0.3, 0.4, 0.6, 0.8}).view({3, 2})));
  CHECK(weight.allclose(tensor({0.6, 0.8, 0.3, 0.4, 6.0, 8.0}).view({3, 2})));
  CHECK(F::embedding(tensor({2}), weight, F::EmbeddingFuncOptions().max_norm(7).norm_type(1))
            .allclose(tensor({3.0, 4.0})));
}

TEST_CASE("from_pretrained uses the table itself, frozen; a clone has its own") {
  manual_seed(1);
  const Tensor given = randn({4, 3});
  nn::Embedding table = nn::Embedding::from_pretrained(given);
  CHECK(table->weight.is_alias_of(given));
  CHECK(!table->weight.requires_grad());
  CHECK(nn::Embedding::from_pretrained(given.clone(), nn::EmbeddingFromPretrainedOptions().freeze(false))
            ->weight.requires_grad());
  const auto copy = std::dynamic_pointer_cast<nn::EmbeddingImpl>(table->clone());
  CHECK(copy->weight.equal(given));
  CHECK(!copy->weight.is_alias_of(given));
  nn::Embedding other(4, 3);
  other->load_state_dict(table->state_dict());
  CHECK(other->weight.equal(given));
  nn::Sequential net(nn::Embedding(4, 3), nn::Linear(3, 2));
  CHECK(net->forward(tensor({1, 2})).sizes() == IntArrayRef({2, 2}));
}

TEST_CASE("Embedding: misuse is an error that says what must hold") {
  nn::Embedding table(4, 3);
  CHECK_THROWS_WITH(table(tensor({1, 4})),
                    "embedding: indices must be from 0 to 3, the last row of the weight; got 4 (in module Embedding)");
  CHECK_THROWS_WITH(F::embedding(tensor({-1}), table->weight),
                    "embedding: indices must be from 0 to 3, the last row of the weight; got -1");
  CHECK_THROWS_WITH(F::embedding(zeros({1}), table->weight),
                    "embedding: the indices must be int64 or int32; got Float; convert them with .to(taper::kInt64)");
  CHECK_THROWS_WITH(F::embedding(tensor({1}), zeros({3})),
                    "embedding: the weight must be [num_embeddings, embedding_dim]; got sizes [3]");
  CHECK_THROWS_WITH(nn::Embedding(nn::EmbeddingOptions(4, 3).padding_idx(4)),
                    "Embedding: padding_idx must be a row of the weight, which has 4; got 4");
  CHECK_THROWS_WITH(nn::Embedding(nn::EmbeddingOptions(4, 3)._weight(zeros({3, 4}))),
                    "Embedding: the weight must be [4, 3], as num_embeddings and embedding_dim say; got sizes [3, 4]");
  CHECK_THROWS_AS(nn::Embedding(nn::EmbeddingOptions(4, 3).sparse(true)), NotImplementedError);
}

TEST_CASE("Embedding: indices overwritten before backward are an error, not a wrong gradient") {
  const Tensor weight = zeros({4, 1}).set_requires_grad(true), indices = tensor({0, 1});
  const Tensor y = F::embedding(indices, weight);
  indices.fill_(3);
  CHECK_THROWS_WITH(y.sum().backward(), ContainsSubstring("EmbeddingBackward0"));
}
