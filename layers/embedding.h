// Embedding: a table of vectors, looked up by index: y[i, :] = weight[x[i], :].
//
//   input    indices of any sizes, int64 or int32, from 0 to num_embeddings - 1
//   output   [sizes of the input, embedding_dim]
//   weight   [num_embeddings, embedding_dim], initially standard normal; 0 in the row of padding_idx
//
//   taper::nn::Embedding words(10000, 64);
//   taper::Tensor y = words(taper::tensor({3, 14, 15}));               // [3, 64]
//   auto given = taper::nn::Embedding::from_pretrained(table);          // frozen by default
//
// IndexError for an index outside the table. The gradient of the weight is dense. Bengio et al. 2003.
#pragma once

#include <taper/autograd/functions.h>
#include <taper/layers/layer.h>

namespace taper::nn {

// What layer and function have in common.
//
// padding_idx         a row that gets no gradient, initially 0; negative numbers count from the end
// max_norm            before it is used, a row whose norm is larger is scaled down to this, in the weight itself
// norm_type           the p of that norm
// scale_grad_by_freq  whether the gradient of a row is divided by how often its index occurs in the batch
// sparse              not supported: true is a NotImplementedError
#define TAPER_EMBEDDING_ARGS                           \
  TAPER_ARG(optional<int64_t>, padding_idx) = nullopt; \
  TAPER_ARG(optional<double>, max_norm) = nullopt;     \
  TAPER_ARG(double, norm_type) = 2.;                   \
  TAPER_ARG(bool, scale_grad_by_freq) = false;         \
  TAPER_ARG(bool, sparse) = false

struct EmbeddingOptions {
  EmbeddingOptions(int64_t num_embeddings, int64_t embedding_dim)
      : num_embeddings_(num_embeddings), embedding_dim_(embedding_dim) {}
  TAPER_ARG(int64_t, num_embeddings);
  TAPER_ARG(int64_t, embedding_dim);
  TAPER_EMBEDDING_ARGS;
  // The initial weight itself, not a copy; undefined for a random one.
  TAPER_ARG(Tensor, _weight) = Tensor();

 public:
  TAPER_API void print(detail::FieldPrinter& out) const;
};

struct EmbeddingFromPretrainedOptions {
  // Whether the weight is constant: requires no gradient.
  TAPER_ARG(bool, freeze) = true;
  TAPER_EMBEDDING_ARGS;
};

namespace functional {

struct EmbeddingFuncOptions {
  TAPER_EMBEDDING_ARGS;
};
#undef TAPER_EMBEDDING_ARGS

using taper::one_hot;
// weight: [num_embeddings, embedding_dim], which max_norm changes.
TAPER_API Tensor embedding(const Tensor& input, const Tensor& weight, const EmbeddingFuncOptions& options = {});

}  // namespace functional

class TAPER_API EmbeddingImpl : public Layer<EmbeddingImpl, EmbeddingOptions, const Tensor&> {
 public:
  EmbeddingImpl(int64_t num_embeddings, int64_t embedding_dim)
      : EmbeddingImpl(EmbeddingOptions(num_embeddings, embedding_dim)) {}
  explicit EmbeddingImpl(const EmbeddingOptions& options_);

  void reset() override;
  void reset_parameters();

  Tensor weight;

 protected:
  Tensor layer_forward(const Tensor& indices) override;
};

class Embedding : public ModuleHolder<EmbeddingImpl> {
 public:
  using ModuleHolder<EmbeddingImpl>::ModuleHolder;
  using Impl = EmbeddingImpl;

  // A layer on `embeddings` [num_embeddings, embedding_dim] itself, not on a copy.
  TAPER_API static Embedding from_pretrained(const Tensor& embeddings,
                                             const EmbeddingFromPretrainedOptions& options = {});
};

}  // namespace taper::nn
