#include "client/embedded/ledger_export.h"

#include <fmt/format.h>

#include "client/embedded/local_state.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/ledger_state.h"

namespace strata {
namespace {

// Rows that the registry knows up to and including `last`.
int64_t RowsUpTo(const LedgerRegistry& registry, Day last) {
  int64_t rows = 0;
  for (const auto& [day, count] : registry.rows_by_day) {
    if (day <= last) rows += count;
  }
  return rows;
}

}  // namespace

absl::StatusOr<LedgerExport> ExportLedgerInState(
    const StateOptions& state, const std::string& job, std::optional<Day> as_of,
    const std::function<absl::StatusOr<std::unique_ptr<LedgerWriter>>(const LedgerFacts&)>& open) {
  STRATA_ASSIGN_OR_RETURN(const auto opened, OpenState(state));
  STRATA_ASSIGN_OR_RETURN(const auto head, ReadLedgerHead(opened->metadata(), job));
  if (!head.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "LEDGER_MISSING", fmt::format("job {} has no ledger yet", job));
  }
  STRATA_ASSIGN_OR_RETURN(const LedgerRegistry registry, ReadRegistry(opened->objects(), head->version));
  LedgerExport result{.version = head->version.version, .digest = head->version.digest, .days = 0, .rows = 0};
  const Day last = as_of.value_or(kLastDay);
  STRATA_ASSIGN_OR_RETURN(const auto writer,
                          open({{"strata.job", job},
                                {"strata.ledger_version", std::to_string(result.version)},
                                {"strata.ledger_digest", result.digest},
                                {"strata.as_of", as_of.has_value() ? FormatDay(last) : std::string()}}));
  const auto write = [&](const CustomerDay& day) {
    ++result.days;
    result.rows += day.rows;
    return writer->Write(day);
  };
  for (const std::vector<ObjectRef>& segments : SegmentObjects(registry)) {
    STRATA_ASSIGN_OR_RETURN(const StoredShard stored,
                            OpenShard(opened->objects(), segments, registry.RemovedNumbers()));
    STRATA_RETURN_IF_ERROR(ForEachDay(stored.shard, last, write));
  }
  if (const int64_t known = RowsUpTo(registry, last); result.rows != known) {
    return MakeError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT",
                     fmt::format("ledger of job {}: the segments have {} rows up to {}, the registry has {}", job,
                                 result.rows, FormatDay(last), known));
  }
  STRATA_RETURN_IF_ERROR(writer->Finish());
  return result;
}

}  // namespace strata
