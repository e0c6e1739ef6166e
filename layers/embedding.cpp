#include <taper/layers/embedding.h>

#include <taper/core/factories.h>
#include <taper/layers/init.h>

namespace taper::nn {
namespace {

// The index of the row, counted from 0.
optional<int64_t> padding_row(const char* name, const optional<int64_t>& padding_idx, int64_t rows) {
  if (!padding_idx) return nullopt;
  TAPER_CHECK_VALUE(*padding_idx >= -rows && *padding_idx < rows, name,
                    ": padding_idx must be a row of the weight, which has ", rows, "; got ", *padding_idx);
  return *padding_idx < 0 ? *padding_idx + rows : *padding_idx;
}

// The forward of layer and function.
template <class Options>
Tensor look_up(const Tensor& input, const Tensor& weight, const Options& options) {
  TAPER_CHECK_VALUE(weight.dim() == 2, "embedding: the weight must be [num_embeddings, embedding_dim]; got sizes ",
                    weight.sizes());
  const optional<int64_t> padding = padding_row("embedding", options.padding_idx(), weight.size(0));
  if (options.max_norm()) embedding_renorm_(weight, input, *options.max_norm(), options.norm_type());
  return embedding(weight, input, padding.value_or(-1), options.scale_grad_by_freq(), options.sparse());
}

}  // namespace

Tensor functional::embedding(const Tensor& input, const Tensor& weight, const EmbeddingFuncOptions& options) {
  return look_up(input, weight, options);
}

EmbeddingImpl::EmbeddingImpl(const EmbeddingOptions& options_) : Layer(options_) { EmbeddingImpl::reset(); }

void EmbeddingImpl::reset() {
  const int64_t rows = options.num_embeddings(), width = options.embedding_dim();
  TAPER_CHECK_VALUE(rows >= 0 && width >= 0, "Embedding: num_embeddings and embedding_dim must not be negative; got ",
                    rows, " and ", width);
  TAPER_CHECK_AS(NotImplementedError, !options.sparse(), "Embedding: gradients are dense here; use sparse(false)");
  options.padding_idx(padding_row("Embedding", options.padding_idx(), rows));
  if (options._weight().defined()) {
    TAPER_CHECK_VALUE(options._weight().sizes() == IntArrayRef({rows, width}), "Embedding: the weight must be [", rows,
                      ", ", width, "], as num_embeddings and embedding_dim say; got sizes ", options._weight().sizes());
    weight = register_parameter("weight", options._weight());
    options._weight(Tensor());  // a clone has its own
  } else {
    weight = register_parameter("weight", empty({rows, width}));
    reset_parameters();
  }
}

void EmbeddingImpl::reset_parameters() {
  init::normal_(weight);
  if (!options.padding_idx()) return;
  const NoGradGuard no_grad;
  weight[*options.padding_idx()].zero_();
}

void EmbeddingOptions::print(detail::FieldPrinter& out) const {
  out("num_embeddings, embedding_dim", {num_embeddings_, embedding_dim_});
  if (padding_idx_) out("padding_idx", {*padding_idx_});
  if (max_norm_) out("max_norm", {*max_norm_});
  if (norm_type_ != 2) out("norm_type", {norm_type_});
  if (scale_grad_by_freq_) out("scale_grad_by_freq", {scale_grad_by_freq_});
}

Tensor EmbeddingImpl::layer_forward(const Tensor& indices) { return look_up(indices, weight, options); }

Embedding Embedding::from_pretrained(const Tensor& embeddings, const EmbeddingFromPretrainedOptions& options) {
  TAPER_CHECK_VALUE(embeddings.dim() == 2, "Embedding: the weight must be [num_embeddings, embedding_dim]; got sizes ",
                    embeddings.sizes());
  Embedding layer(EmbeddingOptions(embeddings.size(0), embeddings.size(1))
                      ._weight(embeddings)
                      .padding_idx(options.padding_idx())
                      .max_norm(options.max_norm())
                      .norm_type(options.norm_type())
                      .scale_grad_by_freq(options.scale_grad_by_freq())
                      .sparse(options.sparse()));
  layer->weight.set_requires_grad(!options.freeze());
  return layer;
}

}  // namespace taper::nn
