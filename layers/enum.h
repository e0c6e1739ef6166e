// Tags, named values of options: `MSELossOptions().reduction(taper::kSum)`,
// `init::kaiming_uniform_(w, 0, taper::kFanIn, taper::kReLU)`. Each tag is a type of its own (taper::enumtype::kSum)
// and its one value (taper::kSum), so that an option takes exactly the tags it understands: a std::variant of them.
#pragma once

#include <taper/autograd/ops/loss.h>

#include <string>
#include <variant>

// The tags, as X(name without the k).
// clang-format off
#define TAPER_FOR_EACH_TAG(X)                                                                             \
  X(Linear) X(Conv1D) X(Conv2D) X(Conv3D) X(ConvTranspose1D) X(ConvTranspose2D) X(ConvTranspose3D)        \
  X(Sigmoid) X(Tanh) X(ReLU) X(GELU) X(SiLU) X(Mish) X(LeakyReLU) X(FanIn) X(FanOut)                      \
  X(Constant) X(Reflect) X(Replicate) X(Circular) X(Nearest) X(Bilinear) X(Bicubic) X(Trilinear) X(Area)  \
  X(NearestExact) X(Sum) X(Mean) X(Max) X(None) X(BatchMean) X(Zeros) X(Border) X(Reflection)             \
  X(RNN_TANH) X(RNN_RELU) X(LSTM) X(GRU) X(Valid) X(Same)
// clang-format on

namespace taper {

#define TAPER_TAG(name)                                                 \
  namespace enumtype {                                                  \
  struct k##name {                                                      \
    static constexpr const char* kName = "k" #name;                     \
    friend constexpr bool operator==(k##name, k##name) { return true; } \
  };                                                                    \
  }                                                                     \
  inline constexpr enumtype::k##name k##name{};
TAPER_FOR_EACH_TAG(TAPER_TAG)
#undef TAPER_TAG

namespace enumtype {

// "kMean" for a variant that holds kMean.
template <class Variant>
std::string get_enum_name(const Variant& tag) {
  return std::visit([](const auto& t) { return std::string(t.kName); }, tag);
}

// The Reduction of the loss functions for a variant of kNone, kMean and kSum.
template <class Variant>
Reduction::Reduction reduction_get_enum(const Variant& tag) {
  if (std::holds_alternative<kNone>(tag)) return Reduction::None;
  return std::holds_alternative<kMean>(tag) ? Reduction::Mean : Reduction::Sum;
}

}  // namespace enumtype

// The reductions of most losses.
using ReductionTag = std::variant<enumtype::kNone, enumtype::kMean, enumtype::kSum>;

}  // namespace taper
