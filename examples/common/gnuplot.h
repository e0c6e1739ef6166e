// Images drawn by gnuplot.
#pragma once

#include <string>

namespace examples {

// The PNG image that gnuplot draws from `script` in a terminal of these sizes (in pixels). Empty, with the reason in
// `why`, if gnuplot is not installed or fails.
std::string gnuplot_png(const std::string& script, int width, int height, std::string& why);

}  // namespace examples
