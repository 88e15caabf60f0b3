// The features that churn may look at: what each of them is, in words, and how a job's choice of them becomes a plan.
// All windows end at the cutoff and include it: the last 90 days are (cutoff - 90, cutoff]. Values are whole numbers;
// in `unit` they are the whole number times `scale`. docs/churn.md shows this list.
//
// Names are stored in models and in snapshots: one that is given up is never used for something else. Pure functions;
// thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/churn_rules.h"
#include "model/churn/churn_plan.h"

namespace strata {

// Whole numbers that are fractions of something, by the bits behind the point.
inline constexpr int kGapGridBits = 10;  // of a day
inline constexpr int kRatioGridBits = kChurnRatioBits;
inline constexpr int kLogitGridBits = 8;      // of log-odds
inline constexpr int kExpectedGridBits = 16;  // of an expected purchase day
inline constexpr int kLogitMax = 16;          // log-odds beyond it are told as it: surer than any history makes one

// Those that every job has the data for, and those of the lifetime model, in their order.
std::span<const ChurnFeature> ChurnCatalogue();
// Those of jobs that keep details of transactions, in their order. Attributes of customers come on top
// (AttributeFeature).
std::span<const ChurnFeature> ChurnLineCatalogue();

// A column of the cutoff profiles: "customers.age". A day counts as days since.
ChurnFeature AttributeFeature(std::string name, ColumnType type);

// What a job says of its features.
struct ChurnChoice {
  std::vector<std::string> features;                       // empty: all
  std::map<std::string, std::vector<std::string>> groups;  // name of a group → its features; the others stay
  std::map<std::string, int> monotone;                     // +1 up, -1 down
};

// In the order of the catalogue, then the attributes as they are given. Precondition: the names of the choice are of
// the catalogue or of `attributes`.
std::vector<ChurnFeature> FeaturesOf(const ChurnChoice& choice, std::span<const ChurnFeature> attributes);

}  // namespace strata
