#include "client/backfill.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "client/exit_status.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr std::string_view kDots = "..";

// The line of a date for people.
std::string LineOf(const RunSummary& summary) {
  return fmt::format("{}  snapshot {}, {}, {} customers, digest {}{}", summary.as_of, summary.snapshot,
                     summary.follows > 0 ? fmt::format("follows {}", summary.follows) : std::string("follows none"),
                     Grouped(summary.customers), summary.digest, summary.activated ? ", answers from now on" : "");
}

class Backfilling {
 public:
  Backfilling(const RunOptions& options, const Console& console) : options_(options), console_(console) {}

  void Skip(Day day, int64_t snapshot) {
    ++skipped_;
    if (options_.state.json) {
      const nlohmann::ordered_json line = {{"as_of", FormatDay(day)}, {"skipped", true}, {"snapshot", snapshot}};
      console_.PrintLine(line.dump());
    } else {
      console_.PrintLine(fmt::format("{}  snapshot {} is there already", FormatDay(day), snapshot));
    }
  }

  // kExitDone, or what the backfill ends with.
  int Take(Day day, const absl::StatusOr<RunSummary>& summary) {
    const absl::Status error = summary.ok() ? ErrorOf(*summary) : summary.status();
    if (!error.ok()) {
      console_.Note(fmt::format("strata: the backfill ends at {}, {} of {} dates are published", FormatDay(day),
                                done_ + skipped_, options_.backfill.size()));
    }
    if (!summary.ok()) return Fail(console_, summary.status(), options_.state.json);
    if (!error.ok()) console_.Note("strata: error: " + std::string(StdView(error.message())));
    if (options_.state.json) {
      console_.PrintLine(summary->ToJson());
    } else if (error.ok()) {
      console_.PrintLine(LineOf(*summary));
    }
    for (const std::string& warning : summary->warnings) {
      if (!options_.state.json) console_.Note(fmt::format("strata: {}: warning: {}", FormatDay(day), warning));
    }
    if (summary->ledger_version != 0) NoteLedger(day, summary->ledger_version);  // 0: the run did not get that far
    const int status = ExitStatusOf(*summary, true);
    if (status == kExitDone) ++done_;
    return status;
  }

  void Finish() const {
    if (options_.state.json) return;
    console_.PrintLine(fmt::format("{} dates are published, {} of them before", done_ + skipped_, skipped_));
  }

 private:
  void NoteLedger(Day day, int64_t version) {
    if (ledger_version_ != 0 && version != ledger_version_) {
      console_.Note(fmt::format("strata: {}: the ledger went from version {} to {}: the sources changed meanwhile",
                                FormatDay(day), ledger_version_, version));
    }
    ledger_version_ = version;
  }

  const RunOptions& options_;
  const Console& console_;
  size_t done_ = 0;
  size_t skipped_ = 0;
  int64_t ledger_version_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Day>> BackfillDates(std::string_view text, int step_days) {
  const auto invalid = [text](const std::string& what) { return FlagInvalid("--as-of", std::string(text), what); };
  const size_t dots = text.find(kDots);
  if (dots == std::string_view::npos) return invalid("a range is written FIRST..LAST");
  const auto first = ParseDay(text.substr(0, dots));
  if (!first.ok()) return invalid(fmt::format("first date: {}", StdView(first.status().message())));
  const auto last = ParseDay(text.substr(dots + kDots.size()));
  if (!last.ok()) return invalid(fmt::format("last date: {}", StdView(last.status().message())));
  if (*last < *first) return invalid("the last date lies before the first");
  const size_t dates = static_cast<size_t>((*last - *first) / step_days) + 1;
  if (dates > kMaxBackfillDates) {
    return invalid(fmt::format("these are {} dates, at most {} are allowed; --every N takes every Nth day", dates,
                               kMaxBackfillDates));
  }
  std::vector<Day> days;
  for (Day day = *first; days.size() < dates; day += step_days) days.push_back(day);
  return days;
}

RunOptions OptionsFor(const RunOptions& options, size_t index, bool is_first) {
  RunOptions one = options;
  one.backfill.clear();
  one.is_backfill = true;
  one.as_of = options.backfill[index];
  const bool newest = index + 1 == options.backfill.size();
  one.activation =
      newest && options.activation == Activation::kActivate ? Activation::kActivate : Activation::kNoActivate;
  one.rebuild_ledger = options.rebuild_ledger && is_first;
  one.verify_sources = options.verify_sources && is_first;
  if (!one.request_id.empty()) one.request_id += "-" + FormatDay(*one.as_of);
  return one;
}

int Backfill(const RunOptions& options, const std::map<Day, int64_t>& published,
             const std::function<absl::StatusOr<RunSummary>(const RunOptions&)>& run, const Console& console) {
  Backfilling backfilling(options, console);
  bool is_first = true;  // of those that are run
  for (size_t i = 0; i < options.backfill.size(); ++i) {
    const Day day = options.backfill[i];
    if (const auto found = published.find(day); found != published.end()) {
      backfilling.Skip(day, found->second);
      continue;
    }
    const RunOptions one = OptionsFor(options, i, std::exchange(is_first, false));
    if (const int status = backfilling.Take(day, run(one)); status != kExitDone) return status;
  }
  backfilling.Finish();
  return kExitDone;
}

}  // namespace strata
