#include "data/ledger/customer_digest.h"

#include <algorithm>

namespace strata {
namespace {

constexpr size_t kFirstBytes = 4096;  // of nearly every customer

// What follows in the bytes; makes them readable in one way only.
constexpr uint8_t kWithoutLines = 0;
constexpr uint8_t kWithLines = 1;
constexpr uint8_t kDay = 2;
constexpr uint8_t kLine = 3;

}  // namespace

void CustomerDigest::Begin(std::string_view id) {
  size_ = 0;
  Append(has_lines_ ? kWithLines : kWithoutLines, static_cast<uint32_t>(id.size()));
  std::memcpy(Room(id.size()), id.data(), id.size());
}

void CustomerDigest::AddDay(Day day, int64_t net_micros, int64_t rows, int64_t return_rows) {
  Append(kDay, day, net_micros, static_cast<int32_t>(rows), static_cast<int32_t>(return_rows));
}

void CustomerDigest::AddLine(const LedgerLine& line) {
  Append(kLine, line.transaction.high, line.transaction.low, line.day, int32_t{line.minute}, line.net_micros,
         line.is_return, line.updated_at_us, line.row_hash);
}

Hash128 CustomerDigest::Finish() const { return HashOf128(std::string_view(bytes_).substr(0, size_)); }

char* CustomerDigest::Room(size_t bytes) {
  if (size_ + bytes > bytes_.size()) bytes_.resize(std::max({kFirstBytes, 2 * bytes_.size(), size_ + bytes}));
  char* room = bytes_.data() + size_;
  size_ += bytes;
  return room;
}

}  // namespace strata
