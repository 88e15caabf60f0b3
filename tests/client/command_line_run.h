// Runs the program in this process and keeps what it wrote.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "client/command_line.h"

namespace strata {

struct CommandResult {
  int status = 0;
  std::string out;
  std::string err;
};

inline CommandResult Strata(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"strata"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  CommandResult result;
  result.status = RunCommandLine(static_cast<int>(argv.size()), argv.data(), out, err);
  result.out = out.str();
  result.err = err.str();
  return result;
}

}  // namespace strata
