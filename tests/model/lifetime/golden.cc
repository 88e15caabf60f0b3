#include "tests/model/lifetime/golden.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace strata {
namespace {

std::vector<double> Numbers(const nlohmann::json& json) {
  if (json.is_array()) return json.get<std::vector<double>>();
  return {json.get<double>()};
}

}  // namespace

std::vector<double> GoldenEntry::Inputs(const std::string& key) const { return Numbers(inputs.at(key)); }

BgNbdParameters GoldenEntry::BgNbd() const {
  const std::vector<double> p = Inputs("params");
  return {.r = p.at(0), .alpha = p.at(1), .a = p.size() > 2 ? p[2] : 0, .b = p.size() > 3 ? p[3] : 1};
}

PurchaseHistory GoldenEntry::History() const {
  return {.x = inputs.at("x").get<int64_t>(), .t_x = Input("t_x"), .T = Input("T")};
}

std::vector<GoldenEntry> AllGolden() {
  std::ifstream file("tests/data/clv_golden.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  std::vector<GoldenEntry> entries;
  for (const nlohmann::json& entry : golden.at("entries")) {
    entries.push_back({.name = entry.at("name"),
                       .model = entry.at("model"),
                       .inputs = entry.at("inputs"),
                       .value = Numbers(entry.at("value")),
                       .relative_tolerance = entry.at("rel_tol").get<double>(),
                       .published = entry.contains("published") ? entry.at("published") : nlohmann::json()});
  }
  return entries;
}

GoldenEntry Golden(const std::string& name) {
  for (GoldenEntry& entry : AllGolden()) {
    if (entry.name == name) return entry;
  }
  std::cerr << "no golden entry " << name << "\n";
  std::abort();
}

void ExpectGolden(const GoldenEntry& entry, const std::vector<double>& found) {
  ASSERT_EQ(found.size(), entry.value.size()) << entry.name;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], entry.value[i], entry.relative_tolerance * std::fabs(entry.value[i]))
        << entry.name << " element " << i;
  }
  for (const nlohmann::json& printed : entry.published) {
    const nlohmann::json& value = printed.at("value");
    const bool same_shape = value.is_array() ? value.size() == found.size() : value.is_number() && found.size() == 1;
    for (size_t i = 0; same_shape && i < found.size(); ++i) {
      const double number = Numbers(value)[i];
      const double tolerance = printed.contains("abs_tol") ? printed.at("abs_tol").get<double>()
                                                           : printed.at("rel_tol").get<double>() * std::fabs(number);
      EXPECT_NEAR(found[i], number, tolerance) << entry.name << " element " << i << " of " << printed.at("source");
    }
  }
}

}  // namespace strata
