// Settings of the whole process for one scope.
#pragma once

#include <taper/core/error.h>
#include <taper/core/parallel.h>

#include "support/tensors.h"

#include "catch.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace support {

// Warnings are kept here instead of printed.
struct CatchWarnings : taper::WarningHandler {
  void process(const taper::SourceLocation&, const std::string& message, bool) override { messages.push_back(message); }
  std::vector<std::string> messages;
  const taper::Warning::WarningHandlerGuard guard{this};
};

// A number of threads, which may be above that of the processors.
struct Threads {
  explicit Threads(int n) {
    const CatchWarnings of_too_many;
    taper::set_num_threads(n);
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    const CatchWarnings of_too_many;
    taper::set_num_threads(before);
  }
  const int before = taper::get_num_threads();
};

// The tensors that run() gives have the same bits with any of these numbers of threads.
void check_threads(const auto& run, std::initializer_list<int> counts = {1, 2, 3}) {
  std::vector<taper::Tensor> first;
  for (const int n : counts) {
    const Threads threads(n);
    const std::vector<taper::Tensor> now = run();
    if (first.empty()) first = now;
    REQUIRE(now.size() == first.size());
    for (size_t i = 0; i < now.size(); ++i) {
      INFO(n << " threads, result " << i);
      CHECK(same_bits(now[i], first[i]));
    }
  }
}

}  // namespace support
