// The same random programs of the tape (tests/autograd/random_program.h) in taper and in libtorch.
#include <taper/taper.h>

#include "autograd/random_steps.h"
#include "catch.h"
#include "libtorch.h"

#include <map>

namespace with_taper {
namespace torch = taper;
using namespace random_programs;
#include "autograd/random_program.h"
}  // namespace with_taper
namespace with_torch {
using namespace random_programs;
#include "autograd/random_program.h"
}  // namespace with_torch

namespace {

using namespace random_programs;

// Where libtorch refuses and taper knows the answer, or refuses later.
bool libtorch_alone_refuses(const std::string& error) {
  for (const char* reason : {
           "uch functions do not allow the output views to be modified inplace",                  // chunk and split
           "created in no_grad mode and its base or another view of its base has been modified",  // a constant here
           "This view was created inside a custom Function",  // taper: only where the change was recorded
           "has been modified by an inplace operation",       // a saved value that no gradient reaches, or a copy of it
           "some elements of the input tensor and the written-to tensor refer to a single memory location",
           "more than one element of the written-to tensor refers to a single memory location",  // the last stays
           "INTERNAL ASSERT FAILED",
       }) {
    if (error.find(reason) != std::string::npos) return true;
  }
  return false;
}

bool changes_in_place(const Program& program) {
  return std::any_of(program.steps.begin(), program.steps.end(), [](const Step& s) {
    return (s.op >= Op::kMulInPlace && s.op <= Op::kTransposeInPlace) || s.op == Op::kDirty ||
           s.op == Op::kHookThatScales;
  });
}

void compare_programs(uint64_t first, uint64_t count) {
  uint64_t both = 0, neither = 0;
  std::map<std::string, int> alone;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const Program program = program_of(seed, seed % 2 == 0);
    Outcome ours = with_taper::run(program), theirs = with_torch::run(program);
    // To libtorch a view made without recording requires grad, and what is made of it, though none ever comes.
    std::erase(ours.retained, kNothing);
    std::erase(theirs.retained, kNothing);
    INFO("program " << seed << "\ntaper: " << ours.error << "\nlibtorch: " << theirs.error.substr(0, 400));
    if (!ours.error.empty() && !theirs.error.empty()) {
      ++neither;
    } else if (!theirs.error.empty()) {
      CHECK(libtorch_alone_refuses(theirs.error));
      ++alone[theirs.error.substr(0, 60)];
    } else {
      if (ours.error.find("must be apart in memory") != std::string::npos) continue;  // refused here alone
      CHECK(ours.error == "");
      if (!ours.error.empty()) continue;
      ++both;
      CHECK(close(ours.loss, theirs.loss, 1e-12));
      CHECK(close(ours.gradients, theirs.gradients, 1e-9));
      // Of a base that was changed through a view libtorch retains the old value's gradient, otherwise the new one's.
      if (!changes_in_place(program)) CHECK(close(ours.retained, theirs.retained, 1e-9));
      CHECK(close(ours.hooks, theirs.hooks, 1e-9));
    }
  }
  CHECK(both > count / 2);
  std::string text = std::to_string(count) + " programs, " + std::to_string(both) + " compared, " +
                     std::to_string(neither) + " refused by both";
  for (const auto& [error, n] : alone) text += "\n  " + std::to_string(n) + " by libtorch alone: " + error;
  UNSCOPED_INFO(text);
  CHECK(both + neither <= count);
  if (count > 5000) WARN(text);
}

}  // namespace

TEST_CASE("random programs do what they do in libtorch") { compare_programs(1, 1000); }
TEST_CASE("twenty thousand random programs do what they do in libtorch", "[.figures]") { compare_programs(1, 20000); }
