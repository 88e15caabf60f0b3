// Values of one Parquet column as cells of one field. Not thread-safe; one per field and split.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/source/row_sink.h"
#include "run/source_fields.h"

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace strata {

inline constexpr size_t kCellBlockRows = 32;  // the cells of so many rows stay in the first-level cache

class ParquetCells {
 public:
  virtual ~ParquetCells() = default;
  // The values to read from now on.
  virtual void Bind(std::shared_ptr<arrow::Array> values) = 0;
  // Writes the values [begin, begin + count) to `cell` of the first row and to the cells of as many rows that follow,
  // `stride` cells apart; their texts are alive until the next call of Fill or Bind. Precondition: Bind was called,
  // values are in range, count <= kCellBlockRows.
  virtual void Fill(int64_t begin, size_t count, Cell* cell, size_t stride) = 0;
};

// nullptr when values of the type cannot serve.
std::unique_ptr<ParquetCells> MakeParquetCells(FieldRead read, const arrow::DataType& type);

// The types that can, for a message.
std::string AllowedParquetTypes(FieldRead read);

}  // namespace strata
