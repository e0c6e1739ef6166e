// The result: as a table, as CSV and JSON.
#pragma once

#include <string>

#include "train.h"

namespace examples::sequences {

std::string table(const Result& result);
std::string csv(const Result& result);
// NaN and infinity are null.
std::string json(const Result& result, const Options& options, const std::string& data, bool interrupted);

}  // namespace examples::sequences
