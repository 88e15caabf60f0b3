#include "client/json/diff_json.h"

#include <nlohmann/json.hpp>

#include "client/class_sizes.h"
#include "client/json/score_json.h"
#include "run/row_counts_json.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json OptionalOrNull(const std::optional<double>& value) {
  return value.has_value() ? NumberOrNull(*value) : Json(nullptr);
}
Json Share(int64_t part, int64_t whole) {
  return whole == 0 ? Json(nullptr) : Json(static_cast<double>(part) / static_cast<double>(whole));
}

Json FactsJson(const SnapshotFacts& facts) {
  return {{"snapshot", facts.number},
          {"digest", facts.digest},
          {"as_of", FormatDay(facts.as_of)},
          {"follows", facts.follows == 0 ? Json(nullptr) : Json(facts.follows)},
          {"ledger_version", facts.ledger_version},
          {"ledger_digest", facts.ledger_digest},
          {"shards", facts.shards},
          {"currency", facts.currency},
          {"customers", facts.customers},
          {"customers_with_purchase", facts.customers_with_purchase},
          {"rows", RowCountsToJson(facts.rows)},
          {"build", TextOrNull(facts.build)},
          {"create_time", JsonTime(facts.created_ms)},
          {"size_bytes", facts.size_bytes}};
}

Json MovesJson(const SnapshotDiff& diff, const std::vector<ClassMove>& moves) {
  std::vector<std::string> order;
  const auto sizes = SizesOf(moves, &order);
  Json classes = Json::array();
  for (const std::string& name : order) {
    const ClassSizes& size = sizes.at(name);
    classes.push_back({{"name", name},
                       {"base", size.base},
                       {"base_share", Share(size.base, diff.base.customers)},
                       {"other", size.other},
                       {"other_share", Share(size.other, diff.other.customers)}});
  }
  Json list = Json::array();
  for (const ClassMove& move : moves) {
    list.push_back(
        {{"from", TextOrNull(move.from)},
         {"to", TextOrNull(move.to)},
         {"customers", move.customers},
         {"share_of_from", move.from.empty() ? Json(nullptr) : Share(move.customers, sizes.at(move.from).base)}});
  }
  return {{"classes", std::move(classes)}, {"moves", std::move(list)}};
}

Json DistributionJson(const Distribution& distribution, const std::vector<int64_t>& bins) {
  return {{"present", distribution.present},
          {"mean", OptionalOrNull(distribution.mean)},
          {"deciles", distribution.deciles},
          {"bins", bins}};
}

}  // namespace

nlohmann::ordered_json DiffJson(const SnapshotDiff& diff) {
  Json drifts = Json::array();
  for (const ColumnDrift& drift : diff.drifts) {
    drifts.push_back({{"column", drift.column},
                      {"stability_index", OptionalOrNull(drift.stability_index)},
                      {"base", DistributionJson(drift.base, drift.base_bins)},
                      {"other", DistributionJson(drift.other, drift.other_bins)}});
  }
  Json parameters = Json::array();
  for (const ParameterPair& pair : diff.parameters) {
    const bool both = pair.base.has_value() && pair.other.has_value();
    parameters.push_back({{"name", pair.name},
                          {"base", OptionalOrNull(pair.base)},
                          {"other", OptionalOrNull(pair.other)},
                          {"difference", both ? Json(*pair.other - *pair.base) : Json(nullptr)}});
  }
  return {{"job", diff.job},
          {"base", FactsJson(diff.base)},
          {"other", FactsJson(diff.other)},
          {"customers_in_both", diff.customers_in_both},
          {"customers_left", diff.customers_left},
          {"customers_entered", diff.customers_entered},
          {"rfm", MovesJson(diff, diff.rfm_moves)},
          {"clusters", MovesJson(diff, diff.cluster_moves)},
          {"drifts", std::move(drifts)},
          {"parameters", std::move(parameters)}};
}

}  // namespace strata
