#include "program.h"

#include <taper/core/parallel.h>
#include <taper/version.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "files.h"
#include "interrupt.h"
#include "text.h"

namespace examples {

void prepare(const SharedOptions& options) {
  taper::set_num_threads(options.threads);
  check_folder("--out", options.out);
  if (!options.json.empty()) check_file("--json", options.json);
  watch_for_interrupts();
}

std::string data_hint(const SharedOptions& options) {
  return options.data.empty() ? " (--data DIR or TAPER_DATA for MNIST)" : "";
}

void introduce(const SharedOptions& options) {
  std::printf("taper %s, %s, seed %llu\n", taper::kVersion, counted(options.threads, "thread").c_str(),
              static_cast<unsigned long long>(options.seed));
}

void introduce(const TrainingOptions& options, const std::string& source, double seconds) {
  introduce(options);
  std::string images = counted(options.train_size, "training image");
  if (options.test_size > 0) images += " and " + counted(options.test_size, "test image");
  std::printf("data: %s, %s, ready in %.1f s%s\n", source.c_str(), images.c_str(), seconds, data_hint(options).c_str());
}

bool keep(const char* program, const std::string& path, const std::string& contents) {
  return keep(program, path, [&](const std::string& file) { write_file(file, contents); });
}

bool keep(const char* program, const std::string& path, const std::function<void(const std::string& path)>& write) {
  try {
    write(path);
    std::printf("wrote %s\n", path.c_str());
    return true;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return false;
  }
}

void tell_of_interrupt(const std::string& what) {
  if (interrupted()) std::printf("stopped by %s%s\n", interrupted() == SIGINT ? "Ctrl-C" : "a signal", what.c_str());
}

int exit_code(bool ok) { return interrupted() ? 128 + interrupted() : ok ? 0 : 1; }

int run_main(const char* program, const std::function<int()>& body) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    return body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace examples
