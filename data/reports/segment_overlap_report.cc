// Which of the job's own segments share their members (A1).
#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "data/reports/reports.h"

namespace strata {
namespace {

// So many words of all segments stay near while all pairs are counted: 512 bytes a segment.
constexpr size_t kBlockWords = 64;

// Counts take a byte or two each in a shard of usual size: seven bits a byte, the last one below 128.
std::string Packed(const std::vector<int64_t>& counts) {
  std::string bytes;
  for (const int64_t count : counts) {
    auto rest = static_cast<uint64_t>(count);
    for (; rest >= 128; rest >>= 7) bytes.push_back(static_cast<char>(rest | 128));
    bytes.push_back(static_cast<char>(rest));
  }
  return bytes;
}

std::vector<int64_t> Unpacked(std::string_view bytes) {
  std::vector<int64_t> counts;
  uint64_t count = 0;
  int shift = 0;
  for (const char byte : bytes) {
    const auto bits = static_cast<uint8_t>(byte);
    if (shift < 64) count |= uint64_t{bits & 127u} << shift;
    shift += 7;
    if (bits >= 128) continue;
    counts.push_back(static_cast<int64_t>(count));
    count = 0;
    shift = 0;
  }
  return counts;
}

struct SegmentOverlap {
  static ReportInfo Info() {
    return {.name = "segment_overlap",
            .title = "Members that segments share",
            .sources = {"A1"},
            .needs = {.segments = true},
            .columns = {{"a", ReportType::kText, "", "A segment of the job."},
                        {"b", ReportType::kText, "", "Another one, behind it by name."},
                        {"both", ReportType::kInteger, "customers", "Members of both."},
                        {"jaccard", ReportType::kShare, "1", "Their share of those who are in either."}},
            .method = "All pairs of the job's segments that share a member."};
  }

  // Counts of pairs (a, b), a < b, by a and then by b.
  struct Partial {
    std::vector<std::string> names;  // ascending
    std::vector<int64_t> customers;  // by name
    std::vector<int64_t> both;

    void Merge(const Partial& other) {
      if (other.names.empty()) return;
      if (names.empty()) {
        *this = other;
        return;
      }
      // Shards of a run have the same segments.
      for (size_t i = 0; i < std::min(customers.size(), other.customers.size()); ++i)
        customers[i] += other.customers[i];
      for (size_t i = 0; i < std::min(both.size(), other.both.size()); ++i) both[i] += other.both[i];
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(names.size()));
      for (const std::string& name : names) writer->Text(name);
      writer->Text(Packed(customers));
      writer->Text(Packed(both));
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) partial.names.emplace_back(reader->Text());
      partial.customers = Unpacked(reader->Text());
      partial.both = Unpacked(reader->Text());
      const size_t count = partial.names.size();
      if (partial.customers.size() != count || partial.both.size() != PairsOf(count)) {
        while (reader->ok()) reader->U8();  // no partial of this report: the reader's end says so
      }
      return partial;
    }
  };

  static size_t PairsOf(size_t segments) { return segments < 2 ? 0 : segments * (segments - 1) / 2; }

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const MemberBits& members = *shard.members;
    const size_t segments = members.names.size();
    partial->names = members.names;
    partial->customers.assign(segments, 0);
    partial->both.assign(PairsOf(segments), 0);
    const size_t words = segments == 0 ? 0 : members.bits[0].size();
    for (size_t begin = 0; begin < words; begin += kBlockWords) {
      const size_t end = std::min(words, begin + kBlockWords);
      size_t pair = 0;
      for (size_t a = 0; a < segments; ++a) {
        const uint64_t* of_a = members.bits[a].data();
        for (size_t word = begin; word < end; ++word) partial->customers[a] += std::popcount(of_a[word]);
        for (size_t b = a + 1; b < segments; ++b, ++pair) {
          const uint64_t* of_b = members.bits[b].data();
          int64_t both = 0;
          for (size_t word = begin; word < end; ++word) both += std::popcount(of_a[word] & of_b[word]);
          partial->both[pair] += both;
        }
      }
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts&) {
    ReportRows rows("segment_overlap", Info().columns);
    size_t pair = 0;
    for (size_t a = 0; a < merged.names.size(); ++a) {
      for (size_t b = a + 1; b < merged.names.size(); ++b, ++pair) {
        const int64_t both = merged.both[pair];
        if (both == 0) continue;
        rows.Add({merged.names[a], merged.names[b], both,
                  ReportRows::Ratio(both, Int128{merged.customers[a]} + merged.customers[b] - both)});
      }
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport SegmentOverlapReport() { return Registered<SegmentOverlap>(); }

}  // namespace strata
