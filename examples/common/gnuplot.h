// Pictures, drawn by gnuplot.
#pragma once

#include <string>

namespace examples {

// The PNG image that gnuplot makes of `script`, for which a terminal of these sizes (in pixels) is set. Empty, with the
// reason in `why`, when gnuplot is not there or fails.
std::string gnuplot_png(const std::string& script, int width, int height, std::string& why);

}  // namespace examples
