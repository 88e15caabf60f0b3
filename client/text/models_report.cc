#include "client/text/models_report.h"

#include <fmt/format.h>

#include <array>

#include "client/text/churn_report.h"
#include "client/text/clustering_report.h"
#include "client/text/lifetime_report.h"
#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/schemes_report.h"
#include "client/text/spend_report.h"
#include "client/text/table.h"

namespace strata {
namespace {

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

}  // namespace

std::string ModelsBrief(const FittedModels& models, const std::string& currency, const std::string& indent,
                        std::optional<double> active) {
  std::string text;
  if (models.rfm.has_value()) text += RfmBrief(*models.rfm, indent);
  if (models.schemes.has_value()) text += SchemesBrief(*models.schemes, currency, indent);
  if (models.clustering.has_value()) text += ClusteringBrief(*models.clustering, indent);
  if (models.lifetime.has_value()) text += LifetimeBrief(models, active, indent);
  if (models.spend.has_value()) text += SpendBrief(*models.spend, currency, indent);
  if (models.churn.has_value()) text += ChurnBrief(*models.churn, indent);
  return text.empty() ? indent + "The job asks for no models.\n" : text;
}

std::string ModelsReport(const FittedModels& models, const std::string& currency, std::optional<double> active) {
  std::vector<std::string> sections;
  if (models.rfm.has_value()) sections.push_back(RfmBrief(*models.rfm, "") + RfmTables(*models.rfm, currency));
  if (models.schemes.has_value()) {
    sections.push_back(SchemesBrief(*models.schemes, currency, "") + SchemesTables(*models.schemes, currency));
  }
  if (models.clustering.has_value()) {
    sections.push_back(ClusteringBrief(*models.clustering, "") + ClusteringTables(*models.clustering));
  }
  if (models.lifetime.has_value()) {
    sections.push_back(LifetimeBrief(models, active, "") + LifetimeTables(*models.lifetime));
  }
  if (models.spend.has_value())
    sections.push_back(SpendBrief(*models.spend, currency, "") + SpendTables(*models.spend));
  if (models.churn.has_value()) sections.push_back(ChurnBrief(*models.churn, "") + ChurnTables(*models.churn));
  if (sections.empty()) return "The job asks for no models.\n";
  return fmt::format("{}", fmt::join(sections, "\n"));
}

}  // namespace strata
