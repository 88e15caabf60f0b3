// Merged identities, resolved: for every id that is not a customer's own, the customer whose rows its rows are. One
// object that is mapped and read in place; equal identities have equal bytes. A view of bytes that must outlive it;
// immutable, so thread-safe.
//
// The object: {magic, version, bits, entries, bytes of texts}, then where in the entries each value of the hash's
// highest `bits` bits begins, then the entries column by column: hash, ends of both texts; then the texts. There are
// about as many begins as entries, so that a look-up reads one or two entries.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

struct AliasEntry {
  uint64_t hash = 0;        // XXH3-64 of the id
  std::string_view id;      // an id that is no customer's own
  std::string_view target;  // the customer's; never an id of another entry
};

class AliasTable {
 public:
  // DATA_LOSS (TABLE_CORRUPT), FAILED_PRECONDITION (FORMAT_UNKNOWN). Precondition: `bytes` were verified.
  static absl::StatusOr<AliasTable> Open(std::string_view bytes);

  size_t size() const { return entries_; }
  // In the order (hash, id). Precondition: i < size().
  AliasEntry At(size_t i) const;
  // Whose rows the rows of an id are; nullopt: its own. No allocation.
  std::optional<std::string_view> Find(uint64_t hash, std::string_view id) const;
  // The same, or the id itself.
  std::string_view Resolve(std::string_view id) const;

 private:
  template <typename T>
  T Load(uint64_t offset, size_t i) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset + i * sizeof(T), sizeof(T));
    return value;
  }
  uint64_t HashAt(size_t i) const { return Load<uint64_t>(hashes_, i); }

  std::string_view bytes_;
  size_t entries_ = 0;
  uint32_t bits_ = 0;
  uint64_t begins_ = 0, hashes_ = 0, ends_ = 0, texts_ = 0;  // offsets
};

// The bytes of the object. `entries` in any order, ids distinct.
std::string EncodeAliasTable(std::vector<AliasEntry> entries);

// An id for a message: its first 64 bytes, cut between characters.
std::string ShownId(std::string_view id);

// A table that is to take the place of another one: what becomes of rows that were already put under its customers.
// `after` must outlive the result.
//
// A row that was put under customer c by `before` must now be under `after`'s customer of c; whose id it came with is
// no longer known. So `after` must say of every id of `before` what it says of that id's customer. Else
// FAILED_PRECONDITION (ALIASES_CHANGED) names such ids and asks for a ledger that is built anew.
struct AliasMoves {
  std::vector<AliasEntry> entries;  // ids that were their own customer before and no longer are
  std::vector<uint32_t> shards;     // ascending: where rows of those may lie
};
absl::StatusOr<AliasMoves> MovesBetween(const AliasTable& before, const AliasTable& after, uint32_t shards);

}  // namespace strata
