// Random programs of the tape against finite differences; tests/torch/test_random_programs.cpp compares with libtorch.
#include <taper/taper.h>

#include "autograd/random_steps.h"
#include "catch.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace {

namespace torch = taper;
using namespace random_programs;
#include "autograd/random_program.h"

// The derivative of the loss by central differences, leaf by leaf.
std::vector<double> differences(const Program& program) {
  std::vector<double> gradients;
  auto leaves = program.leaves;
  for (auto& leaf : leaves) {
    for (double& x : leaf) {
      const double before = x, step = 1e-6;
      x = before + step;
      const double up = loss_at(program, leaves);
      x = before - step;
      const double down = loss_at(program, leaves);
      x = before;
      gradients.push_back((up - down) / (2 * step));
    }
  }
  return gradients;
}

void check_programs(uint64_t first, uint64_t count) {
#if defined(__SANITIZE_ADDRESS__)
  // A tensor that a node has saved, and that is then changed by what comes from it, holds itself, as in libtorch.
  const __lsan::ScopedDisabler leaks_are_known;
#endif
  uint64_t finished = 0, judged = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    Program program = program_of(seed, true);
    program.twice = false;
    const Outcome outcome = run(program);
    if (!outcome.error.empty()) continue;
    ++finished;
    const auto steep = [](double g) { return std::abs(g) > 1e3; };  // differences say little there
    if (std::any_of(outcome.gradients.begin(), outcome.gradients.end(), steep)) continue;
    ++judged;
    INFO("program " << seed);
    CHECK(close(outcome.gradients, differences(program), 1e-5));
  }
  CHECK(finished > count / 2);
  CHECK(judged > count / 3);
  if (count > 5000) WARN(count << " programs, " << finished << " finished, " << judged << " judged");
}

}  // namespace

TEST_CASE("random programs have the gradient of their loss") { check_programs(1, 500); }
TEST_CASE("twenty thousand random programs", "[.figures]") { check_programs(1000, 20000); }
