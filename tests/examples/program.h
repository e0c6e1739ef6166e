// Running a program from a test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

// A folder of its own, gone at the end of the scope.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The text of a file; empty when there is none.
std::string read_text(const std::string& path);

// A program that has been started. What it writes goes to files, so that it never waits for the test.
class Program {
 public:
  // `environment`: settings such as "TAPER_DATA=x" in front of the test's own, whose TAPER_DATA is not inherited.
  Program(const std::string& path, std::vector<std::string> arguments, std::vector<std::string> environment = {});
  ~Program();  // kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  // The exit code, or minus the signal that ended it.
  int wait();
  std::string out() const { return read_text(folder_ / "out"); }
  std::string err() const { return read_text(folder_ / "err"); }
  // Waits, up to a minute, for `text` in what it writes. False when it did not come.
  bool says(const std::string& text);

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  int code_ = 0;
};
