// The lookup table of one shard in a snapshot: open addressing, read where it lies in a mapped file. Header, slots,
// fixed-width records, id bytes; sections aligned to 64 bytes. slot = high bits of (hash * slots); load at most 0.8;
// linear probing, the longest probe in the header; id bytes are compared on every hit. Outlooks are a section by row,
// there if any customer has one, and so is what is known of churn beyond its probability. Canonical: equal rows give
// equal bytes. Read-only after writing, so thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/customer_score.h"

namespace strata {

// 2: with classes; 3: with the second cluster and the distance; 4: with outlooks; 5: with churn.
inline constexpr uint32_t kLookupFormatVersion = 5;
inline constexpr uint64_t kMaxLookupRows = 0xffff'fffe;  // a slot names its row in 32 bits, 0 is empty

struct ScoredCustomer {
  uint64_t hash = 0;
  std::string_view id;
  CustomerScore score;
};

// Of the record layout; in the header, and part of SchemaFingerprint (data/snapshot/snapshot.h).
uint64_t LookupFingerprint();

// Preconditions: `rows` in the order (hash, id), without repeated ids, at most kMaxLookupRows. Any NaN is stored as
// kAbsent, all other doubles as they are, but those of outlooks rounded to floats.
std::string EncodeLookupPart(const std::vector<ScoredCustomer>& rows);

class LookupPart {
 public:
  // Checks magic, version and that every section, and what slots and records point at, lies inside `bytes`, which must
  // outlive the part: whatever the bytes, an open part never reads beside them. Checksums are the manifest's business.
  // DATA_LOSS (SNAPSHOT_CORRUPT) or FAILED_PRECONDITION (FORMAT_UNKNOWN).
  static absl::StatusOr<LookupPart> Open(std::string_view bytes);

  bool has_outlooks() const { return outlook_offset_ != 0; }
  bool has_churn() const { return churn_offset_ != 0; }
  std::optional<CustomerScore> Find(uint64_t hash, std::string_view id) const;  // no allocation
  std::optional<uint64_t> FindRow(uint64_t hash, std::string_view id) const;    // likewise
  uint64_t size() const { return rows_; }
  ScoredCustomer Row(uint64_t row) const;  // row < size(), in the order (hash, id)

 private:
  absl::Status CheckReferences(uint64_t ids_bytes) const;
  CustomerScore ScoreAt(uint64_t row) const;

  std::string_view bytes_;
  uint64_t rows_ = 0;
  uint64_t slots_ = 0;
  uint64_t longest_probe_ = 0;
  uint64_t records_offset_ = 0;
  uint64_t ids_offset_ = 0;
  uint64_t outlook_offset_ = 0;  // 0: there is none
  uint64_t churn_offset_ = 0;    // likewise
};

}  // namespace strata
