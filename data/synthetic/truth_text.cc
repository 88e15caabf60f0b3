#include <nlohmann/json.hpp>

#include "data/synthetic/base_words.h"
#include "data/synthetic/nights.h"
#include "data/synthetic/row_values.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json AskedFor(const World& world, SyntheticFormat format, int files) {
  const WorldOptions& options = world.options;
  return {{"customers", options.customers},
          {"transactions", options.transactions},
          {"seed", options.seed},
          {"shape", Name(options.shape)},
          {"first_day", FormatDay(options.first_day)},
          {"last_day", FormatDay(world.last_day())},
          {"days", options.days},
          {"dirty_ratio", options.dirty_ratio},
          {"currency", options.currency},
          {"format", Name(format)},
          {"files", files}};
}

Json ClassJson(const RateClass& sums) {
  return {{"customers", sums.customers}, {"purchases", sums.purchases}, {"purchase_days", sums.purchase_days}};
}

Json GroupsJson(const World& world, const SyntheticCounts& counts) {
  Json groups = Json::array();
  for (size_t i = 0; i < world.groups.size(); ++i) {
    const PlantedGroup& group = world.groups[i];
    Json channels;
    for (size_t c = 0; c < kChannels; ++c) channels[std::string(kChannelNames[c])] = group.shape.channels[c];
    groups.push_back({{"name", group.shape.name},
                      {"share", group.shape.share},
                      {"purchases",
                       {{"model", "bg_nbd"},
                        {"time_unit_days", 7},
                        {"r", group.purchases.r},
                        {"alpha", group.purchases.alpha},
                        {"a", group.purchases.a},
                        {"b", group.purchases.b}}},
                      {"spend",
                       {{"model", "gamma_gamma"},
                        {"p", group.spend.p},
                        {"q", group.spend.q},
                        {"v", group.spend.v},
                        {"mean", PopulationSpend(group.spend)}}},
                      {"lines_per_purchase", group.lines_mean},
                      {"return_share_of_lines", group.return_share},
                      {"first_purchase_between", {group.shape.start_begin, group.shape.start_end}},
                      {"channel_weights", channels},
                      {"expected_purchases_per_customer", group.expected_purchases},
                      {"expected_rows_per_customer", group.expected_rows},
                      {"generated", ClassJson(i < counts.groups.size() ? counts.groups[i] : RateClass{})}});
  }
  return groups;
}

Json CountsJson(const World& world, const SyntheticCounts& counts) {
  return {{"expected", world.expected_rows},
          {"total", counts.rows()},
          {"clean", counts.clean_rows},
          {"returns", counts.return_rows},
          {"dirty", counts.dirty_rows()},
          {"a_run_accounts",
           {{"read", counts.rows()},
            {"accepted", counts.clean_rows},
            {"rejected", counts.rejected()},
            {"duplicates", counts.duplicates()},
            {"blank", 0},
            {"skipped", 0}}}};
}

Json DirtJson(const SyntheticCounts& counts, SyntheticFormat format) {
  Json kinds = Json::array();
  for (size_t i = 1; i < kDirtyKinds; ++i) {
    const DirtyKindInfo& info = kDirtyKindInfos[i];
    const bool rejected = info.outcome == DirtyClass::kRejected;
    Json kind = {{"kind", info.name}, {"rows", counts.dirty[i]}, {"class", rejected ? "rejected" : "duplicate"}};
    if (rejected) kind["reason"] = format == SyntheticFormat::kCsv ? info.csv_reason : info.parquet_reason;
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

Json ChurnJson(const SyntheticCounts& counts) {
  Json reasons = Json::array();
  for (size_t i = 0; i < kLeavingReasons; ++i) {
    reasons.push_back({{"reason", kLeavingReasonNames[i]}, {"customers_left", counts.left_by_reason[i]}});
  }
  return {{"alive", counts.alive},
          {"left", counts.customers - counts.alive},
          {"winding_down", counts.winding_down},
          {"reasons", reasons}};
}

Json MergingJson(const World& world, const SyntheticCounts& counts) {
  const Merging merging = MergingOf(counts);
  Json classes = Json::array();
  for (size_t i = 0; i < counts.rate_classes.size(); ++i) {
    Json line = {{"purchases_per_week_from", i == 0 ? 0.0 : kRateClassBounds[i - 1]}};
    line["purchases_per_week_below"] = i < kRateClassBounds.size() ? Json(kRateClassBounds[i]) : Json();
    line.update(ClassJson(counts.rate_classes[i]));
    classes.push_back(std::move(line));
  }
  return {{"statement", MergingStatement(world, counts)},  {"purchases", counts.purchases},
          {"purchase_days", counts.purchase_days},         {"purchases_lost", merging.purchases_lost},
          {"repeat_purchases_lost", merging.repeats_lost}, {"by_planted_rate", classes}};
}

Json NightsJson(const World& world) {
  Json nights = Json::array();
  for (int night = 1; night <= kNights; ++night) {
    nights.push_back(FormatDay(world.options.first_day + NightDay(world.options.days, night)));
  }
  Json shares;
  for (size_t life = 0; life < kNightLives; ++life) shares[std::string(kNightLifeNames[life])] = kNightLifeShares[life];
  return {{"as_of", nights}, {"price_rise_a_night", kNightPriceRise}, {"shares", shares}};
}

Json CausesJson(const World& world) {
  Json cutoffs = Json::array();
  for (int place = CauseCutoffs(world.options.days) - 1; place >= 0; --place) {
    cutoffs.push_back(FormatDay(world.options.first_day + CauseCutoffDay(world.options.days, place)));
  }
  Json causes = Json::array();
  for (size_t cause = 1; cause < kChurnCauses; ++cause) causes.push_back(kChurnCauseNames[cause]);
  return {{"cutoffs", cutoffs},
          {"horizon_days", kCauseHorizonDays},
          {"window_days", kCauseWindowDays},
          {"causes", causes},
          {"share_each", kCauseShare},
          {"leaves_without_cause", kLeavesWithoutCause},
          {"effect_log_odds", kCauseEffect}};
}

}  // namespace

std::string TruthText(const World& world, const SyntheticCounts& counts, SyntheticFormat format, int files) {
  Json regions;
  for (size_t i = 0; i < kRegions; ++i) regions[std::string(kRegionNames[i])] = kRegionShares[i];
  Json truth = {{"format_version", kSyntheticFormatVersion},
                {"asked_for", AskedFor(world, format, files)},
                {"rows", CountsJson(world, counts)},
                {"net", static_cast<double>(counts.net_cents) / 100},
                {"groups", GroupsJson(world, counts)},
                {"churn", ChurnJson(counts)},
                {"dirty_kinds", DirtJson(counts, format)},
                {"same_day_merging", MergingJson(world, counts)},
                {"region_shares", regions},
                {"products", {{"count", kProductCount}, {"zipf_exponent", kZipfExponent}}},
                {"winding_down_purchases", kWindDownPurchases}};
  if (world.options.shape == BaseShape::kNights) truth["nights"] = NightsJson(world);
  if (world.options.shape == BaseShape::kCauses) truth["causes"] = CausesJson(world);
  return truth.dump(2) + "\n";
}

}  // namespace strata
