// A report as small as one can be: customers and net by number of purchase days.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "data/reports/report.h"

namespace strata {

struct ToyReport {
  static ReportInfo Info() {
    return {.name = "toy",
            .title = "Customers by purchase days",
            .sources = {"A5"},
            .needs = {},
            .columns = {{"class", ReportType::kText, "", "one or more."},
                        {"purchase_days", ReportType::kInteger, "days", "Purchase days."},
                        {"customers", ReportType::kInteger, "customers", "Customers with as many."},
                        {"share", ReportType::kShare, "1", "Their share of all."},
                        {"sum_net", ReportType::kMoney, "", "Their net amounts."},
                        {"newest", ReportType::kDay, "", "The last purchase day of any; none without a purchase."}},
            .method = "Counts."};
  }

  struct Line {
    int64_t customers = 0;
    Int128 net = 0;
    int64_t newest = kNoWhole;
  };
  struct Partial {
    std::map<int32_t, Line> lines;

    void Merge(const Partial& other) {
      for (const auto& [days, line] : other.lines) {
        Line& own = lines[days];
        own.customers += line.customers;
        own.net += line.net;
        own.newest = std::max(own.newest, line.newest);
      }
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(lines.size()));
      for (const auto& [days, line] : lines) {
        writer->I32(days);
        writer->I64(line.customers);
        writer->I128(line.net);
        writer->I64(line.newest);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        Line& line = partial.lines[reader->I32()];
        line.customers = reader->I64();
        line.net = reader->I128();
        line.newest = reader->I64();
      }
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    for (size_t i = 0; i < shard.today->size(); ++i) {
      Line& line = partial->lines[shard.today->purchase_days[i]];
      ++line.customers;
      line.net += shard.today->net_micros[i];
      if (shard.today->purchase_days[i] > 0) line.newest = std::max<int64_t>(line.newest, shard.today->last_day[i]);
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("toy", Info().columns);
    for (const auto& [days, line] : merged.lines) {
      const ReportCell newest = line.newest == kNoWhole ? ReportCell() : ReportCell(line.newest);
      rows.Add({std::string(days == 1 ? "one" : "more"), int64_t{days}, line.customers,
                ReportRows::Ratio(line.customers, facts.customers), rows.Whole(line.net), newest});
    }
    return rows.Take();
  }
};

}  // namespace strata
