#include <fmt/format.h>

#include "run/job_file.h"
#include "run/job_sources.h"
#include "run/job_tables.h"
#include "run/transaction_fields.h"

namespace strata {

std::vector<std::pair<std::string, std::string>> LedgerFingerprint(const Job& job) {
  const TransactionSource& source = job.transactions;
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.emplace_back("shards", fmt::format("{}", job.shards));
  pairs.emplace_back("time_zone", job.time_zone);
  pairs.emplace_back("currency", job.currency);
  for (const TransactionFieldInfo& info : kTransactionFields) {
    // Younger fields only where they are mapped, so that ledgers of jobs without them stay as they were.
    if (info.field > TransactionField::kPaymentDate && ColumnOf(source.columns, info.field).empty()) continue;
    pairs.emplace_back(fmt::format("sources.transactions.columns.{}", info.name), source.columns.*(info.column));
  }
  pairs.emplace_back("sources.transactions.time_format", source.time_format);
  pairs.emplace_back("sources.transactions.delimiter", std::string(1, source.delimiter));
  pairs.emplace_back("sources.transactions.on_missing_customer",
                     source.on_missing_customer == OnMissingCustomer::kSkip ? "skip" : "reject");
  pairs.emplace_back("return_rule", source.columns.is_return.empty() ? "negative" : "is_return");
  if (!source.keep_lines) pairs.emplace_back("sources.transactions.lines", "drop");
  // Absent where the job has no such table, so that ledgers of such jobs stay as they were.
  if (job.aliases.has_value()) {
    pairs.emplace_back(fmt::format("{}old_id", kAliasColumnsKey), job.aliases->old_id);
    pairs.emplace_back(fmt::format("{}new_id", kAliasColumnsKey), job.aliases->new_id);
    pairs.emplace_back(fmt::format("{}date", kAliasColumnsKey), job.aliases->date);
  }
  if (job.fx.has_value()) {
    pairs.emplace_back(fmt::format("{}currency", kFxColumnsKey), job.fx->currency);
    pairs.emplace_back(fmt::format("{}day", kFxColumnsKey), job.fx->day);
    pairs.emplace_back(fmt::format("{}rate", kFxColumnsKey), job.fx->rate);
  }
  for (auto& pair : TablesFingerprint(job.tables)) pairs.push_back(std::move(pair));
  return pairs;
}

}  // namespace strata
