// Ctrl-C, polled by the training loop.
#pragma once

namespace examples {

// From now on the first SIGINT or SIGTERM is only recorded; the second ends the program as usual.
void watch_for_interrupts();
// The number of the signal, or 0.
int interrupted();

}  // namespace examples
