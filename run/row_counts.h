// Exact accounting: every record that was read is in exactly one class. Plain values; merging is addition.
#pragma once

#include <cstdint>

namespace strata {

// read = accepted + rejected + duplicates + blank + skipped_no_customer + skipped_after_as_of + skipped_known_file.
struct RowCounts {
  int64_t read = 0;
  int64_t accepted = 0;
  int64_t rejected = 0;
  int64_t duplicates = 0;
  int64_t blank = 0;
  int64_t skipped_no_customer = 0;
  int64_t skipped_after_as_of = 0;  // accepted in the ledger, later than the run's date
  int64_t skipped_known_file = 0;   // rows of a file whose checksum is known under another path

  int64_t skipped() const { return skipped_no_customer + skipped_after_as_of + skipped_known_file; }
  bool Balances() const { return read == accepted + rejected + duplicates + blank + skipped(); }
  void Add(const RowCounts& other) {
    read += other.read;
    accepted += other.accepted;
    rejected += other.rejected;
    duplicates += other.duplicates;
    blank += other.blank;
    skipped_no_customer += other.skipped_no_customer;
    skipped_after_as_of += other.skipped_after_as_of;
    skipped_known_file += other.skipped_known_file;
  }
  bool operator==(const RowCounts&) const = default;
};

}  // namespace strata
