#include "data/snapshot/lookup_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.h"
#include "base/int128.h"
#include "data/snapshot/lookup_layout.h"
#include "model/classes/schemes.h"

namespace strata {
namespace {

constexpr uint64_t kMagic = 0x50554b4f4f4c5453;  // "STLOOKUP"
constexpr uint64_t kAlignment = 64;              // a cache line

constexpr uint64_t Aligned(uint64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

// The smallest table with load <= 0.8: from there on probes grow faster than memory shrinks.
constexpr uint64_t SlotsFor(uint64_t rows) { return (rows * 5 + 3) / 4; }

uint64_t HomeSlot(uint64_t hash, uint64_t slots) {
  return static_cast<uint64_t>((static_cast<UInt128>(hash) * slots) >> 64);
}

uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash); }

// Where everything lies follows from three counts, and from whether there are outlooks.
LookupHeader HeaderFor(uint64_t rows, uint64_t ids_bytes, uint64_t longest_probe, bool outlooks) {
  LookupHeader header{};
  header.magic = kMagic;
  header.version = kLookupFormatVersion;
  header.record_bytes = sizeof(LookupRecord);
  header.fingerprint = LookupFingerprint();
  header.rows = rows;
  header.slots = SlotsFor(rows);
  header.longest_probe = longest_probe;
  header.slots_offset = sizeof(LookupHeader);
  header.records_offset = header.slots_offset + Aligned(header.slots * sizeof(LookupSlot));
  header.ids_offset = header.records_offset + rows * sizeof(LookupRecord);
  header.ids_bytes = ids_bytes;
  header.size_bytes = header.ids_offset + Aligned(ids_bytes);
  if (outlooks) {
    header.outlook_offset = header.size_bytes;
    header.outlook_bytes = rows * sizeof(LookupOutlook);
    header.size_bytes += Aligned(header.outlook_bytes);
  }
  return header;
}

double Canonical(double value) { return std::isnan(value) ? kAbsent : value; }
float Canonical(float value) { return std::isnan(value) ? kAbsentFloat : value; }

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

float Rounded(double value) { return Canonical(static_cast<float>(value)); }

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

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", "lookup part: " + message);
}

// Codes of the job's own grid are known to its models alone; all others are the same for every job.
absl::Status CheckClasses(const LookupRecord& record, uint64_t row) {
  for (size_t slot = 0; slot < sizeof(record.classes); ++slot) {
    const auto scheme = static_cast<SchemeId>(slot);
    const size_t allowed = slot >= kSchemes ? 0 : scheme == SchemeId::kRfm ? kMaxRfmClasses : ClassNames(scheme).size();
    if (record.classes[slot] > allowed) {
      return Corrupt(
          fmt::format("row {} has class {} in slot {}, allowed are {}", row, record.classes[slot], slot, allowed));
    }
  }
  return absl::OkStatus();
}

template <typename T>
T Load(std::string_view bytes, uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

template <typename T>
void Store(const T& value, uint64_t offset, std::string* bytes) {
  std::memcpy(bytes->data() + offset, &value, sizeof(T));
}

}  // namespace

#define STRATA_FIELD(name) fmt::format("{}@{}+{} ", #name, offsetof(LookupRecord, name), sizeof(LookupRecord::name))
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
         STRATA_OUTLOOK(predicted_value_high);
}
#undef STRATA_OUTLOOK
#undef STRATA_FIELD

uint64_t LookupFingerprint() { return Hash64(DescribeLookupRecord()); }

std::string EncodeLookupPart(const std::vector<ScoredCustomer>& rows) {
  uint64_t ids_bytes = 0;
  for (const ScoredCustomer& row : rows) ids_bytes += row.id.size();
  const bool outlooks =
      std::any_of(rows.begin(), rows.end(), [](const ScoredCustomer& row) { return HasOutlook(row.score.outlook); });
  LookupHeader header = HeaderFor(rows.size(), ids_bytes, 0, outlooks);
  std::string bytes(header.size_bytes, '\0');

  std::vector<LookupSlot> slots(header.slots);
  uint64_t id_offset = 0;
  for (uint64_t row = 0; row < rows.size(); ++row) {
    uint64_t slot = HomeSlot(rows[row].hash, header.slots);
    uint64_t probe = 1;
    for (; slots[slot].row != 0; ++probe) slot = slot + 1 == header.slots ? 0 : slot + 1;
    slots[slot] = {.tag = TagOf(rows[row].hash), .row = static_cast<uint32_t>(row + 1)};
    header.longest_probe = std::max(header.longest_probe, probe);

    Store(RecordOf(rows[row], id_offset), header.records_offset + row * sizeof(LookupRecord), &bytes);
    bytes.replace(header.ids_offset + id_offset, rows[row].id.size(), rows[row].id);
    id_offset += rows[row].id.size();
    if (outlooks) {
      Store(OutlookOf(rows[row].score.outlook), header.outlook_offset + row * sizeof(LookupOutlook), &bytes);
    }
  }
  Store(header, 0, &bytes);
  if (!slots.empty()) std::memcpy(bytes.data() + header.slots_offset, slots.data(), slots.size() * sizeof(LookupSlot));
  return bytes;
}

absl::StatusOr<LookupPart> LookupPart::Open(std::string_view bytes) {
  if (bytes.size() < sizeof(LookupHeader)) return Corrupt(fmt::format("{} bytes are no header", bytes.size()));
  const auto header = Load<LookupHeader>(bytes, 0);
  if (header.magic != kMagic) return Corrupt("wrong magic number");
  if (header.version != kLookupFormatVersion || header.fingerprint != LookupFingerprint()) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
        fmt::format("lookup part: format version {} with record layout {}, this build reads {} with {}", header.version,
                    Hex(header.fingerprint), kLookupFormatVersion, Hex(LookupFingerprint())));
  }
  if (header.rows > kMaxLookupRows || header.ids_bytes > bytes.size()) {
    return Corrupt(fmt::format("{} rows with {} bytes of ids", header.rows, header.ids_bytes));
  }
  const LookupHeader expected =
      HeaderFor(header.rows, header.ids_bytes, header.longest_probe, header.outlook_offset != 0);
  if (std::memcmp(&header, &expected, sizeof(header)) != 0 || header.size_bytes != bytes.size() ||
      header.longest_probe > header.slots) {
    return Corrupt(fmt::format("the header does not fit {} rows in {} bytes", header.rows, bytes.size()));
  }
  LookupPart part;
  part.bytes_ = bytes;
  part.rows_ = header.rows;
  part.slots_ = header.slots;
  part.longest_probe_ = header.longest_probe;
  part.records_offset_ = header.records_offset;
  part.ids_offset_ = header.ids_offset;
  part.outlook_offset_ = header.outlook_offset;
  STRATA_RETURN_IF_ERROR(part.CheckReferences(header.ids_bytes));
  return part;
}

// What slots and records point at lies inside, so that lookups need not ask.
absl::Status LookupPart::CheckReferences(uint64_t ids_bytes) const {
  for (uint64_t slot = 0; slot < slots_; ++slot) {
    const auto found = Load<LookupSlot>(bytes_, sizeof(LookupHeader) + slot * sizeof(LookupSlot));
    if (found.row > rows_) return Corrupt(fmt::format("slot {} points at row {} of {}", slot, found.row, rows_));
  }
  for (uint64_t row = 0; row < rows_; ++row) {
    const auto record = Load<LookupRecord>(bytes_, records_offset_ + row * sizeof(LookupRecord));
    if (record.id_offset > ids_bytes || record.id_bytes > ids_bytes - record.id_offset) {
      return Corrupt(fmt::format("the id of row {} lies outside", row));
    }
    STRATA_RETURN_IF_ERROR(CheckClasses(record, row));
    if (record.segment > kRfmSegments) return Corrupt(fmt::format("row {} has segment {}", row, record.segment));
  }
  return absl::OkStatus();
}

std::optional<uint64_t> LookupPart::FindRow(uint64_t hash, std::string_view id) const {
  if (slots_ == 0) return std::nullopt;
  uint64_t slot = HomeSlot(hash, slots_);
  for (uint64_t probe = 0; probe < longest_probe_; ++probe) {
    const auto found = Load<LookupSlot>(bytes_, sizeof(LookupHeader) + slot * sizeof(LookupSlot));
    if (found.row == 0) return std::nullopt;
    if (found.tag == TagOf(hash)) {
      const auto record = Load<LookupRecord>(bytes_, records_offset_ + (found.row - 1) * sizeof(LookupRecord));
      if (record.hash == hash && bytes_.substr(ids_offset_ + record.id_offset, record.id_bytes) == id) {
        return found.row - 1;
      }
    }
    slot = slot + 1 == slots_ ? 0 : slot + 1;
  }
  return std::nullopt;
}

std::optional<CustomerScore> LookupPart::Find(uint64_t hash, std::string_view id) const {
  const std::optional<uint64_t> row = FindRow(hash, id);
  if (!row.has_value()) return std::nullopt;
  return ScoreAt(*row);
}

CustomerScore LookupPart::ScoreAt(uint64_t row) const {
  CustomerScore score = ScoreOf(Load<LookupRecord>(bytes_, records_offset_ + row * sizeof(LookupRecord)));
  if (has_outlooks()) {
    score.outlook = OutlookOf(Load<LookupOutlook>(bytes_, outlook_offset_ + row * sizeof(LookupOutlook)));
  }
  return score;
}

ScoredCustomer LookupPart::Row(uint64_t row) const {
  const auto record = Load<LookupRecord>(bytes_, records_offset_ + row * sizeof(LookupRecord));
  return {
      .hash = record.hash, .id = bytes_.substr(ids_offset_ + record.id_offset, record.id_bytes), .score = ScoreAt(row)};
}

}  // namespace strata
