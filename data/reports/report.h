// A declared report: what it needs, its columns with units, and partials that merge exactly over shards.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "data/rows/table_shard.h"
#include "data/segments/member_bits.h"
#include "model/classes/schemes.h"
#include "model/columns.h"
#include "model/fitter.h"
#include "run/job.h"
#include "run/ledger_version.h"

namespace strata {

enum class ReportType : uint8_t { kText, kInteger, kMoney, kNumber, kShare, kDay, kFlag };
struct ReportColumn { std::string name; ReportType type; std::string unit; std::string meaning; };
struct ReportNeeds { std::vector<std::pair<TableId, std::string>> columns;  // "" : the table alone
                     std::vector<SchemeId> schemes; bool segments = false, follows = false; };
struct ReportInfo { std::string name, title; std::vector<std::string> sources; ReportNeeds needs; std::vector<ReportColumn> columns; std::string method; };
struct ReportTable {  // column by column; nulls: kNoWhole, NaN, absent text
  std::vector<std::vector<int64_t>> whole; std::vector<std::vector<double>> number; std::vector<std::vector<std::optional<std::string>>> text;  // by column; one is filled
  size_t rows = 0;
};
struct ClassHistory { std::array<std::vector<uint8_t>, kSchemes> before, by_old_cuts; std::vector<bool> is_new; Day previous_as_of = 0; };
struct ReportShard {
  Day as_of = 0; const Job* job = nullptr; const FittedModels* models = nullptr;
  const CustomerColumns* today = nullptr; std::function<std::string_view(size_t)> id;
  const ColumnSet* columns = nullptr;          // features, profile, scores, classes as text
  const ClassCodes* classes = nullptr;
  const ShardTables* tables = nullptr;
  const ClassHistory* history = nullptr;       // null: nothing is followed
  const std::vector<ScoredCustomer>* gone = nullptr;  // in the followed snapshot and no longer in the base
  const MemberBits* members = nullptr; const MemberBits* members_before = nullptr;  // the latter by today's rows
  std::vector<int64_t> left_by_segment;        // members before who are gone or no longer in
};
struct ReportFacts { Day as_of = 0; const Job* job = nullptr; const FittedModels* models = nullptr; const LedgerRegistry* registry = nullptr; int64_t customers = 0; };

template <typename R>
concept DeclaredReport = Encodable<typename R::Partial> && std::default_initializable<typename R::Partial> &&
    requires(const ReportShard& shard, typename R::Partial* partial, const typename R::Partial& merged, const ReportFacts& facts) {
  { R::Info() } -> std::same_as<ReportInfo>;
  { R::Accumulate(shard, partial) } -> std::same_as<absl::Status>;
  { partial->Merge(merged) } -> std::same_as<void>;
  { R::Finish(merged, facts) } -> std::same_as<absl::StatusOr<ReportTable>>;
};
struct RegisteredReport {
  ReportInfo info;
  absl::StatusOr<std::string> (*accumulate)(const ReportShard&);                        // encoded Partial
  absl::StatusOr<ReportTable> (*finish)(const std::vector<std::string_view>& partials, const ReportFacts&);
};
template <DeclaredReport R> RegisteredReport Registered();
const std::vector<RegisteredReport>& AllReports();      // by name
std::string WhyMissing(const ReportInfo& info, const Job& job, bool follows);  // empty: it can run
absl::StatusOr<std::string> EncodeReport(const ReportInfo& info, const ReportTable& table);  // Parquet
absl::StatusOr<ReportTable> DecodeReport(std::string_view bytes, const std::vector<ReportColumn>& columns);
std::string ReportsMarkdown();                          // docs/reports.md

}  // namespace strata
