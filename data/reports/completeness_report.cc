// How much is known of the customers (A36).
#include <array>
#include <string>

#include <fmt/format.h>

#include "data/reports/reports.h"

namespace strata {
namespace {

constexpr int64_t kMillion = 1'000'000;  // shares of the profile are millionths
constexpr size_t kBins = 11;             // tenths, and all of it

struct Completeness {
  static ReportInfo Info() {
    return {.name = "completeness",
            .title = "Completeness of customers' records",
            .sources = {"A36", "C23"},
            .needs = {.columns = {{TableId::kCustomers, ""}}},
            .columns = {{"from", ReportType::kInteger, "percent", "Least share of attributes that are known."},
                        {"to", ReportType::kInteger, "percent", "It is below this; 100: all are known."},
                        {"customers", ReportType::kInteger, "customers", "Customers of whom as much is known."},
                        {"share", ReportType::kShare, "1", "Their share of all customers."}},
            .method =
                "Attributes are the mapped columns of the customers and kyc tables beside ids and dates of validity; "
                "of a customer count those of the version that applies. All bins are listed."};
  }

  struct Partial {
    std::array<int64_t, kBins> customers = {};

    void Merge(const Partial& other) {
      for (size_t i = 0; i < kBins; ++i) customers[i] += other.customers[i];
    }
    void Encode(ByteWriter* writer) const {
      for (const int64_t count : customers) writer->I64(count);
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      for (int64_t& count : partial.customers) count = reader->I64();
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const Column* shares = shard.columns->Find("completeness");
    if (shares == nullptr) {
      return MakeError(absl::StatusCode::kInternal, "REPORT_INVALID", "column completeness is not in the profile");
    }
    for (const int64_t share : shares->whole) {
      if (share == kNoWhole) continue;  // the job maps no attribute
      if (share < 0 || share > kMillion) {
        return MakeError(absl::StatusCode::kInternal, "REPORT_INVALID",
                         fmt::format("completeness of a customer is {}; allowed: 0 to {}", share, kMillion));
      }
      ++partial->customers[static_cast<size_t>(share * static_cast<int64_t>(kBins - 1) / kMillion)];
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("completeness", Info().columns);
    for (size_t i = 0; i < kBins; ++i) {
      const int64_t from = static_cast<int64_t>(i) * 10;
      rows.Add({from, i + 1 == kBins ? from : from + 10, merged.customers[i],
                ReportRows::Ratio(merged.customers[i], facts.customers)});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport CompletenessReport() { return Registered<Completeness>(); }

}  // namespace strata
