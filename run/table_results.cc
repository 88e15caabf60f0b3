#include "run/table_results.h"

#include "run/coding.h"

namespace strata {

std::string TablesResult::Encode() const {
  ByteWriter writer;
  strata::Encode(aliases, &writer);
  strata::Encode(moves, &writer);
  writer.Array(leaving);
  strata::Encode(fx, &writer);
  writer.U32(static_cast<uint32_t>(warnings.size()));
  for (const std::string& warning : warnings) writer.Text(warning);
  return writer.Take();
}

absl::StatusOr<TablesResult> TablesResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  TablesResult result;
  result.aliases = DecodeObjectRef(&reader);
  result.moves = DecodeObjectRef(&reader);
  result.leaving = reader.Array<uint32_t>();
  result.fx = DecodeObjectRef(&reader);
  const uint32_t warnings = reader.U32();
  for (uint32_t i = 0; i < warnings && reader.ok(); ++i) result.warnings.emplace_back(reader.Text());
  STRATA_RETURN_IF_ERROR(reader.Finish("result of the tables' task"));
  return result;
}

std::string MoveResult::Encode() const {
  ByteWriter writer;
  strata::Encode(moved, &writer);
  writer.I64(customers);
  strata::Encode(tables, &writer);
  return writer.Take();
}

absl::StatusOr<MoveResult> MoveResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  MoveResult result;
  result.moved = DecodeObjectRef(&reader);
  result.customers = reader.I64();
  result.tables = DecodeTableOutputs(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a task that moves rows"));
  return result;
}

}  // namespace strata
