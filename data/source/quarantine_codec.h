// What the splits of a file rejected, on its way from map tasks to the coordinator. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "data/source/ingest.h"

namespace strata {

struct SplitQuarantine {
  std::vector<QuarantineRow> rows;
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;
};

inline std::string EncodeQuarantine(const SplitQuarantine& split) {
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(split.rows.size()));
  for (const QuarantineRow& row : split.rows) {
    writer.Text(row.file);
    writer.I64(row.line);
    for (const std::string* text : {&row.column, &row.value, &row.reason, &row.message}) writer.Text(*text);
  }
  writer.U32(static_cast<uint32_t>(split.rejected_by_reason.size()));
  for (const auto& [reason, count] : split.rejected_by_reason) {
    writer.Text(reason);
    writer.I64(count);
  }
  return writer.Take();
}

inline absl::StatusOr<SplitQuarantine> DecodeQuarantine(std::string_view bytes) {
  ByteReader reader(bytes);
  SplitQuarantine split;
  const uint32_t rows = reader.U32();
  for (uint32_t i = 0; i < rows && reader.ok(); ++i) {
    QuarantineRow row;
    row.file = reader.Text();
    row.line = reader.I64();
    for (std::string* text : {&row.column, &row.value, &row.reason, &row.message}) *text = reader.Text();
    split.rows.push_back(std::move(row));
  }
  const uint32_t reasons = reader.U32();
  for (uint32_t i = 0; i < reasons && reader.ok(); ++i) {
    std::string reason(reader.Text());
    const int64_t count = reader.I64();
    split.rejected_by_reason.emplace_back(std::move(reason), count);
  }
  STRATA_RETURN_IF_ERROR(reader.Finish("quarantine of a split"));
  return split;
}

}  // namespace strata
