// Which model of repeat buying was chosen, and what its parameters are (A54).
#include <string>
#include <utility>

#include "data/reports/keyed_sums.h"
#include "data/reports/lifetime_cells.h"
#include "data/reports/lifetime_reports.h"

namespace strata {
namespace {

ReportCell KCell(LifetimeKind kind, int k) { return IsRegular(kind) ? ReportCell(int64_t{k}) : ReportCell(); }

struct LifetimeModels {
  static ReportInfo Info() {
    return {
        .name = "lifetime_models",
        .title = "The choice of a lifetime model",
        .sources = {"A54"},
        .needs = {.lifetime = true},
        .columns = {{"place", ReportType::kInteger, "1", "In the order in which models are tried, the simplest first."},
                    {"model", ReportType::kText, "", "nbd, bg_nbd, mbg_nbd, pareto_nbd, bg_cnbd, mbg_cnbd, …"},
                    {"k", ReportType::kInteger, "1", "Of regular timing: gaps are Erlang-k; none: not regular."},
                    {"log_likelihood", ReportType::kNumber, "1",
                     "Of what was known before the hold-out; without a hold-out, of all."},
                    {"holdout_log_probability", ReportType::kNumber, "1",
                     "Sum over customers of ln P(as many purchases as there were in the hold-out)."},
                    {"gain", ReportType::kNumber, "1", "Of the former, over the model chosen until then."},
                    {"gain_se", ReportType::kNumber, "1", "Its standard error, customers as pairs."},
                    {"bias", ReportType::kNumber, "1", "Expected over actual purchases of the hold-out, less 1."},
                    {"chosen", ReportType::kFlag, "", "Whether it is the one in use."},
                    {"words", ReportType::kText, "",
                     "Why it takes no part, at which limit it lies, or how it came to be in use."}},
        .method =
            "`model: auto` fits each on what was known before the hold-out. A later one replaces the one chosen so far "
            "only if its gain exceeds two standard errors. One that is the same as a simpler one on these data takes "
            "no part. The model in use is then fitted on all that is known."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static ReportCell WordsOf(const CandidateLine& line, Day chosen_as_of) {
    return line.chosen ? ReportCell("chosen as of " + FormatDay(chosen_as_of)) : WordsCell(line.words);
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    if (!facts.models->lifetime.has_value()) return LeaveOut("the night fitted no lifetime value");
    const LifetimeModel& model = *facts.models->lifetime;
    ReportRows rows("lifetime_models", Info().columns);
    int64_t place = 0;
    for (const CandidateLine& line : model.candidates) {
      const auto judged = [&line](double value) { return line.takes_part ? ReportCell(value) : ReportCell(); };
      const bool fitted = line.log_likelihood != 0;
      rows.Add({++place, std::string(Name(line.kind)), KCell(line.kind, line.k),
                fitted ? ReportCell(line.log_likelihood) : ReportCell(), judged(line.log_probability),
                place == 1 ? ReportCell() : judged(line.gain), place == 1 ? ReportCell() : judged(line.gain_error),
                line.takes_part ? NumberCell(line.bias) : ReportCell(), int64_t{line.chosen},
                WordsOf(line, model.chosen_as_of)});
    }
    if (model.candidates.empty()) {
      const bool is_auto = facts.job != nullptr && facts.job->lifetime.has_value() && facts.job->lifetime->is_auto();
      const LifetimeFit& fit = model.fit;
      const ReportCell none;
      rows.Add({int64_t{1}, std::string(Name(fit.asked)), KCell(fit.asked, fit.parameters.k),
                fit.fitted ? ReportCell(fit.log_likelihood) : none, none, none, none, none, int64_t{fit.fitted},
                fit.fitted ? std::string(is_auto ? "nothing to choose by: there was no hold-out" : "as the job says")
                           : fit.reason});
    }
    return rows.Take();
  }
};

// "weeks" and the like, of the parameters that are times.
std::string TimeUnit(double days) {
  if (days == 1) return "days";
  if (days == 7) return "weeks";
  return days > 28 && days < 32 ? "months" : "time units";
}

std::string UnitOf(LifetimeKind kind, const std::string& name, double time_unit_days) {
  if (kind == LifetimeKind::kBgBb || kind == LifetimeKind::kSbg) return "1";
  const bool is_pareto = kind == LifetimeKind::kParetoNbd;
  if (name == "alpha" || (name == "beta" && is_pareto)) return TimeUnit(time_unit_days);
  if (name == "r / alpha" || (name == "s / beta" && is_pareto)) return "1 / " + TimeUnit(time_unit_days);
  return "1";
}

std::string UnitOfSpend(const std::string& name) {
  if (name == "v" || name == "p v" || name == "p v / q") return "currency";
  return name == "q / v" ? "1 / currency" : "1";
}

struct LifetimeParametersTable {
  static ReportInfo Info() {
    return {
        .name = "lifetime_parameters",
        .title = "Parameters of the lifetime and spend models",
        .sources = {"A54"},
        .needs = {.lifetime = true},
        .columns = {{"model", ReportType::kText, "", "Of repeat buying, or gamma_gamma of spend."},
                    {"parameter", ReportType::kText, "", "As in docs/models.md; also combinations of parameters."},
                    {"estimate", ReportType::kNumber, "1", "None: the data do not determine it."},
                    {"se", ReportType::kNumber, "1", "Standard error."},
                    {"low", ReportType::kNumber, "1", "Lower end of the 95 % interval; none: unbounded or unknown."},
                    {"high", ReportType::kNumber, "1", "Upper end."},
                    {"by", ReportType::kText, "", "What the interval is from: hessian or profile (likelihood)."},
                    {"unit", ReportType::kText, "",
                     "Unit of the estimate: 1, a unit of time or of currency, or one over it."},
                    {"words", ReportType::kText, "", "Why something is absent."}},
        .method =
            "Maximum likelihood; errors by observed information in logarithms. Where the optimum lies at infinity or "
            "on a boundary, the parameter is absent, the words say why, and rows named as a combination, such as "
            "r / alpha, give what the data do determine. With covariates: of the model without them."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static void Add(const std::string& model, const ParameterEstimate& line, std::string unit, ReportRows* rows) {
    rows->Add({model, line.name, NumberCell(line.estimate), NumberCell(line.standard_error), NumberCell(line.low),
               NumberCell(line.high), WordsCell(line.by), std::move(unit), WordsCell(line.words)});
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const LifetimeModel* lifetime, FittedLifetime(facts.models));
    const LifetimeFit& fit = lifetime->fit;
    ReportRows rows("lifetime_parameters", Info().columns);
    for (const ParameterEstimate& line : fit.estimates) {
      Add(Name(fit.asked), line, UnitOf(fit.asked, line.name, lifetime->time_unit_days), &rows);
    }
    for (const ParameterEstimate& line : fit.determined) {
      Add(Name(fit.asked), line, UnitOf(fit.asked, line.name, lifetime->time_unit_days), &rows);
    }
    if (facts.models->spend.has_value() && facts.models->spend->fitted) {
      for (const ParameterEstimate& line : facts.models->spend->estimates) {
        Add("gamma_gamma", line, UnitOfSpend(line.name), &rows);
      }
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport LifetimeModelsReport() { return Registered<LifetimeModels>(); }
RegisteredReport LifetimeParametersReport() { return Registered<LifetimeParametersTable>(); }

}  // namespace strata
