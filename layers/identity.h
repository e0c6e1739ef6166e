// Identity: y = x. Ignores the arguments of its constructor, so that it can replace another layer.
#pragma once

#include <taper/layers/layer.h>

namespace taper::nn {

class TAPER_API IdentityImpl : public Layer<IdentityImpl, NoOptions, const Tensor&> {
 public:
  IdentityImpl() = default;
  IdentityImpl(const IdentityImpl&) = default;
  IdentityImpl& operator=(const IdentityImpl&) = default;
  template <class... Args>
  requires(sizeof...(Args) > 0 && !(sizeof...(Args) == 1 && (std::is_base_of_v<Module, std::remove_cvref_t<Args>> &&
                                                             ...))) explicit IdentityImpl(Args&&...) {}

 protected:
  Tensor layer_forward(const Tensor& x) override;
};
TAPER_MODULE(Identity);

}  // namespace taper::nn
