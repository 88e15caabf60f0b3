#include "data/rows/table_sums.h"

#include <algorithm>
#include <utility>

#include "base/hash_sum.h"
#include "data/ledger/batch_check.h"

namespace strata {
namespace {

constexpr size_t kFirstBytes = 4096;  // of nearly every row

}  // namespace

void TableSums::Add(const RowRules& settled, std::string_view id, int64_t sign) {
  const std::span<const RowAt> winners = settled.winners();
  if (winners.empty()) return;
  if (rows_by_day_.empty()) rows_by_day_.resize(static_cast<size_t>(kLastDay - kFirstDay) + 1);
  totals_.customers += sign;
  totals_.rows += sign * static_cast<int64_t>(winners.size());
  totals_.conflicts += sign * settled.conflicts();
  int32_t file = -1;
  int64_t* of_file = nullptr;
  for (const RowAt& at : winners) {
    const bool is_ahead = at.source < ahead_.size() && !ahead_[at.source].empty();
    const Hash128 digest = is_ahead ? ahead_[at.source][at.row] : DigestOf(settled.SourceOf(at), at.row, id);
    totals_.digest = sign > 0 ? Plus(totals_.digest, digest) : Minus(totals_.digest, digest);
    const auto row_file = static_cast<int32_t>(settled.SourceOf(at).file[at.row]);
    if (of_file == nullptr || row_file != file) {
      file = row_file;
      of_file = &totals_.rows_by_file[file];
    }
    *of_file += sign;
    (at.day == kTimelessDay ? timeless_rows_ : rows_by_day_[static_cast<size_t>(at.day - kFirstDay)]) += sign;
  }
}

void TableSums::HashAhead(std::span<const RowSpans> sources, size_t source) {
  const RowSpans& from = sources[source];
  ahead_.resize(sources.size());
  std::vector<Hash128>& digests = ahead_[source];
  digests.reserve(from.rows());
  for (size_t owner = 0; owner < from.owners(); ++owner) {
    for (size_t row = from.begin(owner); row < from.end(owner); ++row) {
      digests.push_back(DigestOf(from, row, from.id[owner]));
    }
  }
}

Hash128 TableSums::DigestOf(const RowSpans& source, size_t row, std::string_view id) {
  size_ = 0;
  AppendText(id);
  Append(static_cast<int32_t>(source.day[row]));
  Append(static_cast<int32_t>(source.minute[row]));
  if (layout_.has_key) {
    const Hash128 key = source.Key(row);
    Append(key.high);
    Append(key.low);
    Append(source.version[row]);
    Append(source.row_hash[row]);
  }
  for (size_t i = 0; i < layout_.types.size(); ++i) {
    const ColumnSpan& column = source.columns[i];
    if (!IsCoded(layout_.types[i])) {
      Append(column.Whole(row));
    } else {
      const int32_t code = column.Code(row);
      AppendText(code < 0 ? std::string_view() : column.words[static_cast<size_t>(code)]);  // no word is empty
    }
  }
  return HashOf128(std::string_view(bytes_).substr(0, size_));
}

char* TableSums::Room(size_t bytes) {
  if (size_ + bytes > bytes_.size()) bytes_.resize(std::max({kFirstBytes, 2 * bytes_.size(), size_ + bytes}));
  char* room = bytes_.data() + size_;
  size_ += bytes;
  return room;
}

TableTotals TableSums::Finish() {
  if (timeless_rows_ != 0) totals_.rows_by_day[kTimelessDay] = timeless_rows_;
  for (size_t i = 0; i < rows_by_day_.size(); ++i) {
    if (rows_by_day_[i] != 0) totals_.rows_by_day[kFirstDay + static_cast<Day>(i)] = rows_by_day_[i];
  }
  std::erase_if(totals_.rows_by_file, [](const auto& file) { return file.second == 0; });
  return std::move(totals_);
}

}  // namespace strata
