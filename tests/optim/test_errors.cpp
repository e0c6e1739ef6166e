// Optimisers and schedulers refuse bad settings, and say which: a row a check. Those of an optimiser's options are
// under contract.
#include <taper/taper.h>

#include "catch.h"
#include "support/refused.h"

using namespace taper;
using namespace taper::optim;
using namespace support;

namespace {

template <class Scheduler, class... Settings>
void schedule(Settings... settings) {
  SGD optimizer({ones(1).requires_grad_()}, 0.1);
  Scheduler(optimizer, settings...);
}

using Plateau = ReduceLROnPlateau;
constexpr auto kMin = Plateau::min;
constexpr auto kRel = Plateau::rel;

double same(int64_t) { return 1; }

const Refusals kSettings = {
    REFUSED(SGD({zeros(1, kInt64)}, 0.1), "Optimizer: a parameter must be"),
    REFUSED(SGD(std::vector<OptimizerParamGroup>(), 0.1).parameters(), "Optimizer::parameters: there must be a"),
    REFUSED(schedule<LambdaLR>(std::vector<LambdaLR::Function>{same, same}),
            "LambdaLR: there must be one function, or"),
    REFUSED(schedule<LinearLR>(0.5, 2., 3), "LinearLR: end_factor must be from 0 to 1; got 2"),
    REFUSED(schedule<MultiStepLR>(std::vector<int64_t>{1}, -1.),
            "MultiStepLR: gamma must be a finite number, 0 or more"),
    REFUSED(schedule<Plateau>(kMin, 0.1, -1), "ReduceLROnPlateau: patience must be 0 or more; got -1"),
    REFUSED(schedule<Plateau>(kMin, 0.1, 1, -1.), "ReduceLROnPlateau: threshold must be a finite number, 0 or more"),
    REFUSED(schedule<Plateau>(kMin, 0.1, 1, 0., kRel, -1), "ReduceLROnPlateau: cooldown must be 0 or more; got -1"),
    REFUSED(schedule<Plateau>(kMin, 0.1, 1, 0., kRel, 0, std::vector<double>{0, 0}),
            "ReduceLROnPlateau: min_lr must be one value, or one for each parameter group; got 2 for 1 groups"),
    REFUSED(schedule<Plateau>(kMin, 0.1, 1, 0., kRel, 0, std::vector<double>{-1}),
            "ReduceLROnPlateau: min_lr must be a finite number, 0 or more; got -1"),
    REFUSED(schedule<Plateau>(kMin, 0.1, 1, 0., kRel, 0, std::vector<double>{}, -1.),
            "ReduceLROnPlateau: eps must be a finite number, 0 or more; got -1"),
};

}  // namespace

TEST_CASE("optimisers and schedulers refuse bad settings") { check_refused(kSettings); }
