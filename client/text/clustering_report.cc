#include "client/text/clustering_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/date.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "model/clustering/names.h"

namespace strata {
namespace {

std::string FixedOrNothing(const std::optional<double>& value, int decimals) {
  return value.has_value() ? Fixed(*value, decimals) : kNothing;
}

std::string RefitWords(const ClusteringModel& model, const std::string& indent) {
  if (model.refit.why.empty()) return "";
  return fmt::format("{}  {} {}: {}.\n", indent, model.refit.refit ? "Fitted" : "Kept from",
                     FormatDay(model.fitted_as_of), Printable(model.refit.why));
}

std::string ApartWords(const ClusteringModel& model, size_t place) {
  std::string text;
  for (const SetsApart& apart : WhatSetsApart(model, place)) {
    const bool number = apart.feature < model.space.numeric.size();
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", Printable(apart.phrase), apart.effect > 0 ? "+" : "",
                        number ? Fixed(apart.effect, 1) : Percent(apart.effect, 0));
  }
  return text.empty() ? kNothing : text;
}

std::string ClustersTable(const ClusteringModel& model) {
  Table table({{"cluster", Align::kLeft},
               {"name", Align::kLeft},
               {"customers", Align::kRight},
               {"share", Align::kRight},
               {"of net", Align::kRight},
               {"sets it apart", Align::kLeft}});
  const auto clustered = static_cast<double>(model.customers - model.outliers);
  Int128 net = 0;
  for (const FittedCluster& cluster : model.clusters) net += cluster.net_micros;
  for (size_t c = 0; c < model.clusters.size(); ++c) {
    const FittedCluster& cluster = model.clusters[c];
    table.AddRow({fmt::format("{}", cluster.id), Printable(cluster.name), Grouped(cluster.size),
                  clustered > 0 ? Percent(static_cast<double>(cluster.size) / clustered) : kNothing,
                  net > 0 ? Percent(static_cast<double>(cluster.net_micros) / static_cast<double>(net)) : kNothing,
                  ApartWords(model, c)});
  }
  return table.Render("  ");
}

std::string CentresTable(const ClusteringModel& model) {
  if (model.space.numeric.empty()) return "";
  std::vector<Table::Column> columns = {{"centre", Align::kLeft}};
  for (const NumericFeature& feature : model.space.numeric) columns.push_back({feature.name, Align::kRight});
  for (const CategoryFeature& feature : model.space.categories) columns.push_back({feature.name, Align::kLeft});
  Table table(std::move(columns));
  for (const FittedCluster& cluster : model.clusters) {
    std::vector<std::string> cells = {fmt::format("{}", cluster.id)};
    for (const int32_t q : cluster.centre.q) cells.push_back(Fixed(std::ldexp(q, -model.space.grid_bits), 2));
    for (size_t c = 0; c < model.space.categories.size() && c < cluster.centre.modes.size(); ++c) {
      const std::vector<std::string>& words = model.space.categories[c].words;
      const uint8_t mode = cluster.centre.modes[c];
      cells.push_back(mode < words.size() ? Printable(words[mode]) : kNothing);
    }
    table.AddRow(std::move(cells));
  }
  return table.Render("  ") + "  Centres in scaled units: with the standard scale, deviations from the mean of all.\n";
}

std::string TrialsTable(const ClusteringModel& model) {
  const std::vector<GapRow>& rows = model.trials.rows;
  if (rows.size() < 2) return "";
  const bool gaps = std::any_of(rows.begin(), rows.end(), [](const GapRow& row) { return row.gap.has_value(); });
  Table table({{"tried", Align::kLeft},
               {"gap", Align::kRight},
               {"error", Align::kRight},
               {"silhouette", Align::kRight},
               {"Calinski-Harabasz", Align::kRight},
               {"Davies-Bouldin", Align::kRight},
               {"stability", Align::kRight},
               {"", Align::kLeft}});
  for (const GapRow& row : rows) {
    table.AddRow({fmt::format("k = {}", row.k), FixedOrNothing(row.gap, 4), FixedOrNothing(row.error, 4),
                  FixedOrNothing(row.silhouette, 3), FixedOrNothing(row.calinski_harabasz, 1),
                  FixedOrNothing(row.davies_bouldin, 3), FixedOrNothing(row.stability, 3),
                  row.k == model.k ? "taken" : ""});
  }
  std::string text = table.Render("  ");
  if (gaps) text += "  The rule: the fewest clusters whose gap is within one error of the largest.\n";
  return text;
}

}  // namespace

std::string ClusteringBrief(const ClusteringModel& model, const std::string& indent) {
  if (model.k == 0) return fmt::format("{}Clusters: not fitted: {}\n", indent, model.reason);
  std::string text;
  if (model.k == 1) {
    text = fmt::format("{}Clusters: 1, all customers alike{}\n", indent,
                       model.reason.empty() ? "" : ": " + Printable(model.reason));
  } else {
    text = fmt::format("{}Clusters: {}, silhouette {} (1: far apart, 0: no gaps), {}\n", indent, model.k,
                       Fixed(model.silhouette, 3), Counted(model.iterations, "iteration", "iterations"));
    if (!model.reason.empty()) text += fmt::format("{}  {}\n", indent, Printable(model.reason));
  }
  text += RefitWords(model, indent);
  if (model.trim > 0) {
    text +=
        fmt::format("{}  {} set aside as outliers.\n", indent, Counted(model.outliers, "customer is", "customers are"));
  }
  if (!model.converged) text += fmt::format("{}  ! stopped at the iteration limit before it came to rest\n", indent);
  for (const std::string& warning : model.warnings) text += fmt::format("{}  ! {}\n", indent, Printable(warning));
  return text;
}

std::string ClusteringTables(const ClusteringModel& model) {
  if (model.k == 0) return "";
  return ClustersTable(model) + CentresTable(model) + TrialsTable(model) +
         fmt::format("  Inertia {}\n", Significant(model.inertia, 6));
}

}  // namespace strata
