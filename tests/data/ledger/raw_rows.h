// Rows as a person would write them down, random bases of them, and the slow obvious ledger that the real one must
// equal.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "data/row_batch.h"

namespace strata {

struct RawRow {
  std::string id;
  Day day = 0;
  int64_t net_micros = 0;
  bool is_return = false;
  int32_t file = 0;
  int16_t minute = 0;
  uint64_t transaction = 0;
  int64_t updated_at_us = std::numeric_limits<int64_t>::min();

  // Of the content, as ingest makes it; neither the file nor the customer's other rows matter.
  uint64_t RowHash() const {
    ByteWriter writer;
    writer.Text(id);
    writer.I32(day);
    writer.I64(net_micros);
    writer.U8(is_return);
    writer.I32(minute);
    writer.U64(transaction);
    writer.I64(updated_at_us);
    return Hash64(writer.bytes());
  }
};

inline RowBatch ToBatch(const std::vector<RawRow>& rows, bool has_transaction_id) {
  RowBatch batch;
  for (const RawRow& row : rows) {
    batch.hash.push_back(Hash64(row.id));
    batch.id.Append(row.id);
    batch.day.push_back(row.day);
    batch.minute.push_back(row.minute);
    batch.net_micros.push_back(row.net_micros);
    batch.is_return.push_back(row.is_return ? 1 : 0);
    batch.file.push_back(row.file);
    if (has_transaction_id) {
      batch.transaction.push_back({.high = row.transaction, .low = ~row.transaction});
      batch.updated_at_us.push_back(row.updated_at_us);
      batch.row_hash.push_back(row.RowHash());
    }
  }
  return batch;
}

// Few customers, days, files and transactions, so that everything that can meet does.
inline std::vector<RawRow> RandomRows(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
  std::vector<RawRow> rows;
  while (rows.size() < count) {
    if (!rows.empty() && below(4) == 0) {  // a row that came before, perhaps changed
      RawRow again = rows[static_cast<size_t>(below(rows.size()))];
      again.file = static_cast<int32_t>(below(5));
      if (below(3) == 0) again.net_micros += 1 + below(3);
      if (below(3) == 0) again.updated_at_us = below(3);
      rows.push_back(again);
      continue;
    }
    RawRow row;
    row.id = "customer-" + std::to_string(below(1 + count / 8));
    row.day = static_cast<Day>(9000 + below(400));
    row.minute = static_cast<int16_t>(below(1440));
    row.is_return = below(5) == 0;
    row.net_micros = row.is_return ? -below(50'000'000) : below(10) == 0 ? 0 : below(90'000'000);
    row.file = static_cast<int32_t>(below(5));
    row.transaction = static_cast<uint64_t>(below(count));
    if (below(2) == 0) row.updated_at_us = below(3);
    rows.push_back(row);
  }
  return rows;
}

using CustomerKey = std::pair<uint64_t, std::string>;  // the order of the ledger

inline CustomerKey KeyOf(const RawRow& row) { return {Hash64(row.id), row.id}; }

// The rule, said again: greatest update, then greatest row hash, then smallest file.
inline bool Beats(const RawRow& a, const RawRow& b) {
  if (a.updated_at_us != b.updated_at_us) return a.updated_at_us > b.updated_at_us;
  if (a.RowHash() != b.RowHash()) return a.RowHash() > b.RowHash();
  return a.file < b.file;
}

struct OracleLedger {
  struct DayPart {
    int64_t net_micros = 0;
    int32_t rows = 0;
    int32_t return_rows = 0;
    bool operator==(const DayPart&) const = default;
  };
  std::map<CustomerKey, std::vector<RawRow>> kept;  // accepted rows
  std::map<CustomerKey, std::map<std::pair<Day, int32_t>, DayPart>> days;
  std::map<int32_t, int64_t> rows_by_file;  // kept
  int64_t conflicts = 0;
};

inline OracleLedger BuildOracle(const std::vector<RawRow>& rows, bool has_transaction_id) {
  OracleLedger oracle;
  std::map<std::pair<CustomerKey, uint64_t>, std::vector<RawRow>> groups;
  for (size_t i = 0; i < rows.size(); ++i) {
    groups[{KeyOf(rows[i]), has_transaction_id ? rows[i].transaction : i}].push_back(rows[i]);
  }
  for (const auto& [key, group] : groups) {
    const RawRow winner = *std::min_element(group.begin(), group.end(), Beats);
    std::set<uint64_t> contents;
    for (const RawRow& row : group) contents.insert(row.RowHash());
    ++oracle.rows_by_file[winner.file];
    oracle.conflicts += contents.size() > 1;
    oracle.kept[key.first].push_back(winner);
    OracleLedger::DayPart& part = oracle.days[key.first][{winner.day, winner.file}];
    part.net_micros += winner.net_micros;
    part.rows += 1;
    part.return_rows += winner.is_return;
  }
  return oracle;
}

}  // namespace strata
