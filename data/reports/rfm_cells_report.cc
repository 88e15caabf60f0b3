// Customers by their three RFM scores.
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "data/reports/rfm_rows.h"
#include "model/rfm/rfm_grids.h"

namespace strata {
namespace {

struct RfmCells {
  static ReportInfo Info() {
    return {.name = "rfm_cells",
            .title = "Customers by RFM scores",
            .sources = {"A5"},
            .needs = {.schemes = {SchemeId::kRfm}},
            .columns = {{"recency", ReportType::kInteger, "points", "Score of recency, the highest best."},
                        {"frequency", ReportType::kInteger, "points", "Score of frequency."},
                        {"monetary", ReportType::kInteger, "points", "Score of monetary."},
                        {"customers", ReportType::kInteger, "customers", "Customers with these scores."},
                        {"share", ReportType::kShare, "1", "Of the customers who have scores."},
                        {"sum_net", ReportType::kMoney, "", "Their monetary values."},
                        {"eleven", ReportType::kText, "", "Their class in the grid of eleven."},
                        {"ten", ReportType::kText, "", "Their class in the grid of ten."}},
            .method = "Scores by the cuts of rfm_cuts; cells without customers are left out."};
  }

  using Partial = KeyedSums<std::array<int32_t, 3>, 1>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const RfmRows rows(shard);
    for (size_t row = 0; row < shard.today->size(); ++row) {
      const auto values = rows.Values(row);
      if (!values.has_value()) continue;
      const RfmScores scores = rows.Scores(*values);
      partial->Add({scores.recency, scores.frequency, scores.monetary}, {(*values)[2]});
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const ClassCells ten(*facts.models, SchemeId::kRfmTen);
    int64_t scored = 0;
    for (const auto& [cell, line] : merged.lines) scored += line.customers;
    ReportRows rows("rfm_cells", Info().columns);
    for (const auto& [cell, line] : merged.lines) {
      const RfmScores scores{static_cast<uint8_t>(cell[0]), static_cast<uint8_t>(cell[1]),
                             static_cast<uint8_t>(cell[2])};
      const uint8_t eleven = ClassOfEleven(*facts.models->rfm, scores);
      rows.Add({int64_t{cell[0]}, int64_t{cell[1]}, int64_t{cell[2]}, line.customers,
                ReportRows::Ratio(line.customers, scored), rows.Whole(line.sums[0]),
                eleven == 0 ? ReportCell() : ReportCell(std::string(ClassesOfEleven()[eleven - 1u])),
                ten[ClassOfTen(*facts.models->rfm, scores)]});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport RfmCellsReport() { return Registered<RfmCells>(); }

}  // namespace strata
