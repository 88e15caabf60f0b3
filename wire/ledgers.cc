#include "wire/ledgers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "run/table_schema.h"
#include "strata/v1/ledger_service.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/names.h"
#include "wire/pages.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr int64_t kNanosPerMs = 1'000'000;

std::string Scope(const std::string& job) { return "ListLedgerFiles " + job; }

int64_t SizeOf(const std::vector<std::vector<RegisteredSegment>>& segments) {
  uint64_t size_bytes = 0;
  for (const std::vector<RegisteredSegment>& shard : segments) {
    for (const RegisteredSegment& segment : shard) size_bytes += segment.object.size_bytes;
  }
  return static_cast<int64_t>(size_bytes);
}

RowCounts CountsOf(const LedgerRegistry& registry, TableId table) {
  RowCounts counts;
  for (const RegisteredFile& file : registry.files) {
    if (file.table == table) counts.Add(file.counts);
  }
  return counts;
}

void FillTable(const LedgerRegistry& registry, const RegisteredTable& table, v1::Ledger::Table* message) {
  message->set_table(std::string(SchemaOf(table.table).name));
  message->set_files(std::count_if(registry.files.begin(), registry.files.end(),
                                   [&table](const RegisteredFile& file) { return file.table == table.table; }));
  message->set_rows(table.rows);
  FillRowCounts(CountsOf(registry, table.table), message->mutable_counts());
  message->set_size_bytes(SizeOf(table.segments));
  message->set_conflicts(table.conflicts);
}

}  // namespace

void FillRowCounts(const RowCounts& counts, v1::RowCounts* message) {
  message->set_read(counts.read);
  message->set_accepted(counts.accepted);
  message->set_rejected(counts.rejected);
  message->set_duplicates(counts.duplicates);
  message->set_blank(counts.blank);
  v1::RowCounts::Skipped* skipped = message->mutable_skipped();
  skipped->set_total(counts.skipped());
  skipped->set_no_customer(counts.skipped_no_customer);
  skipped->set_after_as_of(counts.skipped_after_as_of);
  skipped->set_known_file(counts.skipped_known_file);
}

absl::StatusOr<RowCounts> ReadRowCounts(const v1::RowCounts& message, std::string_view field) {
  const RowCounts counts{.read = message.read(),
                         .accepted = message.accepted(),
                         .rejected = message.rejected(),
                         .duplicates = message.duplicates(),
                         .blank = message.blank(),
                         .skipped_no_customer = message.skipped().no_customer(),
                         .skipped_after_as_of = message.skipped().after_as_of(),
                         .skipped_known_file = message.skipped().known_file()};
  const auto values = {counts.read,
                       counts.accepted,
                       counts.rejected,
                       counts.duplicates,
                       counts.blank,
                       counts.skipped_no_customer,
                       counts.skipped_after_as_of,
                       counts.skipped_known_file};
  if (std::min(values) < 0) return AnswerInvalid(field, "a count is negative");
  if (!counts.Balances() || counts.skipped() != message.skipped().total()) {
    return AnswerInvalid(field, "the classes of rows do not add up to the rows read");
  }
  return counts;
}

void FillLedger(const LedgerVersion& version, const LedgerRegistry& registry, const std::string& job,
                v1::Ledger* message) {
  message->set_name(LedgerResource(job));
  message->set_version(version.version);
  message->set_parent_version(version.parent);
  message->set_digest(version.digest);
  for (const auto& [field, value] : version.fingerprint) {
    v1::Ledger::FingerprintField* entry = message->add_fingerprint();
    entry->set_field(EscapeNonUtf8(field));
    entry->set_value(EscapeNonUtf8(value));
  }
  message->set_run(RunResource(job, version.run));
  message->set_files(static_cast<int64_t>(registry.files.size()));
  message->set_customers(registry.customers);
  message->set_rows(registry.rows);
  message->set_conflicts(registry.conflicts);
  message->set_shards(static_cast<int64_t>(registry.segments.size()));
  int64_t size_bytes = SizeOf(registry.segments);
  FillRowCounts(CountsOf(registry, TableId::kTransactions), message->mutable_counts());
  for (const RegisteredTable& table : registry.tables) {
    size_bytes += SizeOf(table.segments);
    if (table.table != TableId::kLinks) FillTable(registry, table, message->add_tables());
  }
  message->set_size_bytes(size_bytes);
}

void FillLedgerFile(const RegisteredFile& file, v1::LedgerFile* message) {
  message->set_number(file.number);
  message->set_path(EscapeNonUtf8(file.path));
  message->set_size_bytes(static_cast<int64_t>(file.size_bytes));
  // FillTime alone would cut the nanoseconds.
  const int64_t rest_ns = (file.modified_ns % kNanosPerMs + kNanosPerMs) % kNanosPerMs;
  FillTime((file.modified_ns - rest_ns) / kNanosPerMs, message->mutable_modify_time());
  message->mutable_modify_time()->set_nanos(message->modify_time().nanos() + static_cast<int32_t>(rest_ns));
  message->set_checksum(Hex(file.checksum));
  if (file.same_as >= 0) message->set_same_as(file.same_as);
  FillRowCounts(file.counts, message->mutable_counts());
  message->set_table(std::string(SchemaOf(file.table).name));
}

absl::StatusOr<LedgerSummary> ReadLedger(const v1::Ledger& message) {
  LedgerSummary ledger;
  auto job = ParseLedgerName("name", message.name());
  if (!job.ok()) return AnswerInvalid("name", StdView(job.status().message()));
  ledger.job = *std::move(job);
  const auto run = ParseRunName("run", message.run());
  if (!run.ok()) return AnswerInvalid("run", StdView(run.status().message()));
  ledger.version.run = run->number;
  ledger.version.version = message.version();
  ledger.version.parent = message.parent_version();
  ledger.version.digest = message.digest();
  for (const auto& entry : message.fingerprint()) ledger.version.fingerprint.emplace_back(entry.field(), entry.value());
  ledger.files = message.files();
  ledger.customers = message.customers();
  ledger.rows = message.rows();
  ledger.conflicts = message.conflicts();
  ledger.shards = message.shards();
  ledger.size_bytes = message.size_bytes();
  STRATA_ASSIGN_OR_RETURN(ledger.counts, ReadRowCounts(message.counts(), "counts"));
  for (const v1::Ledger::Table& table : message.tables()) {
    STRATA_ASSIGN_OR_RETURN(const RowCounts counts, ReadRowCounts(table.counts(), "tables.counts"));
    ledger.tables.push_back({.table = table.table(),
                             .files = table.files(),
                             .rows = table.rows(),
                             .counts = counts,
                             .size_bytes = table.size_bytes(),
                             .conflicts = table.conflicts()});
  }
  return ledger;
}

absl::StatusOr<RegisteredFile> ReadLedgerFile(const v1::LedgerFile& message) {
  RegisteredFile file;
  const auto checksum = ParseHex(message.checksum());
  if (!checksum.has_value()) return AnswerInvalid("checksum", message.checksum());
  const auto modified_ms = ReadTime(message.modify_time(), "modify_time");
  if (!modified_ms.ok()) return AnswerInvalid("modify_time", StdView(modified_ms.status().message()));
  if (message.size_bytes() < 0) return AnswerInvalid("size_bytes", "it is negative");
  file.number = message.number();
  file.path = message.path();
  file.size_bytes = static_cast<uint64_t>(message.size_bytes());
  file.modified_ns = *modified_ms * kNanosPerMs + message.modify_time().nanos() % kNanosPerMs;
  file.checksum = *checksum;
  if (message.has_same_as()) file.same_as = message.same_as();
  const auto table = TableNamed(message.table());
  if (!table.has_value()) return AnswerInvalid("table", message.table());
  file.table = *table;
  STRATA_ASSIGN_OR_RETURN(file.counts, ReadRowCounts(message.counts(), "counts"));
  return file;
}

absl::StatusOr<ListLedgerFilesQuestion> ReadListLedgerFiles(const v1::ListLedgerFilesRequest& request) {
  ListLedgerFilesQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.job, ParseLedgerName("parent", request.parent()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size()));
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(Scope(question.job), request.page_token()));
  question.version = position.version;
  question.begin = position.major;
  return question;
}

std::string LedgerFilesToken(const std::string& job, int64_t version, uint64_t begin) {
  return EncodePageToken(Scope(job), {.version = version, .major = begin});
}

}  // namespace strata
