// Parquet files as texts: page checksums on, a fixed creator and no Arrow schema inside, so that equal tables have
// equal bytes. Only .cc files of data/snapshot and data/reports include this. Pure functions; thread-safe.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

// A table made column by column.
class TableColumns {
 public:
  explicit TableColumns(size_t rows) : rows_(rows) {}

  // `value(i)` is what the column has in row i; an optional, nullopt for null.
  template <typename Builder, typename Value>
  void Add(const std::string& name, const std::shared_ptr<arrow::DataType>& type, Value&& value) {
    if (!status_.ok()) return;
    Builder builder(type, arrow::default_memory_pool());
    status_ = builder.Reserve(static_cast<int64_t>(rows_));
    for (size_t i = 0; i < rows_ && status_.ok(); ++i) {
      const auto cell = value(i);
      if constexpr (std::is_same_v<Builder, arrow::StringBuilder>) {
        status_ = cell.has_value() ? builder.Append(*cell) : builder.AppendNull();
      } else {  // of fixed width: there is room, nothing can fail
        cell.has_value() ? builder.UnsafeAppend(*cell) : builder.UnsafeAppendNull();
      }
    }
    std::shared_ptr<arrow::Array> array;
    if (status_.ok()) status_ = builder.Finish(&array);
    fields_.push_back(arrow::field(name, type));
    arrays_.push_back(std::move(array));
  }
  arrow::Result<std::shared_ptr<arrow::Table>> Finish();

 private:
  size_t rows_;
  arrow::Status status_;
  arrow::FieldVector fields_;
  arrow::ArrayVector arrays_;
};

// `texts_of_few` are columns of few distinct values, stored by dictionary.
absl::StatusOr<std::string> WriteParquet(const arrow::Table& table, const std::vector<std::string>& texts_of_few);

// Checks page checksums. Reads only the named columns of a flat table, or all where none is named. DATA_LOSS
// (SNAPSHOT_CORRUPT) names `what`.
absl::StatusOr<std::shared_ptr<arrow::Table>> ReadParquet(std::string_view bytes, std::string_view what,
                                                          const std::vector<std::string>& columns = {});

}  // namespace strata
