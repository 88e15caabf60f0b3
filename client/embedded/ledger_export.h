// Reads the whole ledger of a job in a state folder, where it lies. Thread-safe; each call opens the folder and lets it
// go again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/ledger_writer.h"
#include "store/state.h"

namespace strata {

struct LedgerExport {
  int64_t version = 0;
  std::string digest;  // of the whole version, whatever the date
  int64_t days = 0;    // lines that were written
  int64_t rows = 0;    // accepted rows in them
};

// Writes the days of the current ledger version up to and including `as_of` (nullopt: all), shard by shard, to the
// writer that `open` makes once the version is known, and finishes it. Checksums of all segments are verified, and
// that the rows are as many as the registry says: DATA_LOSS (CHECKSUM_MISMATCH, LEDGER_CORRUPT); NOT_FOUND
// (LEDGER_MISSING, STATE_MISSING).
absl::StatusOr<LedgerExport> ExportLedgerInState(
    const StateOptions& state, const std::string& job, std::optional<Day> as_of,
    const std::function<absl::StatusOr<std::unique_ptr<LedgerWriter>>(const LedgerFacts&)>& open);

}  // namespace strata
