// Where a command writes: results on `out`, everything else (progress, notes, errors) on `err`, so that results can be
// piped. Not thread-safe; the streams must outlive it.
#pragma once

#include <ostream>
#include <string>

#include "base/status.h"

namespace strata {

struct Console {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  bool err_is_terminal = false;
  bool out_is_terminal = false;

  void Print(const std::string& text) const { *out << text << std::flush; }
  void PrintLine(const std::string& text) const { *out << text << "\n" << std::flush; }
  void Note(const std::string& text) const { *err << text << "\n" << std::flush; }
};

// Tells of an error and returns the exit status it means. With `json` the error is an object on `out` as well.
int Fail(const Console& console, const absl::Status& status, bool json);

}  // namespace strata
