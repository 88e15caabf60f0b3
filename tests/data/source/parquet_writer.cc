#include "tests/data/source/parquet_writer.h"

#include <arrow/io/api.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

namespace strata {

std::string WriteParquet(const std::vector<NamedArray>& columns, int64_t rows_per_group) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  const auto table = arrow::Table::Make(arrow::schema(fields), arrays);
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto properties =
      parquet::WriterProperties::Builder().enable_page_checksum()->data_pagesize(4096)->disable_dictionary()->build();
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  const arrow::Status status = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, rows_per_group,
                                                          properties, arrow_properties);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return sink->Finish().ValueOrDie()->ToString();
}

}  // namespace strata
