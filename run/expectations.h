// What a source is expected to bring (`expect:` of a source), checked before anything is published: a feed that is
// missing or doubled is noticed by its rows, whatever the models make of them. Pure functions of integers; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "run/broken_rule.h"
#include "run/ledger_version.h"

namespace strata {

struct Expectations {
  // Accepted rows of files that the followed snapshot's ledger version lacks (all files where none is followed).
  std::optional<int64_t> rows_new_min;
  std::optional<int64_t> rows_new_max;
  // Days from the newest accepted row that counts to the day up to which rows are expected (FeedFacts::expected_day).
  std::optional<int> newest_day_lag_max_days;

  bool any() const {
    return rows_new_min.has_value() || rows_new_max.has_value() || newest_day_lag_max_days.has_value();
  }
};

struct FeedFacts {
  int64_t rows_new = 0;
  std::optional<Day> newest_day;  // of accepted rows up to the as-of date; nullopt: there is none
  Day expected_day = 0;           // the as-of date where one was given, else yesterday
};

// Accepted rows of the files of `now` whose bytes no file of `before` has (null: of all files). A renamed file is not
// new; a file that was replaced counts with all its rows.
int64_t RowsNew(const LedgerRegistry& now, const LedgerRegistry* before);

// Every expectation that is not met; `source` is what rules begin with ("sources.transactions").
std::vector<BrokenRule> CheckFeed(const Expectations& expect, const FeedFacts& facts, std::string_view source);

}  // namespace strata
