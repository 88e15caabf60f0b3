// Whether the customers of whom most was expected are those who brought most (A54).
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_holdout_shard.h"
#include "data/reports/lifetime_reports.h"
#include "model/lifetime/forecast.h"

namespace strata {
namespace {

constexpr int64_t kDeciles = 10;
enum Ranking : int32_t { kModel, kHistoricAverage, kLastPeriodRepeats, kHindsight, kRankings };

// Amounts to 11 significant bits, in their order: so nearly equal ones rank equal, and a base of any size has a bounded
// number of them.
int32_t RankOf(int64_t micros) {
  constexpr int kBits = 10;
  const auto size = static_cast<uint64_t>(micros < 0 ? -micros : micros);
  if (size == 0) return 0;
  const int octave = std::bit_width(size) - 1;
  const uint64_t rest = octave >= kBits ? size >> (octave - kBits) : size << (kBits - octave);
  const int32_t rank = ((octave + 1) << kBits) + static_cast<int32_t>(rest & ((1U << kBits) - 1));
  return micros < 0 ? -rank : rank;
}

// From the best down; customers who rank equal share what they have, so that a cut between them takes its part.
class Descending {
 public:
  using Line = KeyedSums<std::array<int32_t, 2>, 2>::Line;
  void Put(const Line& line) { lines_.push_back(line); }  // ascending
  struct Top {
    int64_t customers = 0;
    Int128 predicted = 0, actual = 0;
  };
  // The best `customers`.
  Top Best(int64_t customers) const {
    Top top;
    for (auto line = lines_.rbegin(); line != lines_.rend() && top.customers < customers; ++line) {
      const int64_t taken = std::min(line->customers, customers - top.customers);
      top.customers += taken;
      top.predicted += line->sums[0] * taken / line->customers;
      top.actual += line->sums[1] * taken / line->customers;
    }
    return top;
  }

 private:
  std::vector<Line> lines_;
};

struct LifetimeDeciles {
  static ReportInfo Info() {
    return {
        .name = "lifetime_deciles",
        .title = "Value of the hold-out by decile of prediction",
        .sources = {"A54"},
        .needs = {.lifetime = true, .spend = true, .holdout = true},
        .columns = {{"decile", ReportType::kInteger, "1", "1: of whom most was expected."},
                    {"customers", ReportType::kInteger, "customers", "In it."},
                    {"predicted_value", ReportType::kMoney, "", "Expected net in the hold-out, by the model."},
                    {"actual_value", ReportType::kMoney, "", "Their net in the hold-out."},
                    {"share_of_actual", ReportType::kNumber, "1", "Of the net of all."},
                    {"captured", ReportType::kNumber, "1",
                     "The same of this decile and those above it; decile 2: of the top 20 %."},
                    {"captured_historic_average", ReportType::kNumber, "1",
                     "Had customers been ranked by what they spent a day until then."},
                    {"captured_last_period_repeats", ReportType::kNumber, "1",
                     "By what they bought in the period before, as many days as the hold-out."},
                    {"captured_hindsight", ReportType::kNumber, "1",
                     "By what they did spend: no ranking does better."}},
        .method =
            "Predicted: expected purchases times expected spend, both by models of what was known before the hold-out, "
            "without discount and margin. Historic average: repeat net over days since the first purchase. Last "
            "period: its purchase days times the customer's mean net of a purchase day. Amounts rank by 11 significant "
            "bits; customers who rank equal where a decile ends share what they have."};
  }

  using Partial = KeyedSums<std::array<int32_t, 2>, 2>;  // ranking, rank → predicted, actual

  static int64_t Micros(double amount) {
    constexpr double kLargest = 9e18;  // more than any money there is
    return std::llround(std::clamp(amount, -kLargest, kLargest));
  }

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const HoldoutShard holdout(shard);
    if (!holdout || !holdout.knows_spend()) return absl::OkStatus();
    const CustomerColumns& then = holdout.then();
    const double days = holdout.judged().days;
    for (size_t row = 0; row < holdout.size(); ++row) {
      if (!holdout.IsIn(row)) continue;
      const double purchases =
          ExpectedPurchases(holdout.judged().parameters, holdout.HistoryOf(row), holdout.horizon());
      const int64_t actual = then.future_net_micros[row];
      constexpr double kMicros = 1e6;
      const int32_t age = std::max(then.as_of - then.first_day[row], 1);
      const std::array<int64_t, kRankings> predicted = {
          Micros(kMicros * purchases * holdout.ExpectedSpendOf(row)),
          Micros(static_cast<double>(then.repeat_net_micros[row]) * days / age),
          Micros(static_cast<double>(then.net_micros[row]) * then.purchase_days_before[row] / then.purchase_days[row]),
          actual};
      for (int32_t ranking = 0; ranking < kRankings; ++ranking) {
        const int64_t amount = predicted[static_cast<size_t>(ranking)];
        partial->Add({ranking, RankOf(amount)}, {amount, actual});
      }
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_RETURN_IF_ERROR(JudgementOf(facts.models).status());
    if (merged.lines.empty()) return LeaveOut("no spend was known before the hold-out");
    std::array<Descending, kRankings> by;
    int64_t customers = 0;
    Int128 total = 0;
    for (const auto& [key, line] : merged.lines) {
      by[static_cast<size_t>(key[0])].Put(line);
      if (key[0] != kModel) continue;
      customers += line.customers;
      total += line.sums[1];
    }
    const auto share = [total](Int128 part) { return total > 0 ? ReportRows::Ratio(part, total) : ReportCell(); };
    ReportRows rows("lifetime_deciles", Info().columns);
    Descending::Top before;
    for (int64_t decile = 1; decile <= kDeciles; ++decile) {
      const int64_t until = (customers * decile + kDeciles - 1) / kDeciles;
      const Descending::Top top = by[kModel].Best(until);
      rows.Add({decile, top.customers - before.customers, rows.Whole(top.predicted - before.predicted),
                rows.Whole(top.actual - before.actual), share(top.actual - before.actual), share(top.actual),
                share(by[kHistoricAverage].Best(until).actual), share(by[kLastPeriodRepeats].Best(until).actual),
                share(by[kHindsight].Best(until).actual)});
      before = top;
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeDecilesReport() { return Registered<LifetimeDeciles>(); }

}  // namespace strata
