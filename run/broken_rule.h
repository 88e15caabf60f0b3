// A rule of the job that kept a result from being published: which, what was found, what it allows. Plain values;
// thread-safe.
#pragma once

#include <string>
#include <vector>

namespace strata {

struct BrokenRule {
  std::string rule;     // as the job file names it: "veto.customers_change_max_ratio"
  std::string found;    // for people: "0.31 (from 1000 to 1310 customers)"
  std::string allowed;  // "at most 0.2"

  bool operator==(const BrokenRule&) const = default;
};

// "rule: found ..., allowed ...; rule: ...".
std::string DescribeRules(const std::vector<BrokenRule>& rules);

}  // namespace strata
