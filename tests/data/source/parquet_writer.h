// Parquet files in memory, for tests.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace strata {

// A column by name. All columns of a file have the same length.
using NamedArray = std::pair<std::string, std::shared_ptr<arrow::Array>>;

// The bytes of a Parquet file with page checksums.
std::string WriteParquet(const std::vector<NamedArray>& columns, int64_t rows_per_group);

// Values of a builder's type; nullopt is null.
template <typename Builder, typename Value>
std::shared_ptr<arrow::Array> ArrayOf(const std::vector<std::optional<Value>>& values, Builder builder) {
  for (const std::optional<Value>& value : values) {
    const arrow::Status status = value.has_value() ? builder.Append(*value) : builder.AppendNull();
    if (!status.ok()) return nullptr;
  }
  return builder.Finish().ValueOr(nullptr);
}

}  // namespace strata
