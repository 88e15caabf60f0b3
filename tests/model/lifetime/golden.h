// Golden values of tests/data/clv_golden.json, by name.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/lifetime/bg_nbd.h"

namespace strata {

struct GoldenEntry {
  std::string name;
  std::string model;  // "BG/NBD", ...; "data" for counts of a file
  nlohmann::json inputs;
  std::vector<double> value;  // one element for a scalar
  double relative_tolerance = 0;
  nlohmann::json published;  // what others printed, null or a list of {value, rel_tol or abs_tol, source}

  double Input(const std::string& key) const { return inputs.at(key).get<double>(); }
  std::vector<double> Inputs(const std::string& key) const;  // a scalar gives one element
  BgNbdParameters BgNbd() const;                             // inputs.params
  PurchaseHistory History() const;                           // inputs x, t_x, T
};

// Ends the test program with a message when the name is unknown.
GoldenEntry Golden(const std::string& name);
std::vector<GoldenEntry> AllGolden();

// One GoogleTest failure for each element that is further from the golden value than the stated tolerance; published
// values of the same shape are compared as well.
void ExpectGolden(const GoldenEntry& entry, const std::vector<double>& found);

}  // namespace strata
