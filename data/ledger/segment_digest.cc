#include "data/ledger/segment_digest.h"

namespace strata {
namespace {

constexpr size_t kFlushBytes = 1 << 16;  // large enough for XXH3's long loop, small enough for the cache

// What follows in the stream; makes it readable in one way only.
constexpr uint8_t kCustomer = 1;
constexpr uint8_t kDay = 2;
constexpr uint8_t kLine = 3;

}  // namespace

SegmentDigest::SegmentDigest(bool has_lines) : pending_(kFlushBytes, '\0') { Append(uint8_t{has_lines}); }

void SegmentDigest::BeginCustomer(std::string_view id) {
  Append(kCustomer, static_cast<uint32_t>(id.size()));
  if (size_ + id.size() > pending_.size()) Flush();
  if (id.size() > pending_.size()) return hash_.Add(id);
  std::memcpy(pending_.data() + size_, id.data(), id.size());
  size_ += id.size();
}

void SegmentDigest::AddDay(Day day, int64_t net_micros, int64_t rows, int64_t return_rows) {
  Append(kDay, day, net_micros, rows, return_rows);
}

void SegmentDigest::AddLine(const LedgerLine& line) {
  Append(kLine, line.transaction.high, line.transaction.low, line.day, int32_t{line.minute}, line.net_micros,
         line.is_return, line.updated_at_us, line.row_hash);
}

Hash128 SegmentDigest::Finish() {
  Flush();
  return hash_.Digest128();
}

void SegmentDigest::Flush() {
  hash_.Add(std::string_view(pending_).substr(0, size_));
  size_ = 0;
}

}  // namespace strata
