#include "plot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "text.h"

extern char** environ;

namespace mnist {
namespace {

// Each net is an indexed block of `epoch accuracy loss`.
std::string script(const std::vector<Result>& results) {
  std::string text = "$curves << END\n";
  for (const Result& result : results) {
    for (size_t i = 0; i < result.epochs.size(); ++i) {
      const Epoch& epoch = result.epochs[i];
      const std::string loss = std::isfinite(epoch.loss) ? format("%g", epoch.loss) : "NaN";
      text += format("%zu %g %s\n", i + 1, epoch.test_accuracy, loss.c_str());
    }
    text += "\n\n";
  }
  text +=
      "END\n"
      "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) set terminal pngcairo size 1000,420; else set terminal png size "
      "1000,420\n"
      "set multiplot layout 1,2\n"
      "set xlabel 'epoch'; set xtics 1; set grid\n"
      "set autoscale fix; set offsets 0.1, 0.1, graph 0.05, graph 0.05\n";
  if (results[0].epochs.size() > 10) text += "set xtics autofreq\n";
  const auto plot = [&](const char* settings, int column) {
    text += settings;
    for (size_t i = 0; i < results.size(); ++i) {
      text += format("%s $curves index %zu using 1:%d with linespoints lw 2 pt 7 title '%s'", i == 0 ? "plot" : ",", i,
                     column, results[i].title.c_str());
    }
    text += '\n';
  };
  plot("set title 'test accuracy, percent'; set key bottom right\n", 2);
  // gnuplot gives up on a panel without points.
  const bool losses = std::any_of(results.begin(), results.end(),
                                  [](const Result& result) { return std::isfinite(result.epochs[0].loss); });
  if (losses) plot("set title 'training loss'; set key top right\n", 3);
  return text;
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// A file without a name, gone when it is closed. With files at both ends gnuplot can neither block on a pipe nor be
// fed a path it would misread.
File unnamed() { return File(std::tmpfile(), std::fclose); }

std::string contents(std::FILE* file) {
  std::string text(static_cast<size_t>(std::max<off_t>(0, lseek(fileno(file), 0, SEEK_END))), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

}  // namespace

std::string plot_png(const std::vector<Result>& results, std::string& why) {
  const File input = unnamed(), output = unnamed();
  if (!input || !output) {
    why = std::string("no temporary file could be made: ") + std::strerror(errno);
    return "";
  }
  std::fputs(script(results).c_str(), input.get());
  std::rewind(input.get());

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(output.get()), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char name[] = "gnuplot";
  char* const arguments[] = {name, nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, name, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    why = error == ENOENT ? "gnuplot is not installed" : std::string("gnuplot: ") + std::strerror(error);
    return "";
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::string png = contents(output.get());
  // gnuplot says nothing of a full disk: whether the picture is whole shows in its end.
  const std::string end = "IEND\xae\x42\x60\x82";
  const bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0 && png.rfind("\x89PNG", 0) == 0 &&
                  png.size() > end.size() && png.compare(png.size() - end.size(), end.size(), end) == 0;
  if (ok) return png;
  why = "gnuplot did not draw them";
  return "";
}

}  // namespace mnist
