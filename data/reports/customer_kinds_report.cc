// Customers by kind, place in the core and need (C1 to C3), and by stage (C20).
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"

namespace strata {
namespace {

using ClassSums = KeyedSums<std::array<int32_t, 2>, 1>;  // (scheme, code) → margin

void CountScheme(const ReportShard& shard, SchemeId scheme, ClassSums* partial) {
  const WholeColumn margin(*shard.columns, "margin");
  const std::vector<uint8_t>& codes = CodesOf(shard, scheme);
  for (size_t row = 0; row < codes.size(); ++row) {
    partial->Add({static_cast<int32_t>(scheme), codes[row]}, {margin[row]});
  }
}

ClassSums::Line LineOf(const ClassSums& merged, SchemeId scheme, int32_t code) {
  const auto found = merged.lines.find({static_cast<int32_t>(scheme), code});
  return found == merged.lines.end() ? ClassSums::Line() : found->second;
}

constexpr SchemeId kKinds[] = {SchemeId::kCore, SchemeId::kCustomerKind, SchemeId::kNeedClass};

struct CustomerKinds {
  static ReportInfo Info() {
    return {.name = "customer_kinds",
            .title = "Core, quality and potential customers",
            .sources = {"C1", "C2", "C3"},
            .needs = {.schemes = {SchemeId::kCore, SchemeId::kCustomerKind, SchemeId::kNeedClass}},
            .columns = {{"scheme", ReportType::kText, "", "core, customer_kind or need_class."},
                        {"class", ReportType::kText, "", "The class."},
                        {"customers", ReportType::kInteger, "customers", "Customers in it."},
                        {"share", ReportType::kShare, "1", "Of all customers."},
                        {"sum_margin", ReportType::kMoney, "", "Their margins."}},
            .method =
                "core: core is grade A, potential whoever else is below the better peers, general the rest. "
                "customer_kind: quality is grade A or B; potential others who are new, active or returning and "
                "below the better peers; ordinary the rest. need_class: potential never bought, important is "
                "grade A, ordinary the rest."};
  }

  using Partial = ClassSums;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    for (const SchemeId scheme : kKinds) CountScheme(shard, scheme, partial);
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("customer_kinds", Info().columns);
    for (const SchemeId scheme : kKinds) {
      const ClassCells cells(*facts.models, scheme);
      for (int32_t code = 1; code <= cells.size(); ++code) {
        const Partial::Line line = LineOf(merged, scheme, code);
        rows.Add({std::string(Name(scheme)), cells[code], line.customers,
                  ReportRows::Ratio(line.customers, facts.customers), rows.Whole(line.sums[0])});
      }
    }
    return rows.Take();
  }
};

struct CustomerStages {
  static ReportInfo Info() {
    return {.name = "customer_stages",
            .title = "Customers by stage",
            .sources = {"C20"},
            .needs = {.schemes = {SchemeId::kStage}},
            .columns = {{"stage", ReportType::kText, "", "acquisition, nurture, retention or uplift."},
                        {"customers", ReportType::kInteger, "customers", "Customers in it."},
                        {"share", ReportType::kShare, "1", "Of all customers."},
                        {"sum_margin", ReportType::kMoney, "", "Their margins."}},
            .method =
                "acquisition: potential and new of the life-cycle; retention: at risk, dormant and lost; uplift: "
                "active or returning below the better peers; nurture: the rest."};
  }

  using Partial = ClassSums;

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    CountScheme(shard, SchemeId::kStage, partial);
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("customer_stages", Info().columns);
    const ClassCells cells(*facts.models, SchemeId::kStage);
    for (int32_t code = 1; code <= cells.size(); ++code) {
      const Partial::Line line = LineOf(merged, SchemeId::kStage, code);
      rows.Add(
          {cells[code], line.customers, ReportRows::Ratio(line.customers, facts.customers), rows.Whole(line.sums[0])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport CustomerKindsReport() { return Registered<CustomerKinds>(); }
RegisteredReport CustomerStagesReport() { return Registered<CustomerStages>(); }

}  // namespace strata
