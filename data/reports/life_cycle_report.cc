// Customers by life-cycle, the gaps that its cuts come from, and who moved since the followed snapshot (A15, C5).
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/life_cycle.h"

namespace strata {
namespace {

struct LifeCycle {
  static ReportInfo Info() {
    return {.name = "life_cycle",
            .title = "Customers by life-cycle",
            .sources = {"A15", "C5"},
            .needs = {.schemes = {SchemeId::kLifeCycle}},
            .columns = {{"class", ReportType::kText, "", "Where the customer stands."},
                        {"from_days", ReportType::kInteger, "days",
                         "Least days since the last purchase, where they decide."},
                        {"customers", ReportType::kInteger, "customers", "Customers there."},
                        {"share", ReportType::kShare, "1", "Of all customers."},
                        {"sum_net", ReportType::kMoney, "", "Their net."},
                        {"fitted_as_of", ReportType::kDay, "", "Date of the night that fitted the cuts."},
                        {"rule", ReportType::kText, "", "How the cuts were found."}},
            .method =
                "The first that holds of: potential, no purchase; lost, dormant, at_risk, days since the last "
                "purchase above the third, second, first cut; new, first purchase within the first cut; returning, "
                "last gap above the second cut; active. The cuts are quantiles of closed gaps (life_cycle_gaps)."};
  }

  using Partial = KeyedSums<std::array<int32_t, 1>, 1>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const std::vector<uint8_t>& codes = CodesOf(shard, SchemeId::kLifeCycle);
    for (size_t row = 0; row < codes.size(); ++row) partial->Add({codes[row]}, {shard.today->net_micros[row]});
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const LifeCycleModel& model = *facts.models->schemes->life_cycle;
    const ClassCells cells(*facts.models, SchemeId::kLifeCycle);
    ReportRows rows("life_cycle", Info().columns);
    for (int32_t code = 1; code <= cells.size(); ++code) {
      const auto found = merged.lines.find({code});
      const Partial::Line line = found == merged.lines.end() ? Partial::Line() : found->second;
      const ReportCell from = code == kCycleAtRisk    ? ReportCell(model.days[0] + 1)
                              : code == kCycleDormant ? ReportCell(model.days[1] + 1)
                              : code == kCycleLost    ? ReportCell(model.days[2] + 1)
                                                      : ReportCell();
      rows.Add({cells[code], from, line.customers, ReportRows::Ratio(line.customers, facts.customers),
                rows.Whole(line.sums[0]), int64_t{model.fitted_as_of}, model.rule});
    }
    return rows.Take();
  }
};

struct LifeCycleGaps {
  static ReportInfo Info() {
    return {.name = "life_cycle_gaps",
            .title = "Gaps between purchases",
            .sources = {"A15"},
            .needs = {.schemes = {SchemeId::kLifeCycle}},
            .columns = {{"measure", ReportType::kText, "", "What is measured."},
                        {"count", ReportType::kInteger, "gaps", "Where it is a number of gaps."},
                        {"days", ReportType::kInteger, "days", "Where it is a length."},
                        {"ratio", ReportType::kNumber, "1", "Where it is a share."}},
            .method =
                "A gap opens at a purchase day and closes at the customer's next one. Counted are those that "
                "opened at least gap_days before the date; closed within gap_days or not. cut_1 to cut_3 are exact "
                "quantiles of the closed lengths (0.8, 0.9, 0.95 unless the job says otherwise)."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    const LifeCycleModel& model = *facts.models->schemes->life_cycle;
    ReportRows rows("life_cycle_gaps", Info().columns);
    const ReportCell none;
    rows.Add({std::string("opened"), model.opened, none, none});
    rows.Add({std::string("closed"), model.closed, none, none});
    rows.Add({std::string("never_closed"), model.opened - model.closed, none,
              ReportRows::Ratio(model.opened - model.closed, model.opened)});
    rows.Add({std::string("gap_days"), none, int64_t{model.gap_days}, none});
    rows.Add({std::string("cut_1"), none, model.days[0], none});
    rows.Add({std::string("cut_2"), none, model.days[1], none});
    rows.Add({std::string("cut_3"), none, model.days[2], none});
    return rows.Take();
  }
};

struct LifeCycleFlow {
  static ReportInfo Info() {
    return {.name = "life_cycle_flow",
            .title = "Life-cycle, then and now",
            .sources = {"A15"},
            .needs = {.schemes = {SchemeId::kLifeCycle}, .follows = true},
            .columns = {{"from", ReportType::kText, "", "Class in the followed snapshot; none: not in the base then."},
                        {"to", ReportType::kText, "", "Class now; none: no longer in the base."},
                        {"customers", ReportType::kInteger, "customers", "Customers who went so."}},
            .method = "Every customer of either snapshot once; flows without customers are left out."};
  }

  using Partial = KeyedSums<std::array<int32_t, 2>, 0>;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const auto slot = static_cast<size_t>(SchemeId::kLifeCycle);
    if (!shard.history->compared[slot]) return absl::OkStatus();
    const std::vector<uint8_t>& codes = CodesOf(shard, SchemeId::kLifeCycle);
    const std::vector<uint8_t>& before = shard.history->before[slot];
    for (size_t row = 0; row < codes.size(); ++row) partial->Add({before[row], codes[row]});
    for (const ScoredCustomer& customer : *shard.gone) partial->Add({customer.score.classes[slot], 0});
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const ClassCells cells(*facts.models, SchemeId::kLifeCycle);
    ReportRows rows("life_cycle_flow", Info().columns);
    for (const auto& [key, line] : merged.lines) rows.Add({cells[key[0]], cells[key[1]], line.customers});
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifeCycleReport() { return Registered<LifeCycle>(); }
RegisteredReport LifeCycleGapsReport() { return Registered<LifeCycleGaps>(); }
RegisteredReport LifeCycleFlowReport() { return Registered<LifeCycleFlow>(); }

}  // namespace strata
