// The results: as a table, as CSV and JSON.
#pragma once

#include <string>
#include <vector>

#include "train.h"

namespace examples::resnet {

std::string table(const std::vector<Epoch>& epochs);
std::string csv(const std::vector<Epoch>& epochs);
// A NaN or infinite loss is null.
std::string json(const std::vector<Epoch>& epochs, const Options& options, const std::string& data, int64_t parameters,
                 bool interrupted);

}  // namespace examples::resnet
