// The program `strata`: parses a command line and does what it says. Not thread-safe (signals, see
// client/interrupts.h).
#pragma once

#include <ostream>

namespace strata {

// Returns the exit status (client/exit_status.h). Bad usage names what is wrong, guesses what was meant and shows the
// usage line on `err`. `err_is_terminal`: progress may be drawn over.
int RunCommandLine(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
                   bool err_is_terminal = false);

}  // namespace strata
