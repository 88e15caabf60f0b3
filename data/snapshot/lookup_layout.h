// How a lookup part lies in memory; only lookup_part.cc and its tests look inside. Little-endian, no implicit padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace strata {

struct LookupHeader {
  uint64_t magic;
  uint32_t version;
  uint32_t record_bytes;
  uint64_t fingerprint;  // of the record layout
  uint64_t size_bytes;   // of the whole part
  uint64_t rows;
  uint64_t slots;
  uint64_t longest_probe;  // slots looked at for the unluckiest customer; 0 without customers
  uint64_t slots_offset;
  uint64_t records_offset;
  uint64_t ids_offset;
  uint64_t ids_bytes;
  uint64_t outlook_offset;  // both 0: no customer has an outlook
  uint64_t outlook_bytes;   // rows of LookupOutlook
  uint64_t churn_offset;    // both 0: of no customer more is known than a churn probability
  uint64_t churn_bytes;     // rows of LookupChurn
  uint8_t reserved[8];      // zero
};
static_assert(sizeof(LookupHeader) == 128);

// Eight slots a cache line. The tag spares most probes of other customers the way to their record.
struct LookupSlot {
  uint32_t tag;  // low half of the hash
  uint32_t row;  // 1 + row; 0: empty
};
static_assert(sizeof(LookupSlot) == 8);

// Two cache lines, so that a record is never spread over three.
struct LookupRecord {
  uint64_t hash;
  uint64_t id_offset;  // in the id bytes
  uint32_t id_bytes;
  uint32_t flags;
  int64_t net_micros;
  int32_t first_day;
  int32_t last_day;
  int32_t purchase_days;
  int32_t rows;
  int32_t return_rows;
  int16_t cluster;
  uint8_t segment;
  uint8_t recency_score;
  uint8_t frequency_score;
  uint8_t monetary_score;
  int16_t second_cluster;
  float cluster_distance;
  double p_alive;
  double expected_purchases;
  double p_no_purchase;
  double expected_spend;
  double lifetime_value;
  double churn_probability;
  uint8_t classes[16];  // by SchemeId; 0: none
};
static_assert(sizeof(LookupRecord) == 128);

// Of a customer's CustomerOutlook, in a section of its own: who asks for scores alone touches no more lines than
// without it. NaN, 0 and -1 stand for what is absent, as there; numbers have the digits of a float.
struct LookupOutlook {
  float p_alive_low, p_alive_high;
  float expected_purchases_low, expected_purchases_high;
  float p_no_purchase_low, p_no_purchase_high;
  float expected_spend_low, expected_spend_high;
  float lifetime_value_low, lifetime_value_high;
  float lifetime_value_by_period, residual_value;
  float overdue_ratio, p_silence;
  int32_t next_purchase[3];
  int32_t predicted_purchases_low, predicted_purchases_high;
  float predicted_spend_low, predicted_spend_high;
  float predicted_value_low, predicted_value_high;
  uint8_t reserved[4];  // zero
};
static_assert(sizeof(LookupOutlook) == 96);

// Of a customer's CustomerChurn, in a section of its own as well.
struct LookupChurn {
  double margin;
  double value_at_risk;
  uint8_t band;        // ChurnBand
  uint8_t reserved;    // zero
  uint8_t group[3];    // by reason; kNoReasonGroup: none
  uint8_t feature[3];  // by reason
  float contribution[3];
  float value[3];
};
static_assert(sizeof(LookupChurn) == 48);

// Name and place of every field of a record, of an outlook and of churn, as text; its hash is the fingerprint.
std::string DescribeLookupRecord();

}  // namespace strata
