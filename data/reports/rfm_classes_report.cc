// Customers by the named classes of RFM grids.
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/rfm/rfm_grids.h"

namespace strata {
namespace {

constexpr SchemeId kGrids[] = {SchemeId::kRfm, SchemeId::kRfmTen, SchemeId::kRfmEight};

struct RfmClasses {
  static ReportInfo Info() {
    return {.name = "rfm_classes",
            .title = "Customers by RFM class",
            .sources = {"A5"},
            .needs = {.schemes = {SchemeId::kRfm}},
            .columns = {{"grid", ReportType::kText, "", "The map of scores to classes: the job's, ten, eight."},
                        {"class", ReportType::kText, "", "The class."},
                        {"customers", ReportType::kInteger, "customers", "Customers in it."},
                        {"share", ReportType::kShare, "1", "Of the customers who have a class."},
                        {"sum_net", ReportType::kMoney, "", "Their net."},
                        {"mean_recency_days", ReportType::kNumber, "days", "Mean of the days since the last purchase."},
                        {"mean_purchase_days", ReportType::kNumber, "days", "Mean number of purchase days."}},
            .method =
                "Grids are total and disjoint over the scores; all classes are listed. Net, recency and purchase "
                "days are those of all days up to the date, whatever the window of the scores."};
  }

  using Partial = KeyedSums<std::array<int32_t, 2>, 3>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const CustomerColumns& today = *shard.today;
    for (const SchemeId grid : kGrids) {
      const std::vector<uint8_t>& codes = CodesOf(shard, grid);
      for (size_t row = 0; row < codes.size(); ++row) {
        if (codes[row] == 0) continue;
        partial->Add({static_cast<int32_t>(grid), codes[row]},
                     {today.net_micros[row], int64_t{today.as_of} - today.last_day[row], today.purchase_days[row]});
      }
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("rfm_classes", Info().columns);
    const std::string named = facts.models->rfm->grid;
    for (const SchemeId grid : kGrids) {
      const std::string name = grid == SchemeId::kRfm      ? named
                               : grid == SchemeId::kRfmTen ? std::string(kGridTen)
                                                           : std::string(kGridEight);
      if (grid != SchemeId::kRfm && name == named) continue;
      const ClassCells cells(*facts.models, grid);
      Partial::Line all;
      for (const auto& [key, line] : merged.lines) {
        if (key[0] == static_cast<int32_t>(grid)) all.Add(line);
      }
      for (int32_t code = 1; code <= cells.size(); ++code) {
        const auto found = merged.lines.find({static_cast<int32_t>(grid), code});
        const Partial::Line line = found == merged.lines.end() ? Partial::Line() : found->second;
        rows.Add({name, cells[code], line.customers, ReportRows::Ratio(line.customers, all.customers),
                  rows.Whole(line.sums[0]), ReportRows::Ratio(line.sums[1], line.customers),
                  ReportRows::Ratio(line.sums[2], line.customers)});
      }
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport RfmClassesReport() { return Registered<RfmClasses>(); }

}  // namespace strata
