#include "model/clustering/trimming.h"

#include <algorithm>
#include <bit>

#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int kSubOctaveBits = 4;
constexpr size_t kOctaveBins = size_t{1} << kSubOctaveBits;

int HighestBit(UInt128 value) {  // precondition: value > 0
  const uint64_t high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? 127 - std::countl_zero(high) : 63 - std::countl_zero(static_cast<uint64_t>(value));
}

// Whole numbers up to kOctaveBins each have a bin, then every octave has kOctaveBins of them.
size_t OctaveBin(UInt128 value) {
  if (value < kOctaveBins) return static_cast<size_t>(value);
  const int shift = HighestBit(value) - kSubOctaveBits;
  return static_cast<size_t>(shift) * kOctaveBins + static_cast<size_t>(value >> shift);
}

UInt128 OctaveBinBegin(size_t bin) {
  if (bin < kOctaveBins) return bin;
  const size_t shift = bin / kOctaveBins - 1;
  return static_cast<UInt128>(bin - shift * kOctaveBins) << shift;
}

// Bins of equal width are a power of two wide.
int WidthBits(const TrimBracket& bracket) {
  return std::max(0, HighestBit(bracket.high - bracket.low) + 1 - kTrimBinBits);
}

}  // namespace

size_t TrimBracket::bins() const { return BinOf(high - 1) + 1; }

size_t TrimBracket::BinOf(UInt128 key) const {
  return octaves ? OctaveBin(key - low) : static_cast<size_t>((key - low) >> WidthBits(*this));
}

UInt128 TrimBracket::BinBegin(size_t bin) const {
  if (bin >= bins()) return high;
  return low + (octaves ? OctaveBinBegin(bin) : static_cast<UInt128>(bin) << WidthBits(*this));
}

void TrimBracket::Encode(ByteWriter* writer) const {
  writer->I128(static_cast<Int128>(low));
  writer->I128(static_cast<Int128>(high));
  writer->U8(octaves ? 1 : 0);
}

TrimBracket TrimBracket::Decode(ByteReader* reader) {
  TrimBracket read;
  const Int128 low = reader->I128();
  const Int128 high = reader->I128();
  const bool octaves = reader->U8() != 0;
  if (low < 0 || low >= high || static_cast<UInt128>(high) > read.high) return {};
  read.low = static_cast<UInt128>(low);
  read.high = static_cast<UInt128>(high);
  read.octaves = octaves;
  return read;
}

int64_t TrimCounts::within() const {
  int64_t sum = 0;
  for (const int64_t count : bins) sum += count;
  return sum;
}

void TrimCounts::Merge(const TrimCounts& other) {
  behind += other.behind;
  AddInto(&bins, other.bins);
  if (within() > static_cast<int64_t>(kTrimRowsMax)) {
    rows.clear();
    return;
  }
  const auto middle = rows.insert(rows.end(), other.rows.begin(), other.rows.end());
  std::inplace_merge(rows.begin(), middle, rows.end());
}

void TrimCounts::Encode(ByteWriter* writer) const {
  writer->I64(behind);
  writer->Array(bins);
  writer->U32(static_cast<uint32_t>(rows.size()));
  for (const Row& row : rows) {
    writer->I64(row.distance);
    writer->U64(row.hash);
    writer->U8(row.slot);
    writer->I32(row.weight);
    writer->Array(row.point.q);
    writer->Array(row.point.modes);
  }
}

TrimCounts TrimCounts::Decode(ByteReader* reader) {
  TrimCounts read;
  read.behind = reader->I64();
  read.bins = reader->Array<int64_t>();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Row& row = read.rows.emplace_back();
    row.distance = reader->I64();
    row.hash = reader->U64();
    row.slot = reader->U8();
    row.weight = reader->I32();
    row.point.q = reader->Array<int32_t>();
    row.point.modes = reader->Array<uint8_t>();
  }
  return read;
}

}  // namespace strata
