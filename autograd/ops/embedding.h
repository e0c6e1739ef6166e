// Rows of a matrix picked by index: taper::nn::Embedding as functions.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y[...] = weight[indices[...]]: weight [num_embeddings, embedding_dim], indices of any sizes, int64 or int32
//                                                          dweight = dy added up at the indices
// padding_idx gets no gradient (none when negative); with scale_grad_by_freq each row's is divided by how often its
// index occurs. IndexError for an index outside [0, num_embeddings), NotImplementedError for sparse gradients.
TAPER_API Tensor embedding(const Tensor& weight, const Tensor& indices, int64_t padding_idx = -1,
                           bool scale_grad_by_freq = false, bool sparse = false);

// Scales, in place and without derivative, the rows of the weight that the indices name down to a norm_type-norm of
// max_norm where theirs is larger. Errors as of embedding.
TAPER_API Tensor embedding_renorm_(const Tensor& weight, const Tensor& indices, double max_norm, double norm_type);

}  // namespace taper
