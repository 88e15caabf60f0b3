// A declared report: what it is, what it needs, and partials over shards that merge exactly. Adding a report is one
// file with a struct such as
//
//   struct CountsReport {
//     static ReportInfo Info();
//     struct Partial {
//       void Merge(const Partial& other);
//       void Encode(ByteWriter* writer) const;
//       static Partial Decode(ByteReader* reader);
//     };
//     static absl::Status Accumulate(const ReportShard& shard, Partial* partial);
//     static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts);
//   };
//
// a line in registry.cc, and its test. Partials keep the laws of model/fitter.h (tests/data/reports/report_laws.h
// checks them): a pure function of the shard, Merge associative and commutative to the bit, the empty partial neutral,
// Encode and Decode inverse. So a report is the same for any number of shards and any order of rows: integers and exact
// ranks are summed, and what is a double is one division in Finish. ReportRows (report_table.h) makes the table.
//
// Functions are pure and thread-safe; what the structs point to is whoever made them's to keep alive.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"
#include "base/status.h"
#include "data/reports/report_index.h"
#include "data/reports/report_offer.h"
#include "data/reports/report_table.h"
#include "data/rows/table_shard.h"
#include "data/segments/member_bits.h"
#include "data/snapshot/lookup_part.h"
#include "model/classes/schemes.h"
#include "model/columns.h"
#include "model/fitted_models.h"
#include "model/fitter.h"
#include "run/job.h"
#include "run/ledger_version.h"

namespace strata {

struct ReportInfo {
  std::string name, title;           // as of ReportEntry
  std::vector<std::string> sources;  // "A20", "C4"
  ReportNeeds needs;
  std::vector<ReportColumn> columns;  // the first ones are the key
  std::string method;
};

// The classes of a shard's customers in the followed snapshot, by today's rows.
struct ClassHistory {
  std::array<bool, kSchemes> compared = {};  // both snapshots have the scheme, by the same rules of scoring
  std::array<std::vector<uint8_t>, kSchemes> before, by_old_cuts;  // of those; else empty
  std::vector<bool> is_new;
  Day previous_as_of = 0;
};

struct ClusterShard;  // data/reports/cluster_shard.h

// All that a report may read of a shard. In the shard without customers, which only reports with `reference_rows` see,
// `today` is null and rows are in `tables->reference`. What a report's needs do not name may be null.
struct ReportShard {
  Day as_of = 0;
  const Job* job = nullptr;
  const FittedModels* models = nullptr;
  const CustomerColumns* today = nullptr;
  // As of the beginning of the lifetime value's hold-out, rows in the order of `today`; null: there is none.
  const CustomerColumns* holdout = nullptr;
  // As of churn's cutoffs, newest first, with what followed; empty: the job has no churn, or its history no cutoff.
  std::span<const CustomerColumns> churn_views;
  std::span<const CustomerScore> scores;  // of the customers of `today`
  std::function<std::string_view(size_t)> id;
  const ColumnSet* columns = nullptr;  // features, profile, scores, classes as text
  const ClassCodes* classes = nullptr;
  const ShardTables* tables = nullptr;
  const ClassHistory* history = nullptr;              // null: nothing is followed
  const std::vector<ScoredCustomer>* gone = nullptr;  // in the followed snapshot and no longer in the base
  const ClusterShard* clusters = nullptr;             // null: the job has no clustering, or no cluster was fitted
  const MemberBits* members = nullptr;
  const MemberBits* members_before = nullptr;  // by today's rows
  std::vector<int64_t> left_by_segment;        // members before who are gone or no longer in
};

// What is known of all shards together.
struct ReportFacts {
  Day as_of = 0;
  const Job* job = nullptr;
  const FittedModels* models = nullptr;
  const LedgerRegistry* registry = nullptr;
  int64_t customers = 0;
};

template <typename R>
concept DeclaredReport = Encodable<typename R::Partial> && std::default_initializable<typename R::Partial> &&
    requires(const ReportShard& shard, typename R::Partial* partial, const typename R::Partial& merged,
             const ReportFacts& facts) {
  { R::Info() } -> std::same_as<ReportInfo>;
  { R::Accumulate(shard, partial) } -> std::same_as<absl::Status>;
  { partial->Merge(merged) } -> std::same_as<void>;
  { R::Finish(merged, facts) } -> std::same_as<absl::StatusOr<ReportTable>>;
};

// A report without its type.
struct RegisteredReport {
  ReportInfo info;
  absl::StatusOr<std::string> (*accumulate)(const ReportShard&) = nullptr;  // the encoded partial
  // One partial of several; DATA_LOSS for bytes that are no partial.
  absl::StatusOr<std::string> (*merge)(const std::vector<std::string_view>& partials) = nullptr;
  // The table of all shards' partials, whose order does not matter. Errors of the report; DATA_LOSS for bytes that are
  // no partial; REPORT_INVALID for a table that is not as declared.
  absl::StatusOr<ReportTable> (*finish)(const std::vector<std::string_view>& partials,
                                        const ReportFacts& facts) = nullptr;
};

template <DeclaredReport R>
absl::StatusOr<typename R::Partial> MergedPartial(const std::vector<std::string_view>& partials) {
  typename R::Partial merged;
  for (const std::string_view bytes : partials) {
    ByteReader reader(bytes);
    const auto partial = R::Partial::Decode(&reader);
    STRATA_RETURN_IF_ERROR(reader.Finish("a partial of report " + R::Info().name));
    merged.Merge(partial);
  }
  return merged;
}

template <typename Partial>
std::string EncodedPartial(const Partial& partial) {
  ByteWriter writer;
  partial.Encode(&writer);
  return writer.Take();
}

template <DeclaredReport R>
RegisteredReport Registered() {
  RegisteredReport report;
  report.info = R::Info();
  report.accumulate = [](const ReportShard& shard) -> absl::StatusOr<std::string> {
    typename R::Partial partial;
    if (shard.today != nullptr || R::Info().needs.reference_rows) {
      STRATA_RETURN_IF_ERROR(R::Accumulate(shard, &partial));
    }
    return EncodedPartial(partial);
  };
  report.merge = [](const std::vector<std::string_view>& partials) -> absl::StatusOr<std::string> {
    STRATA_ASSIGN_OR_RETURN(const auto merged, MergedPartial<R>(partials));
    return EncodedPartial(merged);
  };
  report.finish = [](const std::vector<std::string_view>& partials,
                     const ReportFacts& facts) -> absl::StatusOr<ReportTable> {
    const ReportInfo info = R::Info();
    STRATA_ASSIGN_OR_RETURN(const auto merged, MergedPartial<R>(partials));
    STRATA_ASSIGN_OR_RETURN(ReportTable table, R::Finish(merged, facts));
    STRATA_RETURN_IF_ERROR(CheckReportTable(info.name, info.columns, table));
    SortRows(info.columns, &table);
    return table;
  };
  return report;
}

// All reports of this build, by name.
const std::vector<RegisteredReport>& AllReports();
// The report of that name; null: there is none.
const RegisteredReport* FindReport(std::string_view name);

// Several partials in one blob, as a task hands them over: by the order of `reports`. A report that goes beyond a limit
// of its own (OUT_OF_RANGE) is left out with that reason, in any shard or at its end, and nothing else of the night is.
absl::StatusOr<std::string> AccumulateReports(const std::vector<const RegisteredReport*>& reports,
                                              const ReportShard& shard);
// One table per report from the blobs of all shards. DATA_LOSS (REPORT_PARTIAL_CORRUPT) where a blob holds another
// number of partials.
absl::StatusOr<std::vector<ReportTable>> FinishReports(const std::vector<const RegisteredReport*>& reports,
                                                       const std::vector<std::string>& shards,
                                                       const ReportFacts& facts);

}  // namespace strata
