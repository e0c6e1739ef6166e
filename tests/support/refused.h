// Tables of calls that must be refused, with the beginning of the error's text.
#pragma once

#include "catch.h"
#include "support/text.h"

#include <vector>

namespace support {

struct Refusal {
  void (*call)();
  const char* text;
};
using Refusals = std::vector<Refusal>;

#define REFUSED(call, text)               \
  {                                       \
    [] { static_cast<void>(call); }, text \
  }

inline void check_refused(const Refusals& refusals) {
  for (const Refusal& refusal : refusals) {
    CHECK_THAT(error_of(refusal.call), Catch::Matchers::StartsWith(refusal.text));
  }
}

}  // namespace support
