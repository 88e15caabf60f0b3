// Faults of the tables beside transactions, planted into further copies of clean rows and counted exactly. Not
// thread-safe; counts are plain values, and merging them is addition.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/synthetic/tables/made_table.h"

namespace strata {

enum class TableFault : uint8_t {
  kMissing,         // a value that every row needs: rejected
  kUnknownChoice,   // a word that the choice does not have: rejected
  kOutOfRange,      // one beyond the limits of the column: rejected
  kDuplicate,       // the row once more
  kFuture,          // kFutureDays after the last day
  kOrphanCustomer,  // nobody in the customers table
  kOrphanProduct,   // nothing in the products table
  kOutlier,         // kOutlierFactor times the value
};
inline constexpr size_t kTableFaults = 8;
std::string_view Name(TableFault fault);

inline constexpr Day kFutureDays = 30;
inline constexpr int64_t kOutlierFactor = 1000;
inline constexpr std::string_view kUnknownWord = "unheard of";
inline constexpr std::string_view kUnknownProduct = "P99999";

struct FaultPlace {
  TableFault fault = TableFault::kMissing;
  std::string column;
  std::string reason;  // of the reject; empty: the row is accepted, or a duplicate
};
// What can be wrong with rows of a table, by its schema. Duplicates where rows have a key; in the others alone what is
// accepted, lest a copy and its row be two answers under one key.
std::vector<FaultPlace> FaultsOf(TableId table, const MadeTable& made);

// What is in a table.
struct TableCounts {
  int64_t rows = 0;              // faulty ones included
  int64_t holding = 0;           // that count on the last day: neither rejected, duplicate nor later
  std::vector<int64_t> missing;  // of those, by column
  std::vector<int64_t> faults;   // rows by place in FaultsOf
  int64_t orphan_referrers = 0;  // customers alone

  void Add(const TableCounts& other);
};

class FaultPlanter {
 public:
  FaultPlanter(TableId table, const MadeTable& made, double share, Day last_day);

  // Counts the row begun last, which stays as it is.
  void Count(const MadeTable& made, TableCounts* counts) const;
  // Counts it and, as `draws` say, adds a faulty copy of it. `customer` is its number.
  void Plant(uint32_t customer, DrawStream* draws, MadeTable* made, TableCounts* counts) const;

 private:
  bool Spoil(const FaultPlace& place, uint32_t customer, MadeTable* made) const;

  const TableSchema* schema_;
  std::vector<FaultPlace> places_;
  double share_;
  Day last_day_;
};

}  // namespace strata
