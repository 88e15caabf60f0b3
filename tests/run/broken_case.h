// One edit of a job, and what the message about it must say. For tables of such edits as parameters of a test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace strata {

struct BrokenCase {
  const char* what;
  const char* replace;
  const char* with;
  int line;
  const char* key;
  std::vector<const char*> parts;
};

inline std::string NameOfCase(const ::testing::TestParamInfo<BrokenCase>& tested) {
  std::string name = tested.param.what;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

}  // namespace strata
