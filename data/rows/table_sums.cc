#include "data/rows/table_sums.h"

#include <utility>

#include "base/hash_sum.h"
#include "data/ledger/batch_check.h"

namespace strata {
namespace {

constexpr uint32_t kNoWord = 0xffffffff;  // in place of a length: words are shorter

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
    const Hash128 digest = DigestOf(settled, at, id);
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

Hash128 TableSums::DigestOf(const RowRules& settled, const RowAt& at, std::string_view id) {
  const RowSpans& source = settled.SourceOf(at);
  bytes_.clear();
  Append(static_cast<uint32_t>(id.size()));
  bytes_.append(id);
  Append(at.day);
  Append(static_cast<int32_t>(source.minute[at.row]));
  if (layout_.has_key) {
    const Hash128 key = source.Key(at.row);
    Append(key.high);
    Append(key.low);
    Append(source.version[at.row]);
    Append(source.row_hash[at.row]);
  }
  for (size_t i = 0; i < layout_.types.size(); ++i) {
    const ColumnSpan& column = source.columns[i];
    if (!IsCoded(layout_.types[i])) {
      Append(column.Whole(at.row));
      continue;
    }
    const int32_t code = column.Code(at.row);
    if (code < 0) {
      Append(kNoWord);
      continue;
    }
    const std::string_view word = column.words[static_cast<size_t>(code)];
    Append(static_cast<uint32_t>(word.size()));
    bytes_.append(word);
  }
  return HashOf128(bytes_);
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
