// The program `strata`: parses a command line and does what it says. Not thread-safe (signals, see
// client/interrupts.h).
#pragma once

#include <ostream>

namespace strata {

// Which streams are terminals, where progress and screens may be drawn over.
struct Terminals {
  bool err = false;
  bool out = false;
};

// Returns the exit status (client/exit_status.h). Bad usage names what is wrong, guesses what was meant and shows the
// usage line on `err`.
int RunCommandLine(int argc, const char* const* argv, std::ostream& out, std::ostream& err, Terminals terminals = {});

}  // namespace strata
