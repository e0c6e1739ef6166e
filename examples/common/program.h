// The common frame of these programs.
#pragma once

#include <functional>
#include <string>

#include "digits.h"
#include "options.h"

namespace examples {

// Sets the number of threads and checks that --out and --json can be written, before minutes of training. From then on
// Ctrl-C is handled by interrupt.h.
void prepare(const SharedOptions& options);
// Prints the first lines: version, threads, seed, and the images with their loading time; without test images if
// `options` have none.
void introduce(const SharedOptions& options);
void introduce(const TrainingOptions& options, const std::string& source, double seconds);
// "(--data DIR or TAPER_DATA for MNIST)" for those who gave neither.
std::string data_hint(const SharedOptions& options);

// Writes one file and prints its name; a failure is reported with the name of `program` and does not affect the others.
bool keep(const char* program, const std::string& path, const std::string& contents);
// The same for what `write` writes to `path`.
bool keep(const char* program, const std::string& path, const std::function<void(const std::string& path)>& write);

// "stopped by Ctrl-C" + `what` + "\n", on stdout, if there was one.
void tell_of_interrupt(const std::string& what);
// The exit code: 0 if `ok`, otherwise 1, or 128 plus the signal number after an interrupt.
int exit_code(bool ok);
// body(), or 1 after an exception, which is printed.
int run_main(const char* program, const std::function<int()>& body);

}  // namespace examples
