#include "client/text/models_report.h"

#include <fmt/format.h>

#include <cmath>

#include "client/text/churn_report.h"
#include "client/text/clustering_report.h"
#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/schemes_report.h"
#include "client/text/table.h"

namespace strata {
namespace {

constexpr int kParameterDigits = 4;  // more is below the standard errors of any real base

std::string Parameter(double value) { return Significant(value, kParameterDigits); }

std::string Bullets(const std::vector<std::string>& lines, const std::string& indent) {
  std::string text;
  for (const std::string& line : lines) text += fmt::format("{}! {}\n", indent, line);
  return text;
}

std::string LifetimeBrief(const LifetimeModel& model, int horizon_days, double discount_rate,
                          const std::string& indent) {
  if (!model.fitted) return fmt::format("{}Lifetime (BG/NBD): not fitted: {}\n", indent, model.reason);
  std::string text = fmt::format("{}Lifetime (BG/NBD): r {}, alpha {}, a {}, b {}, fitted on {}\n", indent,
                                 Parameter(model.r), Parameter(model.alpha), Parameter(model.a), Parameter(model.b),
                                 Counted(model.customers, "customer", "customers"));
  text += fmt::format("{}  An average active customer buys once in {} days (alpha / r).\n", indent,
                      Fixed(model.alpha / model.r * model.time_unit_days, 1));
  if (model.identified) {
    text += fmt::format("{}  After a purchase {} of customers leave for good (a / (a + b)).\n", indent,
                        Percent(model.a / (model.a + model.b)));
  }
  text += indent + "  Who bought once counts as active: the model lets customers leave only after a repeat purchase.\n";
  text += fmt::format("{}  Values look {} days ahead, discounted by {} a year.\n", indent, horizon_days,
                      Percent(discount_rate));
  return text + Bullets(model.warnings, indent + "  ");
}

std::string SpendBrief(const SpendModel& model, const std::string& currency, const std::string& indent) {
  if (!model.fitted) return fmt::format("{}Spend (Gamma-Gamma): not fitted: {}\n", indent, model.reason);
  std::string text =
      fmt::format("{}Spend (Gamma-Gamma): p {}, q {}, v {}, fitted on {}\n", indent, Parameter(model.p),
                  Parameter(model.q), Parameter(model.v), Counted(model.customers, "repeat buyer", "repeat buyers"));
  text += fmt::format("{}  A customer of whom nothing is known spends {} per purchase day.\n", indent,
                      Money(model.population_mean, currency));
  if (model.left_out_not_positive > 0) {
    text += fmt::format("{}  {} left out: their repeat purchases add up to nothing or less.\n", indent,
                        Counted(model.left_out_not_positive, "repeat buyer was", "repeat buyers were"));
  }
  return text + Bullets(model.warnings, indent + "  ");
}

std::string RfmBrief(const RfmModel& model, const std::string& indent) {
  std::string text = fmt::format("{}RFM: scores 1 to {} on {} with a purchase\n", indent, model.scores,
                                 Counted(model.customers, "customer", "customers"));
  const RfmModel plain;
  std::string rules;
  if (model.window != plain.window) rules += fmt::format(", purchases of the {}", model.window);
  if (model.axis_scores != plain.axis_scores &&
      model.axis_scores != std::array{model.scores, model.scores, model.scores}) {
    rules += fmt::format(", {} recency, {} frequency and {} monetary scores", model.axis_scores[0],
                         model.axis_scores[1], model.axis_scores[2]);
  }
  if (model.cuts != plain.cuts) rules += fmt::format(", {} cuts", model.cuts);
  if (model.grid != plain.grid) rules += fmt::format(", grid {}", Printable(model.grid));
  return rules.empty() ? text : text + fmt::format("{}  With{}.\n", indent, rules.substr(1));
}

std::string RfmTables(const RfmModel& model, const std::string& currency) {
  if (model.recency_cuts_days.size() != model.frequency_cuts.size() ||
      model.frequency_cuts.size() != model.monetary_cuts_micros.size()) {
    return "  The axes have different numbers of scores; their cuts: strata report rfm_cuts\n";
  }
  Table table({{"a score above", Align::kLeft},
               {"days since purchase, at most", Align::kRight},
               {"purchase days, more than", Align::kRight},
               {"net, more than", Align::kRight}});
  for (size_t i = 0; i < model.frequency_cuts.size(); ++i) {
    // Recency is reversed: the best scores have the smallest cuts.
    const size_t reversed = model.recency_cuts_days.size() - 1 - i;
    table.AddRow({fmt::format("{}", i + 1), Grouped(model.recency_cuts_days[reversed]),
                  Grouped(model.frequency_cuts[i]), MoneyOfMicros(model.monetary_cuts_micros[i], currency)});
  }
  return table.Render("  ");
}

template <size_t N>
std::string ParameterTable(const std::array<const char*, N>& names, const std::array<double, N>& values,
                           const std::array<double, N>& errors, bool has_errors) {
  Table table({{"parameter", Align::kLeft}, {"estimate", Align::kRight}, {"standard error", Align::kRight}});
  for (size_t i = 0; i < N; ++i) {
    table.AddRow({names[i], Significant(values[i], 6), has_errors ? Significant(errors[i], 3) : kNothing});
  }
  return table.Render("  ");
}

std::string LifetimeTables(const LifetimeModel& model) {
  if (!model.fitted) return "";
  return ParameterTable<4>({"r", "alpha", "a", "b"}, {model.r, model.alpha, model.a, model.b}, model.standard_errors,
                           model.has_standard_errors) +
         fmt::format("  Log-likelihood {} on {} with {} distinct histories; time unit {} days; {}.\n",
                     Fixed(model.log_likelihood, 4), Counted(model.customers, "customer", "customers"),
                     Grouped(model.unique_rows), Significant(model.time_unit_days, 6),
                     model.identified ? "drop-out is identified" : "drop-out is not identified");
}

std::string SpendTables(const SpendModel& model) {
  if (!model.fitted) return "";
  return ParameterTable<3>({"p", "q", "v"}, {model.p, model.q, model.v}, model.standard_errors,
                           model.has_standard_errors) +
         fmt::format("  Log-likelihood {} on {}.\n", Fixed(model.log_likelihood, 4),
                     Counted(model.customers, "customer", "customers"));
}

}  // namespace

std::string ModelsBrief(const FittedModels& models, const std::string& currency, const std::string& indent) {
  std::string text;
  if (models.rfm.has_value()) text += RfmBrief(*models.rfm, indent);
  if (models.schemes.has_value()) text += SchemesBrief(*models.schemes, currency, indent);
  if (models.clustering.has_value()) text += ClusteringBrief(*models.clustering, indent);
  if (models.lifetime.has_value()) {
    text += LifetimeBrief(*models.lifetime, models.lifetime_horizon_days, models.discount_rate_annual, indent);
  }
  if (models.spend.has_value()) text += SpendBrief(*models.spend, currency, indent);
  if (models.churn.has_value()) text += ChurnBrief(*models.churn, indent);
  return text.empty() ? indent + "The job asks for no models.\n" : text;
}

std::string ModelsReport(const FittedModels& models, const std::string& currency) {
  std::vector<std::string> sections;
  if (models.rfm.has_value()) sections.push_back(RfmBrief(*models.rfm, "") + RfmTables(*models.rfm, currency));
  if (models.schemes.has_value()) {
    sections.push_back(SchemesBrief(*models.schemes, currency, "") + SchemesTables(*models.schemes, currency));
  }
  if (models.clustering.has_value()) {
    sections.push_back(ClusteringBrief(*models.clustering, "") + ClusteringTables(*models.clustering));
  }
  if (models.lifetime.has_value()) {
    sections.push_back(LifetimeBrief(*models.lifetime, models.lifetime_horizon_days, models.discount_rate_annual, "") +
                       LifetimeTables(*models.lifetime));
  }
  if (models.spend.has_value())
    sections.push_back(SpendBrief(*models.spend, currency, "") + SpendTables(*models.spend));
  if (models.churn.has_value()) sections.push_back(ChurnBrief(*models.churn, "") + ChurnTables(*models.churn));
  if (sections.empty()) return "The job asks for no models.\n";
  return fmt::format("{}", fmt::join(sections, "\n"));
}

}  // namespace strata
