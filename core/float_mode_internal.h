// How the calling thread rounds, and whether it takes subnormal numbers as 0.
#pragma once

namespace taper::detail {

// Workers compute with the mode of the thread that calls parallel_for, or bits would depend on who ran a piece.
unsigned float_mode();
void set_float_mode(unsigned mode);

// Within this scope subnormal numbers (of float below 1.2e-38, of double below 2.2e-308) are read and written as 0.
// Many processors take some hundred cycles for one, where a normal number takes a fraction of one.
class FlushSubnormals {
 public:
  FlushSubnormals();
  ~FlushSubnormals() { set_float_mode(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  unsigned before_;
};

}  // namespace taper::detail
