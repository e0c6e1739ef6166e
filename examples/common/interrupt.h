// Ctrl-C as a question the training loop asks.
#pragma once

namespace examples {

// From now on the first SIGINT or SIGTERM is only noted; the second ends the program as usual.
void watch_for_interrupts();
// The number of the signal that came, 0 before.
int interrupted();

}  // namespace examples
