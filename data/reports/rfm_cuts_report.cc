// Where the RFM scores are cut, and how many customers have each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "data/reports/rfm_rows.h"

namespace strata {
namespace {

constexpr const char* kAxes[] = {"recency", "frequency", "monetary"};
constexpr size_t kMonetary = 2;

struct RfmCuts {
  static ReportInfo Info() {
    return {.name = "rfm_cuts",
            .title = "Cut points of RFM scores",
            .sources = {"A5"},
            .needs = {.schemes = {SchemeId::kRfm}},
            .columns = {{"axis", ReportType::kText, "", "recency, frequency or monetary."},
                        {"group", ReportType::kText, "", "Of nested cuts: the scores that came before, as 3 or 3,5."},
                        {"score", ReportType::kInteger, "points", "The score, the highest best."},
                        {"from", ReportType::kInteger, "days", "Least value of the score; none: open below."},
                        {"to", ReportType::kInteger, "days", "Greatest value; none: open above."},
                        {"from_amount", ReportType::kMoney, "", "Likewise of monetary."},
                        {"to_amount", ReportType::kMoney, "", "Likewise of monetary."},
                        {"customers", ReportType::kInteger, "customers", "Customers with the score."},
                        {"fitted_as_of", ReportType::kDay, "", "Date of the night that fitted the cuts."},
                        {"rule", ReportType::kText, "", "How they were found: quantile, fixed or nested, and ties."}},
            .method =
                "Recency is days since the last purchase day, frequency the number of purchase days, monetary the "
                "net. A value equal to a cut has the score below it. A score without values has from above to."};
  }

  using Partial = KeyedSums<std::array<int32_t, 3>, 0>;  // the three scores

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const RfmRows rows(shard);
    for (size_t row = 0; row < shard.today->size(); ++row) {
      const auto values = rows.Values(row);
      if (!values.has_value()) continue;
      const RfmScores scores = rows.Scores(*values);
      partial->Add({scores.recency, scores.frequency, scores.monetary});
    }
    return absl::OkStatus();
  }

  // One set of cuts: rows of all its scores. `prefix` are the scores that came before.
  static void AddCuts(const RfmModel& model, size_t axis, const std::vector<int64_t>& cuts,
                      const std::vector<int32_t>& prefix, const Partial& merged, ReportRows* rows) {
    const auto levels = static_cast<int64_t>(cuts.size()) + 1;
    for (int64_t level = 1; level <= levels; ++level) {
      const int64_t score = axis == 0 ? levels + 1 - level : level;
      int64_t customers = 0;
      for (const auto& [scores, line] : merged.lines) {
        const bool in_group = std::equal(prefix.begin(), prefix.end(), scores.begin());
        if (in_group && scores.at(axis) == score) customers += line.customers;
      }
      const auto at = static_cast<size_t>(level);
      const ReportCell from = level == 1 ? ReportCell() : ReportCell(cuts[at - 2] + 1);
      const ReportCell to = level == levels ? ReportCell() : ReportCell(cuts[at - 1]);
      const bool is_money = axis == kMonetary;
      rows->Add({std::string(kAxes[axis]), TextOrNull(fmt::format("{}", fmt::join(prefix, ","))), score,
                 is_money ? ReportCell() : from, is_money ? ReportCell() : to, is_money ? from : ReportCell(),
                 is_money ? to : ReportCell(), customers, int64_t{model.as_of},
                 model.cuts + (model.mid_rank ? ", ties by mid-rank" : ", ties by value")});
    }
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const RfmModel& model = *facts.models->rfm;
    ReportRows rows("rfm_cuts", Info().columns);
    if (model.customers == 0) return rows.Take();
    AddCuts(model, 0, model.recency_cuts_days, {}, merged, &rows);
    if (model.frequency_by_recency.empty()) {
      AddCuts(model, 1, model.frequency_cuts, {}, merged, &rows);
      AddCuts(model, kMonetary, model.monetary_cuts_micros, {}, merged, &rows);
      return rows.Take();
    }
    const std::array<int, 3> counts = AxisScores(model);
    for (int recency = 1; recency <= counts[0]; ++recency) {
      AddCuts(model, 1, model.frequency_by_recency[static_cast<size_t>(recency - 1)], {recency}, merged, &rows);
      for (int frequency = 1; frequency <= counts[1]; ++frequency) {
        const auto cell = static_cast<size_t>((recency - 1) * counts[1] + frequency - 1);
        AddCuts(model, kMonetary, model.monetary_by_cell[cell], {recency, frequency}, merged, &rows);
      }
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport RfmCutsReport() { return Registered<RfmCuts>(); }

}  // namespace strata
