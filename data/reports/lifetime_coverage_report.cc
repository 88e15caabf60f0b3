// Whether predictive intervals hold what they claim, on the hold-out (A54).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_holdout_shard.h"
#include "data/reports/lifetime_reports.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/predictive.h"

namespace strata {
namespace {

// A spend's interval costs a hundred times what a score does; so many customers tell a tenth of a percent apart.
constexpr double kCustomersAsked = 50'000;
constexpr double kGrid = 1099511627776.0;  // 2^40: probabilities as whole numbers

// By the customer's hash alone: the same for any shards.
bool IsAsked(uint64_t hash, int64_t customers) {
  if (static_cast<double>(customers) <= kCustomersAsked) return true;
  const double share = kCustomersAsked / static_cast<double>(customers);
  return static_cast<double>(hash) < share * std::pow(2.0, 64);
}

struct Covered {
  double mass = 0;  // P(inside), before the hold-out
  bool is_inside = false;
};

// The interval of the total spend at a level, beside what it came to. Without purchases nothing is spent, so 0 has a
// probability of its own.
Covered SpendCoverage(const std::vector<double>& counts, const GammaGammaParameters& spend, int64_t x, double mean,
                      double level, double total) {
  const double low = (1 - level) / 2, high = (1 + level) / 2;
  const double none = counts[0];
  if (total < 0) return {.mass = none >= low ? std::max(none, high) : level, .is_inside = false};
  const double below = total == 0 ? none : ProbabilityOfTotal(counts, spend, x, mean, total);
  const bool from_zero = none >= low;
  return {.mass = from_zero ? std::max(none, high) : level,
          .is_inside = (from_zero || below >= low) && (total == 0 ? from_zero : below <= high)};
}

struct LifetimeCoverage {
  static ReportInfo Info() {
    return {
        .name = "lifetime_coverage",
        .title = "Coverage of predictive intervals",
        .sources = {"A54"},
        .needs = {.lifetime = true, .holdout = true},
        .columns = {{"quantity", ReportType::kText, "", "purchases: days; spend: net in all."},
                    {"level", ReportType::kShare, "1", "At which the intervals are."},
                    {"mass", ReportType::kShare, "1",
                     "Mean probability inside them: more than the level, because counts are whole."},
                    {"covered", ReportType::kShare, "1", "Share of customers whose hold-out was inside."},
                    {"customers", ReportType::kInteger, "customers", "Who were asked."}},
        .method =
            "Parameters of what was known before the hold-out, taken as known. purchases: all customers. spend: 50,000 "
            "drawn by their hash, or all; the sum of a random number of purchases, Gamma-Gamma spend; net below 0 is "
            "outside."};
  }

  using Partial = KeyedSums<std::array<int32_t, 1>, 2>;  // 0 → mass on the grid, inside

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const HoldoutShard holdout(shard);
    if (!holdout || !holdout.judged().spend.fitted) return absl::OkStatus();
    const HoldoutJudgement& judged = holdout.judged();
    const GammaGammaParameters spend{.p = judged.spend.p, .q = judged.spend.q, .v = judged.spend.v};
    for (size_t row = 0; row < holdout.size(); ++row) {
      if (!holdout.IsIn(row) || !IsAsked(holdout.then().hash[row], judged.customers)) continue;
      const PurchaseHistory history = holdout.HistoryOf(row);
      const std::vector<double> counts = CountProbabilities(judged.parameters, history, holdout.horizon());
      const double mean = holdout.MeanSpend(row);
      constexpr double kMicros = 1e6;
      const Covered covered = SpendCoverage(counts, spend, mean > 0 ? history.x : 0, mean, judged.interval_level,
                                            static_cast<double>(holdout.then().future_net_micros[row]) / kMicros);
      partial->Add({0}, {std::llround(covered.mass * kGrid), int64_t{covered.is_inside}});
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const HoldoutJudgement* judged, JudgementOf(facts.models));
    ReportRows rows("lifetime_coverage", Info().columns);
    rows.Add({std::string("purchases"), judged->interval_level, judged->interval_mass,
              ReportRows::Ratio(judged->covered, judged->customers), judged->customers});
    for (const auto& [key, line] : merged.lines) {
      const auto customers = static_cast<double>(line.customers);
      rows.Add({std::string("spend"), judged->interval_level, static_cast<double>(line.sums[0]) / (kGrid * customers),
                ReportRows::Ratio(line.sums[1], line.customers), line.customers});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeCoverageReport() { return Registered<LifetimeCoverage>(); }

}  // namespace strata
