// Which features a churn fit reads, and what each of them is: travels in the rounds' parameters and is part of the
// model. Plain values; immutable once made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/columns.h"

namespace strata {

enum class ChurnSource : uint8_t { kDays = 0, kLines = 1, kTables = 2, kLifetime = 3 };

// Whose loss is asked for.
enum class ChurnQuestion : uint8_t {
  kPurchases = 0,     // no purchase day in the horizon after the cutoff
  kContract = 1,      // the contract ends in the horizon after the cutoff
  kDatedLabel = 2,    // a column of dated versions turns positive in the horizon
  kUndatedLabel = 3,  // a column says so, without a date: no temporal test
};

struct ChurnFeature {
  std::string name;                   // stable: stored in models, never reused for something else
  std::string formula;                // in words, with windows that end at the cutoff
  std::string unit;                   // "days", "purchase days", "currency units", "" ...
  std::string group;                  // the reason it belongs to: "inactivity", "spend", ...
  std::string high_words, low_words;  // what a value above or below the usual means to a marketer
  ChurnSource source = ChurnSource::kDays;
  ColumnType type = ColumnType::kInteger;  // kText: a category
  std::string column;                      // of the profile, where it is read from there
  double scale = 1;                        // the value in `unit` is the whole number times scale
  bool logarithm = true;                   // the logistic model sees sign(v) log(1 + |v|) of it
  int8_t monotone = 0;                     // asked for: +1 up, -1 down, 0 free
  bool operator==(const ChurnFeature&) const = default;
};

struct ChurnPlan {
  std::vector<ChurnFeature> features;
  // Of category features, by feature: words by code, as of the fit; empty for numbers and before levels are counted.
  std::vector<std::vector<std::string>> levels;
  int32_t horizon_days = 90;
  int32_t eligible_days = 180;
  int32_t cutoffs = 1;  // training cutoffs of a fit: horizon_days apart
  ChurnQuestion question = ChurnQuestion::kPurchases;

  void Encode(ByteWriter* writer) const;
  static ChurnPlan Decode(ByteReader* reader);
  bool operator==(const ChurnPlan&) const = default;
};

}  // namespace strata
