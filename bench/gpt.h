// A small GPT (Radford et al. 2019), by hand, for taper and libtorch alike.
//
//   B = sequences, T = tokens in each, C = width, H = heads
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace bench {

constexpr int64_t kTokens = 64, kWidth = 128, kHeads = 4, kBlocks = 4, kVocabulary = 65;

// x + attention(norm(x)), then x + mlp(norm(x))                     x, y [B, T, C]
struct GptBlockImpl : torch::nn::Module {
  GptBlockImpl() {
    register_module("norm1", norm1);
    register_module("norm2", norm2);
    register_module("qkv", qkv);
    register_module("project", project);
    register_module("widen", widen);
    register_module("narrow", narrow);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = x + project(attention(qkv(norm1(x))));
    return y + narrow(torch::gelu(widen(norm2(y))));
  }

 private:
  // Each token's average of the values of those up to it.                 [B, T, 3 C] -> [B, T, C]
  static torch::Tensor attention(const torch::Tensor& qkv) {
    const int64_t B = qkv.size(0);
    const auto heads = qkv.view({B, kTokens, 3, kHeads, kWidth / kHeads}).permute({2, 0, 3, 1, 4});
    const auto q = heads[0], k = heads[1], v = heads[2];  // [B, H, T, C / H]
    const auto later = torch::ones({kTokens, kTokens}, torch::kBool).triu(1);
    const auto scores = torch::matmul(q, k.transpose(2, 3)) / std::sqrt(static_cast<double>(kWidth / kHeads));
    const auto weights = scores.masked_fill(later, -std::numeric_limits<float>::infinity()).softmax(3);
    return torch::matmul(weights, v).transpose(1, 2).reshape({B, kTokens, kWidth});
  }

  torch::nn::LayerNorm norm1{torch::nn::LayerNormOptions({kWidth})}, norm2{torch::nn::LayerNormOptions({kWidth})};
  torch::nn::Linear qkv{kWidth, 3 * kWidth}, project{kWidth, kWidth};
  torch::nn::Linear widen{kWidth, 4 * kWidth}, narrow{4 * kWidth, kWidth};
};
TORCH_MODULE(GptBlock);

// tokens [B, T], integers -> scores of the next ones [B T, vocabulary]
struct GptImpl : torch::nn::Module {
  GptImpl() {
    register_module("token", token);
    register_module("position", position);
    register_module("blocks", blocks);
    register_module("norm", norm);
    register_module("head", head);
    for (int64_t i = 0; i < kBlocks; ++i) blocks->push_back(GptBlock());
  }
  torch::Tensor forward(const torch::Tensor& tokens) {
    const auto x = token(tokens) + position(torch::arange(kTokens, torch::kLong));
    return head(norm(blocks->forward(x))).view({-1, kVocabulary});
  }

 private:
  torch::nn::Embedding token{kVocabulary, kWidth}, position{kTokens, kWidth};
  torch::nn::Sequential blocks;
  torch::nn::LayerNorm norm{torch::nn::LayerNormOptions({kWidth})};
  torch::nn::Linear head{kWidth, kVocabulary};
};
TORCH_MODULE(Gpt);

}  // namespace bench
