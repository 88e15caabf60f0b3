#include "data/source/table_rows.h"

#include <utility>

namespace strata {
namespace {

template <typename T>
std::vector<T> Gather(const std::vector<T>& from, const uint32_t* rows, size_t count) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = from[rows[i]];
  return values;
}

// Codes of some rows, in a dictionary of the words that they use. `place_of` has -1 for every word, before and after.
void GatherWords(const std::vector<int32_t>& codes, const TextColumn& words, const uint32_t* rows, size_t count,
                 std::vector<int32_t>* place_of, TableColumn* column) {
  std::vector<int32_t> used;
  column->code.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int32_t code = codes[rows[i]];
    if (code < 0) {
      column->code[i] = -1;
      continue;
    }
    int32_t& place = (*place_of)[static_cast<size_t>(code)];
    if (place < 0) {
      place = static_cast<int32_t>(used.size());
      used.push_back(code);
      column->words.Append(words[static_cast<size_t>(code)]);
    }
    column->code[i] = place;
  }
  for (const int32_t code : used) (*place_of)[static_cast<size_t>(code)] = -1;
}

}  // namespace

int64_t StoredKey(std::string_view id) {
  const auto key = static_cast<int64_t>(Hash64(id));
  return key == kNoWhole ? key + 1 : key;  // the one value that says that there is none
}

TableRows::TableRows(TableLayout layout, uint32_t shards, int32_t file_number)
    : layout_(std::move(layout)), shards_(shards), file_number_(file_number), columns_(layout_.names.size()) {}

void TableRows::Expect(int64_t rows) {
  constexpr size_t kIdBytes = 12;  // of a usual customer; more take more room when it comes to that
  const auto count = static_cast<size_t>(rows);
  shard_of_.reserve(count);
  heads_.hash.reserve(count);
  heads_.id.Reserve(count, count * kIdBytes);
  heads_.day.reserve(count);
  heads_.minute.reserve(count);
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (IsCoded(layout_.types[i])) {
      columns_[i].code.reserve(count);
    } else {
      columns_[i].whole.reserve(count);
    }
  }
  if (!layout_.has_key) return;
  heads_.key.reserve(count);
  heads_.version.reserve(count);
  heads_.row_hash.reserve(count);
}

void TableRows::Add(const TableRowHead& head) {
  const bool is_reference = head.customer_id.empty();
  const uint64_t hash = is_reference ? 0 : Hash64(head.customer_id);
  shard_of_.push_back(is_reference ? shards_ : ShardOf(hash, shards_));
  heads_.hash.push_back(hash);
  heads_.id.Append(head.customer_id);
  heads_.day.push_back(head.day);
  heads_.minute.push_back(head.minute);
  if (!layout_.has_key) return;
  heads_.key.push_back(head.key);
  heads_.version.push_back(head.version);
  heads_.row_hash.push_back(head.row_hash);
}

void TableRows::AddWord(size_t column, std::string_view word) {
  Column& to = columns_[column];
  to.code.push_back(word.empty() ? -1 : to.words.CodeOf(word));
}

TableRows::Order TableRows::ByShard() const {
  Order order;
  order.begin.resize(size_t{shards_} + 2);
  for (const uint32_t shard : shard_of_) ++order.begin[shard + 1];
  for (size_t shard = 0; shard <= shards_; ++shard) order.begin[shard + 1] += order.begin[shard];
  std::vector<uint32_t> next(order.begin.begin(), order.begin.end() - 1);
  order.rows.resize(shard_of_.size());
  for (size_t row = 0; row < shard_of_.size(); ++row) order.rows[next[shard_of_[row]]++] = static_cast<uint32_t>(row);
  return order;
}

void TableRows::DealOutHeads(const uint32_t* rows, size_t count, TableBatch* batch) const {
  batch->hash = Gather(heads_.hash, rows, count);
  batch->id.AppendFrom(heads_.id, rows, count);
  batch->day = Gather(heads_.day, rows, count);
  batch->minute = Gather(heads_.minute, rows, count);
  batch->file.assign(count, file_number_);
  if (!layout_.has_key) return;
  batch->key = Gather(heads_.key, rows, count);
  batch->version = Gather(heads_.version, rows, count);
  batch->row_hash = Gather(heads_.row_hash, rows, count);
}

std::vector<TableBatch> TableRows::Take() {
  const Order order = ByShard();
  std::vector<TableBatch> batches(size_t{shards_} + 1);
  const auto each_batch = [&](const auto& fill) {
    for (size_t shard = 0; shard < batches.size(); ++shard) {
      const size_t count = order.begin[shard + 1] - order.begin[shard];
      if (count > 0) fill(order.rows.data() + order.begin[shard], count, &batches[shard]);
    }
  };
  each_batch([this](const uint32_t* rows, size_t count, TableBatch* batch) { DealOutHeads(rows, count, batch); });
  heads_ = {};
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column column = std::move(columns_[i]);  // its memory goes with it
    const ValueType type = layout_.types[i];
    std::vector<int32_t> place_of(column.words.words().size(), -1);
    each_batch([&](const uint32_t* rows, size_t count, TableBatch* batch) {
      TableColumn& to = batch->columns.emplace_back();
      to.type = type;
      if (IsCoded(type)) {
        GatherWords(column.code, column.words.words(), rows, count, &place_of, &to);
      } else {
        to.whole = Gather(column.whole, rows, count);
      }
    });
  }
  return batches;
}

}  // namespace strata
