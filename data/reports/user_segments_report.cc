// The job's own segments: how large they are, and who came and went (A1).
#include <bit>
#include <limits>
#include <map>
#include <string>

#include "data/reports/reports.h"

namespace strata {
namespace {

// A sum beyond 64 bits of micros is no reason to lose the line: readers find a segment by it.
ReportCell FittingOrNull(Int128 micros) {
  const bool fits = micros > kNoWhole && micros <= std::numeric_limits<int64_t>::max();
  return fits ? ReportCell(static_cast<int64_t>(micros)) : ReportCell();
}

struct UserSegments {
  static ReportInfo Info() {
    return {
        .name = "user_segments",
        .title = "The job's own segments",
        .sources = {"A1"},
        .needs = {.segments = true},
        .columns = {{"name", ReportType::kText, "", "Name of the segment."},
                    {"title", ReportType::kText, "", "Its title; none without one."},
                    {"customers", ReportType::kInteger, "customers", "Members."},
                    {"share", ReportType::kShare, "1", "Their share of all customers."},
                    {"entered", ReportType::kInteger, "customers",
                     "Members who were none in the followed snapshot; none where that has no such segment."},
                    {"left", ReportType::kInteger, "customers",
                     "Who was a member there and is none now, customers who are gone included."},
                    {"redefined", ReportType::kFlag, "",
                     "Whether the condition, or one that it uses, has another text than there."},
                    {"sum_net", ReportType::kMoney, "", "Net amounts of the members; none beyond 9.2 × 10¹² units."},
                    {"mean_net", ReportType::kNumber, "currency", "Their mean; none without members."},
                    {"condition", ReportType::kText, "", "Whoever makes it true is a member."}},
        .method = "Counts and sums of members; a customer may be in any number of segments."};
  }

  struct Line {
    int64_t customers = 0;
    Int128 net = 0;
    bool is_compared = false, is_redefined = false;
    int64_t entered = 0, left = 0;
  };
  struct Partial {
    std::map<std::string, Line> lines;

    void Merge(const Partial& other) {
      for (const auto& [name, line] : other.lines) {
        Line& own = lines[name];
        own.customers += line.customers;
        own.net += line.net;
        own.is_compared |= line.is_compared;
        own.is_redefined |= line.is_redefined;
        own.entered += line.entered;
        own.left += line.left;
      }
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(lines.size()));
      for (const auto& [name, line] : lines) {
        writer->Text(name);
        writer->I64(line.customers);
        writer->I128(line.net);
        writer->U8(line.is_compared ? 1 : 0);
        writer->U8(line.is_redefined ? 1 : 0);
        writer->I64(line.entered);
        writer->I64(line.left);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        Line& line = partial.lines[std::string(reader->Text())];
        line.customers = reader->I64();
        line.net = reader->I128();
        line.is_compared = reader->U8() != 0;
        line.is_redefined = reader->U8() != 0;
        line.entered = reader->I64();
        line.left = reader->I64();
      }
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const MemberBits& now = *shard.members;
    for (size_t i = 0; i < now.names.size(); ++i) {
      Line& line = partial->lines[now.names[i]];
      for (size_t word = 0; word < now.bits[i].size(); ++word) {
        line.customers += std::popcount(now.bits[i][word]);
        for (uint64_t rest = now.bits[i][word]; rest != 0; rest &= rest - 1) {
          line.net += shard.today->net_micros[word * 64 + static_cast<size_t>(std::countr_zero(rest))];
        }
      }
    }
    const MemberBits none;
    const MemberBits& before = shard.members_before == nullptr ? none : *shard.members_before;
    size_t i = 0;
    for (size_t j = 0; j < before.names.size(); ++j) {
      while (now.names[i] != before.names[j]) ++i;  // every one of them is a segment of today
      Line& line = partial->lines[now.names[i]];
      line.is_compared = true;
      line.is_redefined = now.definitions[i] != before.definitions[j];
      line.left = shard.left_by_segment[i];
      for (size_t word = 0; word < now.bits[i].size(); ++word) {
        line.entered += std::popcount(now.bits[i][word] & ~before.bits[j][word]);
      }
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("user_segments", Info().columns);
    for (const SegmentDefinition& segment : facts.job->segments) {
      const auto found = merged.lines.find(segment.name);
      const Line line = found == merged.lines.end() ? Line() : found->second;
      const auto compared = [&](int64_t value) { return line.is_compared ? ReportCell(value) : ReportCell(); };
      rows.Add({segment.name, segment.title.empty() ? ReportCell() : ReportCell(segment.title), line.customers,
                ReportRows::Ratio(line.customers, facts.customers), compared(line.entered), compared(line.left),
                compared(line.is_redefined ? 1 : 0), FittingOrNull(line.net),
                ReportRows::Ratio(line.net, Int128{line.customers} * 1'000'000), segment.condition});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport UserSegmentsReport() { return Registered<UserSegments>(); }

}  // namespace strata
