// libtorch beside Catch2: where it brings glog along, that has a CHECK of its own, which ends the program.
#pragma once

#pragma push_macro("CHECK")
#include <torch/torch.h>
#pragma pop_macro("CHECK")
