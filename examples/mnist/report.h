// The results: as a table, as CSV and JSON.
#pragma once

#include <string>
#include <vector>

#include "train.h"

namespace examples::mnist {

// One column per network, one line per epoch, then speed and checksum. Every result has at least one epoch, here and
// below.
std::string table(const std::vector<Result>& results, int64_t epochs);
// net,epoch,loss,test_accuracy,train_seconds
std::string csv(const std::vector<Result>& results);
// An object per network, after the options. A NaN or infinite loss is null.
std::string json(const std::vector<Result>& results, const Options& options, const std::string& data, bool interrupted);

}  // namespace examples::mnist
