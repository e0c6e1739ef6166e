#include <taper/optim/optimizer.h>
#include <taper/serialize/serialize.h>

namespace taper::optim {

void Optimizer::save(serialize::OutputArchive& archive) const { archive << state_dict(); }
void Optimizer::load(serialize::InputArchive& archive) { serialize::detail::load_state(*this, archive); }

}  // namespace taper::optim
