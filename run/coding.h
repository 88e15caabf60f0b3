// Encodings of the small values that plans and results share.
#pragma once

#include <map>

#include "base/bytes.h"
#include "run/frames.h"
#include "run/row_counts.h"

namespace strata {

inline void Encode(const ObjectRef& ref, ByteWriter* writer) {
  writer->Text(ref.key);
  writer->U64(ref.checksum);
  writer->U64(ref.size_bytes);
}

inline ObjectRef DecodeObjectRef(ByteReader* reader) {
  ObjectRef ref;
  ref.key = reader->Text();
  ref.checksum = reader->U64();
  ref.size_bytes = reader->U64();
  return ref;
}

inline void Encode(const RowCounts& counts, ByteWriter* writer) {
  for (const int64_t count : {counts.read, counts.accepted, counts.rejected, counts.duplicates, counts.blank,
                              counts.skipped_no_customer, counts.skipped_after_as_of, counts.skipped_known_file}) {
    writer->I64(count);
  }
}

inline RowCounts DecodeRowCounts(ByteReader* reader) {
  RowCounts counts;
  for (int64_t* count : {&counts.read, &counts.accepted, &counts.rejected, &counts.duplicates, &counts.blank,
                         &counts.skipped_no_customer, &counts.skipped_after_as_of, &counts.skipped_known_file}) {
    *count = reader->I64();
  }
  return counts;
}

inline void Encode(const std::map<int32_t, int64_t>& counts, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(counts.size()));
  for (const auto& [key, count] : counts) {
    writer->I32(key);
    writer->I64(count);
  }
}

inline std::map<int32_t, int64_t> DecodeCounts(ByteReader* reader) {
  std::map<int32_t, int64_t> counts;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const int32_t key = reader->I32();
    counts[key] = reader->I64();
  }
  return counts;
}

}  // namespace strata
