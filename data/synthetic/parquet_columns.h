// Parquet files of a synthetic base: Arrow columns made from a list of things, and the bytes of a file. Only .cc files
// of data/synthetic include this. Pure functions; thread-safe.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/int128.h"
#include "base/status.h"

namespace strata {

inline constexpr int kMoneyDigits = 18;  // what 64 bits hold
inline constexpr int kCentDigits = 2;

// Columns over `rows`, which must outlive it. A value function gives an std::optional, or a plain value where no row is
// without one.
template <typename Row>
class ColumnsOver {
 public:
  explicit ColumnsOver(std::span<const Row> rows) : rows_(rows) {}

  // T: how Arrow holds a value of `type`.
  template <typename T, typename Value>
  void Add(std::string_view name, std::shared_ptr<arrow::DataType> type, const Value& value) {
    Put(name, arrow::MakeArray(Data<T>(std::move(type), value)));
  }
  template <typename Value>
  void AddCents(std::string_view name, const Value& value) {
    Add<Int128>(name, arrow::decimal128(kMoneyDigits, kCentDigits), value);
  }
  template <typename Value>
  void AddFlag(std::string_view name, const Value& value) {
    std::vector<uint8_t> bits((rows_.size() + 7) / 8);
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (value(rows_[i])) bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | (1u << (i % 8)));
    }
    Put(name, arrow::MakeArray(arrow::ArrayData::Make(arrow::boolean(), static_cast<int64_t>(rows_.size()),
                                                      {nullptr, arrow::Buffer::FromVector(std::move(bits))}, 0)));
  }
  // `place(row)` is the place of the row's text in `texts`, an array of utf8. Text in the file.
  template <typename Value>
  void AddText(std::string_view name, const std::shared_ptr<arrow::Array>& texts, const Value& place) {
    const auto indices = arrow::MakeArray(Data<int32_t>(arrow::int32(), place));
    Put(name,
        std::make_shared<arrow::DictionaryArray>(arrow::dictionary(arrow::int32(), arrow::utf8()), indices, texts));
  }
  std::shared_ptr<arrow::Table> Finish() const {
    return arrow::Table::Make(arrow::schema(fields_), arrays_, static_cast<int64_t>(rows_.size()));
  }

 private:
  void Put(std::string_view name, std::shared_ptr<arrow::Array> array) {
    fields_.push_back(arrow::field(std::string(name), array->type()));
    arrays_.push_back(std::move(array));
  }

  template <typename T, typename Value>
  std::shared_ptr<arrow::ArrayData> Data(std::shared_ptr<arrow::DataType> type, const Value& value) const {
    std::vector<T> values(rows_.size());
    std::shared_ptr<arrow::Buffer> validity;
    int64_t nulls = 0;
    if constexpr (requires(const Row& row) { value(row).has_value(); }) {
      std::vector<uint8_t> bits((rows_.size() + 7) / 8);
      for (size_t i = 0; i < rows_.size(); ++i) {
        const auto cell = value(rows_[i]);
        values[i] = static_cast<T>(cell.value_or(0));
        bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | ((cell.has_value() ? 1u : 0u) << (i % 8)));
        nulls += cell.has_value() ? 0 : 1;
      }
      if (nulls > 0) validity = arrow::Buffer::FromVector(std::move(bits));
    } else {
      for (size_t i = 0; i < rows_.size(); ++i) values[i] = static_cast<T>(value(rows_[i]));
    }
    return arrow::ArrayData::Make(std::move(type), static_cast<int64_t>(rows_.size()),
                                  {std::move(validity), arrow::Buffer::FromVector(std::move(values))}, nulls);
  }

  std::span<const Row> rows_;
  arrow::FieldVector fields_;
  arrow::ArrayVector arrays_;
};

// An array of utf8 over `count` texts, text(i) of each.
template <typename Text>
std::shared_ptr<arrow::Array> TextsOf(size_t count, const Text& text) {
  std::string bytes;
  std::vector<int32_t> offsets = {0};
  offsets.reserve(count + 1);
  for (size_t i = 0; i < count; ++i) {
    bytes += text(i);
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  return std::make_shared<arrow::StringArray>(static_cast<int64_t>(count),
                                              arrow::Buffer::FromVector(std::move(offsets)),
                                              arrow::Buffer::FromString(std::move(bytes)));
}

// A Parquet file that grows table by table. Equal tables give equal bytes: a fixed creator, no Arrow schema, no
// threads.
class ParquetText {
 public:
  ParquetText();
  ~ParquetText();
  ParquetText(const ParquetText&) = delete;
  ParquetText& operator=(const ParquetText&) = delete;

  // Row groups of at most kRowGroupRows; tables after the first must have its schema. RESOURCE_EXHAUSTED or INTERNAL
  // (PARQUET_NOT_WRITTEN).
  absl::Status Append(const arrow::Table& table);
  absl::StatusOr<std::string> Finish();

 private:
  struct Writer;
  std::unique_ptr<Writer> writer_;
};
inline constexpr int64_t kRowGroupRows = 1 << 19;  // about what a map task reads

absl::StatusOr<std::string> EncodeParquet(const arrow::Table& table);

}  // namespace strata
