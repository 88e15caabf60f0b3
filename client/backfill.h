// A backfill: the same job for a range of dates, oldest first, so that each snapshot follows the one before it. Nothing
// is activated on the way. Stops at the first date that fails. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "client/console.h"
#include "client/run_options.h"
#include "run/summary.h"

namespace strata {

inline constexpr size_t kMaxBackfillDates = 3'660;  // ten years of nights
inline constexpr int kMaxBackfillStepDays = 366;

// The dates of "A..B" from A on in steps, B included where a step meets it. INVALID_ARGUMENT (FLAG_INVALID) for what is
// no range, for one that ends before it begins, and for more than kMaxBackfillDates dates.
absl::StatusOr<std::vector<Day>> BackfillDates(std::string_view text, int step_days);

// What is asked of the run of one date: as `options`, but without activation (the newest date with --activate
// excepted), with the ledger rebuilt and sources verified by the first run only (`is_first`), and the date appended to
// a request id.
RunOptions OptionsFor(const RunOptions& options, size_t index, bool is_first);

// Runs options.backfill, except for the dates in `published` (the number of their snapshot), and reports: with --json
// an object a line, that of the run or {"as_of", "skipped", "snapshot"}; else a line a date. Returns the exit status.
int Backfill(const RunOptions& options, const std::map<Day, int64_t>& published,
             const std::function<absl::StatusOr<RunSummary>(const RunOptions&)>& run, const Console& console);

}  // namespace strata
