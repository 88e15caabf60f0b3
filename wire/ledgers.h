// Ledger versions and their files on the wire. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "run/ledger_version.h"

namespace strata {
namespace v1 {
class Ledger;
class LedgerFile;
class ListLedgerFilesRequest;
class RowCounts;
}  // namespace v1

void FillRowCounts(const RowCounts& counts, v1::RowCounts* message);
// INTERNAL (ANSWER_INVALID) when a count is negative or the classes do not add up.
absl::StatusOr<RowCounts> ReadRowCounts(const v1::RowCounts& message, std::string_view field);

void FillLedger(const LedgerVersion& version, const LedgerRegistry& registry, const std::string& job,
                v1::Ledger* message);
void FillLedgerFile(const RegisteredFile& file, v1::LedgerFile* message);

// A ledger version as a client sees it.
struct LedgerSummary {
  std::string job;
  LedgerVersion version;  // without `registry`
  int64_t files = 0;
  int64_t customers = 0;
  int64_t rows = 0;
  int64_t conflicts = 0;
  int64_t shards = 0;
  int64_t size_bytes = 0;  // of all tables
  RowCounts counts;        // of transactions
  struct Table {
    std::string table;  // its name; transactions: their details
    int64_t files = 0;
    int64_t rows = 0;
    RowCounts counts;
    int64_t size_bytes = 0;
    int64_t conflicts = 0;
  };
  std::vector<Table> tables;
};
// INTERNAL (ANSWER_INVALID) for messages that no ledger stands behind.
absl::StatusOr<LedgerSummary> ReadLedger(const v1::Ledger& message);
absl::StatusOr<RegisteredFile> ReadLedgerFile(const v1::LedgerFile& message);

struct ListLedgerFilesQuestion {
  std::string job;
  int64_t version = 0;  // the ledger version of the page before; 0 on the first page
  uint64_t begin = 0;   // index of the first file
  int32_t page_size = 0;
};
// INVALID_ARGUMENT: NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListLedgerFilesQuestion> ReadListLedgerFiles(const v1::ListLedgerFilesRequest& request);
std::string LedgerFilesToken(const std::string& job, int64_t version, uint64_t begin);

}  // namespace strata
