// The losses: as a table, as CSV and JSON.
#pragma once

#include <string>
#include <vector>

#include "train.h"

namespace examples::dcgan {

std::string table(const std::vector<Record>& records);
std::string csv(const std::vector<Record>& records);
// NaN and infinity are null.
std::string json(const std::vector<Record>& records, const Options& options, const std::string& data, bool interrupted);

}  // namespace examples::dcgan
