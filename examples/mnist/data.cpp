#include "data.h"

#include <taper/core/error.h>

namespace examples::mnist {
namespace {

void fit(const char* option, int64_t& wanted, const Digits& digits) {
  const auto there = static_cast<int64_t>(*digits.size());
  TAPER_CHECK_VALUE(wanted <= there, option, ": must be at most ", there, ", the number of images in the data; got ",
                    wanted);
  if (wanted == 0) wanted = there;
}

}  // namespace

Data load(Options& options) {
  Data data = load_digits(options.data, options.train_size, options.test_size);
  fit("--train-size", options.train_size, data.train);
  fit("--test-size", options.test_size, data.test);
  return data;
}

}  // namespace examples::mnist
