// The night's work around merged identities and rates: it lets one task read both tables, moves rows of ids that were
// merged since the parent version, and keeps the books of the rates that rows asked for.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "data/source/ingest.h"
#include "run/job_file.h"
#include "run/job_tables.h"
#include "run/keys.h"
#include "run/table_schema.h"

namespace strata {

absl::StatusOr<ListedSources> ListSources(FileSystem& sources, const Job& job, const std::string& job_folder) {
  ListedSources listed;
  STRATA_ASSIGN_OR_RETURN(listed.tables[TableId::kTransactions], ListSource(sources, job.transactions.uri, job_folder));
  for (const TableSource& table : job.tables) {
    STRATA_ASSIGN_OR_RETURN(listed.tables[table.table], ListSource(sources, table.uri, job_folder));
  }
  if (job.aliases.has_value()) {
    STRATA_ASSIGN_OR_RETURN(listed.aliases, ListSource(sources, job.aliases->uri, job_folder));
  }
  if (job.fx.has_value()) {
    STRATA_ASSIGN_OR_RETURN(listed.fx, ListSource(sources, job.fx->uri, job_folder));
  }
  return listed;
}

std::vector<FileInfo> ListedSources::Of(TableId table) const {
  const auto found = tables.find(table);
  return found == tables.end() ? std::vector<FileInfo>() : found->second;
}

bool AreEqual(const ListedSources& a, const ListedSources& b) {
  const auto equal = [](const std::vector<FileInfo>& x, const std::vector<FileInfo>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const FileInfo& one, const FileInfo& other) {
      return one.path == other.path && one.size_bytes == other.size_bytes && one.modified_ns == other.modified_ns;
    });
  };
  const auto equal_tables = [&equal](const auto& x, const auto& y) {
    return x.first == y.first && equal(x.second, y.second);
  };
  return std::equal(a.tables.begin(), a.tables.end(), b.tables.begin(), b.tables.end(), equal_tables) &&
         equal(a.aliases, b.aliases) && equal(a.fx, b.fx);
}

std::vector<PlannedFile> Planned(const std::vector<FileInfo>& files, TableId table) {
  std::vector<PlannedFile> planned;
  for (const FileInfo& file : files) planned.push_back({file.path, file.size_bytes, file.modified_ns, table});
  return planned;
}

std::vector<FileInfo> Infos(const std::vector<PlannedFile>& files) {
  std::vector<FileInfo> infos;
  for (const PlannedFile& file : files) {
    infos.push_back({.path = file.path, .size_bytes = file.size_bytes, .modified_ns = file.modified_ns});
  }
  return infos;
}

std::vector<std::pair<std::string, std::string>> FingerprintBeside(const LedgerVersion& head, const Job& job) {
  std::vector<std::pair<std::string, std::string>> fingerprint = LedgerFingerprint(job);
  if (head.aliases.empty()) {
    std::erase_if(fingerprint, [](const auto& field) { return field.first.starts_with(kAliasColumnsKey); });
  }
  for (const TableSource& source : job.tables) {
    const std::string prefix = fmt::format("sources.{}.", SchemaOf(source.table).name);
    const auto is_of_table = [&prefix](const auto& field) { return field.first.starts_with(prefix); };
    if (std::any_of(head.fingerprint.begin(), head.fingerprint.end(), is_of_table)) continue;
    std::erase_if(fingerprint, is_of_table);
  }
  return fingerprint;
}

void Night::PlanTables(const ListedSources& listed, StagePlan* plan) const {
  plan->alias_files = Planned(listed.aliases);
  plan->fx_files = Planned(listed.fx);
  if (!head_.has_value() || rebuild_) return;  // nothing that the tables must agree with
  plan->aliases = head_->aliases;
  plan->fx = head_->fx;
}

absl::Status Night::TakeTables(const std::string& result) {
  STRATA_ASSIGN_OR_RETURN(tables_, TablesResult::Decode(result));
  for (const std::string& warning : tables_.warnings) Warn(warning);
  if (!head_.has_value() || rebuild_) tables_.leaving.clear();  // there are no rows that could move
  return absl::OkStatus();
}

void Night::PlanMoves(StagePlan* plan) const {
  plan->aliases = tables_.aliases;
  plan->fx = tables_.fx;
  if (tables_.leaving.empty()) return;
  plan->moves = tables_.moves;
  plan->leaving = tables_.leaving;
  plan->segments = SegmentObjects(registry_);
  plan->segments.resize(request_.job.shards);
  plan->removed_files = registry_.RemovedNumbers(TableId::kTransactions);
  PlanTableSegments(plan);
}

absl::Status Night::TakeMoves(const std::vector<std::string>& results) {
  int64_t customers = 0, table_rows = 0;
  for (size_t i = splits_.size(); i < results.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(MoveResult result, MoveResult::Decode(results[i]));
    customers += result.customers;
    if (!result.moved.empty()) moved_rows_.push_back(std::move(result.moved));
    for (const TableOutput& output : result.tables) {
      moved_tables_.insert(output.table);
      table_rows += output.rows;
    }
    TakeOutputs(std::move(result.tables));
  }
  if (table_rows > 0) {
    Warn(fmt::format("sources.aliases: {} row(s) of tables moved to the customers that theirs were merged into",
                     table_rows));
  }
  if (customers > 0) {
    Warn(
        fmt::format("sources.aliases: the rows of {} customer(s) of the ledger moved to the customers that they were "
                    "merged into",
                    customers));
  }
  return absl::OkStatus();
}

absl::StatusOr<ObjectRef> Night::StoreFxUses() {
  if (!request_.job.fx.has_value()) return ObjectRef{};
  STRATA_ASSIGN_OR_RETURN(std::vector<FxUse> uses, MergeFxUses(fx_uses_, {}));
  if (head_.has_value() && !rebuild_ && !head_->fx.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(*seams_.objects, head_->fx.key, head_->fx.checksum));
    STRATA_ASSIGN_OR_RETURN(const std::vector<FxUse> before, DecodeFxUsesObject(view->bytes()));
    STRATA_ASSIGN_OR_RETURN(uses, MergeFxUses(std::move(uses), before));
  }
  const std::string bytes = EncodeFxUses(uses);
  return StoreObject(FxUsesObject(request_.job.name, Hash64(bytes)), bytes);
}

absl::Status Night::AddIdentities(const AddEntry& add) {
  if (head_->aliases.empty()) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(*seams_.objects, head_->aliases.key, head_->aliases.checksum));
  STRATA_ASSIGN_OR_RETURN(const AliasTable table, AliasTable::Open(view->bytes()));
  return add(kIdentitiesName, view->bytes(), static_cast<int64_t>(table.size()));
}

}  // namespace strata
