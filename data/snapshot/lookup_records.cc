#include "data/snapshot/lookup_records.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstring>

namespace strata {
namespace {

double Canonical(double value) { return std::isnan(value) ? kAbsent : value; }
float Canonical(float value) { return std::isnan(value) ? kAbsentFloat : value; }
float Rounded(double value) { return Canonical(static_cast<float>(value)); }

}  // namespace

LookupRecord RecordOf(const ScoredCustomer& row, uint64_t id_offset) {
  const CustomerScore& score = row.score;
  LookupRecord record{};
  record.hash = row.hash;
  record.id_offset = id_offset;
  record.id_bytes = static_cast<uint32_t>(row.id.size());
  record.flags = score.flags;
  record.net_micros = score.net_micros;
  record.first_day = score.first_day;
  record.last_day = score.last_day;
  record.purchase_days = score.purchase_days;
  record.rows = score.rows;
  record.return_rows = score.return_rows;
  record.cluster = score.cluster;
  record.segment = static_cast<uint8_t>(score.segment);
  record.recency_score = score.recency_score;
  record.frequency_score = score.frequency_score;
  record.monetary_score = score.monetary_score;
  record.second_cluster = score.second_cluster;
  record.cluster_distance = Canonical(score.cluster_distance);
  record.p_alive = Canonical(score.p_alive);
  record.expected_purchases = Canonical(score.expected_purchases);
  record.p_no_purchase = Canonical(score.p_no_purchase);
  record.expected_spend = Canonical(score.expected_spend);
  record.lifetime_value = Canonical(score.lifetime_value);
  record.churn_probability = Canonical(score.churn_probability);
  static_assert(sizeof(record.classes) == sizeof(score.classes));
  std::memcpy(record.classes, score.classes.data(), sizeof(record.classes));
  return record;
}

CustomerScore ScoreOf(const LookupRecord& record) {
  CustomerScore score{.first_day = record.first_day,
                      .last_day = record.last_day,
                      .purchase_days = record.purchase_days,
                      .rows = record.rows,
                      .return_rows = record.return_rows,
                      .net_micros = record.net_micros,
                      .recency_score = record.recency_score,
                      .frequency_score = record.frequency_score,
                      .monetary_score = record.monetary_score,
                      .segment = static_cast<RfmSegment>(record.segment),
                      .cluster = record.cluster,
                      .second_cluster = record.second_cluster,
                      .cluster_distance = record.cluster_distance,
                      .p_alive = record.p_alive,
                      .expected_purchases = record.expected_purchases,
                      .p_no_purchase = record.p_no_purchase,
                      .expected_spend = record.expected_spend,
                      .lifetime_value = record.lifetime_value,
                      .churn_probability = record.churn_probability,
                      .flags = record.flags};
  std::memcpy(score.classes.data(), record.classes, sizeof(record.classes));
  return score;
}

LookupOutlook OutlookOf(const CustomerOutlook& from) {
  return {.p_alive_low = Rounded(from.p_alive_low),
          .p_alive_high = Rounded(from.p_alive_high),
          .expected_purchases_low = Rounded(from.expected_purchases_low),
          .expected_purchases_high = Rounded(from.expected_purchases_high),
          .p_no_purchase_low = Rounded(from.p_no_purchase_low),
          .p_no_purchase_high = Rounded(from.p_no_purchase_high),
          .expected_spend_low = Rounded(from.expected_spend_low),
          .expected_spend_high = Rounded(from.expected_spend_high),
          .lifetime_value_low = Rounded(from.lifetime_value_low),
          .lifetime_value_high = Rounded(from.lifetime_value_high),
          .lifetime_value_by_period = Rounded(from.lifetime_value_by_period),
          .residual_value = Rounded(from.residual_value),
          .overdue_ratio = Rounded(from.overdue_ratio),
          .p_silence = Rounded(from.p_silence),
          .next_purchase = {from.next_purchase[0], from.next_purchase[1], from.next_purchase[2]},
          .predicted_purchases_low = from.predicted_purchases_low,
          .predicted_purchases_high = from.predicted_purchases_high,
          .predicted_spend_low = Rounded(from.predicted_spend_low),
          .predicted_spend_high = Rounded(from.predicted_spend_high),
          .predicted_value_low = Rounded(from.predicted_value_low),
          .predicted_value_high = Rounded(from.predicted_value_high),
          .reserved = {}};
}

CustomerOutlook OutlookOf(const LookupOutlook& from) {
  return {.p_alive_low = from.p_alive_low,
          .p_alive_high = from.p_alive_high,
          .expected_purchases_low = from.expected_purchases_low,
          .expected_purchases_high = from.expected_purchases_high,
          .p_no_purchase_low = from.p_no_purchase_low,
          .p_no_purchase_high = from.p_no_purchase_high,
          .expected_spend_low = from.expected_spend_low,
          .expected_spend_high = from.expected_spend_high,
          .lifetime_value_low = from.lifetime_value_low,
          .lifetime_value_high = from.lifetime_value_high,
          .lifetime_value_by_period = from.lifetime_value_by_period,
          .residual_value = from.residual_value,
          .overdue_ratio = from.overdue_ratio,
          .p_silence = from.p_silence,
          .next_purchase = {from.next_purchase[0], from.next_purchase[1], from.next_purchase[2]},
          .predicted_purchases_low = from.predicted_purchases_low,
          .predicted_purchases_high = from.predicted_purchases_high,
          .predicted_spend_low = from.predicted_spend_low,
          .predicted_spend_high = from.predicted_spend_high,
          .predicted_value_low = from.predicted_value_low,
          .predicted_value_high = from.predicted_value_high};
}

bool HasOutlook(const CustomerOutlook& outlook) {
  static const LookupOutlook kNothing = OutlookOf(CustomerOutlook());
  const LookupOutlook found = OutlookOf(outlook);
  return std::memcmp(&found, &kNothing, sizeof(found)) != 0;
}

LookupChurn ChurnOf(const CustomerChurn& from) {
  LookupChurn churn{};
  churn.margin = Canonical(from.margin);
  churn.value_at_risk = Canonical(from.value_at_risk);
  churn.band = static_cast<uint8_t>(from.band);
  for (size_t i = 0; i < kChurnReasons; ++i) {
    churn.group[i] = from.reasons[i].group;
    churn.feature[i] = from.reasons[i].feature;
    churn.contribution[i] = Canonical(from.reasons[i].contribution);
    churn.value[i] = Canonical(from.reasons[i].value);
  }
  return churn;
}

CustomerChurn ChurnOf(const LookupChurn& from) {
  CustomerChurn churn{.margin = from.margin,
                      .value_at_risk = from.value_at_risk,
                      .band = static_cast<ChurnBand>(from.band),
                      .reasons = {}};
  for (size_t i = 0; i < kChurnReasons; ++i) {
    churn.reasons[i] = {.group = from.group[i],
                        .feature = from.feature[i],
                        .contribution = from.contribution[i],
                        .value = from.value[i]};
  }
  return churn;
}

bool HasChurn(const CustomerChurn& churn) {
  static const LookupChurn kNothing = ChurnOf(CustomerChurn());
  const LookupChurn found = ChurnOf(churn);
  return std::memcmp(&found, &kNothing, sizeof(found)) != 0;
}

#define STRATA_FIELD(name) fmt::format("{}@{}+{} ", #name, offsetof(LookupRecord, name), sizeof(LookupRecord::name))
#define STRATA_CHURN(name) fmt::format("churn.{}@{} ", #name, offsetof(LookupChurn, name))
#define STRATA_OUTLOOK(name) fmt::format("outlook.{}@{} ", #name, offsetof(LookupOutlook, name))
std::string DescribeLookupRecord() {
  return STRATA_FIELD(hash) + STRATA_FIELD(id_offset) + STRATA_FIELD(id_bytes) + STRATA_FIELD(flags) +
         STRATA_FIELD(net_micros) + STRATA_FIELD(first_day) + STRATA_FIELD(last_day) + STRATA_FIELD(purchase_days) +
         STRATA_FIELD(rows) + STRATA_FIELD(return_rows) + STRATA_FIELD(cluster) + STRATA_FIELD(segment) +
         STRATA_FIELD(recency_score) + STRATA_FIELD(frequency_score) + STRATA_FIELD(monetary_score) +
         STRATA_FIELD(second_cluster) + STRATA_FIELD(cluster_distance) + STRATA_FIELD(p_alive) +
         STRATA_FIELD(expected_purchases) + STRATA_FIELD(p_no_purchase) + STRATA_FIELD(expected_spend) +
         STRATA_FIELD(lifetime_value) + STRATA_FIELD(churn_probability) + STRATA_FIELD(classes) +
         STRATA_OUTLOOK(p_alive_low) + STRATA_OUTLOOK(p_alive_high) + STRATA_OUTLOOK(expected_purchases_low) +
         STRATA_OUTLOOK(expected_purchases_high) + STRATA_OUTLOOK(p_no_purchase_low) +
         STRATA_OUTLOOK(p_no_purchase_high) + STRATA_OUTLOOK(expected_spend_low) + STRATA_OUTLOOK(expected_spend_high) +
         STRATA_OUTLOOK(lifetime_value_low) + STRATA_OUTLOOK(lifetime_value_high) +
         STRATA_OUTLOOK(lifetime_value_by_period) + STRATA_OUTLOOK(residual_value) + STRATA_OUTLOOK(overdue_ratio) +
         STRATA_OUTLOOK(p_silence) + STRATA_OUTLOOK(next_purchase) + STRATA_OUTLOOK(predicted_purchases_low) +
         STRATA_OUTLOOK(predicted_purchases_high) + STRATA_OUTLOOK(predicted_spend_low) +
         STRATA_OUTLOOK(predicted_spend_high) + STRATA_OUTLOOK(predicted_value_low) +
         STRATA_OUTLOOK(predicted_value_high) + STRATA_CHURN(margin) + STRATA_CHURN(value_at_risk) +
         STRATA_CHURN(band) + STRATA_CHURN(group) + STRATA_CHURN(feature) + STRATA_CHURN(contribution) +
         STRATA_CHURN(value);
}
#undef STRATA_CHURN
#undef STRATA_OUTLOOK
#undef STRATA_FIELD

}  // namespace strata
