#include "data/synthetic/tables/made_parquet.h"

#include <numeric>

#include "data/synthetic/parquet_columns.h"

namespace strata {
namespace {

constexpr int kMicroDigits = 6;
constexpr int64_t kMillisPerMinute = 60'000;

void AddColumn(const MadeColumn& column, ColumnsOver<uint32_t>* columns) {
  const auto value = [&column](uint32_t row) {
    return column.IsMissing(row) ? std::nullopt : std::optional(column.whole[row]);
  };
  switch (column.type) {
    case ValueType::kKey:
    case ValueType::kCategory:
    case ValueType::kChoice:
    case ValueType::kTags: {
      const TextColumn& words = column.words.words();
      columns->AddText(column.name, TextsOf(words.size(), [&words](size_t i) { return words[i]; }), [&](uint32_t row) {
        return column.IsMissing(row) ? std::nullopt : std::optional(column.code[row]);
      });
      return;
    }
    case ValueType::kInteger:
      return columns->Add<int64_t>(column.name, arrow::int64(), value);
    case ValueType::kFlag:
      return columns->Add<int32_t>(column.name, arrow::int32(), value);
    case ValueType::kDay:
      return columns->Add<int32_t>(column.name, arrow::date32(), value);
    case ValueType::kTime:
      return columns->Add<int64_t>(column.name, arrow::timestamp(arrow::TimeUnit::MILLI), [&value](uint32_t row) {
        const std::optional<int64_t> minutes = value(row);
        return minutes.has_value() ? std::optional(*minutes * kMillisPerMinute) : std::nullopt;
      });
    default:
      return columns->Add<Int128>(column.name, arrow::decimal128(kMoneyDigits, kMicroDigits), value);
  }
}

}  // namespace

absl::StatusOr<std::string> EncodeParquet(const MadeTable& table) {
  std::vector<uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  ColumnsOver<uint32_t> columns(rows);
  for (const MadeColumn& column : table.columns()) AddColumn(column, &columns);
  return EncodeParquet(*columns.Finish());
}

}  // namespace strata
