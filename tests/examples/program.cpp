#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

extern char** environ;

Arguments preset(Arguments arguments, const std::string& option, const std::string& value) {
  const bool given = std::find(arguments.begin(), arguments.end(), option) != arguments.end();
  return given ? arguments : with(arguments, {option, value});
}

Arguments Run::with_results(Arguments arguments) const {
  return preset(preset(std::move(arguments), "--out", folder / "out"), "--json", folder / "out.json");
}

Program::Program(const std::string& path, Arguments arguments, Arguments environment) {
  arguments.insert(arguments.begin(), path);
  for (char** setting = environ; *setting; ++setting) {
    if (std::string(*setting).rfind("TAPER_DATA=", 0) != 0) environment.emplace_back(*setting);
  }
  std::vector<char*> argv, envp;
  for (std::string& text : arguments) argv.push_back(text.data());
  for (std::string& text : environment) envp.push_back(text.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (folder_ / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_ / "err").c_str(), O_WRONLY | O_CREAT, 0600);
  const int error = posix_spawn(&pid_, path.c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + path);
}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

void Program::send(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

int Program::wait() {
  int status = 0;
  if (pid_ > 0 && waitpid(pid_, &status, 0) == pid_) {
    pid_ = -1;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return code_;
}

bool Program::says(const std::string& text) {
  for (int i = 0; i < 6000; ++i) {
    if ((out() + err()).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}
