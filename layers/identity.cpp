#include <taper/layers/identity.h>

#include <ostream>

namespace taper::nn {

void IdentityImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Identity()"; }

}  // namespace taper::nn
