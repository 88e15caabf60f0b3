#include "data/segments/percentile_values.h"

#include "base/bytes.h"

namespace strata {

std::string EncodePercentiles(const PercentileValues& values) {
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(values.size()));
  for (const auto& [target, value] : values) {
    writer.Text(target.first);
    writer.I64(target.second);
    writer.U8(value.has_value() ? 1 : 0);
    writer.I64(value.value_or(0));
  }
  return writer.Take();
}

absl::StatusOr<PercentileValues> DecodePercentiles(std::string_view bytes) {
  ByteReader reader(bytes);
  PercentileValues values;
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    std::string column(reader.Text());
    const int64_t share = reader.I64();
    const bool is_known = reader.U8() != 0;
    const int64_t value = reader.I64();
    values[{std::move(column), share}] = is_known ? std::optional(value) : std::nullopt;
  }
  STRATA_RETURN_IF_ERROR(reader.Finish("percentiles of segments"));
  return values;
}

}  // namespace strata
