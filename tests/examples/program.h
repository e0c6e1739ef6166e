// Running a program from a test.
#pragma once

#include "catch.h"
#include "support/files.h"

#include <sys/types.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

using support::Folder, support::read_bytes;
using Arguments = std::vector<std::string>;

// Both, one behind the other.
inline Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// A program that has been started. What it writes goes to files, so that it never waits for the test.
class Program {
 public:
  // `environment`: settings such as "TAPER_DATA=x" in front of the test's own, whose TAPER_DATA is not inherited.
  Program(const std::string& path, Arguments arguments, Arguments environment = {});
  ~Program();  // kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  // The exit code, or minus the signal that ended it.
  int wait();
  std::string out() const { return read_bytes(folder_ / "out"); }
  std::string err() const { return read_bytes(folder_ / "err"); }
  // Waits, up to a minute, for `text` in what it writes. False when it did not come.
  bool says(const std::string& text);

 private:
  Folder folder_;
  pid_t pid_ = -1;
  int code_ = 0;
};

// A program whose results are in a folder of their own: out/ and out.json, unless the arguments say otherwise.
struct Run {
  Run(const std::string& path, Arguments arguments, Arguments environment = {})
      : program(path, with_results(std::move(arguments)), std::move(environment)) {}
  Arguments with_results(Arguments arguments) const;
  nlohmann::json json() const { return nlohmann::json::parse(read_bytes(folder / "out.json")); }

  Folder folder;
  Program program;
};

// `arguments` with an option and its value, unless they have the option.
Arguments preset(Arguments arguments, const std::string& option, const std::string& value);

// A program, run as a P of these arguments, ends with the code for a wrong command line and says the text.
template <class P>
void check_refused(const std::vector<std::pair<Arguments, std::string>>& wrong) {
  for (const auto& [arguments, text] : wrong) {
    P run(arguments);
    INFO(run.program.err());
    CHECK(run.program.wait() == 2);
    CHECK_THAT(run.program.err(), ContainsSubstring(text));
  }
}
