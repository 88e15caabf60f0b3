// Rows of tables as a person would write them down, random ones, and the slow obvious rules that the real ones must
// follow.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "data/rows/table_batch.h"

namespace strata {

struct RawTableRow {
  std::string id;  // empty: of the reference shard
  Day day = 0;
  int16_t minute = 0;
  int32_t file = 0;
  uint64_t key = 0;
  int64_t version = kNoWhole;
  std::string region;   // empty: missing
  std::string product;  // empty: missing
  int64_t amount = kNoWhole;

  uint64_t CustomerHash() const { return id.empty() ? 0 : Hash64(id); }
  Hash128 Key() const { return {.high = key, .low = ~key}; }
  // Of the content; neither the file nor the customer's other rows matter.
  uint64_t RowHash() const {
    ByteWriter writer;
    writer.Text(id);
    writer.I32(day);
    writer.I32(minute);
    writer.U64(key);
    writer.I64(version);
    writer.Text(region);
    writer.Text(product);
    writer.I64(amount);
    return Hash64(writer.bytes());
  }
  auto Shown() const { return std::tuple(CustomerHash(), id, day, minute, region, product, amount); }
};

// What a reader sees of a row.
using ShownRow = decltype(RawTableRow().Shown());

inline TableLayout RawLayout(bool has_key, Effect effect = Effect::kEvent, std::vector<size_t> entity = {}) {
  return {.table = TableId::kCases,
          .names = {"region", "product", "amount"},
          .types = {ValueType::kChoice, ValueType::kCategory, ValueType::kMoney},
          .has_key = has_key,
          .effect = effect,
          .entity = std::move(entity)};
}

inline int32_t CodeOf(const std::string& word, std::map<std::string, int32_t>* codes, TextColumn* words) {
  if (word.empty()) return -1;
  const auto [place, is_new] = codes->emplace(word, static_cast<int32_t>(words->size()));
  if (is_new) words->Append(word);
  return place->second;
}

inline TableBatch ToTableBatch(const std::vector<RawTableRow>& rows, bool has_key) {
  TableBatch batch;
  batch.columns.resize(3);
  for (size_t i = 0; i < 3; ++i) batch.columns[i].type = RawLayout(has_key).types[i];
  std::map<std::string, int32_t> regions, products;
  for (const RawTableRow& row : rows) {
    batch.hash.push_back(row.CustomerHash());
    batch.id.Append(row.id);
    batch.day.push_back(row.day);
    batch.minute.push_back(row.minute);
    batch.file.push_back(row.file);
    if (has_key) {
      batch.key.push_back(row.Key());
      batch.version.push_back(row.version);
      batch.row_hash.push_back(row.RowHash());
    }
    batch.columns[0].code.push_back(CodeOf(row.region, &regions, &batch.columns[0].words));
    batch.columns[1].code.push_back(CodeOf(row.product, &products, &batch.columns[1].words));
    batch.columns[2].whole.push_back(row.amount);
  }
  return batch;
}

// Few customers, days, files and keys, so that everything that can meet does; `customers` 0: a reference shard.
inline std::vector<RawTableRow> RandomTableRows(uint64_t seed, size_t count, uint64_t customers) {
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
  std::vector<RawTableRow> rows;
  while (rows.size() < count) {
    if (!rows.empty() && below(4) == 0) {  // a row that came before, perhaps changed
      RawTableRow again = rows[static_cast<size_t>(below(rows.size()))];
      again.file = static_cast<int32_t>(below(5));
      if (below(3) == 0) again.amount = below(3);
      if (below(3) == 0) again.version = below(3);
      if (below(4) == 0 && again.day != kTimelessDay) again.day += 1;
      rows.push_back(again);
      continue;
    }
    RawTableRow row;
    if (customers > 0) row.id = "customer-" + std::to_string(below(customers));
    row.day = below(10) == 0 ? kTimelessDay : static_cast<Day>(9000 + below(40));
    row.minute = static_cast<int16_t>(below(3));
    row.file = static_cast<int32_t>(below(5));
    row.key = static_cast<uint64_t>(below(count));
    if (below(2) == 0) row.version = below(3);
    if (below(5) != 0) row.region = std::string(1, static_cast<char>('a' + below(4)));
    if (below(5) != 0) row.product = "product-" + std::to_string(below(50));
    if (below(5) != 0) row.amount = below(3) == 0 ? -below(1000) : below(90'000'000'000);
    rows.push_back(row);
  }
  return rows;
}

// The rule, said again: greatest version, then greatest row hash, then smallest file.
inline bool Beats(const RawTableRow& a, const RawTableRow& b) {
  if (a.version != b.version) return a.version > b.version;
  if (a.RowHash() != b.RowHash()) return a.RowHash() > b.RowHash();
  return a.file < b.file;
}

struct RawSettled {
  std::vector<RawTableRow> rows;  // that count
  int64_t conflicts = 0;
};

inline RawSettled SettleRaw(const std::vector<RawTableRow>& rows, const TableLayout& layout) {
  RawSettled settled;
  std::map<std::tuple<std::string, uint64_t, Day>, std::vector<RawTableRow>> groups;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Day version_day = layout.effect == Effect::kVersion ? rows[i].day : 0;
    groups[{rows[i].id, layout.has_key ? rows[i].key : i, version_day}].push_back(rows[i]);
  }
  for (const auto& [key, group] : groups) {
    std::set<uint64_t> contents;
    for (const RawTableRow& row : group) contents.insert(row.RowHash());
    settled.conflicts += contents.size() > 1;
    settled.rows.push_back(*std::min_element(group.begin(), group.end(), Beats));
  }
  return settled;
}

}  // namespace strata
