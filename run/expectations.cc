#include "run/expectations.h"

#include <fmt/format.h>

#include <set>

namespace strata {

int64_t RowsNew(const LedgerRegistry& now, const LedgerRegistry* before) {
  std::set<uint64_t> known;
  if (before != nullptr) {
    for (const RegisteredFile& file : before->files) {
      if (file.table == TableId::kTransactions) known.insert(file.checksum);
    }
  }
  int64_t rows = 0;
  for (const RegisteredFile& file : now.files) {
    if (file.table == TableId::kTransactions && !known.contains(file.checksum)) rows += file.counts.accepted;
  }
  return rows;
}

std::vector<BrokenRule> CheckFeed(const Expectations& expect, const FeedFacts& facts, std::string_view source) {
  std::vector<BrokenRule> broken;
  const auto add = [&](std::string_view key, std::string found, std::string allowed) {
    broken.push_back(
        {.rule = fmt::format("{}.expect.{}", source, key), .found = std::move(found), .allowed = std::move(allowed)});
  };
  const std::string rows_new = fmt::format("{} new accepted rows", facts.rows_new);
  if (expect.rows_new_min.has_value() && facts.rows_new < *expect.rows_new_min) {
    add("rows_new_min", rows_new, fmt::format("at least {}", *expect.rows_new_min));
  }
  if (expect.rows_new_max.has_value() && facts.rows_new > *expect.rows_new_max) {
    add("rows_new_max", rows_new, fmt::format("at most {}", *expect.rows_new_max));
  }
  if (expect.newest_day_lag_max_days.has_value()) {
    const std::string allowed = fmt::format("at most {} days", *expect.newest_day_lag_max_days);
    const std::string expected = FormatDay(facts.expected_day);
    if (!facts.newest_day.has_value()) {
      add("newest_day_lag_max_days", fmt::format("no row up to {}", expected), allowed);
    } else if (const int64_t lag_days = int64_t{facts.expected_day} - *facts.newest_day;
               lag_days > *expect.newest_day_lag_max_days) {
      add("newest_day_lag_max_days",
          fmt::format("{} days from the newest row, of {}, to {}", lag_days, FormatDay(*facts.newest_day), expected),
          allowed);
    }
  }
  return broken;
}

}  // namespace strata
