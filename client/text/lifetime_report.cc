#include "client/text/lifetime_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "client/text/estimates_text.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "model/lifetime/judge.h"
#include "model/lifetime/lifetime_fit_settings.h"
#include "wire/lifetime_models.h"

namespace strata {
namespace {

constexpr double kYearDays = 365;

// The value of a parameter or of a combination that the data determine.
std::optional<double> Known(const LifetimeFit& fit, std::string_view name) {
  for (const std::vector<ParameterEstimate>* list : {&fit.estimates, &fit.determined}) {
    for (const ParameterEstimate& estimate : *list) {
      if (estimate.name == name) return estimate.estimate;
    }
  }
  return std::nullopt;
}

// first / second, or first / (first + second): told as such, or made of the two.
std::optional<double> Ratio(const LifetimeFit& fit, const std::string& first, const std::string& second) {
  if (const auto told = Known(fit, fmt::format("{} / {}", first, second)); told.has_value()) return told;
  const auto a = Known(fit, first), b = Known(fit, second);
  return a.has_value() && b.has_value() ? std::optional(*a / *b) : std::nullopt;
}
std::optional<double> Share(const LifetimeFit& fit, const std::string& first, const std::string& second) {
  if (const auto told = Known(fit, fmt::format("{0} / ({0} + {1})", first, second)); told.has_value()) return told;
  const auto a = Known(fit, first), b = Known(fit, second);
  return a.has_value() && b.has_value() ? std::optional(*a / (*a + *b)) : std::nullopt;
}

std::string OpportunityWords(const LifetimeFit& fit, const std::string& indent) {
  std::string text;
  if (const auto buys = Share(fit, "alpha", "beta"); buys.has_value()) {
    text += fmt::format("{}At an opportunity {} of active customers buy (alpha / (alpha + beta)).\n", indent,
                        Percent(*buys));
  }
  if (const auto leaves = Share(fit, "gamma", "delta"); leaves.has_value()) {
    text += fmt::format("{}Before an opportunity {} of them leave for good (gamma / (gamma + delta)).\n", indent,
                        Percent(*leaves));
  }
  return text;
}

std::string ContractWords(const LifetimeFit& fit, const std::string& indent) {
  const auto leaves = Share(fit, "alpha", "beta");
  if (!leaves.has_value()) return "";
  return fmt::format(
      "{}At the end of the first period {} of contracts end (alpha / (alpha + beta)), later ones less "
      "often.\n",
      indent, Percent(*leaves));
}

std::string LeavingWords(const LifetimeModel& model, const std::string& indent) {
  const LifetimeFit& fit = model.fit;
  const std::optional<double> leaves = Share(fit, "a", "b");
  switch (fit.parameters.kind) {
    case LifetimeKind::kNbd:
      return indent + "Nobody leaves for good in this model: every customer counts as active.\n";
    case LifetimeKind::kParetoNbd: {
      const auto s = Known(fit, "s"), beta = Known(fit, "beta"), rate = Ratio(fit, "s", "beta");
      const double year = kYearDays / model.time_unit_days;
      std::optional<double> gone;
      if (s.has_value() && beta.has_value()) {
        gone = -std::expm1(-*s * std::log1p(year / *beta));
      } else if (rate.has_value()) {
        gone = -std::expm1(-*rate * year);
      }
      return gone.has_value() ? fmt::format("{}Within a year of their first purchase {} of customers leave for good.\n",
                                            indent, Percent(*gone))
                              : "";
    }
    case LifetimeKind::kMbgNbd:
    case LifetimeKind::kMbgCnbd:
      return leaves.has_value()
                 ? fmt::format(
                       "{}After a purchase, the first one included, {} of customers leave for good (a / (a + "
                       "b)).\n",
                       indent, Percent(*leaves))
                 : "";
    default:
      return (leaves.has_value() ? fmt::format("{}After a purchase {} of customers leave for good (a / (a + b)).\n",
                                               indent, Percent(*leaves))
                                 : "") +
             indent +
             "Who bought once counts as active: the model lets customers leave only after a repeat purchase.\n";
  }
}

std::string RateWords(const LifetimeModel& model, const std::string& indent) {
  const LifetimeFit& fit = model.fit;
  if (fit.parameters.kind == LifetimeKind::kBgBb) return OpportunityWords(fit, indent);
  if (fit.parameters.kind == LifetimeKind::kSbg) return ContractWords(fit, indent);
  std::string text;
  if (const auto rate = Ratio(fit, "r", "alpha"); rate.has_value()) {
    const bool regular = fit.parameters.k > 1;
    text +=
        fmt::format("{}An average active customer buys once in {} days ({}).\n", indent,
                    Fixed(fit.parameters.k / *rate * model.time_unit_days, 1), regular ? "k alpha / r" : "alpha / r");
    if (regular) {
      text += fmt::format("{}They buy regularly: k is {}, where 1 is at random and {} like clockwork.\n", indent,
                          fit.parameters.k, kRegularityMax);
    }
  }
  return text + LeavingWords(model, indent);
}

std::string ChoiceWords(const LifetimeModel& model, const std::string& indent) {
  if (model.candidates.empty()) return "";
  const auto chosen = std::find_if(model.candidates.begin(), model.candidates.end(),
                                   [](const CandidateLine& line) { return line.chosen; });
  if (chosen == model.candidates.end()) return indent + "No model could be chosen: none was fitted.\n";
  const std::string since = model.chosen_as_of == 0 ? "" : fmt::format(" as of {}", FormatDay(model.chosen_as_of));
  const auto judged = std::count_if(model.candidates.begin(), model.candidates.end(),
                                    [](const CandidateLine& line) { return line.takes_part; });
  const auto others = static_cast<int64_t>(model.candidates.size()) - judged;
  if (judged == 1) {
    return fmt::format("{}Chosen{}, as none of {} could take part in the choice.\n", indent, since,
                       Counted(others, "other model", "other models"));
  }
  return fmt::format(
      "{}Chosen among {} models{} by what customers bought in the time held out: no other one foretold it clearly "
      "better{}.\n",
      indent, judged, since, others == 0 ? "" : fmt::format("; {} took no part", Counted(others, "more", "more")));
}

// "+50.0 %", "-6.2 %".
std::string Off(double bias) {
  return std::isfinite(bias) ? fmt::format("{}{}", bias > 0 ? "+" : "", Percent(bias)) : kNothing;
}

std::string HoldoutWords(const LifetimeModel& model, const std::string& indent) {
  if (!model.holdout.has_value()) return indent + "Not graded: nothing is held out to judge it by.\n";
  const HoldoutJudgement& judged = *model.holdout;
  if (!judged.reason.empty()) return fmt::format("{}Not graded: {}.\n", indent, judged.reason);
  const double bias = judged.actual > 0 ? judged.expected / static_cast<double>(judged.actual) - 1 : std::nan("");
  const bool has_covariates = model.covariates.has_value() && model.covariates->fit.fitted;
  std::string text =
      fmt::format("{}Tested{} on the {} days after {}: {} foretold, {} made{}.\n", indent,
                  has_covariates ? ", without its covariates," : "", judged.days, FormatDay(judged.as_of),
                  Counted(std::llround(judged.expected), "purchase", "purchases"), Grouped(judged.actual),
                  std::isnan(bias) ? "" : fmt::format(" ({})", Off(bias)));
  if (judged.grade == Grade::kNone) return text + fmt::format("{}Not graded: {}.\n", indent, judged.grade_reason);
  return text + fmt::format("{}Grade {}: {}.\n", indent, Name(judged.grade), judged.grade_reason);
}

std::string KeptWords(const LifetimeModel& model, const std::string& indent) {
  std::string text;
  if (model.fit.asked != model.fit.parameters.kind) {
    text += fmt::format("{}{} was asked for; what the data show is told as well by {}.\n", indent,
                        TitleOf({.kind = model.fit.asked, .k = model.fit.parameters.k}), TitleOf(model.fit.parameters));
  }
  if (!model.refit) {
    text += fmt::format("{}Its parameters are of {}, {}.\n", indent, FormatDay(model.fitted_as_of), model.refit_reason);
  }
  if (model.margin.asked) {
    text += fmt::format("{}Values are margin, {} of what is spent: {}.\n", indent, Percent(model.margin.factor),
                        model.margin.reason.empty() ? model.margin.basis : model.margin.reason);
  }
  return text;
}

std::string CandidateTable(const LifetimeModel& model) {
  if (model.candidates.empty()) return "";
  Table table({{"model", Align::kLeft},
               {"log-likelihood", Align::kRight},
               {"foretold", Align::kRight},
               {"gain", Align::kRight},
               {"its error", Align::kRight},
               {"total off", Align::kRight},
               {"", Align::kLeft}});
  for (const CandidateLine& line : model.candidates) {
    const auto number = [&line](double value) { return line.takes_part ? Fixed(value, 1) : std::string(kNothing); };
    table.AddRow({TitleOf({.kind = line.kind, .k = line.k}),
                  line.log_likelihood != 0 ? Fixed(line.log_likelihood, 1) : kNothing, number(line.log_probability),
                  number(line.gain), number(line.gain_error), line.takes_part ? Off(line.bias) : kNothing,
                  line.chosen ? (line.words.empty() ? "taken" : "taken: " + line.words) : line.words});
  }
  return table.Render("  ") +
         "  Foretold: log probability of the purchases held out. A later model wins by a gain of two of its errors.\n";
}

std::string HoldoutErrors(const LifetimeModel& model) {
  if (!model.holdout.has_value() || model.holdout->errors.empty()) return "";
  const HoldoutJudgement& judged = *model.holdout;
  Table table({{"prediction", Align::kLeft},
               {"off by, on average", Align::kRight},
               {"root mean square", Align::kRight},
               {"total off", Align::kRight},
               {"log probability", Align::kRight}});
  for (const PredictionErrors& errors : judged.errors) {
    const std::string name = errors.name == "model" ? "this model" : errors.name;
    table.AddRow(
        {name, Fixed(errors.mae, 4), Fixed(errors.rmse, 4), Off(errors.bias), Fixed(errors.log_probability, 4)});
  }
  std::string text =
      table.Render("  ") + fmt::format("  Purchases per customer in the time held out. Grades: {}\n", kGradeRule);
  if (judged.customers > 0) {
    text += fmt::format("  Of {}, {} bought within their intervals; {} were promised.\n",
                        Counted(judged.customers, "customer", "customers"),
                        Percent(static_cast<double>(judged.covered) / static_cast<double>(judged.customers)),
                        Percent(judged.interval_mass));
  }
  return text;
}

std::string EffectTable(const LifetimeModel& model) {
  if (!model.covariates.has_value()) return "";
  const CovariateModel& covariates = *model.covariates;
  if (!covariates.fit.fitted) return fmt::format("  Covariates are not used: {}\n", covariates.fit.reason);
  Table table({{"covariate", Align::kLeft},
               {"times as much", Align::kRight},
               {"coefficient", Align::kRight},
               {"standard error", Align::kRight},
               {"95 % from", Align::kRight},
               {"to", Align::kRight},
               {"", Align::kLeft}});
  for (const CovariateCoefficient& coefficient : covariates.coefficients) {
    const ParameterEstimate& told = coefficient.told;
    table.AddRow({told.name, told.estimate.has_value() ? Significant(std::exp(*told.estimate), 3) : kNothing,
                  OrNothing(told.estimate, 4), OrNothing(told.standard_error, 3), OrNothing(told.low, 4),
                  OrNothing(told.high, 4), told.words});
  }
  return table.Render("  ");
}

}  // namespace

std::string TitleOf(const LifetimeParameters& parameters) {
  switch (parameters.kind) {
    case LifetimeKind::kNbd:
      return "NBD";
    case LifetimeKind::kBgNbd:
      return "BG/NBD";
    case LifetimeKind::kMbgNbd:
      return "MBG/NBD";
    case LifetimeKind::kParetoNbd:
      return "Pareto/NBD";
    case LifetimeKind::kBgCnbd:
      return parameters.k > 1 ? fmt::format("BG/CNBD-{}", parameters.k) : "BG/CNBD";
    case LifetimeKind::kMbgCnbd:
      return parameters.k > 1 ? fmt::format("MBG/CNBD-{}", parameters.k) : "MBG/CNBD";
    case LifetimeKind::kBgBb:
      return "BG/BB";
    case LifetimeKind::kSbg:
      return "shifted-beta-geometric";
  }
  return "";
}

std::string LifetimeBrief(const FittedModels& models, std::optional<double> active, const std::string& indent) {
  const LifetimeModel& model = *models.lifetime;
  const LifetimeFit& fit = model.fit;
  if (!fit.fitted) {
    return fmt::format("{}Lifetime ({}): not fitted: {}\n", indent, TitleOf({.kind = fit.asked}), fit.reason) +
           WarningLines(AllWarnings(model), indent + "  ");
  }
  const std::string inner = indent + "  ";
  const auto customers = std::llround(fit.customers);
  std::string text =
      fmt::format("{}Lifetime ({}): {}, fitted on {}\n", indent, TitleOf(fit.parameters),
                  EstimatesLine(fit.estimates, fit.determined), Counted(customers, "customer", "customers"));
  if (active.has_value() && customers > 0) {
    text += fmt::format("{}Some {} of them are still active, {}.\n", inner, Grouped(std::llround(*active)),
                        Percent(*active / fit.customers));
  }
  text += RateWords(model, inner) + KeptWords(model, inner) + ChoiceWords(model, inner) + HoldoutWords(model, inner);
  text += fmt::format("{}Values look {} days ahead, discounted by {} a year.\n", inner, models.lifetime_horizon_days,
                      Percent(models.discount_rate_annual));
  return text + WarningLines(AllWarnings(model), inner);
}

std::string LifetimeTables(const LifetimeModel& model) {
  const LifetimeFit& fit = model.fit;
  if (!fit.fitted) return "";
  std::string text = ParameterTable(fit.estimates, fit.determined);
  text += fmt::format("  Log-likelihood {} on {} with {} distinct histories; times in {}; {}.\n",
                      Fixed(fit.log_likelihood, 4), Counted(std::llround(fit.customers), "customer", "customers"),
                      Grouped(static_cast<int64_t>(fit.unique_rows)), TimeUnitWords(model.time_unit_days),
                      fit.identified ? "all parameters are identified" : "not all parameters are identified");
  text += fmt::format("  The search {} after {}: gradient {}, condition number {}.\n",
                      fit.state == MaximiserState::kConverged ? "found the maximum" : "ended before a maximum",
                      Counted(fit.evaluations, "evaluation", "evaluations"), Significant(fit.gradient_norm, 2),
                      Significant(fit.condition, 3));
  if (model.merged_share.value_or(1) <= kMergedShareMax) {  // beyond, a warning says it
    text +=
        fmt::format("  {}{} of purchases fell on a day that already had one of the same customer, and count once.\n",
                    model.merged_is_bound ? "Up to " : "", Percent(*model.merged_share));
  }
  return text + CandidateTable(model) + HoldoutErrors(model) + EffectTable(model);
}

}  // namespace strata
