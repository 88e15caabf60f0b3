// A table of one shard from rows as a person would write them down.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "data/rows/table_shard.h"

namespace strata {

struct MadeRow {
  std::string id;  // empty: of the reference shard
  Day day = kTimelessDay;
  std::map<std::string, std::string> words = {};  // by column; absent: missing
  std::map<std::string, int64_t> whole = {};
};

inline TableBatch BatchOf(const TableLayout& layout, const std::vector<MadeRow>& rows) {
  TableBatch batch;
  std::vector<std::map<std::string, int32_t>> codes(layout.names.size());
  batch.columns.resize(layout.names.size());
  for (size_t i = 0; i < layout.names.size(); ++i) batch.columns[i].type = layout.types[i];
  for (size_t row = 0; row < rows.size(); ++row) {
    const MadeRow& made = rows[row];
    batch.hash.push_back(made.id.empty() ? 0 : Hash64(made.id));
    batch.id.Append(made.id);
    batch.day.push_back(made.day);
    batch.minute.push_back(0);
    batch.file.push_back(1);
    if (layout.has_key) {
      batch.key.push_back(HashOf128(std::to_string(row)));
      batch.version.push_back(kNoWhole);
      batch.row_hash.push_back(Hash64("row " + std::to_string(row)));
    }
    for (size_t i = 0; i < layout.names.size(); ++i) {
      TableColumn& column = batch.columns[i];
      if (!IsCoded(layout.types[i])) {
        const auto found = made.whole.find(layout.names[i]);
        column.whole.push_back(found == made.whole.end() ? kNoWhole : found->second);
        continue;
      }
      const auto found = made.words.find(layout.names[i]);
      if (found == made.words.end()) {
        column.code.push_back(-1);
        continue;
      }
      const auto [place, is_new] = codes[i].emplace(found->second, static_cast<int32_t>(column.words.size()));
      if (is_new) column.words.Append(found->second);
      column.code.push_back(place->second);
    }
  }
  return batch;
}

// Owns its bytes.
class MadeTable {
 public:
  MadeTable(const TableLayout& layout, const std::vector<MadeRow>& rows, Day as_of) {
    const auto update = UpdateTableShard(layout, {}, {}, {BatchOf(layout, rows)});
    EXPECT_TRUE(update.ok()) << update.status();
    bytes_ = std::make_unique<std::string>(update->segment);
    std::vector<std::string_view> segments;
    if (!bytes_->empty()) segments.push_back(*bytes_);
    auto shard = TableShard::Open(layout, segments, {}, as_of);
    EXPECT_TRUE(shard.ok()) << shard.status();
    shard_ = std::make_unique<TableShard>(*std::move(shard));
  }
  const TableShard* shard() const { return shard_.get(); }

 private:
  std::unique_ptr<std::string> bytes_;
  std::unique_ptr<TableShard> shard_;
};

}  // namespace strata
