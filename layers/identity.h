// Identity: y = x. Takes any constructor arguments and ignores them, so that it can stand in for another layer.
#pragma once

#include <taper/layers/cloneable.h>

namespace taper::nn {

class TAPER_API IdentityImpl : public Cloneable<IdentityImpl> {
 public:
  IdentityImpl() = default;
  IdentityImpl(const IdentityImpl&) = default;
  IdentityImpl& operator=(const IdentityImpl&) = default;
  template <class... Args>
  requires(sizeof...(Args) > 0 && !(sizeof...(Args) == 1 && (std::is_base_of_v<Module, std::remove_cvref_t<Args>> &&
                                                             ...))) explicit IdentityImpl(Args&&...) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input) {
    return detail::call_module(*this, &input, [&] { return input; });
  }
};
TAPER_MODULE(Identity);

}  // namespace taper::nn
