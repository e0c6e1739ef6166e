// The time of every function, forward and backward, for tensors of four sizes: the same source for taper (functions)
// and for libtorch (functions_torch). compare_functions.sh has both measure the same case in turn.
//
//   functions --list                prints the cases: FAMILY|FUNCTION|forward or backward|SIZE
//   functions [--threads N]         reads the number of a case, from 0, and answers with the nanoseconds of one call
//
// One thread by default, whose processor time is taken; the time of several is by the clock. A case that is asked for
// again continues, so that the driver can alternate, and is through after kEnough seconds.
#include "functions.h"

#include <ctime>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <limits>
#include <string>

#include "functions_along.h"
#include "functions_elementwise.h"
#include "functions_moves.h"

namespace {

using namespace bench;

constexpr double kSlice = 0.003, kEnough = 0.4;  // seconds of one answer, if calls are shorter; of a case

struct Case {
  const Row* row;
  const Size* size;
  bool backward;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Rows* rows : {&unary_rows(), &binary_rows(), &activation_rows(), &loss_rows(), &reduce_rows(),
                           &norm_rows(), &pool_rows(), &order_rows(), &index_rows(), &copy_rows(), &fill_rows()}) {
    for (const Row& row : *rows) {
      for (const Size& size : all_sizes()) {
        for (const bool backward : {false, true}) {
          if (row.grads > 0 || !backward) cases.push_back({&row, &size, backward});
        }
      }
    }
  }
  return cases;
}

double seconds(bool of_processor) {
  timespec t;
  clock_gettime(of_processor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// One call of the function; in the backward pass forward, with recording, and backward.
std::function<void()> make_call(const Case& c) {
  torch::manual_seed(1);
  Tensors inputs = c.row->inputs(*c.size);
  const auto function = c.row->function;
  if (!c.backward) {
    return [=] {
      const torch::NoGradGuard no_grad;
      function(inputs);
    };
  }
  Tensors leaves;
  for (size_t i = 0; i < static_cast<size_t>(c.row->grads); ++i) {
    inputs[i] = inputs[i].detach();
    inputs[i].requires_grad_();
    leaves.push_back(inputs[i]);
  }
  const Tensor dy = torch::full_like(function(inputs).detach(), 0.5);
  return [=] { torch::autograd::grad({function(inputs)}, leaves, {dy}); };
}

class Measurement {
 public:
  Measurement(const Case& c, bool of_processor) : call_(make_call(c)), of_processor_(of_processor) {
    const double first = run(1);
    best_ = spent_ = first;
    if (first > 0.3 * kEnough) return;
    calls_ = std::clamp<int64_t>(static_cast<int64_t>(kSlice / run(1)), 1, 100000);
    run(calls_ / 4);
    best_ = std::numeric_limits<double>::infinity(), spent_ = 0;
  }
  double next() {
    if (spent_ < kEnough) best_ = std::min(best_, run(calls_));
    return best_;
  }

 private:
  double run(int64_t calls) {
    const double start = seconds(of_processor_);
    for (int64_t i = 0; i < calls; ++i) call_();
    const double took = seconds(of_processor_) - start;
    spent_ += took;
    return std::max(took, 1e-9) / static_cast<double>(std::max<int64_t>(calls, 1));
  }

  std::function<void()> call_;
  bool of_processor_;
  int64_t calls_ = 1;
  double best_ = 0, spent_ = 0;
};

int serve(const std::vector<Case>& cases, int threads) {
  torch::set_num_threads(threads);
  std::unique_ptr<Measurement> measurement;
  size_t current = cases.size();
  for (std::string line; std::getline(std::cin, line);) {
    const size_t wanted = std::strtoul(line.c_str(), nullptr, 10);
    double took = 0;
    try {
      if (wanted != current) {
        measurement.reset();
        measurement = std::make_unique<Measurement>(cases.at(wanted), threads == 1);
        current = wanted;
      }
      took = measurement->next();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    std::printf("%.1f\n", 1e9 * took);  // 0: it cannot be done
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::vector<Case> cases = all_cases();
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    for (const Case& c : cases) {
      std::printf("%s|%s|%s|%s\n", c.row->family, c.row->name, c.backward ? "backward" : "forward", c.size->name);
    }
    return 0;
  }
  const int threads = argc == 3 && std::strcmp(argv[1], "--threads") == 0 ? std::atoi(argv[2]) : argc == 1 ? 1 : 0;
  if (threads > 0) return serve(cases, threads);
  std::fprintf(stderr, "usage: %s --list | [--threads N]\n", argv[0]);
  return 2;
}
