#include <arrow/io/api.h>
#include <fmt/format.h>
#include <parquet/file_reader.h>

#include "data/source/parquet_source.h"

namespace strata {

absl::StatusOr<SplitSize> SizeOfRowGroups(std::string_view bytes, std::string_view path, const Split& split) {
  try {
    const auto input = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(
        reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int64_t>(bytes.size())));
    const std::shared_ptr<parquet::FileMetaData> metadata = parquet::ReadMetaData(input);
    if (split.begin > split.end || std::cmp_greater(split.end, metadata->num_row_groups())) {
      return MakeError(absl::StatusCode::kInternal, "SPLIT_INVALID",
                       fmt::format("{}: found a split of row groups {} to {}; allowed: within 0 to {}", path,
                                   split.begin, split.end, metadata->num_row_groups()));
    }
    SplitSize size;
    for (uint64_t group = split.begin; group < split.end; ++group) {
      const auto row_group = metadata->RowGroup(static_cast<int>(group));
      size.rows += row_group->num_rows();
      for (int column = 0; column < row_group->num_columns(); ++column) {
        size.bytes += static_cast<uint64_t>(row_group->ColumnChunk(column)->total_compressed_size());
      }
    }
    return size;
  } catch (const std::exception& error) {
    return MakeError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                     fmt::format("{}: found a file that cannot be read as Parquet: {}", path, error.what()),
                     {{"file", std::string(path)}});
  }
}

}  // namespace strata
