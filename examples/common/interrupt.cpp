#include "interrupt.h"

#include <csignal>
#include <initializer_list>

namespace examples {
namespace {

volatile std::sig_atomic_t signal_seen = 0;

}  // namespace

void watch_for_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int number) { signal_seen = number; };
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  for (int number : {SIGINT, SIGTERM}) {
    struct sigaction before = {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);  // nohup and the like stay in force
  }
}

int interrupted() { return signal_seen; }

}  // namespace examples
