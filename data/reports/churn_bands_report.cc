// Customers by band of churn, what losses are expected in each, and what they would cost (A13, A14).
#include <array>
#include <cmath>
#include <string>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

constexpr int kGridBits = 40;  // probabilities are added as integers of it
constexpr double kMicros = 1e6;

struct ChurnBands {
  static ReportInfo Info() {
    return {.name = "churn_bands",
            .title = "Customers by band of churn",
            .sources = {"A13", "A14"},
            .needs = {.churn = true},
            .columns = {{"place", ReportType::kInteger, "1", "1: low; 0: without a probability."},
                        {"band", ReportType::kText, "", "low, medium, high; none: not at risk, or never bought."},
                        {"from", ReportType::kShare, "1", "Least probability of the band."},
                        {"to", ReportType::kShare, "1", "Probabilities below it; of high 1, which is in it."},
                        {"customers", ReportType::kInteger, "customers", "In it tonight."},
                        {"mean_probability", ReportType::kShare, "1", "Of these."},
                        {"expected_churners", ReportType::kNumber, "customers", "Sum of their probabilities."},
                        {"valued", ReportType::kInteger, "customers", "With a value at risk."},
                        {"value_at_risk", ReportType::kMoney, "", "Sum over these."}},
            .method =
                "Value at risk is P(churn) times the discounted margin expected in the horizon given that the "
                "customer stays. It is what is expected to be lost if nothing is done, not what an action saves."};
  }

  using Partial = KeyedSums<std::array<int32_t, 1>, 3>;  // band → probability, valued, value at risk

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (!shard.models->churn.has_value()) return absl::OkStatus();
    for (const CustomerScore& score : shard.scores) {
      const auto band = static_cast<int32_t>(score.churn.band);
      if (score.churn.band == ChurnBand::kNone) {
        partial->Add({band}, {});
        continue;
      }
      const bool is_valued = std::isfinite(score.churn.value_at_risk);
      partial->Add({band}, {std::llround(std::ldexp(score.churn_probability, kGridBits)), int64_t{is_valued},
                            is_valued ? std::llround(score.churn.value_at_risk * kMicros) : 0});
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, ChurnOf(facts.models));
    ReportRows rows("churn_bands", Info().columns);
    for (const ChurnBand band : {ChurnBand::kNone, ChurnBand::kLow, ChurnBand::kMedium, ChurnBand::kHigh}) {
      const auto found = merged.lines.find({static_cast<int32_t>(band)});
      const Partial::Line line = found == merged.lines.end() ? Partial::Line() : found->second;
      const int64_t place = static_cast<int64_t>(band);
      if (band == ChurnBand::kNone) {
        rows.Add({place, ReportCell(), ReportCell(), ReportCell(), line.customers, ReportCell(), ReportCell(),
                  int64_t{0}, ReportCell()});
        continue;
      }
      const double expected = std::ldexp(ToDouble(line.sums[0]), -kGridBits);
      const double from = band == ChurnBand::kLow ? 0 : band == ChurnBand::kMedium ? model->band_low : model->band_high;
      const double to = band == ChurnBand::kLow ? model->band_low : band == ChurnBand::kMedium ? model->band_high : 1;
      rows.Add({place, std::string(Name(band)), from, to, line.customers,
                line.customers > 0 ? ReportCell(expected / static_cast<double>(line.customers)) : ReportCell(),
                expected, rows.Whole(line.sums[1]), rows.Whole(line.sums[2])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnBandsReport() { return Registered<ChurnBands>(); }

}  // namespace strata
