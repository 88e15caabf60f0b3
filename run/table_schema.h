// What the twelve tables are: columns, types, units, checks and when a row is in effect. The one declaration that job
// files, readers, ledger, reports and docs/tables.md follow. Plain constants; thread-safe.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/date.h"

namespace strata {

// Numbers are stored in ledgers and must never change their meaning.
enum class TableId : uint8_t {
  kTransactions = 0, kCustomers = 1, kProducts = 2, kCosts = 3, kContacts = 4, kCases = 5, kSurveys = 6, kUsage = 7,
  kVisits = 8, kCampaigns = 9, kKyc = 10, kMarket = 11, kLinks = 12,  // internal: who names whom as referrer or parent
};
inline constexpr size_t kTableCount = 12;  // without kLinks
inline constexpr size_t kMaxTableColumns = 128;    // with extra ones
inline constexpr size_t kMaxExtraColumns = 64;
inline constexpr size_t kMaxCategoryBytes = 256;   // a word, not a text
inline constexpr Day kTimelessDay = -2147483647;   // before every date: rows that always hold

enum class ValueType : uint8_t { kKey, kCategory, kChoice, kInteger, kDecimal, kMoney, kShare, kDay, kTime, kFlag, kTags };
const char* Name(ValueType type);

enum class Effect : uint8_t { kEvent, kVersion };         // counts on its day | holds from its valid_from on
enum class Placing : uint8_t { kCustomer, kReference, kEither };  // by customer id | reference shard | as the row has an id

enum ColumnMark : uint16_t {  // bits
  kRequired = 1, kRowKey = 2, kRowTime = 4, kValidFrom = 8, kCustomer = 16,
  kOfCustomers = 32, kOfProducts = 64,  // referential: ids that must be in that table
  kLineDetail = 128,                    // transactions: mapping it keeps details
};

struct ColumnSchema {
  std::string_view name;    // key in a job's `columns`
  ValueType type = ValueType::kCategory;
  uint16_t marks = 0;
  std::string_view unit;    // "", "days", "seconds", "years", "points"; money is the job's currency
  std::string_view words;   // choice: "female|male|other|unknown"
  std::optional<int64_t> min = {}, max = {};  // in the stored unit
  std::string_view not_before;  // a column of the table that must not be later
  std::string_view meaning;     // one sentence
};

struct TableSchema {
  TableId id = TableId::kTransactions;
  std::string_view name;
  Effect effect = Effect::kEvent;
  Placing placing = Placing::kCustomer;
  std::string_view meaning;
  std::span<const ColumnSchema> columns;
};

const TableSchema& SchemaOf(TableId table);
std::optional<TableId> TableNamed(std::string_view name);
const ColumnSchema* FindColumn(TableId table, std::string_view name);
std::string TablesMarkdown();  // docs/tables.md

}  // namespace strata
