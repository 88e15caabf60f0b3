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
#include "data/snapshot/lookup_records.h"
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

// Sections that not every part has.
struct Sections {
  bool outlooks = false;
  bool churn = false;
};

// Where everything lies follows from three counts, and from which sections there are.
LookupHeader HeaderFor(uint64_t rows, uint64_t ids_bytes, uint64_t longest_probe, const Sections& sections) {
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
  if (sections.outlooks) {
    header.outlook_offset = header.size_bytes;
    header.outlook_bytes = rows * sizeof(LookupOutlook);
    header.size_bytes += Aligned(header.outlook_bytes);
  }
  if (sections.churn) {
    header.churn_offset = header.size_bytes;
    header.churn_bytes = rows * sizeof(LookupChurn);
    header.size_bytes += Aligned(header.churn_bytes);
  }
  return header;
}

Sections SectionsOf(const std::vector<ScoredCustomer>& rows) {
  Sections sections;
  for (const ScoredCustomer& row : rows) {
    sections.outlooks = sections.outlooks || HasOutlook(row.score.outlook);
    sections.churn = sections.churn || HasChurn(row.score.churn);
  }
  return sections;
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

uint64_t LookupFingerprint() { return Hash64(DescribeLookupRecord()); }

std::string EncodeLookupPart(const std::vector<ScoredCustomer>& rows) {
  uint64_t ids_bytes = 0;
  for (const ScoredCustomer& row : rows) ids_bytes += row.id.size();
  const Sections sections = SectionsOf(rows);
  LookupHeader header = HeaderFor(rows.size(), ids_bytes, 0, sections);
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
    if (sections.outlooks) {
      Store(OutlookOf(rows[row].score.outlook), header.outlook_offset + row * sizeof(LookupOutlook), &bytes);
    }
    if (sections.churn) {
      Store(ChurnOf(rows[row].score.churn), header.churn_offset + row * sizeof(LookupChurn), &bytes);
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
  const LookupHeader expected = HeaderFor(header.rows, header.ids_bytes, header.longest_probe,
                                          {.outlooks = header.outlook_offset != 0, .churn = header.churn_offset != 0});
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
  part.churn_offset_ = header.churn_offset;
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
    if (!has_churn()) continue;
    const auto churn = Load<LookupChurn>(bytes_, churn_offset_ + row * sizeof(LookupChurn));
    if (churn.band > static_cast<uint8_t>(ChurnBand::kHigh)) {
      return Corrupt(fmt::format("row {} has churn band {}", row, churn.band));
    }
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
  if (has_churn()) score.churn = ChurnOf(Load<LookupChurn>(bytes_, churn_offset_ + row * sizeof(LookupChurn)));
  return score;
}

ScoredCustomer LookupPart::Row(uint64_t row) const {
  const auto record = Load<LookupRecord>(bytes_, records_offset_ + row * sizeof(LookupRecord));
  return {
      .hash = record.hash, .id = bytes_.substr(ids_offset_ + record.id_offset, record.id_bytes), .score = ScoreAt(row)};
}

}  // namespace strata
