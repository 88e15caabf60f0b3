// What the twelve tables are: columns, types, units, checks and when a row is in effect. The one declaration that job
// files, readers, ledger, reports and docs/tables.md follow. Plain constants; thread-safe.
//
// A value is stored as
//   kKey       XXH3-64 of the id: equality is all that is asked of it      kCategory, kChoice, kTags  a word of a
//   kInteger   itself                                                                                 dictionary
//   kDecimal, kMoney  micros              kShare  millionths, 0 to 1,000,000 unless the schema says more
//   kDay       days since 1970-01-01      kTime   local minutes since 1970-01-01 00:00
//   kFlag      0 or 1
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"

namespace strata {

// Numbers are stored in ledgers and must never change their meaning.
enum class TableId : uint8_t {
  kTransactions = 0,
  kCustomers = 1,
  kProducts = 2,
  kCosts = 3,
  kContacts = 4,
  kCases = 5,
  kSurveys = 6,
  kUsage = 7,
  kVisits = 8,
  kCampaigns = 9,
  kKyc = 10,
  kMarket = 11,
  kLinks = 12,  // internal: who names whom as referrer or parent
};
inline constexpr size_t kTableCount = 12;         // without kLinks
inline constexpr size_t kMaxTableColumns = 128;   // with extra ones; bounds a row's cells
inline constexpr size_t kMaxExtraColumns = 64;    // a profile, not a warehouse
inline constexpr size_t kMaxCategoryBytes = 256;  // a word, not a text
inline constexpr Day kTimelessDay = -2147483647;  // before every date: rows that always hold

enum class ValueType : uint8_t {
  kKey,
  kCategory,
  kChoice,
  kInteger,
  kDecimal,
  kMoney,
  kShare,
  kDay,
  kTime,
  kFlag,
  kTags
};
const char* Name(ValueType type);

enum class Effect : uint8_t { kEvent, kVersion };  // counts on its day | holds from its valid_from on
// Where rows are kept: by customer id | in the reference shard | as the row has a customer or not.
enum class Placing : uint8_t { kCustomer, kReference, kEither };

enum ColumnMark : uint16_t {  // bits
  kRequired = 1,              // mapped, and with a value in every row
  kRowKey = 2,
  kRowTime = 4,
  kValidFrom = 8,
  kCustomer = 16,     // whose row it is
  kOfCustomers = 32,  // referential: ids that must be in that table
  kOfProducts = 64,
  kLineDetail = 128,   // transactions: mapping it keeps details
  kUpdatedAt = 256,    // chooses between rows of one key: the greatest instant wins
  kStandsIn = 512,     // is the row's time, or its valid_from, where that column is not mapped or has no value
  kFlagServes = 1024,  // a time whose source may be a flag: true is the row's own time, false is missing
};
// Columns that a row keeps as its customer, day and minute, or version, and not beside them.
inline constexpr uint16_t kPlacingMarks = kCustomer | kRowTime | kValidFrom | kUpdatedAt;

struct ColumnSchema {
  std::string_view name;  // key in a job's `columns`
  ValueType type = ValueType::kCategory;
  uint16_t marks = 0;
  std::string_view unit;            // "", "days", "seconds", "years", "points"; money is the job's currency
  std::string_view words;           // choice: "female|male|other|unknown"
  std::optional<int64_t> min = {};  // in the stored unit
  std::optional<int64_t> max = {};
  std::string_view not_before;  // a column of the table that must not be later
  std::string_view meaning;     // one sentence

  bool Is(ColumnMark mark) const { return (marks & mark) != 0; }
};

struct TableSchema {
  TableId id = TableId::kTransactions;
  std::string_view name;
  Effect effect = Effect::kEvent;
  Placing placing = Placing::kCustomer;
  std::string_view meaning;
  std::span<const ColumnSchema> columns;

  // The first column of the row key: rows have a key where it is mapped. Null: they never have one.
  const ColumnSchema* FirstKey() const;
  // The first column with the mark; null: none.
  const ColumnSchema* Marked(ColumnMark mark) const;
};

// By TableId, without kLinks.
std::span<const TableSchema> AllTables();
const TableSchema& SchemaOf(TableId table);
// Without kLinks, which no job names.
std::optional<TableId> TableNamed(std::string_view name);
// Null: the table has no such column.
const ColumnSchema* FindColumn(TableId table, std::string_view name);
// The words of a choice in their order.
std::vector<std::string> WordsOf(const ColumnSchema& column);

// For people: what a value may be beyond its type, what the column is for its row ("required; key"), and the columns of
// the row key.
std::string AllowedOf(const ColumnSchema& column);
std::string RoleOf(const TableSchema& table, const ColumnSchema& column);
std::vector<std::string_view> KeyOf(const TableSchema& table);
// Every table as a page for people: docs/tables.md holds it.
std::string TablesMarkdown();

}  // namespace strata
