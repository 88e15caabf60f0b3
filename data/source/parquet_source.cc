#include "data/source/parquet_source.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>

#include <algorithm>
#include <memory>
#include <set>

#include "data/source/columns.h"
#include "data/source/parquet_cells.h"

namespace strata {
namespace {

constexpr int64_t kBatchRows = 32'768;  // decoded at a time, so that memory does not follow the row group's size

absl::Status Unreadable(std::string_view path, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                   fmt::format("{}: found a file that cannot be read as Parquet: {}", path, problem),
                   {{"file", std::string(path)}});
}

// An open file and where its mapped columns are.
struct OpenFile {
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<arrow::Schema> schema;
  FieldColumns field_columns;  // of the schema's fields
  std::vector<int> leaves;     // Parquet columns to read, ascending
};

absl::Status CheckTypes(const OpenFile& file, std::string_view path, const SourceFields& source) {
  for (size_t i = 0; i < source.size(); ++i) {
    const int column = file.field_columns[i];
    if (column < 0) continue;
    const std::string& key = source.fields[i].key;
    const FieldRead read = source.fields[i].read;
    const std::shared_ptr<arrow::Field>& field = file.schema->field(column);
    if (MakeParquetCells(read, *field->type()) != nullptr) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "COLUMN_TYPE",
                     fmt::format("{}: found the column '{}' of type {} for {}; allowed: {}", path, field->name(),
                                 field->type()->ToString(), key, AllowedParquetTypes(read)),
                     {{"file", std::string(path)}, {"column", field->name()}, {"key", key}});
  }
  return absl::OkStatus();
}

// Text columns with few distinct values are read as what they are in the file, places in a dictionary, instead of a
// copy of the text for each row.
void ReadSmallDictionaries(const parquet::FileMetaData& metadata, parquet::ArrowReaderProperties* properties) {
  constexpr int64_t kSmallBytes = 65'536;  // of a dictionary as it lies in the file: thousands of values
  for (int column = 0; column < metadata.num_columns(); ++column) {
    const parquet::ColumnDescriptor& described = *metadata.schema()->Column(column);
    if (described.physical_type() != parquet::Type::BYTE_ARRAY || described.max_repetition_level() > 0) continue;
    bool small = metadata.num_row_groups() > 0;
    for (int group = 0; group < metadata.num_row_groups() && small; ++group) {
      const auto chunk = metadata.RowGroup(group)->ColumnChunk(column);
      small = chunk->has_dictionary_page() && chunk->data_page_offset() > chunk->dictionary_page_offset() &&
              chunk->data_page_offset() - chunk->dictionary_page_offset() <= kSmallBytes;
    }
    if (small) properties->set_read_dictionary(column, true);
  }
}

absl::StatusOr<OpenFile> Open(std::string_view bytes, std::string_view path, const SourceFields& source) {
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
  arrow_properties.set_batch_size(kBatchRows);
  arrow_properties.set_pre_buffer(false);  // the bytes are in memory already
  const auto input = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(
      reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int64_t>(bytes.size())));
  parquet::arrow::FileReaderBuilder builder;
  arrow::Status status = builder.Open(input, properties);
  if (!status.ok()) return Unreadable(path, status.message());
  ReadSmallDictionaries(*builder.raw_reader()->metadata(), &arrow_properties);
  auto reader = builder.properties(arrow_properties)->Build();
  if (!reader.ok()) return Unreadable(path, reader.status().message());

  OpenFile file;
  file.reader = std::move(reader).ValueUnsafe();
  status = file.reader->GetSchema(&file.schema);
  if (!status.ok()) return Unreadable(path, status.message());
  STRATA_ASSIGN_OR_RETURN(file.field_columns, MatchColumns(file.schema->field_names(), source, path));
  STRATA_RETURN_IF_ERROR(CheckTypes(file, path, source));
  std::set<int> leaves;
  for (const int column : file.field_columns) {
    if (column < 0) continue;
    leaves.insert(file.reader->manifest().schema_fields[static_cast<size_t>(column)].column_index);
  }
  file.leaves.assign(leaves.begin(), leaves.end());
  return file;
}

// A mapped field and the cells it is read through.
struct MappedField {
  size_t field = 0;
  std::string column;
  std::unique_ptr<ParquetCells> cells;
};

std::vector<MappedField> MakeCells(const OpenFile& file, const SourceFields& source) {
  std::vector<MappedField> fields;
  for (size_t i = 0; i < file.field_columns.size(); ++i) {
    if (file.field_columns[i] < 0) continue;
    const std::shared_ptr<arrow::Field>& field = file.schema->field(file.field_columns[i]);
    fields.push_back(
        {.field = i, .column = field->name(), .cells = MakeParquetCells(source.fields[i].read, *field->type())});
  }
  return fields;
}

absl::Status ReadBatches(const OpenFile& file, std::string_view path, const SourceFields& source, const Split& split,
                         int64_t max_records, RowSink* sink) {
  std::vector<int> groups;
  int64_t promised = 0;
  for (uint64_t group = split.begin; group < split.end; ++group) {
    groups.push_back(static_cast<int>(group));
    promised += file.reader->parquet_reader()->metadata()->RowGroup(groups.back())->num_rows();
  }
  auto batches = file.reader->GetRecordBatchReader(groups, file.leaves);
  if (!batches.ok()) return Unreadable(path, batches.status().message());
  std::vector<MappedField> fields = MakeCells(file, source);
  const int64_t wanted = std::min(promised, max_records);
  sink->OnExpected(wanted);
  int64_t read = 0;
  const size_t width = source.size();
  std::vector<Cell> cells(kCellBlockRows * width);  // row by row
  while (read < wanted) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const arrow::Status status = (*batches)->ReadNext(&batch);
    if (!status.ok()) return Unreadable(path, status.message());
    if (batch == nullptr) break;
    for (MappedField& field : fields) field.cells->Bind(batch->GetColumnByName(field.column));
    const int64_t rows = std::min(batch->num_rows(), wanted - read);
    for (int64_t begin = 0; begin < rows; begin += kCellBlockRows) {
      const auto count = static_cast<size_t>(std::min(rows - begin, int64_t{kCellBlockRows}));
      for (MappedField& field : fields) field.cells->Fill(begin, count, cells.data() + field.field, width);
      for (size_t i = 0; i < count; ++i, ++read)
        sink->OnRow(split.first_line + read, {cells.data() + i * width, width});
    }
  }
  if (read == wanted) return absl::OkStatus();
  return Unreadable(path, fmt::format("its row groups {} to {} hold {} rows; its footer promises {}", split.begin,
                                      split.end, read, promised));
}

void PlanSplits(const parquet::FileMetaData& metadata, int64_t split_rows, FileScan* scan) {
  scan->records = metadata.num_rows();
  scan->splits.clear();
  Split split{.begin = 0, .end = 0, .first_line = 1};
  const auto close = [&] {
    if (split.records > 0) scan->splits.push_back(split);
    split = {.begin = split.end, .end = split.end, .first_line = split.first_line + split.records};
  };
  for (int group = 0; group < metadata.num_row_groups(); ++group) {
    const auto row_group = metadata.RowGroup(group);
    if (split.records > 0 && split.records + row_group->num_rows() > split_rows) close();
    split.end = static_cast<uint64_t>(group) + 1;
    split.records += row_group->num_rows();
    for (int column = 0; column < row_group->num_columns(); ++column) {
      split.bytes += static_cast<uint64_t>(row_group->ColumnChunk(column)->total_compressed_size());
    }
  }
  close();
}

}  // namespace

absl::Status ScanParquet(std::string_view bytes, std::string_view path, const SourceFields& source, int64_t split_rows,
                         FileScan* scan) {
  try {
    STRATA_ASSIGN_OR_RETURN(const OpenFile file, Open(bytes, path, source));
    PlanSplits(*file.reader->parquet_reader()->metadata(), split_rows, scan);
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return Unreadable(path, error.what());
  }
}

absl::Status ReadParquetRows(std::string_view bytes, std::string_view path, const SourceFields& source,
                             const Split& split, int64_t max_records, RowSink* sink) {
  try {
    STRATA_ASSIGN_OR_RETURN(const OpenFile file, Open(bytes, path, source));
    if (split.begin > split.end || split.end > static_cast<uint64_t>(file.reader->num_row_groups())) {
      return MakeError(absl::StatusCode::kInternal, "SPLIT_INVALID",
                       fmt::format("{}: found a split of row groups {} to {}; allowed: within 0 to {}", path,
                                   split.begin, split.end, file.reader->num_row_groups()));
    }
    return ReadBatches(file, path, source, split, max_records, sink);
  } catch (const std::exception& error) {
    return Unreadable(path, error.what());
  }
}

}  // namespace strata
