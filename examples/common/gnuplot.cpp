#include "gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "text.h"

extern char** environ;

namespace examples {
namespace {

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

std::string gnuplot_png(const std::string& script, int width, int height, std::string& why) {
  const File input = unnamed(), output = unnamed();
  if (!input || !output) {
    why = std::string("no temporary file could be made: ") + std::strerror(errno);
    return "";
  }
  const std::string size = format("size %d,%d", width, height);
  std::fputs(("if (strstrt(GPVAL_TERMINALS, 'pngcairo')) set terminal pngcairo " + size + "; else set terminal png " +
              size + "\n" + script)
                 .c_str(),
             input.get());
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
  why = "gnuplot did not draw it";
  return "";
}

}  // namespace examples
