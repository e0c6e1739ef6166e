// What every program here does around its work.
#pragma once

#include <functional>
#include <string>

#include "digits.h"
#include "options.h"

namespace examples {

// Takes the threads asked for, and finds out whether there can be files in --out and --json: what can be known before
// minutes of training. From then on Ctrl-C is a question (interrupt.h).
void prepare(const SharedOptions& options);
// The first lines: version, threads, seed, and the images with how long it took to get them; no word of test images
// where `options` have none.
void introduce(const SharedOptions& options);
void introduce(const TrainingOptions& options, const std::string& source, double seconds);
// "(--data DIR or TAPER_DATA for MNIST)" for those who gave neither.
std::string data_hint(const SharedOptions& options);

// Writes one file and says so; a failure is told, in the name of `program`, and leaves the others alone.
bool keep(const char* program, const std::string& path, const std::string& contents);
// The same for what `write` writes to `path`.
bool keep(const char* program, const std::string& path, const std::function<void(const std::string& path)>& write);

// "stopped by Ctrl-C" + `what` + "\n", on stdout, if there was one.
void tell_of_interrupt(const std::string& what);
// For main: 0 when `ok`, 1 when not, 128 and the signal's number after an interrupt.
int exit_code(bool ok);
// body(), or 1 after an exception, which is told.
int run_main(const char* program, const std::function<int()>& body);

}  // namespace examples
