#include "data/ledger/segment_digest.h"

namespace strata {
namespace {

constexpr size_t kFlushBytes = 1 << 16;  // large enough for XXH3's long loop, small enough for the cache

// What follows in the stream; makes it readable in one way only.
constexpr uint8_t kCustomer = 1;
constexpr uint8_t kDay = 2;
constexpr uint8_t kLine = 3;

}  // namespace

SegmentDigest::SegmentDigest(bool has_lines) { pending_.U8(has_lines ? 1 : 0); }

void SegmentDigest::BeginCustomer(std::string_view id) {
  if (pending_.bytes().size() >= kFlushBytes) Flush();
  pending_.U8(kCustomer);
  pending_.Text(id);
}

void SegmentDigest::AddDay(Day day, int64_t net_micros, int64_t rows, int64_t return_rows) {
  pending_.U8(kDay);
  pending_.I32(day);
  pending_.I64(net_micros);
  pending_.I64(rows);
  pending_.I64(return_rows);
}

void SegmentDigest::AddLine(const LedgerLine& line) {
  pending_.U8(kLine);
  pending_.U64(line.transaction.high);
  pending_.U64(line.transaction.low);
  pending_.I32(line.day);
  pending_.I32(line.minute);
  pending_.I64(line.net_micros);
  pending_.U8(line.is_return);
  pending_.I64(line.updated_at_us);
  pending_.U64(line.row_hash);
}

Hash128 SegmentDigest::Finish() {
  Flush();
  return hash_.Digest128();
}

void SegmentDigest::Flush() {
  hash_.Add(pending_.bytes());
  pending_ = ByteWriter();
}

}  // namespace strata
