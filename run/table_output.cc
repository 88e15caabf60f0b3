#include "run/table_output.h"

#include "run/coding.h"

namespace strata {

void Encode(const std::vector<TableOutput>& outputs, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(outputs.size()));
  for (const TableOutput& output : outputs) {
    writer->U8(static_cast<uint8_t>(output.table));
    writer->I64(output.rows);
    Encode(output.object, writer);
  }
}

std::vector<TableOutput> DecodeTableOutputs(ByteReader* reader) {
  std::vector<TableOutput> outputs;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    TableOutput& output = outputs.emplace_back();
    output.table = static_cast<TableId>(reader->U8());
    output.rows = reader->I64();
    output.object = DecodeObjectRef(reader);
  }
  return outputs;
}

}  // namespace strata
