// Customers by value class and grade (A20, C4), with the treatment of each grade (A57).
#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"
#include "model/classes/value_class.h"

namespace strata {
namespace {

struct ValueClasses {
  static ReportInfo Info() {
    return {
        .name = "value_classes",
        .title = "Value classes and grades",
        .sources = {"A20", "A57", "C4"},
        .needs = {.schemes = {SchemeId::kValueClass, SchemeId::kGrade}},
        .columns = {{"class", ReportType::kText, "", "A to D."},
                    {"customers", ReportType::kInteger, "customers", "Customers of this value class."},
                    {"share", ReportType::kShare, "1", "Of the customers who have a margin."},
                    {"sum_margin", ReportType::kMoney, "", "Their margins."},
                    {"share_margin", ReportType::kNumber, "1", "Of the sum of positive margins; below 0 for losses."},
                    {"from_margin", ReportType::kMoney, "", "Least margin of the class; none: open below."},
                    {"graded_customers", ReportType::kInteger, "customers", "Customers of this grade."},
                    {"moved_up", ReportType::kInteger, "customers", "Of the value class: graded one higher."},
                    {"moved_down", ReportType::kInteger, "customers", "Of the value class: graded one lower."},
                    {"treatment", ReportType::kText, "", "What the job says is done with this grade."}},
        .method =
            "Customers in descending order of margin: A up to a share a of the sum of positive margins (80 % "
            "unless the job says otherwise), B up to b (95 %), C the rest, D without a positive margin; equal "
            "margins share a class. Grade: the class moved at most one, within A to C, by loyalty (active "
            "quarters of the last four) and stability (squared coefficient of variation of the gaps between "
            "purchases)."};
  }

  using Partial = KeyedSums<std::array<int32_t, 2>, 1>;  // (class, grade) → margin

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const std::vector<uint8_t>& classes = CodesOf(shard, SchemeId::kValueClass);
    const std::vector<uint8_t>& grades = CodesOf(shard, SchemeId::kGrade);
    const WholeColumn margin(*shard.columns, "margin");
    for (size_t row = 0; row < classes.size(); ++row) {
      if (classes[row] != 0) partial->Add({classes[row], grades[row]}, {margin[row]});
    }
    return absl::OkStatus();
  }

  static ReportCell FromMargin(const ValueModel& model, int32_t code) {
    const std::optional<int64_t>& from = code == kTierA ? model.a_from : code == kTierB ? model.b_from : model.c_from;
    return code == kTierD || !from.has_value() ? ReportCell() : ReportCell(*from);
  }

  static ReportCell TreatmentOf(const Job* job, const ReportCell& grade) {
    if (job == nullptr || !job->value.has_value()) return {};
    const auto words = job->value->treatment.find(std::get<std::string>(grade));
    return words == job->value->treatment.end() ? ReportCell() : ReportCell(words->second);
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const ValueModel& model = *facts.models->schemes->value;
    const ClassCells cells(*facts.models, SchemeId::kValueClass);
    Partial::Line all;
    for (const auto& [key, line] : merged.lines) all.Add(line);
    ReportRows rows("value_classes", Info().columns);
    for (int32_t code = 1; code <= cells.size(); ++code) {
      Partial::Line of_class;
      int64_t graded = 0, up = 0, down = 0;
      for (const auto& [key, line] : merged.lines) {
        if (key[1] == code) graded += line.customers;
        if (key[0] != code) continue;
        of_class.Add(line);
        up += key[1] < code ? line.customers : 0;
        down += key[1] > code ? line.customers : 0;
      }
      rows.Add({cells[code], of_class.customers, ReportRows::Ratio(of_class.customers, all.customers),
                rows.Whole(of_class.sums[0]), ReportRows::Ratio(of_class.sums[0], model.sum_positive),
                FromMargin(model, code), graded, up, down, TreatmentOf(facts.job, cells[code])});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ValueClassesReport() { return Registered<ValueClasses>(); }

}  // namespace strata
