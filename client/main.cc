// strata: the command-line program.
#include <unistd.h>

#include <iostream>

#include "client/command_line.h"

int main(int argc, char** argv) {
  return strata::RunCommandLine(argc, argv, std::cout, std::cerr, isatty(STDERR_FILENO) == 1);
}
