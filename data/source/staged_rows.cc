#include "data/source/staged_rows.h"

#include <algorithm>

namespace strata {
namespace {

constexpr size_t kBlockRows = 16'384;  // its columns stay in the second-level cache
constexpr int64_t kNanosPerMinute = 60'000'000'000;

template <typename T>
void Gather(const std::vector<T>& from, const uint32_t* rows, size_t count, std::vector<T>* to) {
  const size_t begin = to->size();
  to->resize(begin + count);
  T* target = to->data() + begin;
  for (size_t i = 0; i < count; ++i) target[i] = from[rows[i]];
}

}  // namespace

StagedRows::StagedRows(uint32_t shards, bool has_transaction_id, int32_t file_number)
    : shards_(shards), has_transaction_id_(has_transaction_id), file_number_(file_number), begin_(size_t{shards} + 1) {
  shard_of_.reserve(kBlockRows);
  block_.Reserve(kBlockRows, has_transaction_id);
  order_.resize(kBlockRows);
}

void StagedRows::Expect(int64_t rows, std::vector<RowBatch>* shards) const {
  const auto share = static_cast<size_t>(rows) / shards_;
  for (RowBatch& batch : *shards) batch.Reserve(share + share / 8, has_transaction_id_);
}

void StagedRows::Add(const ParsedRow& row, std::vector<RowBatch>* shards) {
  const uint64_t hash = Hash64(row.customer_id);
  shard_of_.push_back(ShardOf(hash, shards_));
  block_.hash.push_back(hash);
  block_.id.Append(row.customer_id);
  block_.day.push_back(row.time.day);
  block_.minute.push_back(static_cast<int16_t>(row.time.nanos / kNanosPerMinute));
  block_.net_micros.push_back(row.net_micros);
  block_.is_return.push_back(row.is_return ? 1 : 0);
  if (has_transaction_id_) {
    block_.transaction.push_back(row.transaction);
    block_.updated_at_us.push_back(row.updated_at_us);
    block_.row_hash.push_back(row.row_hash);
  }
  if (shard_of_.size() == kBlockRows) Flush(shards);
}

void StagedRows::Flush(std::vector<RowBatch>* shards) {
  std::fill(begin_.begin(), begin_.end(), 0);
  for (const uint32_t shard : shard_of_) ++begin_[shard + 1];
  for (size_t shard = 0; shard < shards_; ++shard) begin_[shard + 1] += begin_[shard];
  for (size_t row = 0; row < shard_of_.size(); ++row) order_[begin_[shard_of_[row]]++] = static_cast<uint32_t>(row);
  uint32_t begin = 0;
  for (size_t shard = 0; shard < shards_; ++shard) {  // begin_[shard] is now its end
    if (begin_[shard] > begin) DealOut(order_.data() + begin, begin_[shard] - begin, &(*shards)[shard]);
    begin = begin_[shard];
  }
  shard_of_.clear();
  block_.Clear();
}

void StagedRows::DealOut(const uint32_t* rows, size_t count, RowBatch* batch) const {
  Gather(block_.hash, rows, count, &batch->hash);
  batch->id.AppendFrom(block_.id, rows, count);
  Gather(block_.day, rows, count, &batch->day);
  Gather(block_.minute, rows, count, &batch->minute);
  Gather(block_.net_micros, rows, count, &batch->net_micros);
  Gather(block_.is_return, rows, count, &batch->is_return);
  batch->file.resize(batch->file.size() + count, file_number_);
  if (!has_transaction_id_) return;
  Gather(block_.transaction, rows, count, &batch->transaction);
  Gather(block_.updated_at_us, rows, count, &batch->updated_at_us);
  Gather(block_.row_hash, rows, count, &batch->row_hash);
}

}  // namespace strata
