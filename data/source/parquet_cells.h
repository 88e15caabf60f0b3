// Values of one Parquet column as cells of one field. Not thread-safe; one per field and split.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/source/row_sink.h"
#include "run/transaction_fields.h"

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace strata {

class ParquetCells {
 public:
  virtual ~ParquetCells() = default;
  // The values to read from now on.
  virtual void Bind(std::shared_ptr<arrow::Array> values) = 0;
  // Value i; its text is alive until the next call of At or Bind. Precondition: Bind was called, i is in range.
  virtual Cell At(int64_t i) = 0;
};

// nullptr when values of the type cannot serve the field.
std::unique_ptr<ParquetCells> MakeParquetCells(TransactionField field, const arrow::DataType& type);

// The types that can, for a message.
std::string AllowedParquetTypes(TransactionField field);

}  // namespace strata
