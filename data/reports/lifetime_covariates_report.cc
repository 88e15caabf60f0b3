// What traits of customers do to how often they buy and how readily they leave (A54).
#include <cmath>
#include <optional>
#include <string>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_reports.h"

namespace strata {
namespace {

struct CovariateLines {
  static ReportInfo Info() {
    return {
        .name = "lifetime_covariates",
        .title = "What traits do to buying and leaving",
        .sources = {"A54"},
        .needs = {.lifetime = true, .covariates = true},
        .columns = {{"column", ReportType::kText, "", "Of the customers."},
                    {"level", ReportType::kText, "",
                     "Of words; (other): rare ones, (missing): no value; none: the column is a number."},
                    {"on", ReportType::kText, "", "rate, drop-out or strength."},
                    {"reference", ReportType::kText, "", "Of words: the level that others are compared with."},
                    {"per", ReportType::kNumber, "1", "Of a number: for so much more of it."},
                    {"coefficient", ReportType::kNumber, "1", "None: left out."},
                    {"se", ReportType::kNumber, "1", "Standard error."},
                    {"low", ReportType::kNumber, "1", "Lower end of the 95 % interval."},
                    {"high", ReportType::kNumber, "1", "Upper end."},
                    {"factor", ReportType::kNumber, "1", "exp(coefficient): so many times as often, or as readily."},
                    {"words", ReportType::kText, "", "Why it was left out."}},
        .method =
            "Pareto/NBD as in Fader and Hardie's note 019: purchase rates times exp(coefficient), rates of leaving "
            "likewise. Models with a probability to leave: a times exp(coefficient), and with strength also b; the "
            "common factor for both cannot move the mean a / (a + b)."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static ReportCell LevelCell(const CovariateTrait& trait) {
    switch (trait.coding) {
      case CovariateTrait::Coding::kNumber:
        return {};
      case CovariateTrait::Coding::kLevel:
        return trait.level;
      case CovariateTrait::Coding::kOther:
        return std::string("(other)");
      case CovariateTrait::Coding::kMissing:
        return std::string("(missing)");
    }
    return {};
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const LifetimeModel* lifetime, FittedLifetime(facts.models));
    if (!lifetime->covariates.has_value()) return LeaveOut("the model was fitted without covariates");
    const CovariateModel& model = *lifetime->covariates;
    if (!model.fit.fitted) return LeaveOut(model.fit.reason);
    ReportRows rows("lifetime_covariates", Info().columns);
    for (const CovariateCoefficient& line : model.coefficients) {
      const CovariateSource& source = model.sources[line.trait.source];
      const bool is_number = line.trait.coding == CovariateTrait::Coding::kNumber;
      const std::optional<double>& estimate = line.told.estimate;
      rows.Add({source.column, LevelCell(line.trait), std::string(Name(line.on)),
                source.is_category ? WordsCell(source.reference) : ReportCell(),
                is_number ? ReportCell(line.told_per) : ReportCell(), NumberCell(estimate),
                NumberCell(line.told.standard_error), NumberCell(line.told.low), NumberCell(line.told.high),
                estimate.has_value() ? NumberCell(std::exp(*estimate)) : ReportCell(), WordsCell(line.told.words)});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeCovariatesReport() { return Registered<CovariateLines>(); }

}  // namespace strata
