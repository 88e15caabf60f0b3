// strata: the command-line program.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "client/command_line.h"

int main(int argc, char** argv) {
  // Errors are told by the commands; gRPC's own log beside them only puzzles. Whoever debugs sets it.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  return strata::RunCommandLine(argc, argv, std::cout, std::cerr,
                                {.err = isatty(STDERR_FILENO) == 1, .out = isatty(STDOUT_FILENO) == 1});
}
